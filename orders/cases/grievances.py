"""Grievances (pritozba, H-168 to H-170): confidential, with a named contact, the offer and the answer."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from accounts.models import StaffUser
from core import audit, calendar, links, settings
from core.db import changed_rows, db
from core.http import public_url
from core.i18n import in_language, show_date, show_instant
from core.phone import Phone
from core.roles import Role
from notify.services import queue_email
from orders.cases.errors import UnknownGrievance, WrongGrievanceState
from orders.cases.models import Grievance, GrievanceEvent
from orders.cases.states import TRANSITIONS, GrievanceAction, GrievanceStatus
from orders.numbers import next_number
from orders.states import Channel

SERIES = "PR"
LINK = "grievance"


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who complains, and how to answer."""

    name: str
    email: str
    phone: Phone | None = None
    language: str = "sl"


def open_grievance(sender: Sender, text: str, *, order_number: str, request_key: str, channel: Channel, now: datetime,
                   actor: str, taken_by: int | None = None) -> Grievance:
    """Take a grievance in; the same request_key again returns the first. Acknowledged by e-mail with a link."""
    first = db.session.scalar(sa.select(Grievance).where(Grievance.request_key == request_key))
    if first is not None:
        return first
    grievance = Grievance(
        number=next_number(SERIES, now), request_key=request_key, status=GrievanceStatus.RECEIVED, channel=channel,
        received_at=now, language=sender.language, taken_by=taken_by, contact_id=settings.get("grievance_contact", now),
        answer_by_on=calendar.company_deadline(calendar.local_date(now), settings.get("grievance_days", now)),
        name=sender.name, email=sender.email, phone_e164=sender.phone.e164 if sender.phone else "",
        order_number=order_number[:20], text=text[:4000])
    db.session.add(grievance)
    db.session.flush()
    _note(grievance, "received", now=now, actor=actor)
    links.issue(LINK, grievance.id, now + timedelta(days=settings.get("link_days", now)))
    _tell(grievance, "grievance_received", now=now)
    return grievance


def may_read(grievance: Grievance, user: StaffUser) -> bool:
    """H-169: the named contact and the administrator, nobody else."""
    return user.role is Role.ADMINISTRATOR or (grievance.contact_id is not None and grievance.contact_id == user.id)


def grievance_for(grievance_id: int, user: StaffUser) -> Grievance:
    """The grievance as this person may read it, the reading audited, in the open unit of work (H-169).

    UnknownGrievance for everybody else: that there is one is confidential too.
    """
    grievance = db.session.get(Grievance, grievance_id)
    if grievance is None or not may_read(grievance, user):
        raise UnknownGrievance(grievance_id=grievance_id, user_id=user.id)
    audit.record("grievance_read", grievance.ref, actor=f"staff:{user.id}")
    return grievance


def grievances_of(user: StaffUser, *, page: int = 1, size: int = 25) -> tuple[Sequence[Grievance], int]:
    """One page of what this person may read, open ones first by their last day, and the number of pages."""
    wanted = sa.select(Grievance)
    if user.role is not Role.ADMINISTRATOR:
        wanted = wanted.where(Grievance.contact_id == user.id)
    count = db.session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
    rows = db.session.scalars(wanted.order_by(Grievance.closed_at.is_not(None), Grievance.answer_by_on, Grievance.id)
                              .limit(size).offset((max(1, page) - 1) * size)).all()
    return rows, max(1, -(-count // size))


def appoint(grievance_id: int, contact_id: int, *, now: datetime, actor: str) -> Grievance:
    """The administrator names the contact of one grievance (H-012, H-169); audited."""
    grievance = db.session.get(Grievance, grievance_id)
    if grievance is None or contact_id not in {user.id for user in possible_contacts()}:
        raise UnknownGrievance(grievance_id=grievance_id)
    grievance.contact_id = contact_id
    _note(grievance, "appointed", now=now, actor=actor, text=f"staff:{contact_id}")
    audit.record("grievance_contact", grievance.ref, actor=actor, contact_id=contact_id)
    return grievance


def appoint_for_all(contact_id: int, *, now: datetime, actor: str) -> None:
    """The contact of every grievance that comes in from now on (H-012); audited."""
    if contact_id not in {user.id for user in possible_contacts()}:
        raise UnknownGrievance(contact_id=contact_id)
    settings.put("grievance_contact", contact_id, valid_from=now, set_by=actor)
    audit.record("grievance_contact", "setting:grievance_contact", actor=actor, contact_id=contact_id)


def possible_contacts() -> Sequence[StaffUser]:
    """Active staff, by name."""
    return db.session.scalars(sa.select(StaffUser).where(StaffUser.active, StaffUser.role != Role.CUSTOMER)
                              .order_by(StaffUser.name)).all()


def offer(grievance_id: int, text: str, *, now: datetime, actor: str) -> Grievance:
    """Our answer and what we offer (H-170); the customer is sent the link, never the text."""
    grievance = _move(grievance_id, GrievanceAction.OFFER, text=text, now=now, actor=actor, offer=text[:4000],
                      offered_at=now, answer="", answered_at=None)
    _tell(grievance, "grievance_offer", now=now)
    return grievance


def answer_offer(grievance_id: int, *, accepted: bool, text: str, now: datetime, actor: str) -> Grievance:
    """What the customer says to the offer."""
    action = GrievanceAction.ACCEPT if accepted else GrievanceAction.DECLINE
    return _move(grievance_id, action, text=text, now=now, actor=actor, answer=text[:4000], answered_at=now)


def close(grievance_id: int, *, text: str, now: datetime, actor: str) -> Grievance:
    """The end of the procedure, with what was settled."""
    grievance = _move(grievance_id, GrievanceAction.CLOSE, text=text, now=now, actor=actor, closed_at=now)
    _tell(grievance, "grievance_closed", now=now)
    return grievance


def grievance_by_link(grievance_id: int) -> Grievance:
    """The grievance behind the customer's own link."""
    grievance = db.session.get(Grievance, grievance_id)
    if grievance is None:
        raise UnknownGrievance(grievance_id=grievance_id)
    return grievance


def _move(grievance_id: int, action: GrievanceAction, *, text: str, now: datetime, actor: str,
          **values: Any) -> Grievance:
    before = grievance_by_link(grievance_id).status
    after = TRANSITIONS.get((before, action))
    guarded = sa.update(Grievance).where(Grievance.id == grievance_id, Grievance.status == before)
    if after is None or changed_rows(guarded.values(status=after, **values)) != 1:
        raise WrongGrievanceState(grievance_id=grievance_id, status=before.value, action=action.value)
    grievance = grievance_by_link(grievance_id)
    _note(grievance, action.value, now=now, actor=actor, text=text)
    audit.record(f"grievance_{action.value}", grievance.ref, actor=actor)
    return grievance


def _note(grievance: Grievance, what: str, *, now: datetime, actor: str, text: str = "") -> None:
    db.session.add(GrievanceEvent(grievance_id=grievance.id, at=now, actor=actor, what=what, text=text[:4000]))
    db.session.flush()


def contact_name(grievance: Grievance) -> str:
    """The named contact, for the customer (H-012)."""
    contact = db.session.get(StaffUser, grievance.contact_id) if grievance.contact_id else None
    return contact.name if contact else ""


def _tell(grievance: Grievance, template: str, *, now: datetime) -> None:
    """By e-mail only, with a link instead of anything confidential."""
    token = links.token_for(LINK, grievance.id)
    if token is None:
        token = links.issue(LINK, grievance.id, now + timedelta(days=settings.get("link_days", now)))
    with in_language(grievance.language):
        context = {
            "number": grievance.number, "received": show_instant(grievance.received_at),
            "answer_by": show_date(grievance.answer_by_on), "contact": contact_name(grievance),
            "link": public_url(f"/g/{token}"), "company_phone": settings.get("company")["phone"]}
    queue_email(to=grievance.email, template=template, context=context, language=grievance.language,
                dedupe_key=f"email:{template}:{grievance.id}:{len(grievance.events)}:{now.isoformat()}",
                ref=grievance.ref)
