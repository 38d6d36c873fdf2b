"""Which customers look like companies of one holding: proposals with their reasons, for people to judge.

A sign is something that several companies share: a tax number, a parent, an e-mail domain, a name. Weak signs join
few companies only, since what many share (a provider's domain, "Service") says nothing.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple


def _listed(text):
    """Words between commas."""
    return tuple(text.split(","))


TAX, TAX_ROOT, PARENT, EMAIL, DOMAIN, NAME = "tax", "tax_root", "parent", "email", "domain", "name"
STRONG, MEDIUM, WEAK = "strong", "medium", "weak"
STRENGTHS = {TAX: STRONG, TAX_ROOT: STRONG, PARENT: STRONG, EMAIL: MEDIUM, DOMAIN: MEDIUM, NAME: WEAK}
# Said again: the root of the same number, the domain of the same address.
REPEATS = {TAX_ROOT: TAX, DOMAIN: EMAIL}
# How many companies may share a sign before it is taken for a placeholder or a common word.
LIMITS = {STRONG: 200, MEDIUM: 30, WEAK: 10}
MEMBERS_LIMIT = 200

# What of a tax number names the holding's legal entity, where its end names a branch or a check digit.
TAX_ROOTS = {
    "BR": re.compile(r"(\d{8})\d{6}"),  # CNPJ: 4 digits of the branch, 2 check digits
    "FR": re.compile(r"(?:[0-9A-Z]{2})?(\d{9})(?:(?<=^\d{9})\d{5})?"),  # VAT number or SIRET around a SIREN
    "GB": re.compile(r"(\d{9})(?:\d{3})?"),
    "NL": re.compile(r"(\d{9})B\d{2}"),
    "RU": re.compile(r"(\d{10}|\d{12})(?:\d{9})?"),  # INN, with KPP: one legal entity and its branches
    "SE": re.compile(r"(\d{10})(?:\d{2})?"),
    "VN": re.compile(r"(\d{10})(?:\d{3})?"),
}
TAX_PREFIXES = _listed(
    "AT,BE,BG,BY,CH,CY,CZ,DE,DK,EE,EL,ES,FI,FR,GB,HR,HU,IE,IT,KZ,LT,LU,LV,MT,NL,NO,PL,PT,RO,RU,SE,SI,SK,UA,XI"
)
TAX_PREFIX_COUNTRIES = {"EL": "GR", "XI": "GB"}
MINIMUM_TAX_LENGTH = 5

# Legal forms and words of groups; they stand at either end of a name.
FORMS = _listed(
    "общество с ограниченной ответственностью,публичное акционерное общество,непубличное акционерное общество,"
    "закрытое акционерное общество,открытое акционерное общество,акционерное общество,"
    "товарищество с ограниченной ответственностью,государственное унитарное предприятие,"
    "муниципальное унитарное предприятие,унитарное предприятие,ооо,оао,зао,пао,нао,ао,спао,тоо,осоо,одо,"
    "уп,чуп,чтуп,руп,тов,прат,гуп,муп,фгуп,фгбу,фгаоу,гбу,мбу,ано,нко,ooo,zao,филиал,"
    "обособленное подразделение,оп,представительство,торговый дом,тд,группа компаний,гк,группа,холдинг,"
    "компания,фирма,корпорация,the"
)
# ... and these at its end only: in front they may be the name ("SA Recycling").
ENDINGS = _listed(
    "limited liability company,public limited company,gesellschaft mit beschränkter haftung,aktiengesellschaft,"
    "société anonyme,sociedad anónima,llc,llp,lp,ltd,limited,inc,incorporated,corp,corporation,co,"
    "company,plc,pty,pte,gmbh,mbh,ag,kg,kgaa,ohg,gbr,ug,ev,eg,sa,sas,sarl,srl,spa,sl,slu,sau,"
    "bv,nv,vof,ab,as,asa,aps,oy,oyj,sp z oo,spzoo,spolka z oo,sro,doo,ood,eood,ead,ad,kft,zrt,"
    "nyrt,jsc,pjsc,cjsc,ojsc,ao,pao,ltda,eireli,me,sdn bhd,bhd,kk,pt,tbk,pvt,private,group,holding,"
    "holdings,branch,international,intl"
)
# A person in business: two of one name are namesakes, not a holding.
PERSONS = frozenset(["ип", "ип глава кфх", "кфх", "фоп", "чп", "индивидуальный предприниматель", "нотариус", "адвокат"])
COMMON_NAMES = _listed(
    "test,тест,demo,демо,магазин,shop,store,клиент,client,customer,покупатель,сервис,service,офис,"
    "office,склад,банк,bank,company,компания,организация,частное лицо,физлицо,розничный покупатель,"
    "без названия,нет,none,unknown,неизвестно"
)
MINIMUM_NAME_LENGTH = 3
PLACE_WORDS = frozenset(["г", "гор", "город", "в", "по", "city", "in", "of"])

CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўәғқңөұүһ",
        _listed("a,b,v,g,d,e,e,zh,z,i,i,k,l,m,n,o,p,r,s,t,u,f,h,ts,ch,sh,sh,,i,,e,iu,ia,i,i,e,g,u,a,g,k,n,o,u,u,h"),
        strict=True,
    )
)
LATIN = (
    ("shch", "sh"), ("sch", "sh"), ("kh", "h"), ("ph", "f"), ("ck", "k"), ("tz", "ts"), ("qu", "kv"), ("q", "k"),
    ("w", "v"), ("x", "ks"), ("y", "i"), ("j", "i"),
)  # fmt: skip
# Letters that look alike: "ОOО" is typed with any of them.
LATIN_LOOKS = dict(zip("acekmhopxtyb", "асекмнорхтув", strict=True))
CYRILLIC_LOOKS = {cyrillic: latin for latin, cyrillic in LATIN_LOOKS.items()}


class Sign(NamedTuple):
    """What companies share: its kind (``TAX`` .. ``NAME``) and the value, a text or the key of the parent."""

    kind: str
    value: Hashable


@dataclass(frozen=True)
class Company:
    """What is known of a company.

    :param key: who; :param name: as it is written; :param city: where
    :param vat: tax number as it is written, with or without prefix and branch
    :param country: ISO code of two letters, "" where unknown
    :param emails: fields with e-mail addresses, one or several in each; :param website: address of a page
    :param parent: key of the company above, if it has one
    :param is_person: a person in business: its name is no sign
    """

    key: Hashable
    name: str = ""
    city: str = ""
    vat: str = ""
    country: str = ""
    emails: tuple[str, ...] = ()
    website: str = ""
    parent: Hashable | None = None
    is_person: bool = False


@dataclass(frozen=True)
class Domains:
    """Domains that need care, as ASCII in lower case.

    :param shared: providers and sites that unrelated companies use (gmail.com, vk.com)
    :param suffixes: endings of several parts under which names are registered (co.uk, com.ru)
    """

    shared: frozenset[str] = frozenset()
    suffixes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Proposal:
    """Companies that may belong together.

    :param members: their keys, sorted, those of the present group included
    :param group: the group to extend, None for a new one
    :param strength: that of the weakest sign without which not all of them would be connected
    :param signs: {member: signs that it shares with another member}, strongest first
    """

    members: tuple[Hashable, ...]
    group: Hashable | None
    strength: str
    signs: Mapping[Hashable, tuple[Sign, ...]]


# -- signs ------------------------------------------------------------------------------------------------------------


def tax_number(vat: str, country: str = "") -> tuple[str, str] | None:
    """A tax number in one writing, and its root: the same for branches of one legal entity.

    >>> tax_number("7701234567 / 770101001", "RU")
    ('RU7701234567770101001', 'RU7701234567')
    >>> tax_number("NL 1234.56.789.B01")
    ('NL123456789B01', 'NL123456789')

    :return: None for what is no number: too short, or one repeated digit
    """
    body = re.sub(r"[^0-9A-Z]", "", (vat or "").upper())
    if body[:2] in TAX_PREFIXES or (country and body[:2] == country):
        country = TAX_PREFIX_COUNTRIES.get(body[:2], body[:2])
        body = body[2:]
    if len(body) < MINIMUM_TAX_LENGTH or len(set(body)) == 1 or not any(map(str.isdigit, body)):
        return None
    match = TAX_ROOTS[country].fullmatch(body) if country in TAX_ROOTS else None
    return country + body, country + (match[1] if match else body)


def registered_domain(host: str, domains: Domains) -> str | None:
    """The part of a host name that a company registered; None for shared sites, addresses by number and nonsense.

    >>> registered_domain("shop.spb.romashka.com.ru", Domains(suffixes=frozenset(["com.ru"])))
    'romashka.com.ru'
    """
    host = host.strip(". ").lower()
    try:
        host = host.encode("idna").decode()
    except UnicodeError:
        return None
    labels = host.split(".")
    if len(labels) < 2 or not re.fullmatch(r"[a-z0-9.-]+", host) or labels[-1].isdigit() or not all(labels):
        return None
    size = 3 if ".".join(labels[-2:]) in domains.suffixes else 2
    domain = ".".join(labels[-size:])
    ends = {".".join(labels[index:]) for index in range(len(labels))}
    return None if len(labels) < size or ends & domains.shared else domain


def readable_domain(domain: str) -> str:
    """A domain in the letters in which it was registered.

    >>> readable_domain("xn--80aa3agjl3d.xn--p1ai")
    'ромашка.рф'
    """
    try:
        return domain.encode().decode("idna")
    except UnicodeError:
        return domain


def email_addresses(text: str) -> list[str]:
    """The addresses in a field that may hold several, in lower case."""
    return re.findall(r"[^\s,;<>\"'()|/\\]+@[\w.-]*\w", (text or "").lower())


def website_host(address: str) -> str:
    """The host of a page's address, with or without protocol."""
    rest = (address or "").strip().partition("://")[2] or (address or "").strip()
    return re.split(r"[/?#\s,;]", rest, maxsplit=1)[0].rpartition("@")[2].partition(":")[0]


def name_root(name: str, city: str = "") -> str | None:
    """A name without what changes from company to company of a holding, comparable between alphabets.

    Legal forms, words of groups, quotes, brackets, case, the own city and the alphabet do not count.

    >>> name_root('ООО "Ромашка" (Казань)'), name_root("Romashka LLC"), name_root("Ромашка, г.Тверь", "Тверь")
    ('romashka', 'romashka', 'romashka')

    :return: None for a person in business and for names that say nothing
    """
    words = _words(name)
    if _is_person(words):
        return None
    root = _squeeze("".join(folded for _word, folded in _strip(words, city)))
    if len(root) < MINIMUM_NAME_LENGTH or root in _COMMON or not any(map(str.isalpha, root)):
        return None
    return root


def tidy_name(name: str, city: str = "") -> str:
    """A name as people say it, for the group: without legal form, quotes and city.

    >>> tidy_name('ООО "Ромашка-Сервис" (Казань)')
    'Ромашка-Сервис'
    """
    return " ".join(word for word, _folded in _strip(_words(name), city)) or name.strip()


def signs_of(company: Company, domains: Domains, country: str = "") -> Iterator[Sign]:
    """Everything of a company that another one of its holding may share.

    :param country: whose tax numbers are meant where the company's country is unknown
    """
    number = tax_number(company.vat, company.country or country)
    if number:
        yield Sign(TAX, number[0])
        yield Sign(TAX_ROOT, number[1])
    if company.parent is not None:
        yield Sign(PARENT, company.parent)
    addresses = {address for text in company.emails for address in email_addresses(text)}
    for address in addresses:
        yield Sign(EMAIL, address)
    hosts = {address.rpartition("@")[2] for address in addresses} | {website_host(company.website)}
    for domain in {registered_domain(host, domains) for host in hosts} - {None}:
        yield Sign(DOMAIN, domain)
    root = None if company.is_person else name_root(company.name, company.city)
    if root:
        yield Sign(NAME, root)


def collect_shared(signs: Iterable[tuple[Hashable, Sign]]) -> dict[Sign, list[Hashable]]:
    """The signs that several companies have, and parents, with the keys of the companies that have them.

    Of a sign seen once only a number of 64 bits is kept: a million companies have millions of signs of their own.

    :param signs: (company, sign), those of a company in any order and repeated or not
    """
    first, shared = {}, {}
    for key, sign in signs:
        mark = hash(sign)
        if sign in shared:
            shared[sign].append(key)
        elif sign.kind == PARENT:
            shared[sign] = [key]
        elif first.setdefault(mark, key) != key:
            shared[sign] = [first[mark], key]
    return {sign: list(dict.fromkeys(keys)) for sign, keys in shared.items()}


def _words(name):
    """(word as it is written, word to compare) without quotes, brackets and marks."""
    text = unicodedata.normalize("NFC", name or "")
    text = re.sub(r"[(\[{][^)\]}]*[)\]}]", " ", text).strip() or text
    text = re.sub(r"\b([гГ])\.\s*", r"\1 ", text)
    text = re.sub(r"[\"«»“”„‟'’`,;:/|\\()\[\]{}]+", " ", text)
    words = [(word.strip("-–—._ "), fold(word)) for word in text.split()]
    return [(word, folded) for word, folded in words if folded]


def fold(word: str) -> str:
    """A word in small Latin letters and digits, by sound rather than by spelling."""
    word = unicodedata.normalize("NFKC", word).casefold()
    letters = {letter for letter in word if letter.isalpha()}
    if any("а" <= letter <= "ӿ" for letter in letters) and any("a" <= letter <= "z" for letter in letters):
        looks = LATIN_LOOKS if all(letter in LATIN_LOOKS for letter in letters if letter <= "z") else CYRILLIC_LOOKS
        word = "".join(looks.get(letter, letter) for letter in word)
    word = "".join(CYRILLIC[letter] if letter in CYRILLIC else _fold_latin(letter) for letter in word)
    for written, heard in LATIN:
        word = word.replace(written, heard)
    return re.sub(r"c(?!h)", "k", re.sub(r"c(?=[ei])", "s", word))


def _fold_latin(letter):
    """A letter without its marks; nothing for what is no letter and no digit."""
    return "".join(part for part in unicodedata.normalize("NFKD", letter) if part.isalnum())


def _squeeze(word):
    """Doubled letters as one: Rossia and Rosia."""
    return re.sub(r"([a-z])\1+", r"\1", word)


def _is_person(words):
    written = [word.casefold() for word, _folded in words]
    return any(
        tuple(written[:size]) in _PERSONS or tuple(written[-size:]) in _PERSONS for size in range(1, len(written) + 1)
    )


def _strip(words, city):
    """Take forms and the own city off both ends, as long as a name is left."""
    place = tuple(fold(word) for word in re.split(r"[\s-]+", city or "") if fold(word))
    places = {place, ("".join(place),)} if place else set()
    words = list(words)
    while True:
        front, end = _size_of(words, _FORMS), _size_of(words, _FORMS | _ENDINGS | places, at_end=True)
        if front:
            del words[:front]
        elif end:
            place_stripped = tuple(folded for _word, folded in words[-end:]) in places
            del words[-end:]
            while place_stripped and len(words) > 1 and words[-1][0].casefold() in PLACE_WORDS:
                del words[-1]
        else:
            return words


def _size_of(words, phrases, at_end=False):
    """How many words the longest of the phrases takes that stands there and leaves something; 0 for none."""
    folded = [word for _written, word in words]
    for size in range(min(len(folded) - 1, _LONGEST), 0, -1):
        if tuple(folded[-size:] if at_end else folded[:size]) in phrases:
            return size
    return 0


def _fold_phrases(phrases):
    return frozenset(tuple(fold(word) for word in phrase.split()) for phrase in phrases)


_FORMS, _ENDINGS = _fold_phrases(FORMS), _fold_phrases(ENDINGS)
_LONGEST = max(map(len, _FORMS | _ENDINGS))
_PERSONS = frozenset(tuple(phrase.split()) for phrase in PERSONS)
_COMMON = frozenset(_squeeze("".join(fold(word) for word in phrase.split())) for phrase in COMMON_NAMES)


# -- proposals --------------------------------------------------------------------------------------------------------


class _Components:
    """Union-find that never joins two groups, nor two companies that somebody refused to join."""

    def __init__(self, groups, refused):
        self.parents, self.groups, self.refused = {}, {}, refused
        self.members, self.strengths = {}, {}
        for key, group in groups.items():
            self.groups[self.find(key)] = group
        anchors = {}
        for key, group in groups.items():
            if group in anchors:
                self._link(self.find(anchors[group]), self.find(key), 0)
            else:
                anchors[group] = key

    def find(self, key):
        if key not in self.parents:
            self.parents[key], self.members[key], self.strengths[key] = key, [key], 0
        while self.parents[key] != key:
            self.parents[key] = self.parents[self.parents[key]]
            key = self.parents[key]
        return key

    def join(self, one, other, strength):
        """:return: whether both are in one component now"""
        one, other = self.find(one), self.find(other)
        if one == other:
            return True
        few, many = sorted((one, other), key=lambda root: len(self.members[root]))
        if len(self.members[one]) + len(self.members[other]) > MEMBERS_LIMIT or (
            one in self.groups and other in self.groups
        ):
            return False
        if any(self.find(key) == many for member in self.members[few] for key in self.refused.get(member, ())):
            return False
        self._link(many, few, strength)
        return True

    def _link(self, many, few, strength):
        self.parents[few] = many
        self.members[many] += self.members.pop(few)
        self.strengths[many] = max(self.strengths[many], self.strengths.pop(few), strength)
        if few in self.groups:
            self.groups[many] = self.groups.pop(few)


def propose(
    signs: Mapping[Sign, Collection[Hashable]],
    groups: Mapping[Hashable, Hashable] | None = None,
    refused: Iterable[tuple[Hashable, Hashable]] = (),
    limits: Mapping[str, int] | None = None,
) -> list[Proposal]:
    """Companies that share signs, put together.

    A sign of companies that somebody refused to join, while none of them is in a group, has been judged: it joins
    nobody any more. The order of the input does not matter.

    :param signs: {sign: keys of the companies that have it}; keys can be sorted; to the children of a parent, whose key
        is the sign's value, the parent is added
    :param groups: {company: group that it is in already}; two groups are never joined
    :param refused: pairs of companies that are never put together
    :param limits: {strength: how many companies may share such a sign}, by default ``LIMITS``
    :return: proposals in the order of their first members; each company is in one at most
    """
    groups, limits = dict(sorted((groups or {}).items())), limits or LIMITS
    apart = defaultdict(set)
    for one, other in refused:
        apart[one].add(other)
        apart[other].add(one)
    components = _Components(groups, apart)
    used = [(sign, keys) for sign, keys in _usable(signs, limits) if not apart or not _is_judged(keys, groups, apart)]
    ranks = list(LIMITS)
    for sign, keys in used:
        sizes = Counter(groups[key] for key in keys if key in groups)
        # the group with most of them first: it draws the companies that are in none
        ordered = sorted(keys, key=lambda key: -sizes[groups[key]] if key in groups else 1)
        anchors = []
        for key in ordered:
            if not any(components.join(anchor, key, ranks.index(STRENGTHS[sign.kind])) for anchor in anchors):
                anchors.append(key)
    return _collect(components, used, groups, ranks)


def _usable(signs, limits):
    """The signs that may join companies, strongest first; one that only repeats a closer one is left out."""
    kinds = list(STRENGTHS)
    # a parent need not know its children
    everybody = ((sign, {*keys, sign.value} if sign.kind == PARENT else set(keys)) for sign, keys in signs.items())
    shared = [(sign, sorted(keys)) for sign, keys in everybody if len(keys) > 1]
    closer = {(sign.kind, tuple(keys)) for sign, keys in shared}
    found = [
        (sign, keys)
        for sign, keys in shared
        if len(keys) <= limits[STRENGTHS[sign.kind]] and (REPEATS.get(sign.kind), tuple(keys)) not in closer
    ]
    return sorted(found, key=lambda row: (kinds.index(row[0].kind), row[1], str(row[0].value)))


def _is_judged(keys, groups, apart):
    return not any(key in groups for key in keys) and any(
        not apart[key].isdisjoint(keys) for key in keys if key in apart
    )


def _collect(components, used, groups, ranks):
    signs = defaultdict(lambda: defaultdict(list))
    for sign, keys in used:
        together = defaultdict(list)
        for key in keys:
            together[components.find(key)].append(key)
        for root, members in together.items():
            if len(members) > 1:
                for key in members:
                    signs[root][key].append(sign)
    proposals = [
        Proposal(
            tuple(sorted(components.members[root])),
            components.groups.get(root),
            ranks[components.strengths[root]],
            {key: tuple(found) for key, found in sorted(by_member.items())},
        )
        for root, by_member in signs.items()
        if any(key not in groups for key in components.members[root])
    ]
    return sorted(proposals, key=lambda proposal: proposal.members)
