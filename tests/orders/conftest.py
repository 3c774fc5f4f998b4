"""Fixtures of orders: a plan that always offers, on a held clock."""
from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask

from tests.factories import make_products, make_terms
from tests.orders.fakes import FakePromises


@pytest.fixture
def plan(app: Flask, now: datetime, monkeypatch: pytest.MonkeyPatch) -> FakePromises:
    """A clean database with products and terms, the clock held, and the fake plan wired in."""
    fake = FakePromises()
    monkeypatch.setitem(app.extensions, "promises", fake)
    make_products()
    make_terms()
    return fake
