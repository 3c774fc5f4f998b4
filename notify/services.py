"""Queue messages inside the transaction of what they tell about; note what the providers say."""
from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import render_template
from flask_babel import force_locale

from core import audit
from core.clock import utc_now
from core.db import after_commit, changed_rows, db, insert_new
from core.signals import sms_received
from core.tasks import kick
from notify import gsm7
from notify.errors import NotUnknown
from notify.models import InboundSms, OutboxMessage
from notify.states import Medium, MessageAction, MessageStatus, sources, target

SWEEP = "notify.outbox"
LONGEST_SMS = 1600  # the provider's own limit


def queue_sms(*, to_e164: str, template: str, context: dict[str, Any], dedupe_key: str, ref: str,
              language: str = "sl") -> None:
    """Add an SMS to the open unit of work; the same `dedupe_key` twice is one message.

    The text is templates/sms/<template>.<language>.txt, rendered now and folded to GSM-7. RuntimeError without an
    open unit of work, ValueError for a text no SMS can carry.
    """
    body = gsm7.fold(_render("sms", template, language, context))
    if not body or len(body) > LONGEST_SMS:
        raise ValueError(f"SMS {template}: {len(body)} characters")
    _queue(medium=Medium.SMS, recipient=to_e164, template=template, language=language, subject="", body=body,
           dedupe_key=dedupe_key, ref=ref)


def queue_email(*, to: str, template: str, context: dict[str, Any], dedupe_key: str, ref: str,
                language: str = "sl") -> None:
    """Add an e-mail to the open unit of work; the same `dedupe_key` twice is one message.

    The text is templates/email/<template>.<language>.txt: a line `Subject: ...`, an empty line, the body.
    """
    head, _, body = _render("email", template, language, context).partition("\n")
    subject = head.removeprefix("Subject:").strip()
    if not head.startswith("Subject:") or not subject or not body.strip():
        raise ValueError(f"e-mail {template}.{language} must begin with a line `Subject: ...` and have a body")
    _queue(medium=Medium.EMAIL, recipient=to, template=template, language=language, subject=subject[:200],
           body=body.strip() + "\n", dedupe_key=dedupe_key, ref=ref)


def _render(folder: str, template: str, language: str, context: dict[str, Any]) -> str:
    with force_locale(language):
        return render_template(f"{folder}/{template}.{language}.txt", **context).strip()


def _queue(**values: Any) -> None:
    after_commit(lambda: kick(SWEEP))  # refuses first where no unit of work is open
    now = utc_now()
    insert_new(OutboxMessage, ["dedupe_key"], values | {
        "status": MessageStatus.QUEUED, "attempts": 0, "queued_at": now, "due_at": now, "changed_at": now,
        "error_code": ""})


def note_callback(*, message_id: int | None, provider_id: str, action: MessageAction, error_code: str = "") -> bool:
    """Move a message forward by its provider's word; False for an unknown one or a word that came too late.

    `message_id` (ours, out of the callback's address) finds a message whose provider's number was never noted: a
    callback that overtook the worker, or one that resolves an unknown outcome (Y-14).
    """
    mine = OutboxMessage.provider_id == provider_id
    if message_id is not None:
        mine |= (OutboxMessage.id == message_id) & OutboxMessage.provider_id.is_(None)
    return changed_rows(sa.update(OutboxMessage).where(mine, OutboxMessage.status.in_(sources(action))).values(
        status=target(action), provider_id=provider_id, error_code=error_code, lease_until=None,
        changed_at=utc_now())) == 1


def receive_sms(*, provider_id: str, sender: str, recipient: str, body: str) -> bool:
    """Store an SMS that came in and tell who waits for it; the same one again changes nothing (False)."""
    new = insert_new(InboundSms, ["provider_id"], {
        "provider_id": provider_id, "sender": sender[:40], "recipient": recipient[:40],
        "body": body.replace("\x00", "")[:LONGEST_SMS], "received_at": utc_now()})
    if new:
        inbound_id = db.session.scalars(sa.select(InboundSms.id).where(InboundSms.provider_id == provider_id)).one()
        after_commit(lambda: sms_received.send("notify", inbound_id=inbound_id))
    return new


def resolve_unknown(message_id: int, *, resend: bool, actor: str) -> None:
    """A person decides about a message with unknown outcome: it did go out, or it is sent again (Y-14)."""
    action = MessageAction.RESEND if resend else MessageAction.ACCEPT
    if not changed_rows(sa.update(OutboxMessage).where(
            OutboxMessage.id == message_id, OutboxMessage.status == MessageStatus.UNKNOWN,
    ).values(status=target(action), due_at=utc_now(), changed_at=utc_now(), error_code="")):
        raise NotUnknown(message_id=message_id)
    audit.record("message_resent" if resend else "message_taken_as_sent", f"message:{message_id}", actor=actor)
    after_commit(lambda: kick(SWEEP))
