"""Customers with their contacts, and products."""

from __future__ import annotations

from datetime import date

from demo_company import catalogue
from demo_company.plan import Customer
from demo_company.planning.money import TERMS
from demo_company.writing.records import Records

TERM_IDS = {
    0: "account.account_payment_term_immediate",
    14: "account.account_payment_term_15days",
    30: "account.account_payment_term_30days",
}


def write_customers(records: Records) -> None:
    """Create customers, holdings before their subsidiaries, and the people to talk to."""
    owners = _owners(records, records.company.anchor)
    levels = (
        [c for c in records.company.customers if not c.parent],
        [c for c in records.company.customers if c.parent],
    )
    for customers in levels:
        values = [_prepare_customer(records, customer, owners.get(customer.key, "")) for customer in customers]
        ids = records.create("res.partner", "customers", values)
        records.customers |= dict(zip((customer.key for customer in customers), ids, strict=True))
    contacts = [(customer, contact) for customer in records.company.customers for contact in customer.contacts]
    values = [
        {
            "name": contact.name,
            "parent_id": records.customers[customer.key],
            "type": "contact",
            "function": contact.function,
            "email": contact.email,
            "phone": contact.phone,
            "lang": "en_US",
        }
        for customer, contact in contacts
    ]
    ids = records.create("res.partner", "contacts", values)
    for (customer, _contact), partner_id in zip(contacts, ids, strict=True):
        records.contacts.setdefault(customer.key, []).append(partner_id)


def _owners(records: Records, day: date) -> dict[str, str]:
    """Whose customer each one is on a day."""
    return {
        each.customer: each.person
        for each in records.company.ownerships
        if each.start <= day and (each.end is None or day <= each.end)
    }


def _prepare_customer(records: Records, customer: Customer, owner: str) -> dict:
    term = 0 if customer.habit == "prepaid" else TERMS[customer.tier]
    industry = f"base.res_partner_industry_{customer.industry}"
    return {
        "name": customer.name,
        "is_company": True,
        "parent_id": records.customers.get(customer.parent),
        "industry_id": records.ref(industry) if customer.industry else False,
        "user_id": records.users.get(owner),
        "email": customer.email,
        "phone": customer.phone,
        "vat": customer.tax_number,
        "city": customer.city,
        "country_id": records.ref("base.ru"),
        "lang": "en_US",
        "property_payment_term_id": records.ref(TERM_IDS[term]),
    }


def write_products(records: Records) -> None:
    """Create the products with their categories, at the prices and costs of the anchor date."""
    env = records.env
    categories = {}
    for name in dict.fromkeys(product.category for product in catalogue.PRODUCTS):
        categories[name] = env["product.category"].create({"name": name}).id
    values = [
        {
            "name": product.name,
            "default_code": f"{product.category[:2].upper()}-{number:03}",
            "type": "service" if product.category == "Service" else "consu",
            "categ_id": categories[product.category],
            "list_price": product.price,
            "standard_price": product.cost,
            "invoice_policy": "order",
        }
        for number, product in enumerate(catalogue.PRODUCTS, 1)
    ]
    records.products = records.create("product.product", "products", values)
