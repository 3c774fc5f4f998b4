"""A customer's yes or no to offers by SMS, asked on the phone by an agent or at the counter (K-23, Y-09)."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from accounts.models import ConsentKind, Customer
from accounts.queries import consents_of, has_consent
from accounts.services import record_consent
from core.audit import current_actor
from core.auth import guard
from core.db import db, unit_of_work
from core.errors import NotFound
from core.http import no_store
from core.phone import PhoneKind
from core.roles import Role

blueprint = Blueprint("promo_consents", __name__, url_prefix="/promos/offers")
guard(blueprint, Role.AGENT, Role.MARKETING)
blueprint.after_request(no_store)


def _customer(customer_id: int) -> Customer:
    found = db.session.get(Customer, customer_id)
    if found is None:
        raise NotFound(_("There is no such customer."))
    return found


@blueprint.get("/<int:customer_id>")
def show(customer_id: int) -> str:
    """What the customer said so far, and the question."""
    customer = _customer(customer_id)
    said = [consent for consent in consents_of(customer_id) if consent.kind is ConsentKind.MARKETING_SMS]
    return render_template("promos/consent.html", customer=customer, said=said,
                           agreed=has_consent(customer_id, ConsentKind.MARKETING_SMS),
                           mobile=customer.phone_kind is PhoneKind.MOBILE)


@blueprint.post("/<int:customer_id>")
def answer(customer_id: int) -> Any:
    """Note a yes or a no; the same answer again changes nothing."""
    _customer(customer_id)
    given = request.form.get("answer")
    if given not in ("yes", "no"):
        abort(400)
    with unit_of_work():
        if has_consent(customer_id, ConsentKind.MARKETING_SMS) != (given == "yes"):
            record_consent(customer_id=customer_id, ref=f"customer:{customer_id}", kind=ConsentKind.MARKETING_SMS,
                           given=given == "yes", channel="phone", actor=current_actor())
    flash(_("The answer is noted."), "ok")
    return redirect(url_for("promo_consents.show", customer_id=customer_id), 303)
