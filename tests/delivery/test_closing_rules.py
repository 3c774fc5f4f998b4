"""delivery/closing_rules.py: what is missing, and at which stop (H-120, H-146, P-D14)."""
from __future__ import annotations

from typing import Any

import pytest

from delivery.closing_rules import Difference, Purse, Visit, Why, clues, differences, misbooked

Z10 = {("full", "Z10"): -1, ("empty", "Z10"): 1}


def visit(stop_id: int, *, recorded: Purse | None = None, **changes: Any) -> Visit:
    booked = changes.pop("booked", Purse(cash_cents=2490, cylinders=Z10))
    return Visit(stop_id=stop_id, number=f"2026-{stop_id:06d}", name="Ana", booked=booked, recorded=recorded or booked,
                 **{"agreed_cents": booked.cash_cents + booked.card_cents, **changes})


def told(found: tuple[Difference, ...], *visits: Visit) -> list[tuple[int, str, Why]]:
    return [(clue.visit.stop_id, clue.thing, clue.why) for clue in clues(found, visits)]


def test_what_is_as_expected_is_no_difference_and_a_cent_or_a_cylinder_is() -> None:
    expected = Purse(cash_cents=10_000, card_cents=2490, cylinders={("full", "Z10"): 5, ("empty", "Z10"): 0})
    assert differences(expected, Purse(cash_cents=10_000, card_cents=2490, cylinders={("full", "Z10"): 5})) == ()
    counted = Purse(cash_cents=9_999, card_cents=2490, cylinders={("full", "Z10"): 5, ("empty", "P5"): 1})
    assert [(found.thing, found.by) for found in differences(expected, counted)] == [("cash", -1), ("empty:P5", 1)]


def test_a_stop_whose_record_and_ledger_disagree_by_a_cent_or_a_cylinder_is_named() -> None:
    cent = visit(1, recorded=Purse(cash_cents=2491, cylinders=Z10))
    cylinder = visit(2, recorded=Purse(cash_cents=2490, cylinders={**Z10, ("full", "Z10"): -2}))
    found = misbooked([cent, cylinder, visit(3)])
    assert [(clue.visit.stop_id, clue.thing, clue.by) for clue in found] == [(1, "cash", -1), (2, "full:Z10", 1)]


CASH_SHORT = Difference(thing="cash", expected=10_000, counted=10_000 - 2490)


@pytest.mark.parametrize(("found", "one", "why"), [
    ((CASH_SHORT,), visit(1), Why.WHOLE_AMOUNT),
    ((CASH_SHORT, Difference(thing="card", expected=0, counted=2490)), visit(1), Why.OTHER_WAY),
    ((Difference(thing="cash", expected=5000, counted=4000),),
     visit(1, booked=Purse(cash_cents=3490), deposit_cents=1000), Why.DEPOSIT),
    ((Difference(thing="cash", expected=5000, counted=4300),), visit(1, agreed_cents=3190, changed=True), Why.CHANGED),
    ((Difference(thing="cash", expected=5000, counted=4999),), visit(1, booked=Purse(cash_cents=2487)), Why.ODD_CENTS),
    ((Difference(thing="cash", expected=5000, counted=4999),),
     visit(1, recorded=Purse(cash_cents=2491, cylinders=Z10)), Why.BOOKED_OTHERWISE),
    ((Difference(thing="full:Z10", expected=3, counted=2),), visit(1), Why.SAME_NUMBER),
    ((Difference(thing="full:Z10", expected=3, counted=2),), visit(1, changed=True), Why.CHANGED),
    ((Difference(thing="empty:O10", expected=0, counted=1),), visit(1), None),
    ((Difference(thing="cash", expected=5000, counted=1),), visit(1), None),
])
def test_a_difference_points_at_the_stops_that_explain_it(found: tuple[Difference, ...], one: Visit,
                                                         why: Why | None) -> None:
    assert [reason for stop, thing, reason in told(found, one) if thing == found[0].thing] == ([why] if why else [])


def test_the_surest_explanation_comes_first() -> None:
    found = (Difference(thing="cash", expected=5000, counted=2510),)
    deposit = visit(1, booked=Purse(cash_cents=4980), deposit_cents=2490)
    assert told(found, deposit, visit(2)) == [(2, "cash", Why.WHOLE_AMOUNT), (1, "cash", Why.DEPOSIT)]
