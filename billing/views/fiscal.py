"""Finance: documents that wait for their unique mark or were refused."""
from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from billing import queries
from billing.fiscal import services
from billing.fiscal.models import FiscalRecord
from billing.fiscal.states import FiscalState
from core import calendar
from core.audit import current_actor
from core.auth import guard
from core.clock import utc_now
from core.db import db, unit_of_work
from core.errors import DomainError
from core.http import no_store
from core.roles import Role

blueprint = Blueprint("fiscal", __name__, url_prefix="/finance/verification")
guard(blueprint, Role.FINANCE)
blueprint.after_request(no_store)


@blueprint.get("")
def index() -> Any:
    """What is not verified yet, the oldest first."""
    return _page()


@blueprint.post("/<int:record_id>/retry")
def retry(record_id: int) -> Any:
    """Send it again now."""
    try:
        with unit_of_work():
            services.retry(record_id, now=utc_now(), actor=current_actor())
    except DomainError as refusal:
        return _page(refusal), refusal.status
    flash(_("It is sent again now."), "ok")
    return redirect(url_for("fiscal.index"), 303)


def _page(refusal: DomainError | None = None) -> Any:
    found = queries.unverified(page=request.args.get("page", 1, type=int))
    confirmed = db.session.scalar(sa.select(sa.func.count(FiscalRecord.id)).where(
        FiscalRecord.state == FiscalState.CONFIRMED))
    return render_template("billing/verification.html", found=found, confirmed=confirmed, refusal=refusal,
                           last_day=services.last_day, days_until=_days_until)


def _days_until(day: date) -> int:
    return calendar.days_left(day, calendar.local_date(utc_now()))
