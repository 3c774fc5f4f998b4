"""Makers of accounts, and clients that are signed in."""
from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from accounts import services
from accounts.models import StaffUser
from core.db import unit_of_work
from core.roles import Role

PASSWORD = "Jeklenka10"


@pytest.fixture
def staff(app: Flask) -> Callable[..., StaffUser]:
    def make(role: Role = Role.AGENT, email: str = "", name: str = "Ana Novak") -> StaffUser:
        with unit_of_work():
            return services.create_staff(email or f"{role.value}@example.si", name, PASSWORD, role)
    return make


@pytest.fixture
def signed_in(app: Flask, staff: Callable[..., StaffUser]) -> Callable[..., FlaskClient]:
    def make(role: Role, email: str = "", name: str = "Ana Novak") -> FlaskClient:
        user = staff(role, email, name)
        client = app.test_client()
        answer = client.post("/sign-in", data={"email": user.email, "password": PASSWORD})
        assert answer.status_code == 303
        return client
    return make
