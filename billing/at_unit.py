"""Events of the trade at a unit's counter: the same entries, with the unit's cash and stock (pure, H-090)."""
from __future__ import annotations

from collections.abc import Iterable

from billing import chart
from billing.entries import Entry

NOBODY = 0  # the driver and the van of an event that happens at a counter


def at_unit(unit: str, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Entries made for driver and van `NOBODY`, moved to the accounts of a unit.

    A pay-out of 10,00 for 1 x Z10 at Maribor: customers -1, unit:maribor:empty +1; deposits +10,00,
    cash:unit:maribor -10,00.
    """
    places = {chart.cash_of_driver(NOBODY): chart.cash_of_unit(unit),
              chart.vehicle_full(NOBODY): chart.unit_full(unit), chart.vehicle_empty(NOBODY): chart.unit_empty(unit),
              chart.vehicle_held(NOBODY): chart.unit_held(unit)}
    return tuple(Entry(account=places.get(entry.account, entry.account), unit=entry.unit, amount=entry.amount)
                 for entry in entries)
