"""Transports against small servers of our own on the loopback."""
from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from core.config import load
from notify.states import Medium, MessageAction
from notify.transports import (
    DemoTransport,
    NoTransport,
    Outcome,
    Outgoing,
    SmtpTransport,
    TwilioTransport,
    from_config,
)

A = MessageAction
SID = "AC" + "0" * 32
CONTRACT = Path(__file__).parents[3] / "shared" / "data" / "twilio" / "twilio_api_v2010_messages.json"


def message(body: str = "Voznik pride danes do 14.20.", to: str = "+38641123456",
            medium: Medium = Medium.SMS) -> Outgoing:
    return Outgoing(id=7, medium=medium, recipient=to, subject="Naročilo č", body=body, language="sl", attempts=1)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


class FakeTwilio(ThreadingHTTPServer):
    """Answers as its `answer` says and keeps the forms it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _TwilioHandler)
        self.answer: tuple[int, dict[str, Any]] | str = (201, {})
        self.forms: list[dict[str, list[str]]] = []
        self.paths: list[str] = []
        self.release = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _TwilioHandler(BaseHTTPRequestHandler):
    server: FakeTwilio

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.forms.append(parse_qs(body))
        self.server.paths.append(self.path)
        if self.server.answer == "silence":
            self.server.release.wait(10)
            return
        if self.server.answer == "hang up":
            return
        status, content = self.server.answer
        payload = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    server = FakeTwilio()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.release.set()
    server.shutdown()
    thread.join()
    server.server_close()


def transport(server: FakeTwilio, **settings: Any) -> TwilioTransport:
    return TwilioTransport(account_sid=SID, auth_token="x" * 32, api_url=server.url + "/",
                           **{"sender": "ButanPlin", "timeout_s": 5.0, **settings})


def error(status: int, code: int) -> tuple[int, dict[str, Any]]:
    return status, {"status": status, "code": code, "message": "refused", "more_info": ""}


def test_an_sms_is_accepted_with_the_providers_number(twilio: FakeTwilio) -> None:
    twilio.answer = (201, {"sid": "SM123", "status": "queued"})
    outcome = transport(twilio, callback_url="https://plin.example/hooks/twilio/status").send(message())
    assert outcome == Outcome(action=A.ACCEPT, provider_id="SM123")
    assert twilio.paths == [f"/2010-04-01/Accounts/{SID}/Messages.json"]
    assert twilio.forms == [{"To": ["+38641123456"], "From": ["ButanPlin"], "Body": ["Voznik pride danes do 14.20."],
                             "StatusCallback": ["https://plin.example/hooks/twilio/status?m=7"]}]


def test_a_messaging_service_takes_the_place_of_the_sender(twilio: FakeTwilio) -> None:
    twilio.answer = (201, {"sid": "SM123", "status": "accepted"})
    transport(twilio, sender="MG" + "1" * 32).send(message())
    assert twilio.forms == [{"To": ["+38641123456"], "MessagingServiceSid": ["MG" + "1" * 32],
                             "Body": ["Voznik pride danes do 14.20."]}]


@pytest.mark.parametrize(("answer", "action", "code"), [
    (error(400, 21211), A.FAIL, "21211"),  # no such number
    (error(400, 21610), A.FAIL, "21610"),  # opted out
    (error(400, 21614), A.FAIL, "21614"),  # a landline
    (error(429, 20429), A.REFUSE, "20429"),
    (error(503, 20503), A.REFUSE, "20503"),
    (error(401, 20003), A.REFUSE, "20003"),
    (error(500, 20500), A.LOSE, "20500"),
])
def test_a_refusal_is_judged_by_what_it_says(twilio: FakeTwilio, answer: tuple[int, dict[str, Any]],
                                             action: MessageAction, code: str) -> None:
    twilio.answer = answer
    assert transport(twilio).send(message()) == Outcome(action=action, error_code=code)
    assert len(twilio.forms) == 1


def test_silence_leaves_the_outcome_unknown(twilio: FakeTwilio) -> None:
    twilio.answer = "silence"
    assert transport(twilio, timeout_s=0.2).send(message()) == Outcome(action=A.LOSE, error_code="timeout")


def test_a_connection_that_breaks_off_leaves_the_outcome_unknown(twilio: FakeTwilio) -> None:
    twilio.answer = "hang up"
    assert transport(twilio).send(message()) == Outcome(action=A.LOSE, error_code="connection_lost")


def test_nobody_listening_means_that_nothing_was_sent() -> None:
    server = FakeTwilio()
    server.server_close()
    assert transport(server).send(message()) == Outcome(action=A.REFUSE, error_code="no_connection")


def test_what_is_sent_keeps_the_published_contract(twilio: FakeTwilio) -> None:
    if not CONTRACT.exists():
        pytest.skip("the published API description is not here (../shared/data/twilio)")
    paths = json.loads(CONTRACT.read_text())["paths"]
    operation = paths["/2010-04-01/Accounts/{AccountSid}/Messages.json"]["post"]
    schema = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    twilio.answer = (201, {"sid": "SM123"})
    transport(twilio, callback_url="https://plin.example/hooks/twilio/status").send(message())
    assert set(twilio.forms[0]) <= set(schema["properties"])
    assert set(schema.get("required", [])) <= set(twilio.forms[0])
    assert set(operation["responses"]) == {"201"}


class _SmtpHandler(socketserver.StreamRequestHandler):
    """As much of SMTP as one letter needs; `refuse` maps a command to the answer that refuses it."""

    server: FakeSmtp

    def handle(self) -> None:
        self._say("220 test")
        while line := self.rfile.readline().decode().strip():
            word = line.split()[0].upper()
            self.server.commands.append(line)
            refusal = self.server.refuse.get(word)
            if refusal == "hang up":
                return
            if refusal:
                self._say(refusal)
            elif word == "DATA":
                self._say("354 go on")
                self._letter()
                if self.server.refuse.get("END") == "hang up":
                    return
                self._say(self.server.refuse.get("END", "250 taken"))
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def _letter(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        self.server.letters.append(b"".join(lines).decode())


class FakeSmtp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _SmtpHandler)
        self.commands: list[str] = []
        self.letters: list[str] = []
        self.refuse: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


@contextmanager
def running(server: FakeSmtp) -> Iterator[FakeSmtp]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def post(server: FakeSmtp, letter: Outgoing | None = None) -> Outcome:
    return SmtpTransport(url=server.url, sender="info@butanplin.si", timeout_s=5).send(
        letter or message("Hvala za naročilo.\n", "ana@example.si", Medium.EMAIL))


def test_a_letter_is_handed_over_with_its_letters_and_its_own_number() -> None:
    with running(FakeSmtp()) as server:
        outcome = post(server)
    assert outcome == Outcome(action=A.ACCEPT, provider_id="<message-7@butanplin.si>")
    (letter,) = server.letters
    assert "From: info@butanplin.si\r\n" in letter
    assert "To: ana@example.si\r\n" in letter
    assert "Subject: =?utf-8?" in letter
    assert "Content-Language: sl\r\n" in letter
    assert letter.endswith("\r\n\r\nHvala za naročilo.\r\n")


@pytest.mark.parametrize(("refuse", "action", "code"), [
    ({"RCPT": "550 no such mailbox"}, A.FAIL, "550"),
    ({"RCPT": "450 try later"}, A.REFUSE, "450"),
    ({"MAIL": "451 try later"}, A.REFUSE, "451"),
    ({"END": "554 no"}, A.FAIL, "554"),
    ({"END": "452 full"}, A.REFUSE, "452"),
    ({"END": "hang up"}, A.LOSE, "connection_lost"),
])
def test_a_refused_letter_is_judged_by_the_servers_digits(refuse: dict[str, str], action: MessageAction,
                                                          code: str) -> None:
    with running(FakeSmtp()) as server:
        server.refuse = refuse
        assert post(server) == Outcome(action=action, error_code=code)


def test_no_mail_server_means_that_nothing_was_sent() -> None:
    server = FakeSmtp()
    server.server_close()
    assert post(server) == Outcome(action=A.REFUSE, error_code="no_connection")


def test_an_address_with_a_line_break_never_becomes_a_header() -> None:
    with running(FakeSmtp()) as server:
        outcome = post(server, message("x\n", "ana@example.si\nBcc: all@example.si", Medium.EMAIL))
    assert outcome == Outcome(action=A.FAIL, error_code="bad_address")
    assert server.letters == []


@pytest.mark.parametrize("url", ["", "http://host", "smtp://", "mail.example.si:25"])
def test_a_setting_that_is_no_mail_server_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValueError):
        SmtpTransport(url=url, sender="info@butanplin.si")


def config(tmp_path: Path, **environ: str) -> dict[str, Any]:
    return load(str(tmp_path), {"SECRET_KEY": "x", **environ})


def test_in_the_demo_messages_go_to_the_page(tmp_path: Path) -> None:
    chosen = from_config(config(tmp_path))
    assert {medium: type(one) for medium, one in chosen.items()} == dict.fromkeys(Medium, DemoTransport)
    assert chosen[Medium.SMS].send(message()) == Outcome(action=A.ACCEPT, provider_id="demo-7")


def test_in_production_a_message_that_cannot_be_sent_fails_visibly(tmp_path: Path) -> None:
    chosen = from_config(config(tmp_path, PLIN_ENV="production"))
    assert {medium: type(one) for medium, one in chosen.items()} == dict.fromkeys(Medium, NoTransport)
    assert chosen[Medium.EMAIL].send(message()) == Outcome(action=A.FAIL, error_code="no_transport")


@pytest.mark.parametrize("missing", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM"])
def test_twilio_needs_its_three_settings(tmp_path: Path, missing: str) -> None:
    settings = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": "x", "TWILIO_FROM": "ButanPlin"}
    assert isinstance(from_config(config(tmp_path, **settings))[Medium.SMS], TwilioTransport)
    assert isinstance(from_config(config(tmp_path, **{**settings, missing: ""}))[Medium.SMS], DemoTransport)


def test_mail_needs_its_setting(tmp_path: Path) -> None:
    chosen = from_config(config(tmp_path, SMTP_URL="smtps://user:p%40ss@mail.example.si"))
    assert isinstance(chosen[Medium.EMAIL], SmtpTransport)


@pytest.mark.parametrize(("public", "callback"), [
    ("http://127.0.0.1:8000", {}),
    ("https://plin.example", {"StatusCallback": ["https://plin.example/hooks/twilio/status?m=7"]}),
])
def test_callbacks_are_asked_for_only_where_they_can_arrive(tmp_path: Path, twilio: FakeTwilio, public: str,
                                                            callback: dict[str, list[str]]) -> None:
    twilio.answer = (201, {"sid": "SM1"})
    chosen = from_config(config(tmp_path, TWILIO_ACCOUNT_SID=SID, TWILIO_AUTH_TOKEN="x", TWILIO_FROM="ButanPlin",
                                TWILIO_API_URL=twilio.url, PUBLIC_URL=public))
    chosen[Medium.SMS].send(message())
    assert {key: value for key, value in twilio.forms[0].items() if key == "StatusCallback"} == callback
