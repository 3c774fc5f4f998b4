"""Signing in and out, one's desk, one's password."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from accounts import attempts, queries, services, sessions
from accounts.errors import SignInRefused
from accounts.forms import NewPasswordForm, SignInForm, show_refusal
from core import audit
from core.auth import check_roles, public
from core.db import unit_of_work
from core.errors import DomainError
from core.http import client_address, no_store
from core.roles import STAFF_ROLES, Role

accounts = Blueprint("accounts", __name__)
public(accounts, "signing in; the pages behind it check the role themselves")

_DESKS = {
    Role.AGENT: "desk.index",
    Role.DISPATCHER: "board.index",
    Role.FINANCE: "finance.index",
    Role.AUDITOR: "finance.index",
    Role.TECHNICAL: "technical.index",
    Role.COUNTER: "counter.index",
    Role.MARKETING: "promos.index",
    Role.ADMINISTRATOR: "admin.users",
}


@accounts.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Any:
    """E-mail and password; `next` leads on, but never off this site."""
    form = SignInForm()
    goal = sessions.local_path(request.values.get("next"))
    if request.method == "GET":
        if current_user.is_authenticated:
            return redirect(goal or url_for("accounts.home"))
        return _sign_in_page(form, goal)
    if not form.validate():
        return _sign_in_page(form, goal, 422)
    try:
        attempts.count_sign_in(form.email.data, client_address())
        user = services.authenticate(form.email.data, form.password.data)
    except DomainError as error:
        show_refusal(form, error)
        return _sign_in_page(form, goal, error.status)
    with unit_of_work():
        attempts.forget_sign_in(form.email.data, client_address())
        audit.record("signed_in", f"staff:{user.id}", actor=f"staff:{user.id}")
    sessions.begin(user)
    return redirect(goal or url_for("accounts.home"), 303)


def _sign_in_page(form: SignInForm, goal: str | None, status: int = 200) -> Any:
    page = render_template("accounts/sign_in.html", form=form, goal=goal)
    return no_store(Response(page, status=status))


@accounts.post("/sign-out")
def sign_out() -> Any:
    """End the session on this device."""
    sessions.end()
    return redirect(url_for("accounts.sign_in"), 303)


@accounts.get("/desk")
def home() -> Any:
    """Send everybody to their own desk; say where to go where there is none."""
    refusal = check_roles(STAFF_ROLES)
    if refusal is not None:
        return refusal
    endpoint = _DESKS.get(current_user.role)
    if endpoint in current_app.view_functions:
        return redirect(url_for(str(endpoint)))
    return no_store(Response(render_template("accounts/home.html")))


@accounts.route("/password", methods=["GET", "POST"])
def password() -> Any:
    """One's own new password; every other device is signed out (Z-03, Z-11)."""
    refusal = check_roles(STAFF_ROLES)
    if refusal is not None:
        return refusal
    form = NewPasswordForm()
    if request.method == "GET":
        return _password_page(form)
    if not form.validate():
        return _password_page(form, 422)
    user_id, email = current_user.id, current_user.email
    try:
        attempts.count_sign_in(email, client_address())
        services.authenticate(email, form.current.data)
        with unit_of_work():
            attempts.forget_sign_in(email, client_address())
            services.set_password(user_id, form.password.data)
    except SignInRefused:
        form.current.errors = [_("The present password is not right.")]
        return _password_page(form, 422)
    except DomainError as error:
        show_refusal(form, error)
        return _password_page(form, error.status)
    sessions.begin(queries.staff_by_id(user_id))
    flash(_("Your password is changed. Other devices are signed out."), "ok")
    return redirect(url_for("accounts.home"), 303)


def _password_page(form: NewPasswordForm, status: int = 200) -> Any:
    return no_store(Response(render_template("accounts/password.html", form=form), status=status))
