"""What a code gives and to whom: cents written out by hand."""
from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest

from promos.errors import PromoNotForThis, PromoNotYours, PromoTooMuch, WrongCampaign
from promos.rules import CampaignDraft, discount, in_hours, require_number, require_sound
from promos.states import BenefitKind, ZoneLimit
from tests.promos.factories import draft, facts, terms

PERCENT = {"kind": BenefitKind.PERCENT, "value_cents": None}


@pytest.mark.parametrize(("limits", "gas_cents", "expected"), [
    ({"value_cents": 300}, 4980, 300),
    ({"value_cents": 300}, 400, 300),
    ({**PERCENT, "percent": 10}, 4980, 498),
    ({**PERCENT, "percent": 15}, 2490, 374),  # 373,5 rounded half up
    ({**PERCENT, "percent": 1}, 2449, 24),  # 24,49
    ({**PERCENT, "percent": 50, "cap_cents": 1000}, 4980, 1000),
    ({**PERCENT, "percent": 10, "cap_cents": 1000}, 4980, 498),
    ({**PERCENT, "percent": 100, "cap_cents": 500}, 600, 500),
])
def test_a_code_takes_a_fixed_amount_or_a_capped_percentage_off_the_gas(
        limits: dict[str, Any], gas_cents: int, expected: int) -> None:
    """H-130, X-11: the only base is the gas price."""
    assert discount(terms(**limits), facts(gas_cents=gas_cents), min_left_cents=100) == expected


@pytest.mark.parametrize(("limits", "gas_cents"), [
    ({"value_cents": 300}, 399),
    ({"value_cents": 4980}, 4980),
    ({"value_cents": 4980}, 300),
    ({**PERCENT, "percent": 99}, 4980),  # 49,30 off leaves 0,50
    ({**PERCENT, "percent": 100, "cap_cents": 500}, 599),
])
def test_at_least_one_euro_of_gas_stays_to_be_paid(limits: dict[str, Any], gas_cents: int) -> None:
    """W-20, X-10."""
    with pytest.raises(PromoTooMuch):
        discount(terms(**limits), facts(gas_cents=gas_cents), min_left_cents=100)


@pytest.mark.parametrize(("limits", "changes"), [
    ({"product_codes": ("P35",)}, {}),
    ({"product_codes": ("P35",)}, {"products": (("P35", 0), ("Z10", 1))}),
    ({"order_channel": "phone"}, {"channel": "web"}),
    ({"zone": ZoneLimit.INSIDE}, {"in_zone": False}),
    ({"zone": ZoneLimit.OUTSIDE}, {"in_zone": True}),
    ({**PERCENT, "percent": 1}, {"gas_cents": 49}),
])
def test_a_code_is_refused_where_the_order_does_not_meet_its_limits(
        limits: dict[str, Any], changes: dict[str, Any]) -> None:
    with pytest.raises(PromoNotForThis):
        discount(terms(**limits), facts(**changes), min_left_cents=100)


@pytest.mark.parametrize(("limits", "changes"), [
    ({"product_codes": ("P35", "Z10")}, {}),
    ({"order_channel": "phone"}, {"channel": "phone"}),
    ({"zone": ZoneLimit.INSIDE}, {"in_zone": True}),
    ({"zone": ZoneLimit.OUTSIDE}, {"in_zone": False}),
    ({"first_order_only": True}, {"first_order": True}),
])
def test_a_code_is_given_where_the_order_meets_its_limits(limits: dict[str, Any], changes: dict[str, Any]) -> None:
    assert discount(terms(**limits), facts(**changes), min_left_cents=100) == 300


def test_a_code_for_first_orders_does_not_tell_who_ordered_before() -> None:
    """Y-12: outwardly an unknown code."""
    with pytest.raises(PromoNotYours):
        discount(terms(first_order_only=True), facts(first_order=False), min_left_cents=100)


@pytest.mark.parametrize(("changes", "field"), [
    ({"value_cents": None}, "value"),
    ({"value_cents": 0}, "value"),
    ({"value_cents": -300}, "value"),
    ({"value_cents": 100_001}, "value"),
    ({**PERCENT, "percent": None}, "percent"),
    ({**PERCENT, "percent": 0}, "percent"),
    ({**PERCENT, "percent": 101}, "percent"),
    ({**PERCENT, "percent": 10, "cap_cents": 0}, "cap"),
    ({**PERCENT, "percent": 100}, "cap"),
    ({"max_redemptions": 0}, "max_redemptions"),
    ({"max_redemptions": 10**9}, "max_redemptions"),
    ({"budget_cents": -1}, "budget"),
])
def test_a_campaign_that_cannot_work_is_refused_with_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(WrongCampaign) as refusal:
        require_sound(draft(**changes))
    assert refusal.value.field == field


@pytest.mark.parametrize(("start", "end", "clock", "counts"), [
    (None, None, time(3, 0), True),
    (time(9), time(12), time(8, 59, 59), False),
    (time(9), time(12), time(9), True),
    (time(9), time(12), time(11, 59, 59), True),
    (time(9), time(12), time(12), False),
    (None, time(12), time.min, True),
    (time(20), None, time(23, 59, 59), True),
])
def test_codes_count_within_their_hours_of_the_day(
        start: time | None, end: time | None, clock: time, counts: bool) -> None:
    """H-131: the first minute counts, the last one named does not."""
    assert in_hours(terms(from_time=start, until_time=end), clock) is counts


def test_hours_end_after_they_begin() -> None:
    for start, end in ((time(12), time(12)), (time(20), time(6)), (None, time.min)):
        with pytest.raises(WrongCampaign) as refusal:
            require_sound(draft(from_time=start, until_time=end))
        assert refusal.value.field == "until_time"


def test_a_campaign_ends_after_it_starts_and_lasts_three_years_at_most() -> None:
    start = terms().starts_at
    for end in (start, start - timedelta(seconds=1), start + timedelta(days=3 * 366 + 1)):
        with pytest.raises(WrongCampaign) as refusal:
            require_sound(draft(starts_at=start, ends_at=end))
        assert refusal.value.field == "ends_on"


@pytest.mark.parametrize(("name", "prefix", "field"), [
    ("  ", "POLETJE", "name"), ("Poletje", "P", "prefix"), ("Poletje", "POLETJE 1", "prefix"),
    ("Poletje", "ABCDEFGHIJKLM", "prefix"), ("Poletje", "ЛЕТО", "prefix"), ("Poletje", "poletje", "prefix"),
])
def test_a_campaign_needs_a_name_and_a_prefix_that_can_be_read_aloud(name: str, prefix: str, field: str) -> None:
    with pytest.raises(WrongCampaign) as refusal:
        require_sound(CampaignDraft(name=name, prefix=prefix, terms=terms()))
    assert refusal.value.field == field


def test_between_one_and_ten_thousand_codes_are_issued_at_once() -> None:
    for number in (1, 10_000):
        require_number(number)
    for number in (-1, 0, 10_001):
        with pytest.raises(WrongCampaign):
            require_number(number)
