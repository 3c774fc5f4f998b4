"""Words for people: why a stop has no van, what a move breaks, kinds of stops (lazily translated)."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from delivery.moving import FROZEN, Breach
from delivery.states import FailReason
from routing.plan import Unserved

_UNSERVED: Mapping[str, Any] = {
    Unserved.NO_VEHICLE.value: _l("no van on duty"),
    Unserved.WRONG_VEHICLE.value: _l("meant for another van"),
    Unserved.UNREACHABLE.value: _l("no road leads there"),
    Unserved.SKILL_MISSING.value: _l("no van with a card terminal is free"),
    Unserved.STOCK_SHORT.value: _l("not enough full cylinders on board"),
    Unserved.SLOTS_OVER.value: _l("no rack place for the empty cylinders"),
    Unserved.GAS_OVER.value: _l("over the gas limit of the vans"),
    Unserved.CAPACITY_OVER.value: _l("over the load limit of the vans"),
    Unserved.BREAK_MISSED.value: _l("no driver could take the break in time"),
    Unserved.SHIFT_OVER.value: _l("does not fit before the shifts end"),
    Unserved.WINDOW_MISSED.value: _l("no van can be there in time"),
    Unserved.OTHERS_BOUND.value: _l("another stop would be missed"),
    Unserved.TOO_COSTLY.value: _l("left out by the planner"),
    "unplanned": _l("not planned yet"),
    "later_day": _l("agreed for a later day"),
    "held": _l("held by the dispatcher"),
}

_SKILLS: Mapping[str, Any] = {
    "card": _l("no card terminal on board"),
    "adr": _l("its driver has no ADR certificate"),
}

_KINDS: Mapping[str, Any] = {
    "order": _l("delivery"),
    "withdrawal": _l("pick-up after withdrawal"),
    "deposit_return": _l("return of a cylinder"),
    "complaint": _l("complaint pick-up"),
    "reload": _l("loading at the depot"),
}

_FAILED: Mapping[FailReason, Any] = {
    FailReason.NOT_HOME: _l("Nobody at home"),
    FailReason.WRONG_ADDRESS: _l("Wrong address"),
    FailReason.DAMAGED: _l("Cylinder damaged"),
    FailReason.FOIL_REMOVED: _l("Safety foil removed"),
    FailReason.CUSTOMER_CANCELLED: _l("Customer no longer wants it"),
    FailReason.OTHER: _l("Something else"),
}


def unserved_word(reason: str) -> Any:
    """Why a stop has no van."""
    return _UNSERVED.get(reason, _UNSERVED["unplanned"])


def skill_word(skill: str) -> Any:
    """What a van or its driver lacks."""
    if skill.startswith("cash:"):
        return _("not enough cash on board to pay out")
    return _SKILLS.get(skill, skill)


def stop_kind_word(kind: str) -> Any:
    """What is done at a stop."""
    return _KINDS[kind]


def fail_word(reason: FailReason | str) -> Any:
    """Why nothing could be handed over; empty for an empty reason."""
    return _FAILED[FailReason(reason)] if reason else ""


def breach_word(breach: Breach) -> str:
    """What a move breaks, in a sentence for the dispatcher."""
    minutes = -(-breach.amount // 60)
    sentences = {
        FROZEN: lambda: _("%(van)s: the stop is frozen, the driver or the customer counts on it.",
                          van=breach.vehicle_code),
        "shift_over": lambda: ngettext("%(van)s: the shift would end %(num)s minute too late.",
                                       "%(van)s: the shift would end %(num)s minutes too late.", minutes,
                                       van=breach.vehicle_code),
        "promise_late": lambda: ngettext("The promise of a stop is missed by %(num)s minute.",
                                         "The promise of a stop is missed by %(num)s minutes.", minutes),
        "stock_short": lambda: ngettext("%(van)s: %(num)s full cylinder %(kind)s is missing.",
                                        "%(van)s: %(num)s full cylinders %(kind)s are missing.", breach.amount,
                                        van=breach.vehicle_code, kind=breach.detail),
        "spare_used": lambda: _("%(van)s: the spare cylinder %(kind)s would be used.", van=breach.vehicle_code,
                                kind=breach.detail),
        "slots_over": lambda: ngettext("%(van)s: %(num)s rack place is missing.",
                                       "%(van)s: %(num)s rack places are missing.", breach.amount,
                                       van=breach.vehicle_code),
        "gas_over": lambda: _("%(van)s: %(kg)s kg of gas over the limit.", van=breach.vehicle_code,
                              kg=-(-breach.amount // 1000)),
        "skill_missing": lambda: _("%(van)s: %(skill)s.", van=breach.vehicle_code, skill=skill_word(breach.detail)),
        "capacity_over": lambda: _("%(van)s: the load would be over the limit.", van=breach.vehicle_code),
        "break_missed": lambda: ngettext("%(van)s: the driver's break would begin %(num)s minute too late.",
                                         "%(van)s: the driver's break would begin %(num)s minutes too late.", minutes,
                                         van=breach.vehicle_code),
        "unreachable": lambda: _("%(van)s: no road leads there.", van=breach.vehicle_code),
        "wrong_vehicle": lambda: _("%(van)s: the stop is meant for another van.", van=breach.vehicle_code),
        "frozen_moved": lambda: _("%(van)s is on its way to another stop first.", van=breach.vehicle_code),
    }
    say = sentences.get(breach.kind)
    return say() if say is not None else _("%(van)s: the route would not be possible.", van=breach.vehicle_code)
