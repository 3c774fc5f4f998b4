"""Valid rows and drafts of billing for its own tests."""
from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.testing import FlaskClient

from accounts.models import StaffUser
from billing.drafts import InvoiceDraft, InvoiceItem
from billing.models import CylinderType, Price, Product
from core.db import db, unit_of_work
from core.roles import Role

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
GAS = InvoiceItem(description_sl="Plin, zelena jeklenka 10 kg", description_en="Gas, green cylinder 10 kg", quantity=1,
                  unit_gross_cents=2490, vat_permille=220)
DEPOSIT = InvoiceItem(description_sl="Kavcija", description_en="Deposit", quantity=1, unit_gross_cents=1000,
                      vat_permille=None)
BUYBACK = InvoiceItem(description_sl="Odkup oranžne jeklenke", description_en="Bought orange cylinder", quantity=1,
                      unit_gross_cents=-300, vat_permille=None)


def item(**changes: Any) -> InvoiceItem:
    """A gas line with changes."""
    return InvoiceItem(**{**{"description_sl": "Plin", "description_en": "Gas", "quantity": 1,
                             "unit_gross_cents": 2490, "vat_permille": 220}, **changes})


def draft(now: datetime, **changes: Any) -> InvoiceDraft:
    """An invoice of one green cylinder paid in cash."""
    return InvoiceDraft(**{**{
        "order_ref": "order:1", "order_number": "2026-000123", "buyer_name": "Mojca Žagar",
        "buyer_address": "Šišenska cesta 12, 1000 Ljubljana", "language": "sl", "supplied_at": now, "items": (GAS,),
        "payments": (("cash", 2490),)}, **changes})


def make_prices() -> None:
    """The green and a small cylinder, the latter not available; a price that rose on 1 November 2026."""
    with unit_of_work():
        db.session.add_all([
            CylinderType(code="Z10", name_sl="Zelena jeklenka 10 kg", name_en="Green cylinder 10 kg", net_gas_g=10_000,
                         company_owned=True, colour="green"),
            CylinderType(code="P5", name_sl="Jeklenka 5 kg", name_en="Cylinder 5 kg", net_gas_g=5_000,
                         company_owned=False, colour="other")])
        db.session.flush()
        db.session.add_all([
            Product(code="Z10", cylinder_type="Z10", name_sl="Plin v zeleni jeklenki",
                    name_en="Gas in the green cylinder", exchanges=["swap", "m10", "k"], position=1, picture="green"),
            Product(code="P5", cylinder_type="P5", name_sl="Plin 5 kg", name_en="Gas 5 kg",
                    exchanges=["purchase_with_empty", "purchase"], available=False, position=2, picture="other")])
        db.session.flush()
        db.session.add_all([
            Price(product_code="Z10", gross_cents=2290, vat_permille=220, valid_from=LONG_AGO),
            Price(product_code="Z10", gross_cents=2490, vat_permille=220,
                  valid_from=datetime(2026, 11, 1, tzinfo=UTC)),
            Price(product_code="Z10", gross_cents=2590, vat_permille=220,
                  valid_from=datetime(2027, 1, 1, tzinfo=UTC)),
            Price(product_code="P5", gross_cents=1590, vat_permille=95, valid_from=LONG_AGO)])


def sign_in(client: FlaskClient, role: Role = Role.FINANCE) -> int:
    """A member of staff of this role is signed in; returns the id."""
    with unit_of_work():
        user = StaffUser(email=f"{role.value}@example.si", name="Ana Novak", password_hash="-", role=role,
                         created_at=LONG_AGO)
        db.session.add(user)
        db.session.flush()
        user_id, epoch = user.id, user.epoch
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"], session["staff_epoch"] = str(user_id), True, epoch
    return user_id
