"""accounts/rules.py and its page: figures change from a day on; where the law says otherwise, it warns (X-01, X-02)."""
from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask

from core import clock, settings
from core.roles import Role
from tests.factories import signed_in

TODAY, TOMORROW = "2026-11-23", "2026-11-24"
DEPOSIT = {"key": "deposit_cents", "value": "12,50", "valid_on": TOMORROW}


def test_the_page_warns_while_a_period_is_on_the_wrong_side_of_the_law(app: Flask, now: datetime) -> None:
    """X-01: 8 days to withdraw against 14. X-02: refunds within 30 days against 14."""
    administrator = signed_in(app, Role.ADMINISTRATOR)
    assert administrator.get("/admin/rules").get_data(as_text=True).count('data-testid="warning"') == 2
    for key in ("withdrawal_days", "refund_days"):
        changed = administrator.post("/admin/rules", data={"key": key, "value": "14", "valid_on": TODAY})
        assert changed.status_code == 303
    assert 'data-testid="warning"' not in administrator.get("/admin/rules").get_data(as_text=True)
    assert (settings.get("withdrawal_days"), settings.get("refund_days")) == (14, 14)


def test_a_new_figure_holds_from_its_day_on(app: Flask, now: datetime) -> None:
    administrator = signed_in(app, Role.ADMINISTRATOR)
    assert administrator.post("/admin/rules", data=DEPOSIT).status_code == 303
    assert settings.get("deposit_cents") == 1000
    assert "12,50" in administrator.get("/admin/rules").get_data(as_text=True)
    assert settings.get("deposit_cents", now + timedelta(days=1)) == 1250


@pytest.mark.parametrize(("wrong", "field"), [
    ({"value": ""}, "value"), ({"value": "-5"}, "value"), ({"value": "lots"}, "value"), ({"value": "5000"}, "value"),
    ({"key": "withdrawal_days", "value": "8,5"}, "value"), ({"key": "promise_soft_minutes", "value": "180"}, "value"),
    ({"key": "promise_hard_minutes", "value": "50"}, "value"), ({"key": "invoice_premise"}, "key"),
    ({"valid_on": "2026-11-22"}, "valid_on"), ({"valid_on": "soon"}, "valid_on")])
def test_a_figure_that_cannot_be_is_told_at_its_field(app: Flask, now: datetime, wrong: dict[str, str],
                                                     field: str) -> None:
    answer = signed_in(app, Role.ADMINISTRATOR).post("/admin/rules", data={**DEPOSIT, **wrong})
    assert (answer.status_code, f'id="{field}-error"' in answer.get_data(as_text=True)) == (422, True)
    assert settings.coming("deposit_cents", clock.utc_now()) == []


def test_an_auditor_reads_and_nobody_else_comes_in(app: Flask, now: datetime) -> None:
    auditor = signed_in(app, Role.AUDITOR)
    page = auditor.get("/admin/rules")
    assert (page.status_code, 'data-testid="rule-form"' in page.get_data(as_text=True)) == (200, False)
    assert auditor.post("/admin/rules", data=DEPOSIT).status_code == 403
    assert signed_in(app, Role.FINANCE).get("/admin/rules").status_code == 403
