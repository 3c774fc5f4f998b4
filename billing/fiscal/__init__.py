"""Fiscal verification of cash and card invoices by the tax administration (X-16, Y-15)."""
