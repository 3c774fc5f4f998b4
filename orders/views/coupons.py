"""A code on an order form: counted, held for that very form, checked again at each look, given back.

Shared by the customer's page and the agents' desk. What is held is kept in the signed session under a slot of the
page, so that nothing can be tried out by typing codes into a form (Y-12).
"""
from __future__ import annotations

from dataclasses import dataclass

from flask import session

from core.db import unit_of_work
from core.errors import DomainError
from orders.views.checkout import Checkout
from promos import attempts, services


@dataclass(frozen=True, kw_only=True)
class Coupons:
    """The held code of one kind of page; `slot` names its place in the session."""

    slot: str

    def held(self, page: Checkout) -> str | None:
        """The code that this very form holds."""
        holder, code = session.get(self.slot, ("", ""))
        return code if holder and holder == page.form.request_key.data else None

    def use(self, page: Checkout) -> None:
        """Price the page with the held code; a code that counts no longer becomes a problem of the page."""
        code = self.held(page)
        if code is None or page.prepared is None:
            return
        try:
            page.benefit = services.check(code, page.facts(), holder=page.form.request_key.data, now=page.now)
        except DomainError as error:
            self.forget()
            page.problems.append(("code", str(error)))
            return
        page.price()

    def apply(self, page: Checkout, *, address: str) -> bool:
        """Count the attempt (for `address` and the typed number), hold the typed code; True when it counts now."""
        phone = page.form.phone.phone
        try:
            attempts.count(address, phone.e164 if phone else None)
            with unit_of_work():
                benefit = services.hold(page.form.code.data or "", page.facts(), holder=page.form.request_key.data,
                                        now=page.now)
        except DomainError as error:
            self.use(page)
            page.problems.append(("code", str(error)))
            return False
        session[self.slot] = (page.form.request_key.data, benefit.code)
        page.benefit = benefit
        page.form.code.data = ""
        page.price()
        return True

    def release(self, page: Checkout) -> None:
        """Give the held code back."""
        if self.held(page):
            with unit_of_work():
                services.release_hold(page.form.request_key.data, now=page.now)
            self.forget()

    def forget(self) -> None:
        """The form is done with its code."""
        session.pop(self.slot, None)
