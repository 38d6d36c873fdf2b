"""Calculations without Odoo: periods, credit, formulas, facts."""
