"""Queue messages inside the transaction of what they tell about."""
from __future__ import annotations

from typing import Any

from flask import render_template
from flask_babel import force_locale

from core.clock import utc_now
from core.db import after_commit, insert_new
from core.tasks import kick
from notify import gsm7
from notify.models import OutboxMessage
from notify.states import Medium, MessageStatus

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
