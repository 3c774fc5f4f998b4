"""Deposit certificates as a pick-up meets them: shown by the customer, or issued with the order."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from billing.errors import UnknownCertificate
from billing.queries import certificate_by_number, certificates_of
from billing.states import CertificateStatus
from orders.returns.errors import NoCertificate


def normal_number(text: str) -> str:
    """A certificate's number as it was issued: `kp-2026-000001 ` is KP-2026-000001."""
    return text.strip().upper()


def open_certificates(numbers: Sequence[str]) -> dict[str, int]:
    """Amounts by number; NoCertificate for an unknown, ended or twice named one (H-093)."""
    found: dict[str, int] = {}
    for text in numbers:
        number = normal_number(text)
        try:
            certificate = certificate_by_number(number)
        except UnknownCertificate:
            raise NoCertificate from None
        if certificate.status is not CertificateStatus.ISSUED or number in found:
            raise NoCertificate(certificate_id=certificate.id)
        found[number] = certificate.amount_cents
    return found


def order_certificates(order_ref: str) -> list[str]:
    """The numbers of an order's certificates that are still open, oldest first."""
    return [certificate.number for certificate in certificates_of(order_ref)
            if certificate.status is CertificateStatus.ISSUED]


def certificates_taken(checks: Mapping[str, Any]) -> tuple[str, ...]:
    """The numbers of the papers that were handed over with a case's goods, as the record at the door has them."""
    of_cylinders = [str(one.get("certificate", "")) for one in checks.get("cylinders", ())]
    return tuple(number for number in (*checks.get("shown", ()), *of_cylinders) if number)
