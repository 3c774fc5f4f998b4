"""The phone desk by keyboard alone (P-D3)."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, expect

from core import clock
from core.db import db
from demo.people import PASSWORD
from demo.seed import lay_the_ground
from orders.models import Order
from orders.states import Channel
from tests.browser.conftest import screenshot
from tests.scenario.visitor import Visitor

pytestmark = pytest.mark.browser
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.fixture
def town(app: Flask) -> Iterator[Flask]:
    with clock.frozen_at(NOON):
        lay_the_ground(NOON)
        yield app


def sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/sign-in")
    page.locator("input[name=email]").fill("agent@plin.test")
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("who")).to_be_visible()


def test_a_repeat_order_takes_at_most_six_keystrokes_after_the_caller_is_known(
        town: Flask, live_url: str, new_page: Callable[..., Page]) -> None:
    agent = Visitor(town).sign_in("agent@plin.test", PASSWORD).open("/agent?q=041 555 666")
    agent.press("look", q__Z10__swap=2, name="Marija Horvat", address="Zaloška cesta 54, 1000 Ljubljana")
    agent.press("place-order", terms="y", adult="y", data="y", duties="y")

    page = new_page(1440, 900)
    sign_in(page, live_url)
    page.goto(f"{live_url}/agent")
    expect(page.get_by_test_id("caller")).to_be_focused()
    page.keyboard.type("041 555 666")
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.url.endswith("/agent")):
        page.keyboard.press("Enter")
    expect(page.get_by_test_id("promised").first).to_be_visible()
    screenshot(page, "desk-1440")

    keystrokes = ["Alt+1", "Alt+2", "Alt+3", "Alt+4", "Control+Enter"]
    for key in keystrokes:
        page.keyboard.press(key)
    page.wait_for_url("**/agent/orders/*")

    assert len(keystrokes) <= 6
    db.session.rollback()
    orders = db.session.scalars(sa.select(Order).order_by(Order.id)).all()
    assert [(order.channel, order.total_cents, order.duties_confirmed) for order in orders] == [
        (Channel.PHONE, 4980, True)] * 2
    assert orders[1].address_line == "Zaloška cesta 54, 1000 Ljubljana"


def test_what_was_typed_survives_a_reload_and_never_meets_another_caller(
        town: Flask, live_url: str, new_page: Callable[..., Page]) -> None:
    page = new_page(1440, 900)
    sign_in(page, live_url)
    page.goto(f"{live_url}/agent?q=041 555 666")
    page.get_by_test_id("name").fill("Marija Horvat")
    page.get_by_test_id("note").fill("zvonec 4")
    page.get_by_test_id("quantity-Z10-swap").fill("2")
    page.get_by_test_id("tick-terms").check()

    page.reload()
    expect(page.get_by_test_id("name")).to_have_value("Marija Horvat")
    expect(page.get_by_test_id("note")).to_have_value("zvonec 4")
    expect(page.get_by_test_id("quantity-Z10-swap")).to_have_value("2")
    expect(page.get_by_test_id("tick-terms")).not_to_be_checked()

    for caller in ("041 777 888", "041 555 666"):
        page.goto(f"{live_url}/agent?q={caller}")
        expect(page.get_by_test_id("name")).to_have_value("")
        expect(page.get_by_test_id("note")).to_have_value("")
