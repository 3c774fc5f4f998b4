"""The rules' figures as settings with an effective date (REQUIREMENTS A7)."""
from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import g
from sqlalchemy.orm import Mapped, mapped_column

from core import calendar
from core.clock import utc_now
from core.db import Base, UtcDateTime, after_commit, db

DEFAULTS: dict[str, Any] = {
    "opening_hours": {**{day: ["07:00", "20:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
                      "sat": ["07:00", "14:00"], "sun": None},
    "closed_on_holidays": True,
    "promise_soft_minutes": 60,  # H-110
    "promise_hard_minutes": 120,  # H-111
    "promise_room_minutes": 30,  # so much room a plan must leave before the hour is promised; else two hours are
    "promise_margin_minutes": 5,  # between the plan's time and the end of two hours
    "agreed_window_minutes": 120,  # H-113
    "agreed_stops_per_van": 6,  # per agreed window, while its shifts are not rostered yet
    "quote_minutes": 5,  # Y-04
    "freeze_minutes": 10,  # Y-05
    "link_days": 60,  # Y-11
    "withdrawal_days": 8,  # H-140, X-01
    "statutory_withdrawal_days": 14,
    "goods_back_days": 30,  # H-142
    "refund_days": 30,  # H-147, X-02
    "defect_days": 8,  # H-160, H-161
    "defect_months": 6,  # H-162
    "deposit_cents": 1000,  # H-051, H-064
    "orange_buyback_cents": 300,  # H-061
    "deposit_by_card_allowed": False,
    "household_cylinders": 5,
    "household_months": 12,
    "max_cylinders_per_order": 5,
    "promo_hold_minutes": 15,  # Y-12
    "promo_min_left_cents": 100,  # W-20, X-10
    "sms_part_price_mills": 80,  # what one part of an SMS costs, in thousandths of a euro
    "promo_attempts": {"per_address": 20, "per_phone": 10, "window_minutes": 15},  # Y-12
    "travel_factor": 1.25,
    "service_seconds": {"base": 240, "per_cylinder": 60, "per_floor_cylinder": 45, "cash": 60, "first_deposit": 120,
                        "pickup": 180, "complaint": 300},
    "break_minutes": 0,  # a driver's rest in each shift; 0: none is planned
    "break_after_minutes": 240,  # from so long after the shift's beginning
    "break_before_minutes": 360,  # it begins by then; a shift that is over earlier has none
    "reload_seconds": 900,  # a van at its depot: empties off, full ones on
    "adr_gas_limit_g": 333_000,
    "spare_per_type": 1,  # H-079
    "card_schemes": ["Mastercard", "Visa", "Karanta", "Diners", "Maestro"],  # H-121
    "company": {"name": "Butan plin, d.d.", "address": "Verovškova 64a", "post": "1000 Ljubljana",
                "registration_number": "5094933000", "vat_number": "SI32952902", "phone": "080 2005",
                "email": "info@butanplin.si", "iban": "", "bic": "", "complaints_contact": ""},  # H-001..H-005, H-012
    "units": [  # H-007, H-090: where cylinders are taken back over the counter; code, name, address, position
        ["seat", "Sedež", "Verovškova ulica", "64a", "1000", "Ljubljana", 46.0794, 14.5012],
        ["ljubljana", "Poslovna enota Ljubljana", "Ljubljana", "", "1000", "Ljubljana", 46.0569, 14.5058],
        ["maribor", "Poslovna enota Maribor", "Maribor", "", "2000", "Maribor", 46.5547, 15.6459],
        ["izola", "Poslovna enota Izola", "Izola", "", "6310", "Izola", 45.5396, 13.6604],
        ["kranj", "Poslovna enota Kranj", "Kranj", "", "4000", "Kranj", 46.2389, 14.3556]],
    "grievance_contact": None,  # H-012: the number of the account whose person handles grievances
    "grievance_days": 8,  # within which a grievance is answered; no figure in the terms
    "invoice_premise": "LJ1",
    "invoice_device": "SP1",
    "fiscal_operators": {},  # X-16; tax number of who issues, by actor ("driver:3"); else the company's
    "fiscal_simulator": "answer",  # X-16; the local stand-in: answer, unreachable or refuse
}


class Setting(Base):
    """One value of a setting from an instant on. Rows are never edited: a new row supersedes."""

    __tablename__ = "settings"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(60), index=True)
    value: Mapped[Any] = mapped_column(sa.JSON, nullable=True)
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[str] = mapped_column(sa.String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


def get(key: str, at: datetime | None = None) -> Any:
    """The value of `key` at an instant (now, if not given). KeyError for a key that does not exist."""
    default = DEFAULTS[key]
    instant = at or utc_now()
    for valid_from, value in reversed(_history().get(key, [])):
        if valid_from <= instant:
            return value
    return default


def _history() -> dict[str, list[tuple[datetime, Any]]]:
    if "settings_history" not in g:
        rows = db.session.execute(sa.select(Setting.key, Setting.valid_from, Setting.value)
                                  .order_by(Setting.valid_from, Setting.id))
        history: dict[str, list[tuple[datetime, Any]]] = {}
        for key, valid_from, value in rows:
            history.setdefault(key, []).append((valid_from, value))
        if "settings_changing" in g:  # what is not committed yet is not kept
            return history
        g.settings_history = history
    found: dict[str, list[tuple[datetime, Any]]] = g.settings_history
    return found


def coming(key: str, after: datetime) -> list[tuple[datetime, Any]]:
    """Values that are entered and hold later, the soonest first."""
    return [(valid_from, value) for valid_from, value in _history().get(key, []) if valid_from > after]


def put(key: str, value: Any, *, valid_from: datetime, set_by: str) -> None:
    """Add a value that holds from `valid_from` on, in the open unit of work."""
    if key not in DEFAULTS:
        raise KeyError(key)
    g.settings_changing = True
    after_commit(lambda: g.pop("settings_changing", None))
    db.session.add(Setting(key=key, value=value, valid_from=valid_from, set_by=set_by, created_at=utc_now()))
    db.session.flush()
    g.pop("settings_history", None)


def opening_hours(at: datetime | None = None) -> calendar.OpeningHours:
    """The opening hours that hold at an instant (X-15)."""
    return calendar.hours_from_setting(get("opening_hours", at), get("closed_on_holidays", at))
