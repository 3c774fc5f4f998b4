"""Signing in and out, the way to one's desk, one's password, the administrator's pages."""
from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from accounts import services
from accounts.models import StaffUser
from accounts.sessions import local_path
from core import audit, clock
from core.audit import AuditEntry
from core.auth import GUARDS
from core.db import db, unit_of_work
from core.roles import STAFF_ROLES, Role
from tests.accounts.conftest import PASSWORD

Staff = Callable[..., StaffUser]
SignedIn = Callable[..., FlaskClient]
PAGES = ["/admin/users", "/admin/users/new", "/admin/audit", "/password", "/desk"]


def sign_in(client: FlaskClient, email: str = "agent@example.si", password: str = PASSWORD, **more: str) -> int:
    return client.post("/sign-in", data={"email": email, "password": password, **more}).status_code


def who(client: FlaskClient) -> int:
    """200 on a page that any colleague may open, 302 for a guest."""
    return client.get("/password").status_code


def count(model: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_the_page_to_sign_in_has_its_fields(client: FlaskClient) -> None:
    page = client.get("/sign-in")
    assert page.status_code == 200
    assert 'name="email"' in page.text
    assert 'name="password"' in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_the_right_password_opens_a_session_and_leaves_a_trace(client: FlaskClient, staff: Staff) -> None:
    user_id = staff().id
    assert who(client) == 302
    answer = client.post("/sign-in", data={"email": " Agent@Example.si ", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/desk")
    assert who(client) == 200
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "signed_in")).one()
    assert (entry.actor, entry.ref) == (f"staff:{user_id}", f"staff:{user_id}")


@pytest.mark.parametrize(("email", "password", "status"), [
    ("agent@example.si", "Jeklenka11", 401), ("nobody@example.si", PASSWORD, 401), ("agent", PASSWORD, 401),
    ("agent@example.si' OR '1'='1", PASSWORD, 401), ("<script>alert(1)</script>", PASSWORD, 401),
    ("аgent@example.si", PASSWORD, 401),  # a Cyrillic first letter
    ("", PASSWORD, 422), ("agent@example.si", "", 422), ("x" * 121, PASSWORD, 422),
    ("agent@example.si", "x" * 129, 422), ("agent@example.si\x00", PASSWORD, 400),
])
def test_whatever_is_wrong_no_session_is_opened(client: FlaskClient, staff: Staff, email: str, password: str,
                                                status: int) -> None:
    staff()
    answer = client.post("/sign-in", data={"email": email, "password": password})
    assert answer.status_code == status
    assert "<script>alert" not in answer.text
    assert PASSWORD not in answer.text
    assert who(client) == 302


def test_unknown_and_wrong_get_the_same_page(client: FlaskClient, staff: Staff) -> None:
    staff()

    def page(email: str, password: str) -> str:
        text = client.post("/sign-in", data={"email": email, "password": password}).text.replace(email, "")
        return re.sub(r"[\w-]{20,}\.[\w-]{5,}\.[\w-]{20,}", "", text)  # form tokens carry the second they were made

    assert page("agent@example.si", "Jeklenka11") == page("nobody@example.si", "Jeklenka11")


def test_what_was_typed_stays_after_an_error_but_not_the_password(client: FlaskClient, staff: Staff) -> None:
    staff()
    page = client.post("/sign-in", data={"email": "agent@example.si", "password": "Jeklenka11"}).text
    assert 'value="agent@example.si"' in page
    assert "Jeklenka11" not in page
    assert 'data-testid="errors"' in page


def test_after_eight_wrong_passwords_even_the_right_one_waits(client: FlaskClient, staff: Staff, now: datetime) -> None:
    staff()
    assert [sign_in(client, password="Jeklenka11") for _ in range(9)] == [401] * 8 + [429]
    assert sign_in(client) == 429
    assert who(client) == 302
    clock.advance(timedelta(minutes=16))
    assert sign_in(client) == 303


@pytest.mark.parametrize("goal", ["/dispatch?day=1", "/finance", "/", "/t/K7Q2#a"])
def test_a_local_goal_is_followed(client: FlaskClient, staff: Staff, goal: str) -> None:
    staff()
    assert local_path(goal) == goal
    assert client.post("/sign-in", data={"email": "agent@example.si", "password": PASSWORD, "next": goal}
                       ).location == goal


@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example",
                                  "javascript:alert(1)", "evil.example", "", "/\tevil", "///evil.example",
                                  "/a\r\nSet-Cookie: x=1"])
def test_a_goal_elsewhere_is_not_followed(client: FlaskClient, staff: Staff, goal: str) -> None:
    staff()
    assert local_path(goal) is None
    answer = client.post("/sign-in", data={"email": "agent@example.si", "password": PASSWORD, "next": goal})
    assert answer.location == "/desk"


def test_the_goal_survives_a_wrong_password(client: FlaskClient, staff: Staff) -> None:
    staff()
    page = client.post("/sign-in", data={"email": "agent@example.si", "password": "x", "next": "/finance"}).text
    assert '<input type="hidden" name="next" value="/finance">' in page


def test_somebody_signed_in_is_not_asked_again(signed_in: SignedIn) -> None:
    answer = signed_in(Role.AGENT).get("/sign-in?next=/password")
    assert (answer.status_code, answer.location) == (302, "/password")


def test_signing_out_ends_the_session_and_only_a_post_does(signed_in: SignedIn) -> None:
    client = signed_in(Role.AGENT)
    assert client.get("/sign-out").status_code == 405
    assert who(client) == 200
    assert client.post("/sign-out").location == "/sign-in"
    assert who(client) == 302


def test_the_session_of_a_guest_is_not_taken_over_but_for_the_language(client: FlaskClient, staff: Staff) -> None:
    staff()
    client.get("/sign-in?lang=en")
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    assert sign_in(client) == 303
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session["lang"] == "en"


def test_forms_need_their_token(client: FlaskClient, app: Flask, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    staff()
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    assert sign_in(client) == 400
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    assert who(client) == 302


def test_a_deactivated_account_is_out_at_once(signed_in: SignedIn) -> None:
    client = signed_in(Role.AGENT)
    assert who(client) == 200
    user_id = db.session.scalars(sa.select(StaffUser.id)).one()
    with unit_of_work():
        services.set_active(user_id, False, by_user_id=None)
    assert who(client) == 302
    with unit_of_work():
        services.set_active(user_id, True, by_user_id=None)
    assert who(client) == 302


def test_two_people_on_two_clients_stay_apart(signed_in: SignedIn, client: FlaskClient) -> None:
    ana = signed_in(Role.AGENT, "ana@example.si", "Ana Novak")
    eva = signed_in(Role.MARKETING, "eva@example.si", "Eva Kos")
    assert "Ana Novak" in ana.get("/password").text
    assert "Eva Kos" in eva.get("/password").text
    assert who(client) == 302


def test_a_new_password_of_ones_own_signs_out_the_other_devices(app: Flask, signed_in: SignedIn) -> None:
    """Z-11."""
    here = signed_in(Role.AGENT)
    there = app.test_client()
    assert sign_in(there) == 303
    answer = here.post("/password", data={"current": PASSWORD, "password": "Postanek20", "again": "Postanek20"})
    assert answer.status_code == 303
    assert (who(here), who(there)) == (200, 302)
    assert sign_in(there, password="Postanek20") == 303


@pytest.mark.parametrize("data", [
    {"current": "Jeklenka11", "password": "Postanek20", "again": "Postanek20"},
    {"current": PASSWORD, "password": "Postanek20", "again": "Postanek21"},
    {"current": PASSWORD, "password": "postanek20", "again": "postanek20"},
    {"current": PASSWORD, "password": "Kratko1", "again": "Kratko1"},
    {"current": PASSWORD, "password": PASSWORD, "again": PASSWORD},
    {"current": PASSWORD, "password": "A1" + "x" * 200, "again": "A1" + "x" * 200},
    {"current": "", "password": "Postanek20", "again": "Postanek20"},
    {"current": PASSWORD, "password": "", "again": ""},
    {},
])
def test_a_new_password_that_is_refused_changes_nothing(signed_in: SignedIn, data: dict[str, str]) -> None:
    client = signed_in(Role.AGENT)
    answer = client.post("/password", data=data)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert db.session.scalars(sa.select(StaffUser.epoch)).one() == 1
    assert services.authenticate("agent@example.si", PASSWORD).epoch == 1


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_everybody_is_sent_to_a_desk_that_opens(signed_in: SignedIn, app: Flask, role: Role) -> None:
    client = signed_in(role)
    answer = client.get("/desk")
    desks = {"counter": "/counter", "technical": "/technical",
             "agent": "/agent", "dispatcher": "/dispatch", "finance": "/finance", "auditor": "/finance",
             "marketing": "/promos", "administrator": "/admin/users"}
    there = {rule.rule.rstrip("/") for rule in app.url_map.iter_rules()}
    if desks.get(role) in there:
        assert answer.status_code == 302
        assert answer.location.rstrip("/") == desks[role]
    else:
        assert answer.status_code == 200
        assert "<h1>" in answer.text


@pytest.mark.parametrize("page", PAGES)
def test_a_guest_is_sent_to_sign_in_and_back(client: FlaskClient, page: str) -> None:
    answer = client.get(page)
    assert answer.status_code == 302
    assert answer.location == f"/sign-in?next={page}"


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_only_administrators_see_accounts_and_auditors_the_trail(signed_in: SignedIn, role: Role) -> None:
    """Y-16, H-183."""
    client = signed_in(role)
    users = 200 if role is Role.ADMINISTRATOR else 403
    trail = 200 if role in (Role.ADMINISTRATOR, Role.AUDITOR) else 403
    assert [client.get(page).status_code for page in PAGES[:3]] == [users, users, trail]
    before = count(StaffUser)
    if role is not Role.ADMINISTRATOR:
        for path in ("/admin/users/new", "/admin/users/1/password", "/admin/users/1/deactivate",
                     "/admin/users/1/activate"):
            assert client.post(path, data={"email": "x@example.si", "name": "X", "role": "agent"}).status_code == 403
    assert count(StaffUser) == before


def test_the_guards_are_stated() -> None:
    assert GUARDS["admin"] == "roles: administrator, auditor"
    assert GUARDS["accounts"].startswith("public: ")


NEW = {"email": "eva@example.si", "name": "Eva Kos", "role": "dispatcher", "language": "en", "request_key": "k" * 32}


def test_a_new_account_gets_a_password_that_is_shown_once(app: Flask, signed_in: SignedIn) -> None:
    client = signed_in(Role.ADMINISTRATOR)
    answer = client.post("/admin/users/new", data=NEW)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    shown = re.search(r'data-testid="password">([^<]+)<', answer.text)
    assert shown is not None
    user = services.authenticate("eva@example.si", shown.group(1))
    assert (user.name, user.role, user.language) == ("Eva Kos", Role.DISPATCHER, "en")
    assert shown.group(1) not in client.get("/admin/users").text
    assert sign_in(app.test_client(), "eva@example.si", shown.group(1)) == 303


def test_the_same_form_sent_twice_makes_one_account(signed_in: SignedIn) -> None:
    client = signed_in(Role.ADMINISTRATOR)
    assert client.post("/admin/users/new", data=NEW).status_code == 200
    again = client.post("/admin/users/new", data=NEW)
    assert (again.status_code, again.location) == (303, "/admin/users")
    assert count(StaffUser) == 2


@pytest.mark.parametrize(("field", "value", "status"), [
    ("email", "", 422), ("email", "eva", 422), ("email", "eva@", 422), ("email", "x" * 115 + "@ex.si", 422),
    ("email", "<script>@example.si", 422), ("email", "ева@example.si", 422), ("email", "administrator@example.si", 409),
    ("email", "eva@example.si\nBcc: x@example.si", 422), ("email", "eva@example.si\x00", 400),
    ("name", "", 422), ("name", "   ", 422), ("name", "x" * 81, 422), ("name", "<b>Eva</b>", 422),
    ("name", "Ева Кос", 422), ("name", "Eva\u202eKos", 422), ("name", "Eva\x07", 422),
    ("role", "", 422), ("role", "customer", 422), ("role", "emperor", 422), ("role", "ADMINISTRATOR", 422),
    ("language", "", 422), ("language", "de", 422), ("request_key", "short", 422), ("request_key", "x" * 65, 422),
])
def test_a_field_that_cannot_be_used_makes_no_account_and_keeps_what_was_typed(
        signed_in: SignedIn, field: str, value: str, status: int) -> None:
    client = signed_in(Role.ADMINISTRATOR)
    answer = client.post("/admin/users/new", data={**NEW, field: value})
    assert answer.status_code == status
    assert count(StaffUser) == 1
    if status != 400:
        assert 'data-testid="errors"' in answer.text
        kept = "eva@example.si" if field != "email" else "Eva Kos"
        assert f'value="{kept}"' in answer.text
    assert "<b>Eva</b>" not in answer.text


def test_an_administrator_gives_a_new_password(app: Flask, signed_in: SignedIn, staff: Staff) -> None:
    user_id = staff().id
    theirs = app.test_client()
    assert sign_in(theirs) == 303
    answer = signed_in(Role.ADMINISTRATOR).post(f"/admin/users/{user_id}/password")
    shown = re.search(r'data-testid="password">([^<]+)<', answer.text)
    assert shown is not None
    assert who(theirs) == 302
    assert sign_in(theirs) == 401
    assert sign_in(theirs, password=shown.group(1)) == 303


def test_an_administrator_lets_people_out_and_in(app: Flask, signed_in: SignedIn, staff: Staff) -> None:
    user_id = staff().id
    client = signed_in(Role.ADMINISTRATOR)
    assert client.post(f"/admin/users/{user_id}/deactivate").status_code == 303
    assert sign_in(app.test_client()) == 401
    assert 'data-state="locked"' in client.get("/admin/users").text
    assert client.post(f"/admin/users/{user_id}/activate").status_code == 303
    assert sign_in(app.test_client()) == 303


def test_administrators_cannot_shut_themselves_out(signed_in: SignedIn) -> None:
    client = signed_in(Role.ADMINISTRATOR)
    user_id = db.session.scalars(sa.select(StaffUser.id)).one()
    assert client.post(f"/admin/users/{user_id}/deactivate").status_code == 409
    assert client.get("/admin/users").status_code == 200


@pytest.mark.parametrize("path", ["/admin/users/99999/password", "/admin/users/99999/deactivate",
                                  "/admin/users/99999/activate", "/admin/users/x/password", "/admin/users/-1/activate",
                                  "/admin/users/99999999999999999999/activate"])
def test_an_account_that_does_not_exist_is_not_found(signed_in: SignedIn, path: str) -> None:
    assert signed_in(Role.ADMINISTRATOR).post(path).status_code == 404


def test_accounts_are_counted_searched_and_paged(signed_in: SignedIn, staff: Staff) -> None:
    client = signed_in(Role.ADMINISTRATOR, name="Zora Zadnja")
    with unit_of_work():
        db.session.add_all([StaffUser(email=f"u{number}@example.si", name=f"Oseba {number:02}", password_hash="x",
                                      role=Role.AGENT, created_at=clock.utc_now()) for number in range(60)])
    rows = re.compile(r'data-user="')
    assert len(rows.findall(client.get("/admin/users").text)) == 50
    assert len(rows.findall(client.get("/admin/users?page=2").text)) == 11
    assert len(rows.findall(client.get("/admin/users?search=oseba+07").text)) == 1
    assert len(rows.findall(client.get("/admin/users?search=U5@EXAMPLE").text)) == 1
    assert "Nobody matches" in client.get("/admin/users?search=%25&lang=en").text


def test_the_trail_shows_who_did_what_newest_first(signed_in: SignedIn) -> None:
    client = signed_in(Role.AUDITOR, name="Rok Revizor")
    with unit_of_work():
        for number in range(55):
            audit.record(f"act_{number}", f"order:{number % 2}", actor="driver:3", line=number)
    page = client.get("/admin/audit").text
    assert page.index("act_54<") < page.index("act_53<")
    assert len(re.findall('data-action="', page)) == 50
    assert "Rok Revizor" in client.get("/admin/audit?page=2").text
    assert len(re.findall('data-action="', client.get("/admin/audit?ref=order:1").text)) == 27
    assert len(re.findall('data-action="', client.get("/admin/audit?actor=driver:3&page=2").text)) == 5


@pytest.mark.parametrize("query", [
    {"page": "x"}, {"page": "-3"}, {"page": "9" * 30}, {"ref": "'; --"}, {"actor": "<script>alert(1)</script>"},
    {"search": "%_\\"}, {"search": "x" * 500}, {"ref": "日本"},
])
def test_filters_that_mean_nothing_show_a_page_all_the_same(signed_in: SignedIn, query: dict[str, str]) -> None:
    client = signed_in(Role.ADMINISTRATOR)
    for path in ("/admin/users", "/admin/audit"):
        page = client.get(path, query_string=query)
        assert page.status_code == 200
        assert "<script>alert" not in page.text


@pytest.mark.parametrize("path", ["/admin/users?search=%00", "/admin/audit?ref=%00", "/admin/audit?%00=1",
                                  "/admin/users/%00"])
def test_the_character_nul_is_refused_everywhere(signed_in: SignedIn, path: str) -> None:
    client = signed_in(Role.ADMINISTRATOR)
    assert client.get(path).status_code in (400, 404)
    assert client.get("/outbox/?to=%00").status_code == 400
