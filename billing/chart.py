"""The chart of accounts (pure).

Every account holds one or more units: money in cents under `EUR`, cylinders by number under their type code (`Z10`).
A positive amount is a debit: money or cylinders that are there. Revenue, VAT and liabilities stand below zero.
Drivers, vehicles and depots are opaque numbers here.
"""
from __future__ import annotations

EUR = "EUR"
ORANGE = "O10"

# Money
CARD = "card"
BANK = "bank"
CASH_MAIN = "cash:main"
REVENUE = "revenue:gas"
KEPT_DEPOSITS = "revenue:kept_deposits"
VAT = "vat"
DEPOSITS = "liability:deposits"
LEGACY_DEPOSITS = "liability:legacy_deposits"  # deposits paid before the ledger began (Y-10)
PREPAID = "liability:prepayments"
REFUNDS_DUE = "liability:refunds"
RECEIPTS = "liability:receipts"  # money on our account that nobody has said what it is for
KEPT_RECEIPTS = "revenue:kept_receipts"
BUYBACK = "buyback:orange"
GOODWILL = "expense:goodwill"  # deposits paid although an exclusion suspends them
OPENING = "equity:opening"
SHORTAGES = "differences"  # what a driver's count was short of (positive) or had too much, money and cylinders

# Cylinders
CUSTOMERS = "customers"
TECHNICAL = "technical"
SUPPLY = "supply"
SCRAP = "scrap"

DRIVERS_PREFIX = "cash:driver:"
VEHICLES_PREFIX = "vehicle:"
DEPOTS_PREFIX = "depot:"
UNITS_PREFIX = "unit:"


def cash_of_driver(driver_id: int) -> str:
    """The cash that a driver carries: `cash:driver:3`."""
    return f"{DRIVERS_PREFIX}{driver_id}"


def depot_full(depot_id: int) -> str:
    """Full cylinders of a depot: `depot:1:full`."""
    return f"{DEPOTS_PREFIX}{depot_id}:full"


def depot_empty(depot_id: int) -> str:
    """Empty cylinders of a depot: `depot:1:empty`."""
    return f"{DEPOTS_PREFIX}{depot_id}:empty"


def vehicle_full(vehicle_id: int) -> str:
    """Full cylinders on a van that may be delivered: `vehicle:2:full`."""
    return f"{VEHICLES_PREFIX}{vehicle_id}:full"


def vehicle_empty(vehicle_id: int) -> str:
    """Empty cylinders on a van: `vehicle:2:empty`."""
    return f"{VEHICLES_PREFIX}{vehicle_id}:empty"


def vehicle_held(vehicle_id: int) -> str:
    """Doubted or complained-about cylinders on a van, never delivered again: `vehicle:2:held` (H-079, H-165)."""
    return f"{VEHICLES_PREFIX}{vehicle_id}:held"


def cash_of_unit(unit: str) -> str:
    """The cash of a unit's counter: `cash:unit:maribor` (H-090)."""
    return f"cash:{UNITS_PREFIX}{unit}"


def unit_full(unit: str) -> str:
    """Full cylinders at a unit: `unit:maribor:full`."""
    return f"{UNITS_PREFIX}{unit}:full"


def unit_empty(unit: str) -> str:
    """Empty cylinders at a unit: `unit:maribor:empty`."""
    return f"{UNITS_PREFIX}{unit}:empty"


def unit_held(unit: str) -> str:
    """Complained-about cylinders at a unit: `unit:maribor:held`."""
    return f"{UNITS_PREFIX}{unit}:held"
