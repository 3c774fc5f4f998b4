"""Deposit certificates: number, amount, exactly one end (H-052, H-065, H-093, X-08)."""
from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from billing import queries, services
from billing.errors import CertificateEnded, UnknownCertificate
from billing.models import DepositCertificate
from billing.states import TRANSITIONS, CertificateAction, CertificateStatus
from core.db import unit_of_work

S, A = CertificateStatus, CertificateAction
ACTS: dict[CertificateAction, Callable[..., DepositCertificate]] = {
    A.PAY_OUT: services.pay_out_certificate, A.KEEP: services.keep_certificate,
    A.REPLACE: services.replace_certificate}


def issue(now: datetime, count: int = 1, **changes: Any) -> list[str]:
    values: dict[str, Any] = {"amount_cents": 1000, "order_ref": "order:1", "order_number": "2026-000123",
                              "customer_id": None, "holder_name": "Mojca Žagar", **changes}
    with unit_of_work():
        return [one.number for one in services.issue_certificates(count=count, now=now, **values)]


def end(action: CertificateAction, number: str, now: datetime) -> str:
    with unit_of_work():
        return ACTS[action](number, "case:7", now, actor="driver:3").number


def test_each_cylinder_has_a_certificate_of_its_own(app: Flask, now: datetime) -> None:
    assert issue(now, 2) == ["KP-2026-000001", "KP-2026-000002"]
    assert issue(now, 0) == []
    assert [(one.number, one.amount_cents, one.status, one.holder_name, one.issued_at, one.ended_at)
            for one in queries.certificates_of("order:1")] == [
        ("KP-2026-000001", 1000, S.ISSUED, "Mojca Žagar", now, None),
        ("KP-2026-000002", 1000, S.ISSUED, "Mojca Žagar", now, None)]


def test_numbers_begin_again_with_ljubljanas_year(app: Flask, now: datetime) -> None:
    issue(now)
    assert issue(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == ["KP-2027-000001"]
    assert issue(now) == ["KP-2026-000002"]


def test_a_pay_out_is_worth_the_amount_written_on_it(app: Flask, now: datetime) -> None:
    """H-093, X-08: an older certificate carries another amount."""
    [number] = issue(now, amount_cents=834)
    with unit_of_work():
        paid = services.pay_out_certificate("kp-2026-000001 ", "case:7", now)
        assert paid.amount_cents == 834
    ended = queries.certificate_by_number(number)
    assert (ended.status, ended.ended_at, ended.ended_ref) == (S.PAID_OUT, now, "case:7")


@pytest.mark.parametrize("action", list(A))
@pytest.mark.parametrize("status", list(S))
def test_every_state_and_every_end(app: Flask, now: datetime, status: CertificateStatus,
                                   action: CertificateAction) -> None:
    """Only an issued certificate can end, and it ends once; a refusal changes nothing."""
    [number] = issue(now)
    leads = {S.PAID_OUT: A.PAY_OUT, S.KEPT: A.KEEP, S.REPLACED: A.REPLACE}
    if status in leads:
        end(leads[status], number, now)
    issued_before = len(queries.certificates_of("order:1"))
    if (status, action) in TRANSITIONS:
        end(action, number, now)
        assert queries.certificate_by_number(number).status is TRANSITIONS[status, action]
        return
    with pytest.raises(CertificateEnded):
        end(action, number, now)
    assert queries.certificate_by_number(number).status is status
    assert len(queries.certificates_of("order:1")) == issued_before


def test_a_replacement_carries_the_same_amount_and_the_old_one_names_it(app: Flask, now: datetime) -> None:
    [old] = issue(now, amount_cents=834)
    with unit_of_work():
        new = services.replace_certificate(old, "staff:1", now, holder_name="Luka Žagar").number
    fresh, ended = queries.certificate_by_number(new), queries.certificate_by_number(old)
    assert (new, fresh.amount_cents, fresh.holder_name, fresh.status) == ("KP-2026-000002", 834, "Luka Žagar", S.ISSUED)
    assert (ended.status, ended.replaced_by_id) == (S.REPLACED, fresh.id)


def test_an_unknown_number_is_refused(app: Flask, now: datetime) -> None:
    issue(now)
    with pytest.raises(UnknownCertificate):
        end(A.PAY_OUT, "KP-2026-000002", now)
    assert queries.certificate_by_number("KP-2026-000001").status is S.ISSUED


@pytest.mark.parametrize(("text", "hits"), [("", 2), ("000002", 1), ("zagar", 1), ("2026-000123", 2), ("%", 0)])
def test_certificates_are_found_by_number_order_or_holder(app: Flask, now: datetime, text: str, hits: int) -> None:
    issue(now)
    issue(now, holder_name="Peter Kos")
    assert queries.find_certificates(text).total == hits
