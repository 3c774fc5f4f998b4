"""Deposit certificates: found, read, and replaced where a paper was lost or the holder is another (H-052, H-093)."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import DataRequired

from billing import queries
from billing.services import replace_certificate
from billing.sheets import certificate_sheet
from billing.states import CertificateStatus
from billing.views.documents import pdf_answer
from core.audit import current_actor
from core.auth import check_roles, guard
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError
from core.forms import BaseForm, TextField
from core.http import no_store
from core.roles import Role

blueprint = Blueprint("certificates", __name__, url_prefix="/finance/certificates")
guard(blueprint, Role.FINANCE, Role.AUDITOR)
blueprint.after_request(no_store)
WRITERS = frozenset({Role.FINANCE, Role.ADMINISTRATOR})


class ReplaceForm(BaseForm):
    """Who holds the new certificate, and why the old one ends."""

    holder = TextField(_l("Holder"), max_length=80, validators=[DataRequired(_l("Write the name."))])
    reason = TextField(_l("Reason"), max_length=60, validators=[DataRequired(_l("Write the reason."))])


@blueprint.get("")
def index() -> Any:
    """Found by number, order or holder."""
    search = request.args.get("search", "").strip()[:80]
    page = max(1, min(request.args.get("page", 1, type=int), 1_000_000))
    return render_template("billing/certificates.html", search=search,
                           found=queries.find_certificates(search, page=page))


@blueprint.get("/<int:certificate_id>")
def show(certificate_id: int) -> Any:
    """One certificate."""
    return _page(certificate_id, None)


@blueprint.get("/<int:certificate_id>.pdf")
def pdf(certificate_id: int) -> Any:
    """One certificate as PDF."""
    return pdf_answer(certificate_sheet(queries.certificate_by_id(certificate_id)))


@blueprint.post("/<int:certificate_id>/replace")
def replace(certificate_id: int) -> Any:
    """The certificate ends, and another over the same amount is issued."""
    refused = check_roles(WRITERS)
    if refused is not None:
        return refused
    form, old = ReplaceForm(), queries.certificate_by_id(certificate_id)
    if not form.validate():
        return _page(certificate_id, form, 422)
    try:
        with unit_of_work():
            new_id = replace_certificate(old.number, form.reason.data, utc_now(), holder_name=form.holder.data,
                                         actor=current_actor()).id
    except DomainError as refusal:
        form.holder.errors = [refusal.message]
        return _page(certificate_id, form, refusal.status)
    flash(_("This certificate replaces the old one."), "ok")
    return redirect(url_for("certificates.show", certificate_id=new_id), 303)


def _page(certificate_id: int, form: ReplaceForm | None, status: int = 200) -> Any:
    found = queries.certificate_by_id(certificate_id)
    if form is None and found.status is CertificateStatus.ISSUED and check_roles(WRITERS) is None:
        form = ReplaceForm(holder=found.holder_name)
    page = render_template(
        "billing/certificate.html", layout="desk.html", sheet=certificate_sheet(found), form=form, found=found,
        pdf_url=url_for("certificates.pdf", certificate_id=certificate_id), back_url=url_for("certificates.index"))
    return Response(page, status=status)
