"""Claim, send, record: no message twice, none lost without a word (Y-14)."""
from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from core import clock, tasks
from core.db import db, unit_of_work
from notify import services, worker
from notify.models import OutboxMessage
from notify.states import MessageAction, MessageStatus
from notify.transports import Outcome

A, S = MessageAction, MessageStatus
Queued = Callable[..., OutboxMessage]
Put = Callable[..., object]


def row(key: str = "one") -> OutboxMessage:
    db.session.expire_all()
    return db.session.scalars(sa.select(OutboxMessage).where(OutboxMessage.dedupe_key == key)).one()


def sweep() -> None:
    tasks.run_sweep("notify.outbox")


@pytest.mark.parametrize(("outcome", "status", "code"), [
    (Outcome(action=A.ACCEPT, provider_id="SM1"), S.ACCEPTED, ""),
    (Outcome(action=A.FAIL, error_code="21211"), S.FAILED, "21211"),
    (Outcome(action=A.LOSE, error_code="timeout"), S.UNKNOWN, "timeout"),
    (Outcome(action=A.REFUSE, error_code="20429"), S.QUEUED, "20429"),
])
def test_what_the_transport_says_is_recorded(queued: Queued, transport: Put, now: datetime, outcome: Outcome,
                                             status: MessageStatus, code: str) -> None:
    queued()
    told = transport(outcome)
    sweep()
    assert (row().status, row().error_code, row().attempts, row().lease_until) == (status, code, 1, None)
    assert row().provider_id == outcome.provider_id
    assert len(told.sent) == 1


def test_messages_go_out_in_the_order_in_which_they_were_due(queued: Queued, transport: Put, now: datetime) -> None:
    queued("late", "late", due_at=now - timedelta(seconds=1))
    queued("early", "early", due_at=now - timedelta(seconds=2))
    queued("tomorrow", "tomorrow", due_at=now + timedelta(days=1))
    told = transport()
    sweep()
    assert [message.body for message in told.sent] == ["early", "late"]
    assert row("tomorrow").status is S.QUEUED


def test_no_transaction_is_open_while_sending(queued: Queued, transport: Put, now: datetime) -> None:
    queued()
    told = transport()
    sweep()
    assert told.in_transaction == [False]


def test_a_transport_that_breaks_leaves_the_outcome_unknown(queued: Queued, transport: Put, now: datetime) -> None:
    queued()
    transport(KeyError("x"))
    sweep()
    assert (row().status, row().error_code) == (S.UNKNOWN, "KeyError")


def test_an_unknown_outcome_is_never_resent_by_itself(queued: Queued, transport: Put, now: datetime) -> None:
    queued(status=S.UNKNOWN)
    told = transport()
    clock.advance(timedelta(days=3))
    sweep()
    assert told.sent == []
    assert row().status is S.UNKNOWN


def test_an_expired_claim_becomes_unknown_and_is_not_sent_again(queued: Queued, transport: Put, now: datetime) -> None:
    queued(status=S.SENDING, attempts=1, lease_until=now + worker.LEASE)
    told = transport()
    sweep()
    assert row().status is S.SENDING
    clock.advance(worker.LEASE + timedelta(seconds=1))
    sweep()
    assert (row().status, row().error_code) == (S.UNKNOWN, "worker_lost")
    assert told.sent == []


def test_a_late_answer_still_resolves_the_attempt_it_belongs_to(queued: Queued, transport: Put, now: datetime) -> None:
    queued()
    message = worker.claim_next()
    assert message is not None
    clock.advance(worker.LEASE + timedelta(seconds=1))
    assert worker.flag_expired() == 1
    worker.record(message, Outcome(action=A.ACCEPT, provider_id="SM1"))
    assert (row().status, row().provider_id) == (S.ACCEPTED, "SM1")


def test_a_late_answer_of_an_earlier_attempt_changes_nothing(queued: Queued, transport: Put, now: datetime) -> None:
    queued()
    first = worker.claim_next()
    assert first is not None
    clock.advance(worker.LEASE + timedelta(seconds=1))
    worker.flag_expired()
    with unit_of_work():
        services.resolve_unknown(first.id, resend=True, actor="staff:1")
    second = worker.claim_next()
    assert second is not None
    assert second.attempts == 2
    worker.record(first, Outcome(action=A.FAIL, error_code="21211"))
    assert (row().status, row().error_code) == (S.SENDING, "")


def test_a_callback_that_came_first_is_not_overwritten(queued: Queued, transport: Put, now: datetime) -> None:
    queued()
    message = worker.claim_next()
    assert message is not None
    with unit_of_work():
        services.note_callback(message_id=message.id, provider_id="SM1", action=A.DELIVER)
    worker.record(message, Outcome(action=A.ACCEPT, provider_id="SM1"))
    assert row().status is S.DELIVERED


def test_a_refused_message_waits_twice_as_long_each_time_and_fails_in_the_end(
        queued: Queued, transport: Put, now: datetime) -> None:
    queued()
    transport(*[Outcome(action=A.REFUSE, error_code="20429")] * worker.MOST_ATTEMPTS)
    waits = []
    for _ in range(worker.MOST_ATTEMPTS - 1):
        sweep()
        assert row().status is S.QUEUED
        wait = row().due_at - clock.utc_now()
        waits.append(wait.total_seconds())
        clock.advance(wait)
    sweep()
    assert waits == [5, 10, 20, 40, 80, 160, 320]
    assert (row().status, row().error_code, row().attempts) == (S.FAILED, "20429", 8)
    assert worker.wait_after(30) == timedelta(minutes=10)


def test_a_refused_message_is_not_tried_before_its_time(queued: Queued, transport: Put, now: datetime) -> None:
    queued()
    told = transport(Outcome(action=A.REFUSE))
    sweep()
    clock.advance(timedelta(seconds=4))
    sweep()
    assert len(told.sent) == 1
    clock.advance(timedelta(seconds=1))
    sweep()
    assert len(told.sent) == 2
    assert row().status is S.ACCEPTED


def test_a_sweep_stops_after_a_batch(queued: Queued, transport: Put, now: datetime,
                                     monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "BATCH", 2)
    for number in range(3):
        queued(f"key-{number}")
    told = transport()
    sweep()
    assert len(told.sent) == 2
    sweep()
    assert len(told.sent) == 3


def test_two_workers_never_send_the_same_message(app: Flask, queued: Queued, transport: Put) -> None:
    for number in range(12):
        queued(f"key-{number}", f"text {number}")
    told = transport()
    db.session.remove()
    start = threading.Barrier(4)

    def work() -> None:
        with app.app_context():
            start.wait()
            worker.send_due()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(message.body for message in told.sent) == sorted(f"text {number}" for number in range(12))
    assert set(db.session.scalars(sa.select(OutboxMessage.status))) == {S.ACCEPTED}
