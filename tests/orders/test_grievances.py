"""Grievances: confidential, with a named contact, the offer and the answer (H-168 to H-170)."""
from __future__ import annotations

from datetime import date, datetime

import pytest
import sqlalchemy as sa

from core.audit import AuditEntry
from core.db import db, unit_of_work
from core.roles import Role
from orders.cases import grievances
from orders.cases.errors import UnknownGrievance, WrongGrievanceState
from orders.cases.grievances import Sender, grievance_for, grievances_of, open_grievance
from orders.cases.models import Grievance
from orders.cases.states import GrievanceStatus
from orders.states import Channel
from tests.factories import make_staff
from tests.orders.cases import sent
from tests.orders.fakes import FakePromises
from tests.orders.snapshots import everything

SECRET = "Voznik je bil nesramen do moje mame."


def complain_of(now: datetime, key: str = "grievance-0001") -> Grievance:
    with unit_of_work():
        return open_grievance(Sender(name="Ana Kovač", email="ana@example.si"), SECRET, order_number="2026-000001",
                              request_key=key, channel=Channel.WEB, now=now, actor="customer")


def test_a_grievance_is_read_by_its_named_contact_and_the_administrator_only(plan: FakePromises,
                                                                          now: datetime) -> None:
    """H-012, H-169: each reading is audited; for everybody else there is no such grievance."""
    contact, other, admin = make_staff(Role.AGENT), make_staff(Role.FINANCE), make_staff(Role.ADMINISTRATOR)
    unnamed = complain_of(now, "grievance-0000")
    with unit_of_work():
        grievances.appoint_for_all(contact.id, now=now, actor=f"staff:{admin.id}")
    grievance = complain_of(now)
    assert (grievance.number, grievance.contact_id, grievance.answer_by_on) == (
        "PR-2026-000002", contact.id, date(2026, 12, 1))
    assert complain_of(now).id == grievance.id
    for user in (contact, admin):
        with unit_of_work():
            assert grievance_for(grievance.id, user).text == SECRET
    for user, number in ((other, grievance.id), (contact, unnamed.id)):
        with pytest.raises(UnknownGrievance), unit_of_work():
            grievance_for(number, user)
    reads = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "grievance_read")
                              .order_by(AuditEntry.id)).all()
    assert [(entry.actor, entry.ref) for entry in reads] == [
        (f"staff:{contact.id}", grievance.ref), (f"staff:{admin.id}", grievance.ref)]
    assert [list(grievances_of(user)[0]) for user in (contact, other)] == [[grievance], []]
    assert len(grievances_of(admin)[0]) == 2


def test_the_offer_and_the_answer_are_recorded_and_no_message_carries_them(plan: FakePromises,
                                                                         now: datetime) -> None:
    """H-169, H-170."""
    grievance = complain_of(now)
    with unit_of_work():
        grievances.offer(grievance.id, "Opravičilo in 10 EUR.", now=now, actor="staff:9")
    with unit_of_work():
        grievances.answer_offer(grievance.id, accepted=False, text="Premalo.", now=now, actor="customer")
    assert (grievance.status, grievance.offer, grievance.answer) == (
        GrievanceStatus.DECLINED, "Opravičilo in 10 EUR.", "Premalo.")
    with unit_of_work():
        grievances.offer(grievance.id, "Opravičilo in 20 EUR.", now=now, actor="staff:9")
        grievances.answer_offer(grievance.id, accepted=True, text="", now=now, actor="customer")
        grievances.close(grievance.id, text="Dogovorjeno.", now=now, actor="staff:9")
    assert (grievance.status, grievance.closed_at) == (GrievanceStatus.CLOSED, now)
    assert [event.what for event in grievance.events] == [
        "received", "offer", "decline", "offer", "accept", "close"]
    told = [row for name in ("grievance_received", "grievance_offer", "grievance_closed") for row in sent(name)]
    assert len(told) >= 3
    assert not any(word in row.body for row in told for word in (SECRET, "EUR", "Premalo"))
    before = everything()
    with pytest.raises(WrongGrievanceState), unit_of_work():
        grievances.offer(grievance.id, "Še ena.", now=now, actor="staff:9")
    assert everything() == before
