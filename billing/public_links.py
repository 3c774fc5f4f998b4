"""The public page of a document: its link is made in the document's transaction, so that reading never writes."""
from __future__ import annotations

from datetime import datetime, timedelta

from billing.models import Document
from billing.queries import LINK_PURPOSE
from core import links, settings
from core.db import db


def publish_document(*, invoice_id: int | None = None, certificate_id: int | None = None, now: datetime) -> None:
    """Give an invoice or a certificate its link, valid for the setting `link_days` (Y-11)."""
    document = Document(invoice_id=invoice_id, certificate_id=certificate_id)
    db.session.add(document)
    db.session.flush()
    links.issue(LINK_PURPOSE, document.id, now + timedelta(days=settings.get("link_days", now)))
