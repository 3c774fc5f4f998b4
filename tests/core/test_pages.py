"""The design system: contrast of the tokens, layouts, parts, error pages, kept libraries."""
from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from flask import Flask, abort, render_template_string
from flask.testing import FlaskClient
from wtforms import BooleanField

from core.forms import CreatingForm, TextField

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "static"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
IMPORT = '{% import "_ui.html" as ui with context %}'

PAIRS = [  # (text, ground, least contrast): 4.5 for text, 3 for borders of controls and for the focus ring
    *[(text, ground, 4.5) for text in ("ink", "ink-muted", "brand", "orange", "red", "blue", "amber")
      for ground in ("paper", "paper-2")],
    ("ink-muted", "paper-3", 4.5), ("ink", "paper-3", 4.5), ("on-brand", "brand", 4.5),
    ("on-brand", "brand-press", 4.5), ("on-red", "red", 4.5), ("on-red", "red-press", 4.5),
    ("on-bar", "bar", 4.5), ("on-bar-muted", "bar", 4.5),
    *[(colour, f"{colour}-soft", 4.5) for colour in ("brand", "orange", "red", "blue", "amber")],
    *[("ink", f"{colour}-soft", 4.5) for colour in ("brand", "orange", "red", "blue", "amber")],
    *[("on-route", f"route-{number}", 4.5) for number in range(1, 9)],
    ("line-strong", "paper", 3), ("line-strong", "paper-2", 3), ("focus", "paper", 3), ("focus", "paper-2", 3),
]


def tokens(scheme: str) -> dict[str, str]:
    """The colours of a scheme; the dark one overrides the light one."""
    light, dark = (STATIC / "css/tokens.css").read_text().split('[data-scheme="dark"]')
    found = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", light))
    return found | dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", dark)) if scheme == "dark" else found


def luminance(colour: str) -> float:
    channels = [int(colour[index:index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_contrast_formula_knows_black_on_white() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_pair_of_text_and_ground_meets_wcag_aa(scheme: str) -> None:
    colours = tokens(scheme)
    weak = {f"{text} on {ground}": round(contrast(colours[text], colours[ground]), 2) for text, ground, least in PAIRS
            if contrast(colours[text], colours[ground]) < least}
    assert weak == {}


def test_only_the_tokens_name_a_colour() -> None:
    named = re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{]*;)", (STATIC / "css/app.css").read_text())
    assert named == []


def test_every_icon_that_is_used_is_in_the_sprite() -> None:
    kept = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (STATIC / "vendor/icons/sprite.svg").read_text()))
    used = {name for path in TEMPLATES for name in re.findall(r"\bicon\('([a-z0-9-]+)'", path.read_text())}
    used |= {name for path in TEMPLATES for name in re.findall(r"\bicon='([a-z0-9-]+)'", path.read_text())}
    assert used - kept == set()


def test_every_kept_library_has_its_licence_and_is_listed() -> None:
    listed = (STATIC / "vendor/README.md").read_text()
    folders = sorted(path.name for path in (STATIC / "vendor").iterdir() if path.is_dir())
    assert [name for name in folders if f"| {name}/ |" not in listed] == []
    assert [name for name in folders if not (STATIC / "vendor" / name / "LICENSE").is_file()] == []


def test_no_page_loads_anything_from_another_host() -> None:
    foreign = re.compile(r"""(?:src|href)=["'](?:https?:)?//(?!www\.w3\.org)[^"']+\.(?:js|css|png|svg|woff2?)""")
    assert [str(path.relative_to(ROOT)) for path in TEMPLATES if foreign.search(path.read_text())] == []


def test_an_unknown_page_is_a_404_with_a_way_back(client: FlaskClient) -> None:
    answer = client.get("/no-such-page", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert 'data-testid="error-title"' in answer.text
    assert 'href="tel:+386802005"' in answer.text


def test_an_unknown_page_answers_json_to_those_who_ask_for_it(client: FlaskClient) -> None:
    answer = client.get("/no-such-page", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["code"] == "not_found"


def test_htmx_gets_an_error_as_a_fragment(client: FlaskClient) -> None:
    answer = client.get("/no-such-page", headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert "<html" not in answer.text
    assert 'data-testid="error-message"' in answer.text


def test_the_page_of_a_broken_server_asks_the_database_for_nothing(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        app.jinja_env.globals["setting"], kept = lambda key: abort(500), app.jinja_env.globals["setting"]
        try:
            page = render_template_string('{% extends "errors/page.html" %}', status=500, title="T", message="M")
        finally:
            app.jinja_env.globals["setting"] = kept
    assert 'data-testid="error-title">T<' in page
    assert "<footer" not in page


def test_the_language_switch_keeps_the_page_and_its_query(app: Flask) -> None:
    with app.test_request_context("/somewhere?a=1&lang=sl"):
        page = render_template_string('{% extends "base.html" %}')
    assert 'href="/somewhere?a=1&amp;lang=en"' in page
    assert '<html lang="sl">' in page


class SampleForm(CreatingForm):
    name = TextField("Name")
    agreed = BooleanField("Agreed")


def test_a_field_is_tied_to_its_help_and_its_error(app: Flask) -> None:
    with app.test_request_context("/?lang=en", method="POST", data={"name": "Ж"}):
        form = SampleForm()
        form.validate()
        html = render_template_string(IMPORT + "{{ ui.field(form.name, help='As on the bell.') }}{{ ui.errors(form) }}",
                                      form=form)
    assert 'aria-describedby="name-help name-error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="name-help">As on the bell.' in html
    assert 'id="name-error"' in html
    assert '<a href="#name">Name: Use Latin letters, so that the driver can read it.</a>' in html


def test_what_was_typed_is_escaped(app: Flask) -> None:
    with app.test_request_context("/?lang=en", method="POST", data={"name": '"><script>alert(1)</script>'}):
        html = render_template_string(IMPORT + "{{ ui.field(form.name) }}", form=SampleForm())
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_form_carries_its_token_and_its_request_key(app: Flask) -> None:
    with app.test_request_context("/"):
        form = SampleForm()
        html = render_template_string(IMPORT + "{{ ui.hidden(form) }}", form=form)
    assert 'name="csrf_token" value="' in html
    assert f'name="request_key" value="{form.request_key.data}"' in html


@pytest.mark.parametrize(("kind", "shape"), [
    ("on_time", "circle"), ("at_risk", "triangle"), ("late", "square"), ("done", "check"), ("failed", "x"),
    ("locked", "lock"), ("waiting", "clock"), ("neutral", "circle")])
def test_a_state_has_shape_and_word_besides_its_colour(app: Flask, kind: str, shape: str) -> None:
    with app.test_request_context("/"):
        html = render_template_string(IMPORT + "{{ ui.state(kind, 'word') }}", kind=kind)
    assert f"sprite.svg#{shape}" in html
    assert ">word<" in html
    assert f"state--{kind}" in html


def test_amounts_show_their_parts_and_their_total(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        html = render_template_string(IMPORT + "{{ ui.amounts([('Gas', 2490), ('Orange', -300)], ('Due', 2190)) }}")
    assert re.findall(r"[−\d.,]+\xa0EUR", html) == ["24,90\xa0EUR", "−3,00\xa0EUR", "21,90\xa0EUR"]


@pytest.mark.parametrize(("days_left", "words"), [
    (5, "5 days left"), (1, "1 day left"), (0, "last day today"), (-1, "over")])
def test_a_deadline_is_a_date_and_the_days_left(app: Flask, days_left: int, words: str) -> None:
    with app.test_request_context("/?lang=en"):
        html = render_template_string(IMPORT + "{{ ui.deadline(day, left) }}", day=date(2026, 11, 26), left=days_left)
    assert "26. 11. 2026" in html
    assert f">{words}<" in html


def test_a_step_that_cannot_be_undone_asks_first_and_posts(app: Flask) -> None:
    with app.test_request_context("/"):
        html = render_template_string(
            IMPORT + "{{ ui.confirm_button('Cancel order', 'Cancel order 2026-000001?', '/x') }}")
    assert html.index("<summary") < html.index("Cancel order 2026-000001?") < html.index('<button type="submit"')
    assert '<form method="post" action="/x">' in html
    assert 'name="csrf_token"' in html
