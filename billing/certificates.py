"""Deposit certificates: own numbers, the amount written on each, and exactly one end."""
from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from accounts.places import fold
from billing.errors import CertificateEnded
from billing.models import CertificateCounter, DepositCertificate
from billing.public_links import publish_document
from billing.queries import certificate_by_number
from billing.states import TRANSITIONS, CertificateAction, CertificateStatus
from core import audit, calendar
from core.db import changed_rows, db, insert_new


def issue_certificates(*, count: int, amount_cents: int, order_ref: str, customer_id: int | None, holder_name: str,
                       now: datetime, order_number: str = "", language: str = "sl") -> list[DepositCertificate]:
    """Issue `count` certificates, one per cylinder, each with its number, amount and link (H-052, H-065)."""
    made = []
    for _each in range(count):
        certificate = DepositCertificate(
            number=_next_number(now), amount_cents=amount_cents, order_ref=order_ref, order_number=order_number,
            customer_id=customer_id, holder_name=holder_name, search_name=fold(holder_name)[:80], language=language,
            issued_at=now)
        db.session.add(certificate)
        db.session.flush()
        publish_document(certificate_id=certificate.id, now=now)
        made.append(certificate)
    return made


def pay_out_certificate(number: str, ref: str, now: datetime, *, actor: str | None = None) -> DepositCertificate:
    """Close a certificate because its amount is paid out (H-093): worth its amount once only.

    `ref` says by what (`case:7`). UnknownCertificate or CertificateEnded.
    """
    return _end(number, CertificateAction.PAY_OUT, ref, now=now, actor=actor)


def keep_certificate(number: str, ref: str, now: datetime, *, actor: str | None = None) -> DepositCertificate:
    """Close a certificate because the deposit is kept for a damaged cylinder (H-077)."""
    return _end(number, CertificateAction.KEEP, ref, now=now, actor=actor)


def replace_certificate(number: str, ref: str, now: datetime, *, holder_name: str | None = None,
                        actor: str | None = None) -> DepositCertificate:
    """Close a certificate and issue another over the same amount: lost paper, another holder. Returns the new one."""
    old = _end(number, CertificateAction.REPLACE, ref, now=now, actor=actor)
    new = issue_certificates(count=1, amount_cents=old.amount_cents, order_ref=old.order_ref,
                             order_number=old.order_number, customer_id=old.customer_id, language=old.language,
                             holder_name=holder_name or old.holder_name, now=now)[0]
    old.replaced_by_id = new.id
    db.session.flush()
    return new


def _end(number: str, action: CertificateAction, ref: str, *, now: datetime, actor: str | None) -> DepositCertificate:
    """One guarded UPDATE: of two pay-outs at once exactly one wins."""
    certificate = certificate_by_number(number)
    after = TRANSITIONS.get((certificate.status, action))
    guarded = sa.update(DepositCertificate).where(
        DepositCertificate.id == certificate.id, DepositCertificate.status == CertificateStatus.ISSUED,
    ).values(status=after, ended_at=now, ended_ref=ref)
    if after is None or changed_rows(guarded) != 1:
        raise CertificateEnded(certificate_id=certificate.id, action=action.value)
    audit.record(f"certificate_{after.value}", f"certificate:{certificate.id}", actor=actor, by=ref)
    return certificate


def _next_number(now: datetime) -> str:
    """`KP-2026-000001`: counted per local year by a guarded UPDATE in the certificate's transaction."""
    year = calendar.local_date(now).year
    raised = (sa.update(CertificateCounter).where(CertificateCounter.year == year)
              .values(last=CertificateCounter.last + 1))
    if changed_rows(raised) != 1:
        insert_new(CertificateCounter, ["year"], {"year": year, "last": 0})
        changed_rows(raised)
    last = db.session.scalars(sa.select(CertificateCounter.last).where(CertificateCounter.year == year)).one()
    return f"KP-{year}-{last:06d}"
