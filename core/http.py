"""Requests and answers: refusals become pages, headers, request keys."""
from __future__ import annotations

import logging
import secrets
from typing import Any

from flask import Flask, Response, abort, current_app, jsonify, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, Map

from core import settings
from core.errors import DomainError

log = logging.getLogger(__name__)


def new_request_key() -> str:
    """A key for a form that creates something: pressed twice, it makes one."""
    return secrets.token_hex(16)


def client_address() -> str:
    """The visitor's network address, for limits."""
    return request.remote_addr or "unknown"


def is_fragment() -> bool:
    """True when htmx asked and wants a piece of a page."""
    return request.headers.get("HX-Request") == "true"


def public_url(path: str) -> str:
    """An absolute URL on the configured public address, for messages."""
    base: str = current_app.config["PUBLIC_URL"]
    return base + path


def init_app(app: Flask) -> None:
    """Register the error pages, and for the layouts the settings and which pages this installation has."""
    app.jinja_env.globals.update(setting=settings.get, has_page=lambda endpoint: endpoint in app.view_functions)
    app.url_map.converters["int"] = _RowNumber
    app.before_request(_refuse_nul)
    app.register_error_handler(DomainError, _refusal)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(500, _bug)


class _RowNumber(IntegerConverter):
    """`<int:...>` in addresses: a number that no row can have is no page, instead of a database error."""

    def __init__(self, map: Map, fixed_digits: int = 0, min: int | None = None, max: int | None = 2_147_483_647,
                 signed: bool = False) -> None:
        super().__init__(map, fixed_digits, min, max, signed)


def _refuse_nul() -> None:
    """No person types the character NUL, and PostgreSQL cannot store or compare it."""
    texts = [request.path, *(text for pair in request.values.items(multi=True) for text in pair)]
    if any("\x00" in text for text in texts):
        abort(400)


def _wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" and not is_fragment()


def error_page(status: int, title: Any, message: Any, code: str = "") -> tuple[Any, int]:
    """A page (fragment or JSON, as asked) that says what is wrong and offers a way back."""
    if _wants_json():
        return jsonify(code=code, message=str(message)), status
    template = "errors/_fragment.html" if is_fragment() else "errors/page.html"
    return render_template(template, status=status, title=title, message=message), status


def _refusal(error: DomainError) -> Any:
    log.info("refused %s %s", error.code, error.details)
    return error_page(error.status, _("That did not work"), error.message, error.code)


def _csrf(error: CSRFError) -> Any:
    return error_page(400, _("The form has expired"),
                      _("Go back, reload the page and send the form again. What you typed is still there."), "csrf")


_TITLES = {
    400: lambda: (_("The request could not be read"), _("Go back and try again.")),
    403: lambda: (_("Not for your role"),
                  _("Your account may not open this page. Ask the administrator if it should.")),
    404: lambda: (_("There is no such page"), _("The address may be mistyped, or the thing is no longer there.")),
    405: lambda: (_("This page cannot be used that way"), _("Go back and try again.")),
    413: lambda: (_("The file is too large"), _("Send a file of at most 6 MB.")),
}


def _http(error: HTTPException) -> Any:
    if error.response is not None or (error.code or 500) < 400:
        return error
    if error.code == 500:
        return _bug(error)
    words = _TITLES.get(error.code or 500, _TITLES[400])
    title, message = words()
    return error_page(error.code or 500, title, message, error.name.lower().replace(" ", "_"))


def _bug(error: Exception) -> Any:
    return error_page(500, _("Something went wrong on our side"),
                      _("Nothing was changed. Try again, or call us on 080 2005."), "internal_error")


def no_store(response: Response) -> Response:
    """Mark an answer as personal: not to be kept by caches."""
    response.headers["Cache-Control"] = "no-store"
    return response
