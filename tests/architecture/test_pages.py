"""House rules of pages: guards, templates, words."""
from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask

from core.auth import GUARDS

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "notify", "accounts", "promos", "billing", "orders", "delivery", "demo")
UNSAFE_INLINE = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")|\son[a-z]+=", re.IGNORECASE)


def test_every_blueprint_states_its_guard(database_app: Flask) -> None:
    assert {name for name in database_app.blueprints if name not in GUARDS} == set()


def test_every_page_template_is_used() -> None:
    templates = {str(path.relative_to(ROOT / "templates")) for path in (ROOT / "templates").rglob("*.html")}
    sources = "\n".join(path.read_text() for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    sources += "\n".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    assert {name for name in templates if f'"{name}"' not in sources and f"'{name}'" not in sources} == set()


def test_every_message_template_is_queued_somewhere() -> None:
    names = {path.name.split(".")[0] for kind in ("sms", "email")
             for path in (ROOT / "templates" / kind).glob("*.txt") if not path.name.startswith("_")}
    sources = "\n".join(path.read_text() for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    assert {name for name in names if name not in sources} == set()


@pytest.mark.parametrize("kind", ["sms", "email"])
def test_every_message_exists_in_both_languages(kind: str) -> None:
    texts = (ROOT / "templates" / kind).glob("*.txt")
    files = [path.name.split(".") for path in texts if not path.name.startswith("_")]
    languages: dict[str, set[str]] = {}
    for name, language, *_ in files:
        languages.setdefault(name, set()).add(language)
    assert {name: found for name, found in languages.items() if found != {"sl", "en"}} == {}


def test_no_template_carries_script_text_or_event_attributes() -> None:
    wrong = [str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*.html")
             if UNSAFE_INLINE.search(path.read_text())]
    assert wrong == []


def extracted() -> set[str]:
    method_map = [("tests/**", "ignore"), ("benchmarks/**", "ignore"), (".venv/**", "ignore"), ("static/**", "ignore"),
                  ("migrations/**", "ignore"), ("**.py", "python"), ("templates/**.html", "jinja2"),
                  ("templates/**.txt", "jinja2")]
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "_l": None, "lazy_gettext": None}
    found = extract_from_dir(str(ROOT), method_map, keywords=keywords, directory_filter=lambda path: True)
    return {message[0] if isinstance(message, tuple) else message for _, _, message, _, _ in found}


def test_every_string_has_its_slovene() -> None:
    with (ROOT / "translations/sl/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = read_po(file, locale="sl")
    missing = set()
    for text in extracted():
        message = catalogue.get(text)
        words = [] if message is None else [message.string] if isinstance(message.string, str) else message.string
        if message is None or not words or not all(words) or message.fuzzy:
            missing.add(text)
    assert missing == set()


def test_refusals_never_carry_untranslated_text() -> None:
    """A DomainError's `message` is a lazy translation, never a bare string."""
    wrong = []
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef):
                    wrong += [f"{path.relative_to(ROOT)}:{line.lineno}" for line in node.body
                              if isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") == "message"
                              and isinstance(line.value, ast.Constant) and line.value.value]
    assert wrong == []
