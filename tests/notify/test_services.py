"""Queuing: rows of the caller's own transaction."""
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from core import signals, tasks
from core.audit import AuditEntry
from core.db import db, unit_of_work
from notify import queries, services
from notify.errors import NotUnknown
from notify.models import InboundSms, OutboxMessage
from notify.states import Medium, MessageAction, MessageStatus


def messages() -> list[OutboxMessage]:
    return list(db.session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id)))


def hello(now: datetime, language: str = "sl", key: str = "hello:1") -> None:
    services.queue_sms(to_e164="+38641123456", template="tests_hello", dedupe_key=key, ref="order:1",
                       context={"name": "Žan", "at": now + timedelta(hours=2), "amount": 2490}, language=language)


@pytest.mark.usefixtures("templates")
def test_an_sms_is_a_folded_row_of_the_open_unit_of_work(app: Flask, now: datetime) -> None:
    with unit_of_work():
        hello(now, "en")
    (row,) = messages()
    assert (row.medium, row.recipient, row.status, row.ref) == (
        Medium.SMS, "+38641123456", MessageStatus.QUEUED, "order:1")
    assert row.body == "Hello Zan, we come today by 14.00. 24,90 EUR"
    assert (row.queued_at, row.due_at, row.attempts, row.subject) == (now, now, 0, "")


@pytest.mark.usefixtures("templates")
def test_a_message_rolls_back_with_what_it_tells_about(app: Flask, now: datetime) -> None:
    def broken() -> None:
        with unit_of_work():
            hello(now)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert messages() == []


@pytest.mark.usefixtures("templates")
def test_the_same_key_twice_is_one_message_within_and_across_transactions(app: Flask, now: datetime) -> None:
    with unit_of_work():
        hello(now)
        hello(now)
    with unit_of_work():
        hello(now, "en")
    assert [(row.dedupe_key, row.language) for row in messages()] == [("hello:1", "sl")]


@pytest.mark.usefixtures("templates")
def test_outside_a_unit_of_work_nothing_can_be_queued(app: Flask, now: datetime) -> None:
    with pytest.raises(RuntimeError):
        hello(now)
    assert messages() == []


@pytest.mark.usefixtures("templates")
def test_an_email_has_the_subject_of_its_first_line_and_keeps_its_letters(app: Flask, now: datetime) -> None:
    with unit_of_work():
        services.queue_email(to="ana@example.si", template="tests_letter", context={"name": "Č-7"},
                             dedupe_key="letter:1", ref="order:7")
    (row,) = messages()
    assert (row.medium, row.recipient, row.subject, row.body) == (
        Medium.EMAIL, "ana@example.si", "Naročilo Č-7", "Spoštovani,\nhvala.\n")


@pytest.mark.usefixtures("templates")
def test_an_email_without_a_subject_line_is_a_bug(app: Flask) -> None:
    with pytest.raises(ValueError), unit_of_work():
        services.queue_email(to="ana@example.si", template="tests_headless", context={}, dedupe_key="x", ref="order:1")
    assert messages() == []


@pytest.mark.usefixtures("templates")
@pytest.mark.parametrize("text", ["", " \n ", "a" * 1601])
def test_a_text_that_no_sms_can_carry_is_a_bug(app: Flask, text: str) -> None:
    with pytest.raises(ValueError), unit_of_work():
        services.queue_sms(to_e164="+38641123456", template="tests_plain", context={"text": text}, dedupe_key="x",
                           ref="order:1")
    assert messages() == []


@pytest.mark.usefixtures("templates")
def test_the_worker_is_asked_after_the_commit_only(app: Flask, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(services, "kick", asked.append)
    with unit_of_work():
        hello(now)
        assert asked == []
    assert asked == ["notify.outbox"]
    assert tasks.sweeps()["notify.outbox"].every_s == 2


def test_a_callback_moves_a_message_forward_only(queued: Callable[..., OutboxMessage]) -> None:
    message_id = queued(status=MessageStatus.ACCEPTED, provider_id="SM1").id

    def word(action: MessageAction) -> bool:
        with unit_of_work():
            return services.note_callback(message_id=None, provider_id="SM1", action=action)

    assert word(MessageAction.ACCEPT) is False
    assert word(MessageAction.DELIVER) is True
    assert word(MessageAction.FAIL) is False
    assert db.session.get_one(OutboxMessage, message_id).status is MessageStatus.DELIVERED


def test_a_callback_that_overtakes_the_worker_finds_its_message_by_our_number(
        queued: Callable[..., OutboxMessage]) -> None:
    message_id = queued(status=MessageStatus.SENDING, attempts=1).id
    with unit_of_work():
        assert services.note_callback(message_id=message_id, provider_id="SM9", action=MessageAction.DELIVER)
    row = db.session.get_one(OutboxMessage, message_id)
    assert (row.status, row.provider_id) == (MessageStatus.DELIVERED, "SM9")


def test_a_callback_resolves_an_unknown_outcome(queued: Callable[..., OutboxMessage]) -> None:
    message_id = queued(status=MessageStatus.UNKNOWN, attempts=1).id
    with unit_of_work():
        assert services.note_callback(message_id=message_id, provider_id="SM9", action=MessageAction.ACCEPT)
    assert db.session.get_one(OutboxMessage, message_id).status is MessageStatus.ACCEPTED


def test_our_number_with_another_provider_number_moves_nothing(queued: Callable[..., OutboxMessage]) -> None:
    message_id = queued(status=MessageStatus.ACCEPTED, provider_id="SM1").id
    with unit_of_work():
        assert not services.note_callback(message_id=message_id, provider_id="SM2", action=MessageAction.DELIVER)
    row = db.session.get_one(OutboxMessage, message_id)
    assert (row.status, row.provider_id) == (MessageStatus.ACCEPTED, "SM1")


@pytest.mark.parametrize(("resend", "status"), [(True, MessageStatus.QUEUED), (False, MessageStatus.ACCEPTED)])
def test_a_person_decides_about_an_unknown_outcome(queued: Callable[..., OutboxMessage], resend: bool,
                                                   status: MessageStatus) -> None:
    message_id = queued(status=MessageStatus.UNKNOWN).id
    with unit_of_work():
        services.resolve_unknown(message_id, resend=resend, actor="staff:1")
    assert db.session.get_one(OutboxMessage, message_id).status is status
    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert (entry.action, entry.ref, entry.actor) == (
        "message_resent" if resend else "message_taken_as_sent", f"message:{message_id}", "staff:1")


@pytest.mark.parametrize("status", [status for status in MessageStatus if status is not MessageStatus.UNKNOWN])
def test_nothing_else_is_decided_about_by_a_person(queued: Callable[..., OutboxMessage], status: MessageStatus) -> None:
    message_id = queued(status=status).id
    with pytest.raises(NotUnknown), unit_of_work():
        services.resolve_unknown(message_id, resend=True, actor="staff:1")
    assert db.session.get_one(OutboxMessage, message_id).status is status
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == 0


def test_an_incoming_sms_is_stored_once_and_told_once(app: Flask) -> None:
    told: list[int] = []

    def hear(_sender: Any, inbound_id: int) -> None:
        told.append(inbound_id)

    with signals.sms_received.connected_to(hear):
        for _ in range(2):
            with unit_of_work():
                services.receive_sms(provider_id="SM5", sender="+38641123456", recipient="+38640000000",
                                     body="2 OK\x00")
    row = db.session.scalars(sa.select(InboundSms)).one()
    assert (row.sender, row.body) == ("+38641123456", "2 OK")
    assert told == [row.id]


def test_troubled_messages_and_those_about_a_thing_are_found(queued: Callable[..., OutboxMessage]) -> None:
    queued("a", status=MessageStatus.FAILED)
    queued("b", status=MessageStatus.UNKNOWN)
    queued("c", status=MessageStatus.DELIVERED)
    assert [row.dedupe_key for row in queries.troubled()] == ["b", "a"]
    assert [row.dedupe_key for row in queries.messages_about("order:1")] == ["c", "b", "a"]
    assert queries.messages_about("order:2") == []
