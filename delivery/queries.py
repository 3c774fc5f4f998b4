"""Reads of delivery: the one door for pages."""
from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from core.db import db
from delivery.board_rows import StopState, StopView
from delivery.board_view import BoardView, ProposalView, RouteView, board_view, plan_version
from delivery.driver_list import DriverList, DriverStop, driver_list, driver_stop
from delivery.errors import UnknownShift, UnknownStop
from delivery.models import Depot, Driver, Shift, Stop, Vehicle
from delivery.tracking_view import PaperLink, TrackingView, TrackState, tracking_view

__all__ = ["BoardView", "DriverList", "DriverStop", "PaperLink", "ProposalView", "RouteView", "StopState", "StopView",
           "TrackState", "TrackingView", "board_view", "carrier_names", "depots", "driver_list", "driver_stop",
           "plan_version", "shift_by_id", "stop_by_id", "tracking_view"]


def depots() -> Sequence[Depot]:
    """All depots, the first one first."""
    return db.session.scalars(sa.select(Depot).order_by(Depot.id)).all()


def shift_by_id(shift_id: int) -> Shift:
    """The shift; UnknownShift if there is none."""
    shift = db.session.get(Shift, shift_id)
    if shift is None:
        raise UnknownShift(shift_id=shift_id)
    return shift


def stop_by_id(stop_id: int) -> Stop:
    """The stop; UnknownStop if there is none."""
    stop = db.session.get(Stop, stop_id)
    if stop is None:
        raise UnknownStop(stop_id=stop_id)
    return stop


def carrier_names(kind: str) -> Mapping[int, str]:
    """Names of all drivers, vehicles or depots by id: what finance reads beside their accounts."""
    columns = {"driver": (Driver.id, Driver.name), "vehicle": (Vehicle.id, Vehicle.code),
               "depot": (Depot.id, Depot.name)}
    return {row[0]: row[1] for row in db.session.execute(sa.select(*columns[kind]))}
