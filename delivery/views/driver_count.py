"""The driver counts the van at the end of the shift: first the count, then what was expected (PRODUCT U5, H-120)."""
from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for

from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError
from delivery import closing
from delivery.errors import ShiftRuns
from delivery.goods import short_name
from delivery.states import ShiftStatus
from delivery.views import counts
from delivery.views.job_list import blueprint, list_page, shift_of


@blueprint.route("/<token>/count", methods=["GET", "POST"])
def count(token: str) -> Any:
    """Cash, slips, certificates and cylinders; again as often as need be until finance signs."""
    shift_id, now = shift_of(token), utc_now()
    found = closing.closing_of(shift_id)
    if found.shift.status is not ShiftStatus.ENDED:
        return list_page(token, shift_id, now=now, refusal=ShiftRuns(shift_id=shift_id))
    form, refusal, status = counts.count_form(found), None, 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                with unit_of_work():
                    closing.count(shift_id, counts.counted_by_form(found, form), note=form.note.data or "", now=now,
                                  actor=found.shift.driver_ref)
                return redirect(url_for("driver.count", token=token), 303)
            except DomainError as problem:
                refusal, status = problem, problem.status
    page = render_template("delivery/driver_count.html", token=token, found=found, form=form, refusal=refusal,
                           names=counts.count_names(found), short_name=short_name, **counts.words())
    return page, status
