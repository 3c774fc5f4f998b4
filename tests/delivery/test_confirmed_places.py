"""Pins become known addresses when a driver stood there and delivered, and not before."""
from __future__ import annotations

from datetime import datetime

import pytest

from accounts.queries import suggest_addresses
from core import clock
from core.db import db, unit_of_work
from delivery.driving import arrive, deliver, fail, leave_for
from delivery.states import FailReason
from orders.address_entry import UnknownAddress, place_from
from orders.models import Order
from tests.delivery.factories import fleet, order_live, somewhere, stop_of
from tests.factories import as_ordered

pytestmark = pytest.mark.usefixtures("app")
PLACE = somewhere(5, street="Nova pot", house_number="3")
WRITTEN = "Nova pot 3, 1000 Ljubljana"


def begun(*, arrived: bool) -> tuple[int, int, Order]:
    """A pinned order whose van left for it: shift, stop, order."""
    shift_id = fleet(1).shift_ids[0]
    order = order_live(place=PLACE)
    stop_id = stop_of(order).id
    for step in (leave_for, arrive)[:2 if arrived else 1]:
        with unit_of_work():
            step(shift_id, stop_id, now=clock.utc_now())
    return shift_id, stop_id, order


def test_a_pin_is_a_known_address_once_a_driver_delivered_there(now: datetime) -> None:
    shift_id, stop_id, order = begun(arrived=True)
    assert suggest_addresses(WRITTEN) == []
    with pytest.raises(UnknownAddress):
        place_from(WRITTEN)
    with unit_of_work():
        deliver(shift_id, stop_id, as_ordered(order), now=now)
    db.session.rollback()
    found = place_from(WRITTEN)
    assert (found.lat, found.lon, found.source) == (PLACE.lat, PLACE.lon, "pin")
    assert suggest_addresses("nova pot") == [found]


def test_a_strangers_pin_is_not_believed_before(now: datetime) -> None:
    """Neither when nobody is home, nor when the driver never said that he arrived."""
    shift_id, stop_id, _ = begun(arrived=True)
    with unit_of_work():
        fail(shift_id, stop_id, FailReason.WRONG_ADDRESS, now=now)
    assert suggest_addresses(WRITTEN) == []


def test_a_delivery_without_an_arrival_confirms_no_place(now: datetime) -> None:
    shift_id, stop_id, order = begun(arrived=False)
    with unit_of_work():
        deliver(shift_id, stop_id, as_ordered(order), now=now)
    assert suggest_addresses(WRITTEN) == []
