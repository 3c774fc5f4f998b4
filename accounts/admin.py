"""The administrator's pages: staff accounts and the audit trail."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from accounts import passwords, queries, services
from accounts.forms import NewStaffForm, show_refusal
from core.auth import check_roles, guard
from core.db import unit_of_work
from core.errors import DomainError
from core.http import no_store
from core.roles import Role

admin = Blueprint("admin", __name__, url_prefix="/admin")
guard(admin, Role.AUDITOR)


@admin.before_request
def _accounts_are_the_administrators() -> Any:
    """Auditors read the trail; accounts are the administrator's alone (Y-16)."""
    return None if request.endpoint == "admin.audit" else check_roles(frozenset({Role.ADMINISTRATOR}))


@admin.get("/users")
def users() -> Any:
    """All staff accounts."""
    search = request.args.get("search", "")[:80]
    return _page("accounts/users.html", search=search,
                 found=queries.staff_page(search=search, page=_page_number()))


@admin.route("/users/new", methods=["GET", "POST"])
def new_user() -> Any:
    """A new account with a password that is shown once."""
    form = NewStaffForm()
    if request.method == "GET":
        return _page("accounts/new_user.html", form=form)
    if not form.validate():
        return _page("accounts/new_user.html", 422, form=form)
    password = passwords.make()
    try:
        with unit_of_work():
            user_id = services.create_staff(
                form.email.data, form.name.data, password, Role(form.role.data), form.language.data,
                request_key=form.request_key.data).id
    except DomainError as error:
        if queries.staff_made_by(form.request_key.data) is not None:
            flash(_("The account is made already. Give it a new password if you did not note the first."), "warn")
            return redirect(url_for("admin.users"), 303)
        show_refusal(form, error)
        return _page("accounts/new_user.html", error.status, form=form)
    return _page("accounts/password_shown.html", user=queries.staff_by_id(user_id), password=password)


@admin.post("/users/<int:user_id>/password")
def new_password(user_id: int) -> Any:
    """A new password, shown once; the person is signed out everywhere."""
    password = passwords.make()
    with unit_of_work():
        services.set_password(user_id, password)
    return _page("accounts/password_shown.html", user=queries.staff_by_id(user_id), password=password)


@admin.post("/users/<int:user_id>/deactivate")
def deactivate(user_id: int) -> Any:
    """Shut somebody out, at once."""
    with unit_of_work():
        services.set_active(user_id, False, by_user_id=current_user.id)
    flash(_("%(name)s can no longer sign in.", name=queries.staff_by_id(user_id).name), "ok")
    return redirect(url_for("admin.users"), 303)


@admin.post("/users/<int:user_id>/activate")
def activate(user_id: int) -> Any:
    """Let somebody in again."""
    with unit_of_work():
        services.set_active(user_id, True, by_user_id=current_user.id)
    flash(_("%(name)s can sign in again.", name=queries.staff_by_id(user_id).name), "ok")
    return redirect(url_for("admin.users"), 303)


@admin.get("/audit")
def audit() -> Any:
    """Who did what to what, newest first."""
    ref, actor = request.args.get("ref", "")[:60].strip(), request.args.get("actor", "")[:60].strip()
    found = queries.audit_page(ref=ref, actor=actor, page=_page_number())
    ids = {int(entry.actor.removeprefix("staff:")) for entry in found.rows
           if entry.actor.removeprefix("staff:").isdigit()}
    names = {f"staff:{user_id}": name for user_id, name in queries.staff_names(ids).items()}
    return _page("accounts/audit.html", found=found, names=names, ref=ref, actor=actor)


def _page_number() -> int:
    text = request.args.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _page(template: str, status: int = 200, **context: Any) -> Response:
    return no_store(Response(render_template(template, **context), status=status))
