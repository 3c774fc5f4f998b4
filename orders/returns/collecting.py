"""What the driver does at a pick-up, in one transaction: checks, money out, credit note, cylinders."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from orders.carrier import Carrier
from orders.returns.rules import CylinderCheck
from orders.returns.states import CaseStatus


@dataclass(frozen=True, kw_only=True)
class CaseDoor:
    """The driver's record of a pick-up.

    `shown_total_cents` is the cash that the driver was told to pay out. Withdrawal: foil, damage and invoice checked
    (H-144, H-149, H-150); `empties_left` by cylinder type are empties given to the customer instead of the deposit,
    `certificates` the numbers shown for those that are paid (X-24). Deposit return: one check per cylinder handed
    over. Complaint: `record` is the driver's complaint record (H-164).
    """

    shown_total_cents: int
    foil_intact: bool = True
    undamaged: bool = True
    invoice_shown: bool = True
    empties_left: Mapping[str, int] = field(default_factory=dict)
    certificates: tuple[str, ...] = ()
    cylinders: tuple[CylinderCheck, ...] = ()
    record: str = ""


@dataclass(frozen=True, kw_only=True)
class Collection:
    """The amounts of a pick-up before it is written: what the driver's page shows. `refusal` is a word or empty."""

    cash_cents: int
    bank_cents: int
    gas_cents: int
    deposit_cents: int
    refusal: str = ""


@dataclass(frozen=True, kw_only=True)
class Collected:
    """What a pick-up made."""

    status: CaseStatus
    cash_cents: int
    bank_cents: int
    credit_note_id: int | None
    reason: str


def preview_collection(case_id: int, door: CaseDoor, *, now: datetime) -> Collection:
    """The amounts of a record without writing anything."""
    raise NotImplementedError


def collect_case(case_id: int, door: CaseDoor, carrier: Carrier, *, now: datetime, actor: str) -> Collected:
    """Take the cylinders over and pay. TotalChanged when the driver was shown another amount."""
    raise NotImplementedError
