"""What the company sells, to whom and in which words: the constant part of the demo company."""

from __future__ import annotations

from dataclasses import dataclass

COMPANY = "Vodolit Industrial Supply LLC"
VAT_PERCENT = 20


@dataclass(frozen=True)
class Product:
    """A product: list price and cost in roubles at the anchor date."""

    name: str
    category: str
    price: int
    cost: int


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _category(category: str, margin: float, *products: tuple[str, int]) -> list[Product]:
    return [Product(name, category, price, round(price * (1 - margin))) for name, price in products]


PRODUCTS = [
    *_category(
        "Pumps",
        0.24,
        ("Centrifugal pump CP 50-32", 118_000),
        ("Centrifugal pump CP 80-50", 196_000),
        ("Centrifugal pump CP 125-100", 342_000),
        ("Submersible pump SP 10-70", 87_500),
        ("Submersible pump SP 25-120", 164_000),
        ("Dosing pump DP 12", 61_400),
        ("Vacuum pump VP 40", 228_000),
        ("Booster set BS 3x CP 50", 486_000),
    ),
    *_category(
        "Valves",
        0.29,
        ("Gate valve DN50 PN16", 9_800),
        ("Gate valve DN100 PN16", 21_600),
        ("Gate valve DN200 PN16", 58_900),
        ("Ball valve DN25 stainless", 6_450),
        ("Ball valve DN50 stainless", 14_300),
        ("Check valve DN80", 17_900),
        ("Butterfly valve DN150", 24_700),
        ("Safety valve DN40", 38_200),
        ("Control valve DN50 with actuator", 132_000),
    ),
    *_category(
        "Seals and gaskets",
        0.42,
        ("Mechanical seal MS 33", 12_700),
        ("Mechanical seal MS 43", 16_900),
        ("Cartridge seal CS 60", 48_300),
        ("Gland packing 10 mm, 5 m", 3_850),
        ("Flange gasket set DN100", 1_940),
        ("O-ring kit EPDM", 2_760),
        ("Spiral wound gasket DN200", 5_180),
    ),
    *_category(
        "Instruments",
        0.33,
        ("Pressure gauge 100 mm", 3_240),
        ("Pressure transmitter PT 10", 27_600),
        ("Electromagnetic flow meter DN80", 148_000),
        ("Temperature sensor TS 100", 7_350),
        ("Level switch LS 2", 18_400),
        ("Frequency converter 7.5 kW", 74_800),
        ("Frequency converter 22 kW", 156_000),
    ),
    *_category(
        "Consumables",
        0.36,
        ("Bearing 6308", 2_180),
        ("Bearing 6312", 4_640),
        ("Coupling insert set", 5_720),
        ("High temperature grease, 5 kg", 8_960),
        ("Hydraulic oil, 20 l", 11_200),
        ("Hose DN50, 10 m", 13_800),
        ("Pipe fittings set DN50", 7_640),
    ),
    *_category(
        "Service",
        0.48,
        ("Commissioning, day", 34_000),
        ("Pump overhaul", 92_000),
        ("Spare parts kit CP 80", 41_500),
    ),
]

# Odoo's own industries by the last part of their external id, and what they buy most
INDUSTRIES = {
    "E": ("Pumps", "Valves", "Instruments"),  # water supply
    "D": ("Valves", "Pumps", "Seals and gaskets"),  # energy supply
    "C": ("Seals and gaskets", "Consumables", "Instruments"),  # manufacturing
    "B": ("Pumps", "Seals and gaskets", "Service"),  # mining
    "I": ("Instruments", "Valves", "Consumables"),  # food
    "F": ("Valves", "Consumables", "Pumps"),  # construction
    "A": ("Pumps", "Consumables", "Valves"),  # agriculture
}

# Customers' names are a first and a second word; none is that of a company we know of
FIRST_WORDS = _words(
    "Severny Yuzhny Zarechny Nizhny Verkhny Lugovoy Polyarny Kamsky Donskoy Baltiysky Uralsky Tikhy Svetly Yasny "
    "Bystry Kamenny Zapadny Vostochny Ozerny Stepnoy Lesnoy Stary Novy Dalny"
)
SECOND_WORDS = _words(
    "Istok Bereg Mayak Gorizont Klyuch Porog Bor Perekat Rubezh Kamen Prichal Kurgan Ostrov Rodnik Yar Khutor Vympel "
    "Kontakt Reaktor Potok Tigel Razrez"
)
FORMS = ("LLC", "LLC", "LLC", "JSC")
CITIES = {
    "Moscow": "495",
    "Saint Petersburg": "812",
    "Tver": "4822",
    "Yaroslavl": "4852",
    "Kaluga": "4842",
    "Tula": "4872",
    "Ryazan": "4912",
    "Voronezh": "473",
    "Nizhny Novgorod": "831",
    "Kazan": "843",
    "Samara": "846",
    "Saratov": "8452",
    "Perm": "342",
    "Yekaterinburg": "343",
    "Chelyabinsk": "351",
    "Ufa": "347",
}
FIRST_NAMES = {
    "f": _words("Alina Vera Galina Darya Zhanna Inna Ksenia Larisa Nadezhda Polina Svetlana Tamara"),
    "m": _words("Aleksei Boris Vadim Georgy Denis Evgeny Igor Kirill Leonid Mikhail Stanislav Timur"),
}
# The man's form; a woman's ends with -a
LAST_NAMES = _words(
    "Abramov Baranov Vlasov Gusev Drozdov Efimov Zaitsev Ivanov Karpov Lazarev Markov Naumov Osipov Panov Rodionov "
    "Semyonov Titov Ushakov Filatov Kharitonov Chernov Shubin Yudin Yakovlev"
)
FUNCTIONS = ("Head of procurement", "Chief engineer", "Buyer", "Technical director", "Maintenance manager", "Director")

SOURCES = {"Website": 5, "Exhibition": 2, "Own search": 4, "Recommendation": 2, "Repeat request": 3}
# Names of reasons: those that Odoo brings along are taken as they are
LOST_REASONS = {
    "Too expensive": 34,
    "Chose a competitor": 22,
    "No decision": 20,
    "Not enough stock": 12,
    "Budget was cut": 12,
}
DEAL_SUBJECTS = {
    "Pumps": ("Replacement of pumps", "Pump station", "Spare pump"),
    "Valves": ("Valves for a repair", "Yearly supply of valves", "Valves for a new line"),
    "Seals and gaskets": ("Seals for the overhaul", "Supply of seals", "Change to cartridge seals"),
    "Instruments": ("Metering unit", "Instruments for a line", "Frequency converters"),
    "Consumables": ("Supply of consumables", "Consumables for the season", "Stock of bearings"),
    "Service": ("Overhaul of pumps", "Commissioning", "Service contract"),
}
CALLS = {
    "call": (
        "Asked about the need and the term",
        "Agreed on the list of equipment",
        "Reminded of the offer",
        "Went through questions on the offer",
    ),
    "email": ("Sent the data sheets", "Sent the offer", "Answered questions on delivery", "Sent the draft contract"),
    "meeting": ("Visited the site", "Presented the offer", "Talked with the chief engineer", "Agreed on terms"),
}
