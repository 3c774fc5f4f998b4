"""A person with a browser without scripts: opens pages, fills in the forms that are there, presses their buttons."""
from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

SKIPPED = {"button", "submit", "reset", "image", "file"}


@dataclass
class Form:
    """A form of a page: its test id, action, method, the values it would send, and its buttons."""

    testid: str
    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str, str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    """Collects forms, text by test id, and links."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.links: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self._open: list[Form] = []
        self._stack: list[tuple[str, str, bool]] = []
        self._select: tuple[str, bool] | None = None
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        testid = given.get("data-testid", "")
        if tag not in ("input", "img", "meta", "link", "br", "hr", "use", "path"):
            self._stack.append((tag, testid, "hidden" in given))
        if testid:
            self.texts.setdefault(testid, "")
        if tag == "form":
            form = Form(testid or given.get("id", ""), given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(form)
            self._open.append(form)
            if given.get("id"):
                self.by_id[given["id"]] = form
        elif tag == "a" and testid:
            self.links[testid] = given.get("href", "")
        form = self.by_id.get(given["form"]) if given.get("form") else self._open[-1] if self._open else None
        if form is None:
            return
        if tag == "option" and self._select:
            self._option(form, given)
        if not given.get("name") and tag != "button":
            return
        if tag == "input":
            kind = given.get("type", "text")
            if kind in SKIPPED or (kind in ("checkbox", "radio") and "checked" not in given):
                return
            form.values[given["name"]] = given.get("value", "on" if kind == "checkbox" else "")
        elif tag == "button" and not any(hidden for _tag, _testid, hidden in self._stack):
            name = testid or given.get("value") or given.get("name") or "submit"
            form.buttons[name] = (given.get("name", ""), given.get("value", ""), given.get("formaction", ""))
        elif tag == "select":
            self._select = (given["name"], False)
            form.values.setdefault(given["name"], "")
        elif tag == "textarea":
            self._area = given["name"]
            form.values[given["name"]] = ""

    def _option(self, form: Form, given: dict[str, str]) -> None:
        assert self._select is not None
        name, seen = self._select
        if "selected" in given or not seen:
            form.values[name] = given.get("value", "")
        self._select = (name, True)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._open:
            self._open.pop()
        if tag == "select":
            self._select = None
        if tag == "textarea":
            self._area = ""
        while any(opened == tag for opened, _testid, _hidden in self._stack):
            if self._stack.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        if self._area and self._open:
            self._open[-1].values[self._area] += data.strip()
        for _tag, testid, _hidden in self._stack:
            if testid:
                self.texts[testid] = f"{self.texts[testid]} {data}".strip()


class Visitor:
    """One person's session. Every page that is opened is expected to answer as said, 200 unless told."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.url = "/"
        self.status = 0
        self.html = ""
        self.page = _Reader()

    def open(self, url: str, expect: int = 200) -> Visitor:
        """Open an address and follow redirects."""
        return self._take(self.client.get(url, follow_redirects=True), expect)

    def sign_in(self, email: str, password: str) -> Visitor:
        """Sign in on the sign-in page."""
        self.open("/sign-in")
        return self.press(email=email, password=password)

    def form(self, testid: str = "") -> Form:
        """The form with this test id or element id; the last posting form of the page when none is given."""
        if testid:
            return self.page.by_id.get(testid) or next(form for form in self.page.forms if form.testid == testid)
        return [form for form in self.page.forms if form.method == "post" and "sign-out" not in form.action][-1]

    def press(self, button: str = "", /, *, in_form: str = "", expect: int = 200, **filled: Any) -> Visitor:
        """Fill in fields (`__` stands for `-`) and press a button by its test id, value or name."""
        form = self.form(in_form) if in_form or not button else next(
            form for form in self.page.forms if button in form.buttons)
        values = form.values | {name.replace("__", "-"): str(value) for name, value in filled.items()}
        values = {name: value for name, value in values.items() if value != "<off>"}
        name, value, action = form.buttons.get(button or next(iter(form.buttons), ""), ("", "", ""))
        if name:
            values[name] = value
        goal = action or form.action or self.url
        answer = self.client.open(goal, method=form.method.upper(), data=values if form.method == "post" else None,
                                  query_string=values if form.method == "get" else None, follow_redirects=True)
        return self._take(answer, expect)

    def text(self, testid: str) -> str:
        """The text under a test id, with ordinary spaces."""
        return " ".join(self.page.texts[testid].replace("\u00a0", " ").split())

    def shows(self, testid: str) -> bool:
        """Whether the page has this test id."""
        return testid in self.page.texts

    def link(self, testid: str) -> str:
        """Where a link leads."""
        return self.page.links[testid]

    def _take(self, answer: TestResponse, expect: int) -> Visitor:
        self.url, self.status, self.html = answer.request.path, answer.status_code, answer.get_data(as_text=True)
        assert self.status == expect, f"{self.url} answered {self.status}, not {expect}:\n{_errors(self.html)}"
        self.page = _Reader()
        self.page.feed(self.html)
        return self


def _errors(html: str) -> str:
    return "\n".join(line.strip() for line in html.splitlines() if "error" in line or "notice" in line)[:3000]
