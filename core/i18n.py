"""Languages and the one set of formats: 26. 11. 2026, 14.20, 24,90 EUR."""
from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Flask, has_request_context, request, session
from flask_babel import Babel, force_locale, format_date, get_locale
from flask_babel import gettext as _
from flask_login import current_user

from core import calendar
from core.clock import utc_now
from core.money import format_eur
from core.phone import display_phone

LANGUAGES = ("sl", "en")
babel = Babel()
in_language = force_locale


def select_language() -> str:
    """The visitor's choice by `?lang=`, kept in the session; else the signed-in person's; else Slovene."""
    if not has_request_context():
        return "sl"
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        if session.get("lang") != asked:
            session["lang"] = asked
        return str(asked)
    if session.get("lang") in LANGUAGES:
        return str(session["lang"])
    return getattr(current_user, "language", None) or "sl"


def language() -> str:
    """The present language code, `sl` or `en`."""
    locale = get_locale()
    return str(locale.language) if locale else "sl"


def show_date(value: date | datetime) -> str:
    """`26. 11. 2026`; instants by Ljubljana's calendar."""
    day = calendar.local_date(value) if isinstance(value, datetime) else value
    return f"{day.day}. {day.month}. {day.year}"


def show_time(value: datetime) -> str:
    """`14.20` by Ljubljana's clocks."""
    at = calendar.local(value)
    return f"{at.hour}.{at.minute:02d}"


def show_instant(value: datetime) -> str:
    """`26. 11. 2026, 14.20`."""
    return f"{show_date(value)}, {show_time(value)}"


def show_day(value: date | datetime, *, now: datetime | None = None) -> str:
    """`today`, `tomorrow` or weekday with date, in the present language."""
    day = calendar.local_date(value) if isinstance(value, datetime) else value
    distance = (day - calendar.local_date(now or utc_now())).days
    if distance == 0:
        return _("today")
    if distance == 1:
        return _("tomorrow")
    return f"{format_date(day, 'EEEE')}, {show_date(day)}"


def show_until(value: datetime, *, now: datetime | None = None) -> str:
    """A promise in words: `today by 14.20` (danes do 14.20)."""
    return _("%(day)s by %(time)s", day=show_day(value, now=now), time=show_time(value))


def show_window(start: datetime, end: datetime, *, now: datetime | None = None) -> str:
    """`today 13.30–13.50`."""
    return f"{show_day(start, now=now)} {show_time(start)}–{show_time(end)}"


def show_km(metres: int) -> str:
    """`12,4 km`."""
    return f"{metres / 1000:.1f}".replace(".", ",") + "\u00a0km"


def init_app(app: Flask) -> None:
    """Install the languages and the template filters eur, date, time, instant, day, until, phone, km."""
    babel.init_app(app, locale_selector=select_language)
    filters: dict[str, Any] = {"eur": format_eur, "date": show_date, "time": show_time, "instant": show_instant,
                               "day": show_day, "until": show_until, "phone": display_phone, "km": show_km}
    app.jinja_env.filters.update(filters)
    app.jinja_env.globals.update(language=language, languages=LANGUAGES, show_window=show_window)
