"""The demo's outbox and Twilio's callbacks."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator

from core.db import db, unit_of_work
from notify import services
from notify.models import InboundSms, OutboxMessage
from notify.states import MessageStatus

TOKEN = "12345"
Queued = Callable[..., OutboxMessage]


@pytest.fixture
def twilio(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "TWILIO_AUTH_TOKEN", TOKEN)
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://plin.example")


def call(client: FlaskClient, path: str, form: dict[str, str], *, signed_url: str | None = None,
         signature: str | None = None) -> Any:
    made = RequestValidator(TOKEN).compute_signature(signed_url or f"https://plin.example{path}", form)
    return client.post(path, data=form, headers={"X-Twilio-Signature": made if signature is None else signature})


def status_of(key: str = "one") -> MessageStatus:
    db.session.expire_all()
    return db.session.scalars(sa.select(OutboxMessage.status).where(OutboxMessage.dedupe_key == key)).one()


def test_the_signature_is_the_published_one() -> None:
    form = {"CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234", "From": "+14158675309",
            "To": "+18005551212"}
    made = RequestValidator(TOKEN).compute_signature("https://mycompany.com/myapp.php?foo=1&bar=2", form)
    assert made == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


@pytest.mark.usefixtures("twilio")
@pytest.mark.parametrize(("word", "status"), [
    ("queued", MessageStatus.ACCEPTED), ("sent", MessageStatus.ACCEPTED), ("delivered", MessageStatus.DELIVERED),
    ("undelivered", MessageStatus.FAILED), ("failed", MessageStatus.FAILED), ("receiving", MessageStatus.UNKNOWN),
])
def test_a_signed_callback_moves_the_message(client: FlaskClient, queued: Queued, word: str,
                                             status: MessageStatus) -> None:
    queued(status=MessageStatus.UNKNOWN, provider_id="SM1")
    answer = call(client, "/hooks/twilio/status?m=999", {"MessageSid": "SM1", "MessageStatus": word, "ErrorCode": ""})
    assert answer.status_code == 200
    assert status_of() is status


@pytest.mark.usefixtures("twilio")
def test_callbacks_out_of_order_only_move_forward(client: FlaskClient, queued: Queued) -> None:
    queued(status=MessageStatus.ACCEPTED, provider_id="SM1")
    for word in ("delivered", "sent", "queued"):
        answer = call(client, "/hooks/twilio/status", {"MessageSid": "SM1", "MessageStatus": word})
        assert answer.status_code == 200
    assert status_of() is MessageStatus.DELIVERED


@pytest.mark.usefixtures("twilio")
@pytest.mark.parametrize("query", ["", "?m=1", "?m=abc", "?m=99999999999999999999", "?m=²"])
def test_an_unknown_number_answers_200_and_changes_nothing(client: FlaskClient, queued: Queued, query: str) -> None:
    queued(status=MessageStatus.ACCEPTED, provider_id="SM1")
    path = "/hooks/twilio/status" + query.replace("²", "%C2%B2")
    assert call(client, path, {"MessageSid": "SM404", "MessageStatus": "failed"}).status_code == 200
    assert status_of() is MessageStatus.ACCEPTED


@pytest.mark.usefixtures("twilio")
@pytest.mark.parametrize("wrong", [
    {"signature": ""}, {"signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="},
    {"signed_url": "http://plin.example/hooks/twilio/status"}, {"signed_url": "https://elsewhere.example/"},
])
def test_a_wrong_signature_is_refused_and_changes_nothing(client: FlaskClient, queued: Queued,
                                                          wrong: dict[str, str]) -> None:
    queued(status=MessageStatus.ACCEPTED, provider_id="SM1")
    form = {"MessageSid": "SM1", "MessageStatus": "failed"}
    assert call(client, "/hooks/twilio/status", form, **wrong).status_code == 403
    assert call(client, "/hooks/twilio/inbound", {**form, "From": "+38641123456"}, **wrong).status_code == 403
    assert status_of() is MessageStatus.ACCEPTED
    assert db.session.scalar(sa.select(sa.func.count()).select_from(InboundSms)) == 0


def test_without_a_token_no_callback_is_believed(client: FlaskClient, app: Flask) -> None:
    assert app.config["TWILIO_AUTH_TOKEN"] == ""
    form = {"MessageSid": "SM1", "MessageStatus": "failed"}
    signature = RequestValidator("").compute_signature("http://localhost/hooks/twilio/status", form)
    answer = client.post("/hooks/twilio/status", data=form, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 403


@pytest.mark.usefixtures("twilio")
def test_callbacks_need_no_form_token(client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    monkeypatch.setitem(app.config, "WTF_CSRF_CHECK_DEFAULT", True)
    assert call(client, "/hooks/twilio/status", {"MessageSid": "SM1", "MessageStatus": "sent"}).status_code == 200


@pytest.mark.usefixtures("twilio")
def test_an_incoming_sms_is_stored_and_answered_with_nothing(client: FlaskClient) -> None:
    form = {"MessageSid": "SM7", "From": "+38641123456", "To": "+38640999888", "Body": "2 OK ž"}
    for _ in range(2):
        answer = call(client, "/hooks/twilio/inbound", form)
        assert (answer.status_code, answer.mimetype, answer.text) == (200, "text/xml", "<Response/>")
    row = db.session.scalars(sa.select(InboundSms)).one()
    assert (row.provider_id, row.sender, row.recipient, row.body) == ("SM7", "+38641123456", "+38640999888", "2 OK ž")


@pytest.mark.usefixtures("twilio")
@pytest.mark.parametrize("form", [{"From": "+38641123456"}, {"MessageSid": "SM7"}, {}])
def test_an_incoming_sms_without_number_or_sender_is_refused(client: FlaskClient, form: dict[str, str]) -> None:
    assert call(client, "/hooks/twilio/inbound", form).status_code == 400
    assert db.session.scalar(sa.select(sa.func.count()).select_from(InboundSms)) == 0


@pytest.mark.usefixtures("twilio")
def test_an_overlong_incoming_sms_is_cut(client: FlaskClient) -> None:
    form = {"MessageSid": "SM7" + "x" * 200, "From": "+" + "1" * 200, "To": "", "Body": "a" * 5000}
    assert call(client, "/hooks/twilio/inbound", form).status_code == 200
    row = db.session.scalars(sa.select(InboundSms)).one()
    assert (len(row.provider_id), len(row.sender), len(row.body)) == (80, 40, 1600)


def test_the_outbox_says_what_to_do_while_it_is_empty(client: FlaskClient) -> None:
    page = client.get("/outbox/?lang=en")
    assert page.status_code == 200
    assert "No messages yet" in page.text


def test_the_outbox_shows_the_newest_first_with_parts_and_links(client: FlaskClient, queued: Queued) -> None:
    queued("a", "Sledite: https://plin.example/t/K7Q2ABCDEF")
    queued("b", "x" * 161, to="+38631222333")
    page = client.get("/outbox/?lang=en").text
    assert page.index("031 222 333</h2>") < page.index("041 123 456</h2>")
    assert '<a href="https://plin.example/t/K7Q2ABCDEF" rel="noopener">' in page
    assert "2 parts" in page
    assert "42 of 160 characters" in page


def test_a_message_is_shown_as_text_not_as_markup(client: FlaskClient, queued: Queued) -> None:
    queued("a", "<script>alert(1)</script>")
    page = client.get("/outbox/").text
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.usefixtures("templates")
def test_the_outbox_is_filtered_by_kind_and_recipient(client: FlaskClient, queued: Queued) -> None:
    queued("a", "prva")
    queued("b", "druga", to="+38631222333")
    with unit_of_work():
        services.queue_email(to="ana@example.si", template="tests_letter", context={"name": "7"}, dedupe_key="c",
                             ref="order:7")
    assert client.get("/outbox/").text.count('data-testid="message"') == 3
    assert client.get("/outbox/?medium=sms").text.count('data-testid="message"') == 2
    assert client.get("/outbox/?medium=email").text.count('data-testid="message"') == 1
    assert client.get("/outbox/", query_string={"to": "+38631222333"}).text.count('data-testid="message"') == 1
    page = client.get("/outbox/", query_string={"medium": "email", "to": "+38631222333", "lang": "en"})
    assert "No message matches" in page.text


def test_the_outbox_has_pages(client: FlaskClient, queued: Queued) -> None:
    for number in range(31):
        queued(f"key-{number}")
    assert client.get("/outbox/").text.count('data-testid="message"') == 30
    assert client.get("/outbox/?page=2").text.count('data-testid="message"') == 1
    assert client.get("/outbox/?page=99").text.count('data-testid="message"') == 1


@pytest.mark.parametrize("query", [
    {"page": "-1"}, {"page": "x"}, {"page": "9" * 40}, {"page": "²"}, {"medium": "pigeon"}, {"to": "'; DROP TABLE"},
    {"to": "<script>"}, {"to": "x" * 500},
])
def test_a_filter_that_means_nothing_shows_a_page_all_the_same(client: FlaskClient, queued: Queued,
                                                               query: dict[str, str]) -> None:
    queued()
    page = client.get("/outbox/", query_string=query)
    assert page.status_code == 200
    assert "<script>" not in page.text.replace("<script src", "")


def test_outside_the_demo_there_is_no_outbox(client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "DEMO", False)
    assert client.get("/outbox/").status_code == 404


def test_commands_list_and_resolve_what_went_wrong(app: Flask, queued: Queued) -> None:
    message_id = queued(status=MessageStatus.UNKNOWN, error_code="timeout").id
    runner = app.test_cli_runner()
    listed = runner.invoke(args=["notify", "troubled"])
    assert listed.output.splitlines()[-1] == "1 messages"
    assert "timeout" in listed.output
    assert "+386" not in listed.output
    assert runner.invoke(args=["notify", "resolve", str(message_id), "resend"]).exit_code == 0
    assert status_of() is MessageStatus.QUEUED
    again = runner.invoke(args=["notify", "resolve", str(message_id), "sent"])
    assert again.exit_code == 1
    assert status_of() is MessageStatus.QUEUED
