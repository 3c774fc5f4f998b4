"""What billing would like to know of a higher package: how drivers, vans and depots are called.

A package that knows sets `app.extensions["carrier_names"]` to a CarrierNames; without it numbers are shown.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol, cast

from flask import current_app


class CarrierNames(Protocol):
    """Names by the numbers that stand in account names."""

    def __call__(self, kind: Literal["driver", "vehicle", "depot"]) -> Mapping[int, str]:
        """All names of a kind."""


def carrier_names(kind: str) -> Mapping[int, str]:
    """The names that the application knows; empty where nothing was wired in."""
    names = current_app.extensions.get("carrier_names")
    return {} if names is None else cast("Mapping[int, str]", names(kind))
