"""Staff accounts: making, signing in, passwords, letting in and out."""
from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts import attempts, passwords, services
from accounts.errors import EmailTaken, LastAdministrator, NoSuchUser, NotYourself, SignInRefused, WeakPassword
from accounts.models import StaffUser
from core import clock
from core.audit import AuditEntry
from core.db import changed_rows, db, unit_of_work
from core.errors import DomainError, InvalidInput
from core.limits import Attempt, TooManyAttempts
from core.roles import Role
from tests.accounts.conftest import PASSWORD

Staff = Callable[..., StaffUser]


def count(model: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def actions() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


@pytest.mark.parametrize("password", ["Geslo123", "ŽABA žaba 7", "x" * 126 + "A1"])
def test_a_password_that_keeps_the_rule_is_taken(password: str) -> None:
    """Z-03."""
    passwords.require_good(password, email="ana@example.si")


@pytest.mark.parametrize("password", ["", "Geslo12", "geslo123", "GesloGeslo", "x" * 127 + "A1", "Ana12345@example.si",
                                      "ANA12345"])
def test_a_password_that_breaks_the_rule_is_refused(password: str) -> None:
    """Z-03: at least 8 characters, a capital, a digit, not the user name."""
    with pytest.raises(WeakPassword):
        passwords.require_good(password, email="ana12345@example.si")


def test_a_made_password_keeps_the_rule_and_is_never_the_same() -> None:
    made = {passwords.make() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        passwords.require_good(password, email="ana@example.si")
        assert len(password) == 14


def test_only_the_hash_is_stored(staff: Staff) -> None:
    user = staff()
    assert user.password_hash.startswith("$argon2id$")
    assert PASSWORD not in user.password_hash


def test_an_account_is_made_with_a_lower_case_address(staff: Staff, now: datetime) -> None:
    user = staff(Role.DISPATCHER, " Mojca@Example.SI ")
    assert (user.email, user.role, user.active, user.language, user.created_at) == (
        "mojca@example.si", Role.DISPATCHER, True, "sl", now)
    assert actions() == ["staff_created"]


def test_an_address_is_taken_once(staff: Staff) -> None:
    staff(email="ana@example.si")
    with pytest.raises(EmailTaken), unit_of_work():
        services.create_staff("ANA@example.si", "Druga", PASSWORD, Role.AGENT)
    assert count(StaffUser) == 1


@pytest.mark.parametrize(("role", "password", "error"), [
    (Role.CUSTOMER, PASSWORD, InvalidInput), (Role.AGENT, "geslo", WeakPassword)])
def test_an_account_that_breaks_a_rule_is_not_made(app: Flask, role: Role, password: str,
                                                   error: type[DomainError]) -> None:
    with pytest.raises(error), unit_of_work():
        services.create_staff("ana@example.si", "Ana", password, role)
    assert count(StaffUser) == 0


def test_the_right_password_signs_in(staff: Staff) -> None:
    user = staff(email="ana@example.si")
    assert services.authenticate(" ANA@example.si", PASSWORD).id == user.id


@pytest.mark.parametrize(("email", "password"), [
    ("ana@example.si", "Jeklenka11"), ("ana@example.si", ""), ("nobody@example.si", PASSWORD), ("", PASSWORD),
    ("ana@example.si", PASSWORD + "x" * 200), ("' OR 1=1 --", PASSWORD), ("gone@example.si", PASSWORD),
])
def test_unknown_wrong_and_deactivated_share_one_sentence(staff: Staff, email: str, password: str) -> None:
    staff(email="ana@example.si")
    gone = staff(email="gone@example.si").id
    with unit_of_work():
        services.set_active(gone, False, by_user_id=None)
    with pytest.raises(SignInRefused) as refused:
        services.authenticate(email, password)
    assert str(refused.value.message) == str(SignInRefused.message)


def test_eight_wrong_passwords_close_the_pair_for_a_quarter_of_an_hour(app: Flask, now: datetime) -> None:
    for _ in range(8):
        attempts.count_sign_in("ana@example.si", "10.0.0.1")
    with pytest.raises(TooManyAttempts):
        attempts.count_sign_in(" ANA@example.si", "10.0.0.1")
    attempts.count_sign_in("ana@example.si", "10.0.0.2")
    attempts.count_sign_in("eva@example.si", "10.0.0.1")
    clock.advance(timedelta(minutes=15, seconds=1))
    attempts.count_sign_in("ana@example.si", "10.0.0.1")


def test_a_refused_attempt_adds_nothing_to_the_count(app: Flask, now: datetime) -> None:
    for _ in range(8):
        attempts.count_sign_in("ana@example.si", "10.0.0.1")
    before = count(Attempt)
    with pytest.raises(TooManyAttempts):
        attempts.count_sign_in("ana@example.si", "10.0.0.1")
    assert count(Attempt) == before == 24


def test_an_address_that_tries_many_accounts_is_stopped(app: Flask, now: datetime) -> None:
    for number in range(60):
        attempts.count_sign_in(f"user{number}@example.si", "10.0.0.1")
    with pytest.raises(TooManyAttempts):
        attempts.count_sign_in("another@example.si", "10.0.0.1")


def test_an_account_tried_from_many_addresses_is_stopped(app: Flask, now: datetime) -> None:
    for number in range(60):
        attempts.count_sign_in("ana@example.si", f"10.0.0.{number}")
    with pytest.raises(TooManyAttempts):
        attempts.count_sign_in("ana@example.si", "10.0.1.1")


def test_a_success_lets_the_pair_begin_anew(app: Flask, now: datetime) -> None:
    for _ in range(7):
        attempts.count_sign_in("ana@example.si", "10.0.0.1")
    with unit_of_work():
        attempts.forget_sign_in("ana@example.si", "10.0.0.1")
    for _ in range(8):
        attempts.count_sign_in("ana@example.si", "10.0.0.1")


def test_a_new_password_replaces_the_old_and_moves_the_epoch(staff: Staff) -> None:
    user_id = staff(email="ana@example.si").id
    with unit_of_work():
        services.set_password(user_id, "Postanek20")
    assert services.authenticate("ana@example.si", "Postanek20").epoch == 2
    with pytest.raises(SignInRefused):
        services.authenticate("ana@example.si", PASSWORD)
    assert actions() == ["staff_created", "staff_password_set"]


def test_the_last_two_passwords_are_not_taken_again(staff: Staff) -> None:
    """Z-03."""
    user_id = staff().id

    def change(password: str) -> None:
        with unit_of_work():
            services.set_password(user_id, password)

    change("Postanek20")
    for old in (PASSWORD, "Postanek20"):
        with pytest.raises(WeakPassword):
            change(old)
    assert db.session.get_one(StaffUser, user_id).epoch == 2
    change("Obljuba30")
    change(PASSWORD)
    assert db.session.get_one(StaffUser, user_id).epoch == 4


def test_a_deactivated_account_is_out_and_can_come_back(staff: Staff) -> None:
    user_id = staff().id
    with unit_of_work():
        services.set_active(user_id, False, by_user_id=None)
    assert (db.session.get_one(StaffUser, user_id).active, db.session.get_one(StaffUser, user_id).epoch) == (False, 2)
    with unit_of_work():
        services.set_active(user_id, False, by_user_id=None)
    with unit_of_work():
        services.set_active(user_id, True, by_user_id=None)
    assert db.session.get_one(StaffUser, user_id).active is True
    assert actions() == ["staff_created", "staff_deactivated", "staff_activated"]


def test_nobody_deactivates_themselves_and_never_the_last_administrator(staff: Staff) -> None:
    first = staff(Role.ADMINISTRATOR, "one@example.si").id
    second = staff(Role.ADMINISTRATOR, "two@example.si").id
    with pytest.raises(NotYourself), unit_of_work():
        services.set_active(first, False, by_user_id=first)
    with unit_of_work():
        services.set_active(second, False, by_user_id=first)
    with pytest.raises(LastAdministrator), unit_of_work():
        services.set_active(first, False, by_user_id=None)
    assert db.session.get_one(StaffUser, first).active is True


def test_two_administrators_who_shut_each_other_out_at_once_do_not_both_succeed(
        app: Flask, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [staff(Role.ADMINISTRATOR, f"{number}@example.si").id for number in range(2)]
    db.session.remove()
    start, both_have_looked, errors = threading.Barrier(2), threading.Barrier(2), []

    def write_once_both_have_looked(statement: sa.sql.dml.UpdateBase) -> int:
        with contextlib.suppress(threading.BrokenBarrierError):  # the lock keeps the other one from looking at all
            both_have_looked.wait(0.3)
        return changed_rows(statement)

    monkeypatch.setattr(services, "changed_rows", write_once_both_have_looked)

    def shut_out(other: int, by: int) -> None:
        with app.app_context():
            start.wait()
            try:
                with unit_of_work():
                    services.set_active(other, False, by_user_id=by)
            except LastAdministrator as error:
                errors.append(error)

    threads = [threading.Thread(target=shut_out, args=pair) for pair in (ids, ids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) == 1
    assert list(db.session.scalars(sa.select(StaffUser.active).order_by(StaffUser.active))) == [False, True]


def test_an_account_that_does_not_exist_cannot_be_changed(app: Flask) -> None:
    for change in (lambda: services.set_password(99, PASSWORD),
                   lambda: services.set_active(99, False, by_user_id=None)):
        with pytest.raises(NoSuchUser), unit_of_work():
            change()


def test_the_command_makes_an_account_and_prints_its_password(app: Flask) -> None:
    runner = app.test_cli_runner()
    made = runner.invoke(args=["accounts", "create-staff", "eva@example.si", "Eva Kos", "administrator"])
    password = made.output.removeprefix("Password: ").strip()
    assert services.authenticate("eva@example.si", password).role is Role.ADMINISTRATOR
    again = runner.invoke(args=["accounts", "create-staff", "eva@example.si", "Eva Kos", "agent"])
    assert again.exit_code == 1
    assert count(StaffUser) == 1
    assert runner.invoke(args=["accounts", "create-staff", "x@example.si", "X", "customer"]).exit_code == 2
