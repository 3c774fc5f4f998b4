"""Reads of delivery: the one door for pages."""
from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from core.db import db
from delivery.board_rows import StopState, StopView
from delivery.board_view import BoardView, ProposalView, RouteView, board_view, plan_version
from delivery.driver_list import DriverList, DriverStop, driver_list, driver_stop
from delivery.errors import UnknownShift, UnknownStop
from delivery.models import Depot, Shift, Stop
from delivery.tracking_view import PaperLink, TrackingView, TrackState, tracking_view

__all__ = ["BoardView", "DriverList", "DriverStop", "PaperLink", "ProposalView", "RouteView", "StopState", "StopView",
           "TrackState", "TrackingView", "board_view", "depots", "driver_list", "driver_stop", "plan_version",
           "shift_by_id", "stop_by_id", "tracking_view"]


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
