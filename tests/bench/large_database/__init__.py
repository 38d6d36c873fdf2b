"""The seeded large database: a sales department of any size over 24 months that end on a fixed day.

People, teams, stages, products are made through Odoo. Of each document Odoo makes one prototype, which is read back as
it lies in the table and rolled back; plain SQL then multiplies the prototypes. So the rows have every column as Odoo
(with our addons) writes it, and a column that is added one day needs no change here.

Deterministic: what a row is like depends on its number and on what is decided (`noise.py`), not on the order of rows,
the machine or the time. The mix is in `shape.py`.

Not made: payments (every posted invoice is open), taxes, meetings, links of orders to deals and to invoices.
"""
