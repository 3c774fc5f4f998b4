"""Closed sets of billing, and the life of a deposit certificate (pure)."""
from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class InvoiceKind(StrEnum):
    """An invoice, or a credit note that takes (a part of) one back."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class PaymentMethod(StrEnum):
    """How money came or went: cash, card at the door, transfer by e-bank (H-120 to H-123)."""

    CASH = "cash"
    CARD = "card"
    EBANK = "ebank"


class CertificateStatus(StrEnum):
    """Where a deposit certificate stands. Only an issued one is worth its amount."""

    ISSUED = "issued"
    PAID_OUT = "paid_out"
    KEPT = "kept"
    REPLACED = "replaced"


class CertificateAction(StrEnum):
    """What ends a certificate: pay-out (H-093), deposit kept for damage (H-077), another one in its place."""

    PAY_OUT = "pay_out"
    KEEP = "keep"
    REPLACE = "replace"


TRANSITIONS: Mapping[tuple[CertificateStatus, CertificateAction], CertificateStatus] = {
    (CertificateStatus.ISSUED, CertificateAction.PAY_OUT): CertificateStatus.PAID_OUT,
    (CertificateStatus.ISSUED, CertificateAction.KEEP): CertificateStatus.KEPT,
    (CertificateStatus.ISSUED, CertificateAction.REPLACE): CertificateStatus.REPLACED,
}
