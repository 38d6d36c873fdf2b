"""The demo company: a distributor of industrial equipment with 24 months of history, written into an Odoo database.

`python -m demo_company --database NAME --anchor YYYY-MM-DD` in the prepared Python. The company is a function of the
anchor date and a seed. First it is planned (`planning`: plain Python, no Odoo), then written through Odoo's models
(`writing`), and at last dated. What is planted in it, so that there is something to find, stands in `planted.py`.
"""
