"""The demo looks like a real day at any hour, and its books are in order."""
from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from billing.ledger import trial_balance
from billing.ports import ledger_checks
from core import clock
from core.db import db
from delivery.closing import closing_of, ended_shifts
from delivery.closing_rules import CASH, Why
from delivery.models import Stop
from delivery.states import StopStatus
from demo.seed import bring_up_to_date
from orders.models import Order
from orders.states import OrderStatus

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize("hour", [2, 10, 18])
def test_whatever_the_hour_orders_are_under_way_and_yesterday_was_counted(hour: int) -> None:
    now = datetime(2026, 11, 24, hour, 30, tzinfo=UTC)
    with clock.frozen_at(now):
        bring_up_to_date(now)
        orders = Counter(db.session.scalars(sa.select(Order.status)))
        assert orders[OrderStatus.DELIVERED] >= 15
        assert orders[OrderStatus.CONFIRMED] >= 5
        assert db.session.scalar(sa.select(sa.func.count(Stop.id)).where(
            Stop.status == StopStatus.PLANNED, Stop.planned_start_at < datetime(2026, 11, 23, 22, tzinfo=UTC))) == 0
        yesterday = [(shift, row) for shift, row in ended_shifts(datetime(2026, 11, 23, tzinfo=UTC)) if row is not None]
        unsigned = [shift for shift, row in yesterday if row.closed_at is None]
        assert (len(yesterday), len(unsigned)) == (6, 1)
        found = closing_of(unsigned[0].id)
        assert [(gap.thing, gap.by) for gap in found.differences] == [(CASH, -1000)]
        assert Why.DEPOSIT in {clue.why for clue in found.clues}
        assert set(trial_balance().values()) == {0}
        assert [check for check in ledger_checks() if not check.agrees] == []
        bring_up_to_date(now)  # a second start adds nothing
        assert Counter(db.session.scalars(sa.select(Order.status))) == orders
