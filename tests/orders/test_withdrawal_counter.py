"""Return without a swap over the counter, its evidence, and goodwill (D11, H-090 to H-097, X-20)."""
from __future__ import annotations

import io
from datetime import date, datetime

import pytest
from PIL import Image

from core.audit import AuditEntry
from core.db import db, unit_of_work
from core.phone import parse_phone
from orders.errors import TotalChanged
from orders.returns.collecting import CaseDoor
from orders.returns.counter import return_at_counter
from orders.returns.errors import NoGoodwill, WrongPhoto
from orders.returns.evidence import photos_of, read_photo
from orders.returns.goodwill import pay_goodwill, suspended_cents
from orders.returns.models import ReturnCase
from orders.returns.rules import CylinderCheck
from orders.returns.states import CaseStatus
from orders.states import ExchangeKind as E
from orders.units import units
from tests.factories import make_delivered_order, one
from tests.orders.cases import ledger, moved_since, sent
from tests.orders.fakes import FakePromises
from tests.orders.snapshots import everything


def a_picture(kind: str = "PNG", size: tuple[int, int] = (3200, 1600)) -> bytes:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Camera of a clerk"
    Image.new("RGB", size, "#0b6b3a").save(file, kind, exif=exif)
    return file.getvalue()


def hand_in(cash: int, *cylinders: CylinderCheck, key: str = "counter-000001") -> ReturnCase:
    with unit_of_work():
        return return_at_counter(
            "Ana Kovač", parse_phone("031 222 333"), CaseDoor(shown_total_cents=cash, cylinders=cylinders),
            units()["izola"], request_key=key, email="ana@example.si", photo=read_photo(a_picture()),
            now=datetime.fromisoformat("2026-11-23T11:00:00+00:00"), actor="staff:7")


def test_a_unit_pays_the_certificates_amount_or_10_eur_and_keeps_the_evidence(plan: FakePromises,
                                                                            now: datetime) -> None:
    """H-007, H-090, H-093, H-094, X-08: photo, stamp date, who and when; the unit's cash and stock."""
    make_delivered_order(lines=one(E.K))
    books = ledger()
    case = hand_in(2000, CylinderCheck(certificate="kp-2026-000001", test_due=date(2030, 1, 1)), CylinderCheck())
    assert (case.status, case.unit, case.refund_cents, case.collected_at) == (
        CaseStatus.COMPLETED, "izola", 2000, now)
    assert moved_since(books) == {
        ("cash:unit:izola", "EUR"): -2000, ("liability:deposits", "EUR"): 1000,
        ("liability:legacy_deposits", "EUR"): 1000, ("customers", "Z10"): -2, ("unit:izola:empty", "Z10"): 2}
    [photo] = photos_of(case.id)
    assert (photo.actor, photo.at, photo.width, photo.height) == ("staff:7", now, 1600, 800)
    assert photo.jpeg.startswith(b"\xff\xd8")
    assert b"Camera of a clerk" not in photo.jpeg
    assert case.checks["cylinders"][0]["test_due"] == "2030-01-01"
    assert {row.template for row in sent("case_deposit_return")} == set()
    assert "Izola" in sent("case_collected")[-1].body
    assert hand_in(2000, CylinderCheck(), CylinderCheck()).id == case.id  # pressed twice


@pytest.mark.parametrize(("stamp", "paid"), [(date(2025, 11, 1), 1000), (date(2025, 10, 1), 0)])
def test_the_stamp_may_be_past_by_exactly_one_year_at_the_counter(plan: FakePromises, now: datetime, stamp: date,
                                                                 paid: int) -> None:
    """H-097, X-20: the stamp names a month; on 23. 11. 2026 November 2025 is within its year, October is not."""
    assert hand_in(paid, CylinderCheck(test_due=stamp)).refund_cents == paid


def test_a_wrong_amount_at_the_counter_writes_nothing(plan: FakePromises, now: datetime) -> None:
    before = everything()
    with pytest.raises(TotalChanged):
        hand_in(1000, CylinderCheck(damaged=True))
    assert everything() == before


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", a_picture()[:200], b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_what_is_no_photo_is_refused(data: bytes) -> None:
    with pytest.raises(WrongPhoto):
        read_photo(data)


def test_finance_may_pay_what_was_suspended_as_goodwill_once(plan: FakePromises, now: datetime) -> None:
    """X-20: at most the suspended deposits, with a reason, audited, by transfer."""
    case = hand_in(1000, CylinderCheck(), CylinderCheck(damaged=True))
    assert suspended_cents(case, now) == 1000

    def pay(cents: int) -> ReturnCase:
        with unit_of_work():
            return pay_goodwill(case.id, amount_cents=cents, reason="Zvesta stranka.", iban="SI56020170014356205",
                                now=now, actor="staff:4")

    before = everything()
    for cents in (0, 1001):
        with pytest.raises(NoGoodwill):
            pay(cents)
    assert everything() == before
    books = ledger()
    pay(1000)
    assert (case.status, case.refund_cents, case.bank_cents, case.cash_cents, case.refund_by_on) == (
        CaseStatus.REFUND_DUE, 2000, 1000, 1000, date(2026, 12, 23))
    assert moved_since(books) == {("expense:goodwill", "EUR"): 1000, ("liability:refunds", "EUR"): -1000}
    assert [entry.action for entry in db.session.query(AuditEntry).filter_by(ref=case.ref)] == ["goodwill_paid"]
    before = everything()
    with pytest.raises(NoGoodwill):
        pay(500)
    assert everything() == before
