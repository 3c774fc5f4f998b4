"""Walk 2, 5 and 6 in a real browser: the customer orders, the dispatcher publishes, the driver settles."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, expect

from core import clock, links
from core.db import db
from delivery.models import Stop
from demo.people import PASSWORD
from demo.seed import lay_the_ground
from orders.models import Order
from orders.states import OrderStatus
from tests.browser.conftest import screenshot

pytestmark = pytest.mark.browser
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
NewPage = Callable[..., Page]


@pytest.fixture
def town(app: Flask) -> Iterator[Flask]:
    with clock.frozen_at(NOON):
        lay_the_ground(NOON)
        yield app


def the_order() -> Order:
    db.session.rollback()
    return db.session.scalars(sa.select(Order)).one()


def the_stop() -> Stop:
    db.session.rollback()
    return db.session.scalars(sa.select(Stop)).one()


def sign_in(page: Page, url: str, email: str) -> None:
    page.goto(f"{url}/sign-in")
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    expect(page.get_by_test_id("who")).to_be_visible()


def order_as_a_customer(page: Page, url: str) -> None:
    page.goto(f"{url}/")
    page.get_by_test_id("card-Z10-k").locator('[data-step="1"]').click()
    screenshot(page, "1-cylinders-360")
    page.get_by_test_id("next").locator("visible=true").click()
    page.get_by_test_id("address").fill("slovenska 55")
    page.locator("#address-list [role=option]").first.click()
    expect(page.get_by_test_id("promised").first).to_be_visible()
    screenshot(page, "2-delivery-360")
    page.get_by_test_id("next").locator("visible=true").click()
    page.get_by_test_id("name").fill("Janez Žagar")
    page.get_by_test_id("phone").fill("041 123 456")
    screenshot(page, "3-contact-360")
    page.get_by_test_id("next").locator("visible=true").click()
    for tick in ("terms", "adult", "data"):
        page.get_by_test_id(f"tick-{tick}").check()
    screenshot(page, "4-review-360")
    assert "34,90" in page.get_by_test_id("total").inner_text()
    page.get_by_test_id("place-order").click()
    expect(page.get_by_test_id("tracking")).to_be_visible()
    screenshot(page, "5-tracking-360")


def test_a_customer_orders_a_dispatcher_publishes_and_a_driver_delivers(
        town: Flask, live_url: str, new_page: NewPage) -> None:
    customer = new_page(360, 740)
    order_as_a_customer(customer, live_url)
    assert the_order().total_cents == 3490

    dispatcher = new_page(1440, 900)
    sign_in(dispatcher, live_url, "dispecer@plin.test")
    dispatcher.goto(f"{live_url}/dispatch?van={the_stop().shift_id}")
    screenshot(dispatcher, "6-board-1440")
    dispatcher.get_by_test_id("publish").click()
    dispatcher.wait_for_load_state("networkidle")
    screenshot(dispatcher, "7-board-published-1440")

    driver = new_page(360, 740)
    driver.goto(f"{live_url}/d/{links.token_for('driver', the_stop().shift_id or 0)}")
    screenshot(driver, "8-driver-list-360")
    driver.get_by_test_id("accept").click()
    driver.get_by_test_id("leave").click()
    expect(driver.get_by_test_id("arrive")).to_be_visible()
    assert the_order().status is OrderStatus.OUT_FOR_DELIVERY
    driver.get_by_test_id("arrive").click()
    assert "34,90" in driver.get_by_test_id("due").inner_text()
    screenshot(driver, "9-door-360")
    driver.get_by_test_id("deliver").click()
    expect(driver.get_by_test_id("receipt")).to_be_visible()
    screenshot(driver, "10-receipt-360")
    assert the_order().status is OrderStatus.DELIVERED

    customer.reload()
    expect(customer.get_by_test_id("documents")).to_be_visible()
    screenshot(customer, "11-delivered-360")
