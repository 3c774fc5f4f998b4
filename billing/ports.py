"""What billing would like to know of higher packages: names, and figures that the ledger must agree with.

A package that knows how drivers, vans and depots are called sets `app.extensions["carrier_names"]` to a CarrierNames;
without it numbers are shown. One that keeps figures of its own adds a function to `app.extensions["ledger_checks"]`.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, cast

from flask import current_app


@dataclass(frozen=True, kw_only=True)
class LedgerCheck:
    """One figure worked out twice: from the ledger's entries and from the rows of another table."""

    what: str
    in_ledger: int
    elsewhere: int

    @property
    def agrees(self) -> bool:
        return self.in_ledger == self.elsewhere


def ledger_checks() -> Iterator[LedgerCheck]:
    """All figures that the application keeps or shows beside the ledger."""
    for check in current_app.extensions.get("ledger_checks", []):
        yield from check()


class CarrierNames(Protocol):
    """Names by the numbers that stand in account names."""

    def __call__(self, kind: Literal["driver", "vehicle", "depot"]) -> Mapping[int, str]:
        """All names of a kind."""


def carrier_names(kind: str) -> Mapping[int, str]:
    """The names that the application knows; empty where nothing was wired in."""
    names = current_app.extensions.get("carrier_names")
    return {} if names is None else cast("Mapping[int, str]", names(kind))
