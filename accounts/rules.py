"""The rules' figures: the administrator reads them, enters new ones from a day on, and is warned of what the law says
otherwise (X-01, X-02)."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core import audit, settings
from core.errors import InvalidInput

MINUTES, DAYS, MONTHS, CENTS, CYLINDERS = "minutes", "days", "months", "cents", "cylinders"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A figure that may be changed: its key in the settings, what it means, its unit, from where to where it may go."""

    key: str
    label: Any
    unit: str
    least: int
    most: int


RULES: Mapping[str, Rule] = {rule.key: rule for rule in (
    Rule(key="promise_soft_minutes", label=_l("Promise: delivered within"), unit=MINUTES, least=30, most=120),
    Rule(key="promise_hard_minutes", label=_l("Promise: at the latest within"), unit=MINUTES, least=60, most=240),
    Rule(key="freeze_minutes", label=_l("The next stops stay as they are for"), unit=MINUTES, least=0, most=60),
    Rule(key="break_minutes", label=_l("A driver’s break in each shift (0: none)"), unit=MINUTES, least=0, most=120),
    Rule(key="withdrawal_days", label=_l("Withdrawal: notice within"), unit=DAYS, least=1, most=365),
    Rule(key="goods_back_days", label=_l("Withdrawal: goods back within"), unit=DAYS, least=1, most=365),
    Rule(key="refund_days", label=_l("Refund within"), unit=DAYS, least=1, most=365),
    Rule(key="defect_days", label=_l("Complaint: after noticing the defect within"), unit=DAYS, least=1, most=365),
    Rule(key="defect_months", label=_l("Complaint: after delivery within"), unit=MONTHS, least=1, most=60),
    Rule(key="grievance_days", label=_l("A grievance is answered within"), unit=DAYS, least=1, most=60),
    Rule(key="deposit_cents", label=_l("Deposit for a green cylinder"), unit=CENTS, least=100, most=10_000),
    Rule(key="orange_buyback_cents", label=_l("An orange cylinder is bought for"), unit=CENTS, least=0, most=10_000),
    Rule(key="household_cylinders", label=_l("Usual quantity of a household"), unit=CYLINDERS, least=1, most=99),
    Rule(key="max_cylinders_per_order", label=_l("At most in one order"), unit=CYLINDERS, least=1, most=99),
    Rule(key="spare_per_type", label=_l("Spare cylinders of each type on a van"), unit=CYLINDERS, least=0, most=20),
    Rule(key="promo_hold_minutes", label=_l("A code is held at checkout for"), unit=MINUTES, least=1, most=120),
    Rule(key="promo_min_left_cents", label=_l("At least left to pay with a code"), unit=CENTS, least=0, most=10_000),
)}


def warnings_now(now: datetime) -> list[str]:
    """What is shorter or longer than the law has it: 14 days for both (X-01, X-02)."""
    statutory = settings.get("statutory_withdrawal_days", now)
    found = []
    if settings.get("withdrawal_days", now) < statutory:
        found.append(_("The law gives buyers at a distance %(days)s days to withdraw; the terms give %(ours)s.",
                       days=statutory, ours=settings.get("withdrawal_days", now)))
    if settings.get("refund_days", now) > statutory:
        found.append(_("The law asks for refunds within %(days)s days; the terms say %(ours)s.",
                       days=statutory, ours=settings.get("refund_days", now)))
    return found


def change(key: str, value: int, *, valid_from: datetime, now: datetime, actor: str) -> None:
    """A rule's new figure from an instant on; what was before stays true for its time.

    InvalidInput for a figure out of bounds, an instant that is over, or a soft promise above the hard one.
    """
    rule = RULES[key]
    if not rule.least <= value <= rule.most:
        raise InvalidInput(_("Choose a number from %(min)s to %(max)s.", min=rule.least, max=rule.most), field="value")
    if valid_from < now:
        raise InvalidInput(_("This day is over. Choose today or later."), field="valid_on")
    promises = {name: settings.get(name, valid_from) for name in ("promise_soft_minutes", "promise_hard_minutes")}
    promises.update({key: value} if key in promises else {})
    if promises["promise_soft_minutes"] > promises["promise_hard_minutes"]:
        raise InvalidInput(_("The first promise cannot be later than the last one."), field="value")
    settings.put(key, value, valid_from=valid_from, set_by=actor)
    audit.record("rule_changed", f"rule:{key}", actor=actor, value=value, valid_from=valid_from.isoformat())
