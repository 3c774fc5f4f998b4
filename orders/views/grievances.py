"""Grievances: the public contact form, the customer's own page, and the named contact's desk (H-168 to H-170)."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from core import calendar, limits, links, settings
from core.audit import current_actor
from core.auth import check_roles, guard, public
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError
from core.http import client_address, no_store
from core.i18n import language
from core.roles import STAFF_ROLES, Role
from orders.cases import grievances as services
from orders.cases.forms import CloseForm, ContactForm, GrievanceForm, OfferForm, ReplyForm
from orders.cases.models import Grievance
from orders.cases.states import GrievanceStatus
from orders.states import Channel

contact_form = Blueprint("contact_form", __name__)
public(contact_form, "a form without anybody's data, counted for each address; a grievance's own link")
grievances = Blueprint("grievances", __name__, url_prefix="/grievances")
guard(grievances, *sorted(STAFF_ROLES))
MOST, WINDOW = 5, timedelta(hours=1)


@contact_form.route("/pritozba", methods=["GET", "POST"])
def file() -> Any:
    """A grievance by anybody; at most five an hour from one address."""
    form = GrievanceForm()
    if not form.is_submitted() or not form.validate() or form.website.data:
        return _form_page(form, "orders/grievances/file.html", 422 if form.is_submitted() else 200)
    address = client_address()
    limits.require_below("grievance", address, limit=MOST, window=WINDOW)
    with unit_of_work():
        limits.record_attempt("grievance", address)
    with unit_of_work():
        grievance_id = _open(form, Channel.WEB, "customer", None).id
    flash(_("We have received your grievance and sent you an acknowledgement by e-mail."), "ok")
    token = links.token_for(services.LINK, grievance_id)
    return redirect(url_for("contact_form.show", token=token), 303)


def _open(form: GrievanceForm, channel: Channel, actor: str, taken_by: int | None) -> Grievance:
    sender = services.Sender(name=form.name.data, email=form.email.data, phone=form.phone.phone, language=language())
    return services.open_grievance(
        sender, form.text.data, order_number=form.order_number.data or "", request_key=form.request_key.data,
        channel=channel, now=utc_now(), actor=actor, taken_by=taken_by)


def _form_page(form: GrievanceForm, template: str, status: int) -> Any:
    return no_store(Response(render_template(template, form=form, days=settings.get("grievance_days")), status=status))


@contact_form.route("/g/<token>", methods=["GET", "POST"])
def show(token: str) -> Any:
    """The customer's own page: what was written, our answer, and what the customer says to it."""
    grievance_id = links.resolve(services.LINK, token, address=client_address())
    form = ReplyForm()
    if not form.is_submitted():
        return _own_page(grievance_id, token, form)
    if not form.validate():
        return _own_page(grievance_id, token, form, 422)
    try:
        with unit_of_work():
            services.answer_offer(grievance_id, accepted=form.answer.data == "yes", text=form.text.data or "",
                                  now=utc_now(), actor="customer")
    except DomainError as error:
        form.answer.errors = [error.message]
        return _own_page(grievance_id, token, form, error.status)
    flash(_("Thank you, your answer is recorded."), "ok")
    return redirect(url_for("contact_form.show", token=token), 303)


def _own_page(grievance_id: int, token: str, form: ReplyForm, status: int = 200) -> Any:
    grievance = services.grievance_by_link(grievance_id)
    page = render_template("orders/grievances/own.html", grievance=grievance, form=form, token=token,
                           contact=services.contact_name(grievance), offered=GrievanceStatus.OFFERED)
    return no_store(Response(page, status=status))


@grievances.get("")
def index() -> Any:
    """What this person may read; everybody else sees that there is nothing for them."""
    page = max(1, request.args.get("page", 1, type=int))
    rows, pages = services.grievances_of(current_user, page=page)
    return no_store(Response(render_template(
        "orders/grievances/index.html", grievances=rows, page=min(page, pages), pages=pages,
        today=calendar.local_date(utc_now()), contacts=_contacts(settings.get("grievance_contact")),
        appoints=current_user.role is Role.ADMINISTRATOR)))


def _contacts(chosen: int | None) -> ContactForm:
    form = ContactForm(formdata=None)
    form.contact.choices = [(user.id, user.name) for user in services.possible_contacts()]
    form.contact.data = chosen
    return form


@grievances.route("/new", methods=["GET", "POST"])
def new() -> Any:
    """A grievance told by phone: whoever takes it does not read it again (H-169)."""
    form = GrievanceForm()
    if not form.is_submitted() or not form.validate():
        return _form_page(form, "orders/grievances/new.html", 422 if form.is_submitted() else 200)
    with unit_of_work():
        number = _open(form, Channel.PHONE, current_actor(), current_user.id).number
    flash(_("Grievance %(number)s is with its contact.", number=number), "ok")
    return redirect(url_for("grievances.index"), 303)


@grievances.get("/<int:grievance_id>")
def read(grievance_id: int) -> Any:
    """One grievance; each reading is written down (H-169, docs/adr/0016)."""
    return _desk_page(grievance_id)


def _desk_page(grievance_id: int, offer: OfferForm | None = None, close: CloseForm | None = None,
               status: int = 200) -> Any:
    with unit_of_work():
        grievance = services.grievance_for(grievance_id, current_user)
        contact_id = grievance.contact_id
    grievance = services.grievance_by_link(grievance_id)
    page = render_template(
        "orders/grievances/case.html", grievance=grievance, today=calendar.local_date(utc_now()),
        contact=services.contact_name(grievance), contacts=_contacts(contact_id),
        appoints=current_user.role is Role.ADMINISTRATOR, offer_form=offer or OfferForm(formdata=None),
        close_form=close or CloseForm(formdata=None))
    return no_store(Response(page, status=status))


@grievances.post("/<int:grievance_id>/offer")
def offer(grievance_id: int) -> Any:
    """Our answer."""
    form = OfferForm()
    if not form.validate():
        return _desk_page(grievance_id, offer=form, status=422)
    with unit_of_work():
        services.grievance_for(grievance_id, current_user)
        services.offer(grievance_id, form.text.data, now=utc_now(), actor=current_actor())
    flash(_("The answer is sent as a link."), "ok")
    return redirect(url_for("grievances.read", grievance_id=grievance_id), 303)


@grievances.post("/<int:grievance_id>/close")
def close(grievance_id: int) -> Any:
    """The end of the procedure."""
    form = CloseForm()
    if not form.validate():
        return _desk_page(grievance_id, close=form, status=422)
    with unit_of_work():
        services.grievance_for(grievance_id, current_user)
        services.close(grievance_id, text=form.text.data, now=utc_now(), actor=current_actor())
    flash(_("The grievance is closed."), "ok")
    return redirect(url_for("grievances.read", grievance_id=grievance_id), 303)


@grievances.post("/contact")
@grievances.post("/<int:grievance_id>/contact")
def appoint(grievance_id: int | None = None) -> Any:
    """The administrator names the contact: of one grievance, or of all to come (H-012)."""
    refusal = check_roles(frozenset({Role.ADMINISTRATOR}))
    if refusal is not None:
        return refusal
    form = ContactForm()
    form.contact.choices = [(user.id, user.name) for user in services.possible_contacts()]
    if form.validate():
        with unit_of_work():
            if grievance_id is None:
                services.appoint_for_all(form.contact.data, now=utc_now(), actor=current_actor())
            else:
                services.appoint(grievance_id, form.contact.data, now=utc_now(), actor=current_actor())
        flash(_("The contact is named."), "ok")
    return redirect(url_for("grievances.index") if grievance_id is None
                    else url_for("grievances.read", grievance_id=grievance_id), 303)
