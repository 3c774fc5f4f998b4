"""Invoices: issued one transaction each, then drawn as PDF from their rows."""
from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa
from flask import Flask

from benchmarks.databases import applications
from billing import services
from billing.documents import pdf
from billing.models import Invoice
from billing.queries import invoice_by_id
from billing.sheets import invoice_sheet
from core.clock import utc_now
from core.db import db, unit_of_work
from tests.billing.factories import draft

INVOICES, DRAWN = 100, 30


def _measured(app: Flask) -> tuple[float, float]:
    """Invoices issued and sealed per second, and PDFs drawn per second."""
    with app.app_context():
        _issue(0)  # the key that seals them is made once
        began = time.perf_counter()
        for number in range(1, INVOICES + 1):
            _issue(number)
        issued = INVOICES / (time.perf_counter() - began)
        ids = db.session.scalars(sa.select(Invoice.id).order_by(Invoice.id).limit(DRAWN)).all()
        db.session.rollback()
        began = time.perf_counter()
        for invoice_id in ids:
            assert pdf(invoice_sheet(invoice_by_id(invoice_id))).startswith(b"%PDF")
            db.session.rollback()
        return issued, DRAWN / (time.perf_counter() - began)


def _issue(number: int) -> None:
    now = utc_now()
    with unit_of_work():
        services.issue_invoice(draft(now, order_ref=f"order:{number}"), now=now, actor="bench")


def run() -> list[dict[str, Any]]:
    """Both databases."""
    figures = []
    with applications() as apps:
        for name, app in apps:
            issued, drawn = _measured(app)
            figures += [{"name": f"invoices issued, numbered and sealed, {name}", "value": f"{issued:.0f}",
                         "unit": "per s"},
                        {"name": f"invoice PDFs read and drawn, one process, {name}", "value": f"{drawn:.0f}",
                         "unit": "per s"}]
    return figures
