"""The demo's /outbox, and what Twilio calls back."""
from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template, request
from twilio.request_validator import RequestValidator

from core.auth import public
from core.db import unit_of_work
from core.http import no_store, public_url
from notify import gsm7, queries, services
from notify.states import Medium, MessageAction

outbox = Blueprint("outbox", __name__, url_prefix="/outbox")
public(outbox, "exists in the demo only, where every message is invented")
hooks = Blueprint("hooks", __name__, url_prefix="/hooks/twilio")
public(hooks, "every request carries Twilio's signature over the public address and the form")

_ACTIONS = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent"), MessageAction.ACCEPT),
    **dict.fromkeys(("delivered", "read"), MessageAction.DELIVER),
    **dict.fromkeys(("undelivered", "failed", "canceled"), MessageAction.FAIL),
}


@outbox.before_request
def _demo_only() -> None:
    if not current_app.config["DEMO"]:
        abort(404)


@outbox.get("/")
def index() -> Any:
    """Messages as telephones and mailboxes would show them."""
    medium = request.args.get("medium", "")
    recipient = request.args.get("to", "")[:120]
    page = request.args.get("page", "1")
    found = queries.outbox_page(medium=Medium(medium) if medium in set(Medium) else None, recipient=recipient,
                                page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1)
    groups = [(key, list(rows)) for key, rows in
              groupby(found.messages, key=lambda message: (message.medium, message.recipient))]
    return no_store(Response(render_template(
        "notify/outbox.html", found=found, groups=groups, medium=medium, recipient=recipient,
        recipients=queries.recipients(), septets=gsm7.septets, segments=gsm7.segments)))


@hooks.before_request
def _signed() -> None:
    """Twilio signs the address it was given, so behind a proxy the configured one counts."""
    query = request.query_string.decode("ascii", "replace")
    address = public_url(request.path) + (f"?{query}" if query else "")
    token: str = current_app.config["TWILIO_AUTH_TOKEN"]
    signature = request.headers.get("X-Twilio-Signature", "")
    if not token or not RequestValidator(token).validate(address, request.form, signature):
        abort(403)


@hooks.post("/status")
def status() -> Any:
    """What became of an SMS. Unknown numbers and late words answer 200 too, so that they are not sent again."""
    ours = request.args.get("m", "")
    action = _ACTIONS.get(request.form.get("MessageStatus", ""))
    provider_id = request.form.get("MessageSid", "")[:80]
    if action is not None and provider_id:
        with unit_of_work():
            services.note_callback(
                message_id=int(ours) if ours.isascii() and ours.isdigit() and len(ours) < 10 else None,
                provider_id=provider_id, action=action, error_code=request.form.get("ErrorCode", "")[:40])
    return "", 200


@hooks.post("/inbound")
def inbound() -> Any:
    """An SMS that came in: stored, and answered with no message."""
    provider_id, sender = request.form.get("MessageSid", "")[:80], request.form.get("From", "")
    if not provider_id or not sender:
        abort(400)
    with unit_of_work():
        services.receive_sms(provider_id=provider_id, sender=sender, recipient=request.form.get("To", ""),
                             body=request.form.get("Body", ""))
    return Response("<Response/>", mimetype="text/xml")
