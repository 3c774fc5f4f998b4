"""How messages leave the house. A transport says what came of it and never raises for a message's own sake."""
from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from notify.states import Medium, MessageAction

log = logging.getLogger(__name__)
TIMEOUT_S = 10.0


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """What a transport needs to know of a message."""

    id: int
    medium: Medium
    recipient: str
    subject: str
    body: str
    language: str
    attempts: int


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of sending: ACCEPT, REFUSE (surely not sent: try later), FAIL (never) or LOSE (nobody knows, Y-14)."""

    action: MessageAction
    provider_id: str | None = None
    error_code: str = ""


class Transport(Protocol):
    """Sends one message, within TIMEOUT_S or so."""

    def send(self, message: Outgoing) -> Outcome: ...


class DemoTransport:
    """Sends nothing: the message shows on /outbox."""

    def send(self, message: Outgoing) -> Outcome:
        return Outcome(action=MessageAction.ACCEPT, provider_id=f"demo-{message.id}")


class NoTransport:
    """Outside the demo a message that cannot be sent fails visibly."""

    def send(self, message: Outgoing) -> Outcome:
        log.error("message %s cannot be sent: no %s transport is configured", message.id, message.medium)
        return Outcome(action=MessageAction.FAIL, error_code="no_transport")


class TwilioTransport:
    """SMS by Twilio's REST API. `sender` is a name, a number, or a messaging service (MG...)."""

    def __init__(self, *, account_sid: str, auth_token: str, sender: str, api_url: str = "", callback_url: str = "",
                 timeout_s: float = TIMEOUT_S) -> None:
        # A connection of its own for every message: one that was closed meanwhile would leave its outcome unknown.
        self._client = Client(account_sid, auth_token,
                              http_client=TwilioHttpClient(pool_connections=False, timeout=timeout_s))
        if api_url:
            self._client.api.base_url = api_url.rstrip("/")
        self._sender = {"messaging_service_sid" if sender.startswith("MG") else "from_": sender}
        self._callback_url = callback_url

    def send(self, message: Outgoing) -> Outcome:
        callback = {"status_callback": f"{self._callback_url}?m={message.id}"} if self._callback_url else {}
        try:
            sent = self._client.messages.create(to=message.recipient, body=message.body, **self._sender, **callback)
        except TwilioRestException as error:
            return _twilio_refusal(error)
        except requests.exceptions.ConnectTimeout:
            return Outcome(action=MessageAction.REFUSE, error_code="no_connection")
        except requests.exceptions.ConnectionError as error:
            if _never_connected(error):
                return Outcome(action=MessageAction.REFUSE, error_code="no_connection")
            return Outcome(action=MessageAction.LOSE, error_code="connection_lost")
        except requests.exceptions.Timeout:
            return Outcome(action=MessageAction.LOSE, error_code="timeout")
        return Outcome(action=MessageAction.ACCEPT, provider_id=sent.sid)


def _twilio_refusal(error: TwilioRestException) -> Outcome:
    """429 and 503 say that nothing was taken; so do wrong credentials, which a person mends. Other 5xx say nothing."""
    code = str(error.code or error.status)
    if error.status in (401, 403, 404, 429, 503):
        return Outcome(action=MessageAction.REFUSE, error_code=code)
    if error.status >= 500:
        return Outcome(action=MessageAction.LOSE, error_code=code)
    return Outcome(action=MessageAction.FAIL, error_code=code)


def _never_connected(error: BaseException | None) -> bool:
    """Whether the connection was refused or the name not found: then nothing can have been sent."""
    seen: list[Any] = [error]
    while seen:
        cause = seen.pop()
        if type(cause).__name__ in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError"):
            return True
        if isinstance(cause, BaseException):
            seen += [getattr(cause, "reason", None), *(part for part in cause.args if isinstance(part, BaseException))]
    return False


class SmtpTransport:
    """E-mail by SMTP: smtp://user:password@host:587 (STARTTLS where offered) or smtps://host:465."""

    def __init__(self, *, url: str, sender: str, timeout_s: float = TIMEOUT_S) -> None:
        self._url: SplitResult = urlsplit(url)
        if self._url.scheme not in ("smtp", "smtps") or not self._url.hostname:
            raise ValueError("SMTP_URL must look like smtp://user:password@host:587")
        self._sender = sender
        self._timeout_s = timeout_s

    def send(self, message: Outgoing) -> Outcome:
        try:
            letter = self._letter(message)
        except ValueError:
            return Outcome(action=MessageAction.FAIL, error_code="bad_address")
        try:
            connection = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(action=MessageAction.REFUSE, error_code=_smtp_code(error, "no_connection"))
        try:
            connection.send_message(letter)
        except smtplib.SMTPServerDisconnected:
            return Outcome(action=MessageAction.LOSE, error_code="connection_lost")
        except smtplib.SMTPException as error:
            code = _smtp_code(error, "refused")
            return Outcome(action=MessageAction.REFUSE if code.startswith("4") else MessageAction.FAIL,
                           error_code=code)
        except OSError:
            return Outcome(action=MessageAction.LOSE, error_code="timeout")
        finally:
            connection.close()
        return Outcome(action=MessageAction.ACCEPT, provider_id=str(letter["Message-ID"]))

    def _letter(self, message: Outgoing) -> EmailMessage:
        letter = EmailMessage()
        letter["From"] = self._sender
        letter["To"] = message.recipient
        letter["Subject"] = message.subject
        letter["Message-ID"] = f"<message-{message.id}@{self._sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.body)
        letter["Content-Language"] = message.language
        return letter

    def _connect(self) -> smtplib.SMTP:
        host, context = self._url.hostname or "", ssl.create_default_context()
        if self._url.scheme == "smtps":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(host, self._url.port or 465, timeout=self._timeout_s,
                                                        context=context)
        else:
            connection = smtplib.SMTP(host, self._url.port or 587, timeout=self._timeout_s)
        try:
            connection.ehlo()
            if self._url.scheme == "smtp" and connection.has_extn("starttls"):
                connection.starttls(context=context)
            if self._url.username:
                connection.login(unquote(self._url.username), unquote(self._url.password or ""))
        except BaseException:
            connection.close()
            raise
        return connection


def _smtp_code(error: BaseException, otherwise: str) -> str:
    """The server's three digits, as far as it said any."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return str(next(iter(error.recipients.values()))[0])
    return str(error.smtp_code) if isinstance(error, smtplib.SMTPResponseException) else otherwise


def from_config(config: Mapping[str, Any]) -> dict[Medium, Transport]:
    """The transports that the configuration asks for; in the demo what is not configured goes to /outbox."""
    absent: Transport = DemoTransport() if config["DEMO"] else NoTransport()
    chosen: dict[Medium, Transport] = {Medium.SMS: absent, Medium.EMAIL: absent}
    if config["TWILIO_ACCOUNT_SID"] and config["TWILIO_AUTH_TOKEN"] and config["TWILIO_FROM"]:
        public = urlsplit(config["PUBLIC_URL"])
        reachable = public.hostname not in (None, "localhost", "127.0.0.1", "::1")
        chosen[Medium.SMS] = TwilioTransport(
            account_sid=config["TWILIO_ACCOUNT_SID"], auth_token=config["TWILIO_AUTH_TOKEN"],
            sender=config["TWILIO_FROM"], api_url=config["TWILIO_API_URL"],
            callback_url=f"{config['PUBLIC_URL']}/hooks/twilio/status" if reachable else "")
    if config["SMTP_URL"]:
        chosen[Medium.EMAIL] = SmtpTransport(url=config["SMTP_URL"], sender=config["MAIL_FROM"])
    return chosen
