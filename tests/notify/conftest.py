"""Message templates of the tests, and transports that do as they are told."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader

from core.db import db, unit_of_work
from notify import services
from notify.models import OutboxMessage
from notify.states import Medium, MessageAction
from notify.transports import Outcome, Outgoing

TEMPLATES = {
    "sms/tests_hello.sl.txt": "Živjo {{ name }}, pridemo {{ at|until }}. {{ amount|eur }}\n",
    "sms/tests_hello.en.txt": "Hello {{ name }}, we come {{ at|until }}. {{ amount|eur }}\n",
    "sms/tests_plain.sl.txt": "{{ text }}",
    "email/tests_letter.sl.txt": "Subject: Naročilo {{ name }}\n\nSpoštovani,\nhvala.\n",
    "email/tests_letter.en.txt": "Subject: Order {{ name }}\n\nThank you.\n",
    "email/tests_headless.sl.txt": "No subject here\n\nBody\n",
}


class ToldTransport:
    """Answers as told, in turn, and keeps what it was given."""

    def __init__(self, *answers: Outcome | Exception) -> None:
        self.answers = list(answers)
        self.sent: list[Outgoing] = []
        self.in_transaction: list[bool] = []

    def send(self, message: Outgoing) -> Outcome:
        self.sent.append(message)
        self.in_transaction.append(db.session().in_transaction())
        answer = self.answers.pop(0) if self.answers else Outcome(action=MessageAction.ACCEPT, provider_id="SM-rest")
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def templates(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "jinja_loader", ChoiceLoader([DictLoader(TEMPLATES), app.jinja_loader]))


@pytest.fixture
def transport(app: Flask) -> Iterator[Callable[..., ToldTransport]]:
    before = app.extensions["transports"]

    def put(*answers: Outcome | Exception) -> ToldTransport:
        told = ToldTransport(*answers)
        app.extensions["transports"] = dict.fromkeys(Medium, told)
        return told

    yield put
    app.extensions["transports"] = before


@pytest.fixture
def queued(app: Flask, templates: None) -> Callable[..., OutboxMessage]:
    def make(key: str = "one", text: str = "Pozdrav", to: str = "+38641123456", **values: Any) -> OutboxMessage:
        with unit_of_work():
            services.queue_sms(to_e164=to, template="tests_plain", context={"text": text}, dedupe_key=key,
                               ref="order:1")
            message = db.session.query(OutboxMessage).filter_by(dedupe_key=key).one()
            for name, value in values.items():
                setattr(message, name, value)
        return message
    return make
