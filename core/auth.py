"""Guards. Every blueprint states who may use it, or that it is public and why."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from flask_login import LoginManager, current_user

from core.roles import Role

login_manager = LoginManager()
GUARDS: dict[str, str] = {}


def guard(blueprint: Blueprint, *roles: Role) -> None:
    """Let only these roles (and the administrator) use a blueprint; others are sent to sign in, or get 403."""
    allowed = frozenset(roles) | {Role.ADMINISTRATOR}
    GUARDS[blueprint.name] = "roles: " + ", ".join(sorted(allowed))

    @blueprint.before_request
    def _check() -> Any:
        return check_roles(allowed)


def public(blueprint: Blueprint, why: str) -> None:
    """State that a blueprint needs no sign-in, and what protects it instead."""
    GUARDS[blueprint.name] = "public: " + why


def check_roles(allowed: frozenset[Role]) -> Response | None:
    """None when the signed-in person may go on; a redirect to sign-in for guests; 403 for others."""
    if not current_user.is_authenticated:
        if request.headers.get("HX-Request"):
            return Response(status=401, headers={"HX-Redirect": url_for("accounts.sign_in", next=request.path)})
        goal = request.full_path if request.method == "GET" else request.path
        return redirect(url_for("accounts.sign_in", next=goal.rstrip("?")))  # type: ignore[return-value]
    if current_user.role not in allowed:
        abort(403)
    return None
