"""Explanations in sentences for the dispatcher: what binds, what helps and what it costs."""
from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from core.i18n import show_time, show_window
from delivery.causes import Cause, CauseKind
from delivery.explaining import Explanation
from delivery.fixing import Fix, FixKind
from delivery.remedies import fix_key
from delivery.words import skill_word


@dataclass(frozen=True, kw_only=True)
class FixLine:
    """A fix as the board shows it; `key` is empty where it cannot be done by a button."""

    key: str
    kind: str
    text: str
    effect: str


@dataclass(frozen=True, kw_only=True)
class ExplanationView:
    """What the inspector says of a stop in trouble."""

    stop_id: int
    version: int
    causes: tuple[str, ...]
    fixes: tuple[FixLine, ...]


def explanation_view(found: Explanation) -> ExplanationView:
    """The explanation in words."""
    return ExplanationView(
        stop_id=found.stop_id, version=found.seen.version,
        causes=tuple(cause_words(found, cause) for cause in found.causes),
        fixes=tuple(FixLine(key="" if fix.kind is FixKind.MORE_VANS else fix_key(fix), kind=fix.kind.value,
                            text=fix_words(found, fix), effect=effect_words(found, fix)) for fix in found.fixes))


def _minutes(seconds: int) -> int:
    return -(-seconds // 60)


def cause_words(found: Explanation, cause: Cause) -> str:
    """One binding constraint."""
    van, minutes = found.vans.get(cause.vehicle_id or "", ""), _minutes(cause.amount)
    streets = ", ".join(found.streets.get(name, name) for name in cause.visit_ids)
    sentences = {
        CauseKind.HELD: lambda: _("It is held in the pool by the dispatcher."),
        CauseKind.WINDOW_OVER: lambda: ngettext("Its promise passed %(num)s minute ago.",
                                                "Its promise passed %(num)s minutes ago.", minutes),
        CauseKind.STOPS_BEFORE: lambda: ngettext(
            "%(van)s serves others first and comes %(num)s minute late: %(streets)s.",
            "%(van)s serves others first and comes %(num)s minutes late: %(streets)s.", minutes, van=van,
            streets=streets),
        CauseKind.LOCKED_BEFORE: lambda: _("Locked before it: %(streets)s.", streets=streets),
        CauseKind.VAN_FREE_LATE: lambda: ngettext(
            "Even if %(van)s drove there at once, it would come %(num)s minute late.",
            "Even if %(van)s drove there at once, it would come %(num)s minutes late.", minutes, van=van),
        CauseKind.NEXT_VAN_LATE: lambda: ngettext("%(van)s is the next nearest and would be %(num)s minute late.",
                                                  "%(van)s is the next nearest and would be %(num)s minutes late.",
                                                  minutes, van=van),
        CauseKind.OTHERS_BOUND: lambda: _("%(van)s could come in time, but would then be late for somebody else.",
                                          van=van),
        CauseKind.NO_VEHICLE: lambda: _("No van is on shift."),
        CauseKind.SKILL_MISSING: lambda: _("%(van)s is nearest, but: %(skill)s.", van=van,
                                           skill=skill_word(cause.detail)),
        CauseKind.STOCK_SHORT: lambda: ngettext(
            "%(van)s is nearest and has %(num)s full cylinder %(kind)s too few.",
            "%(van)s is nearest and has %(num)s full cylinders %(kind)s too few.", cause.amount, van=van,
            kind=cause.detail),
        CauseKind.SLOTS_OVER: lambda: ngettext("%(van)s is nearest and lacks %(num)s rack place.",
                                               "%(van)s is nearest and lacks %(num)s rack places.", cause.amount,
                                               van=van),
        CauseKind.GAS_OVER: lambda: _("%(van)s is nearest and would be %(kg)s kg of gas over its limit.", van=van,
                                      kg=-(-cause.amount // 1000)),
        CauseKind.SHIFT_OVER: lambda: ngettext("%(van)s is nearest; its shift would end %(num)s minute too late.",
                                               "%(van)s is nearest; its shift would end %(num)s minutes too late.",
                                               minutes, van=van),
        CauseKind.WINDOW_MISSED: lambda: _("No van can be there within the agreed time."),
        CauseKind.UNREACHABLE: lambda: _("The map knows no road to it for %(van)s. Check its pin.", van=van),
        CauseKind.OUTSIDE_MAP: lambda: _("It lies outside the map; its driving times are estimates. Check its pin."),
    }
    say = sentences.get(cause.kind)
    return say() if say is not None else _("%(van)s cannot take it.", van=van)


def fix_words(found: Explanation, fix: Fix) -> str:
    """One fix, as an instruction."""
    van, street = found.vans.get(fix.vehicle_id or "", ""), found.streets.get(fix.visit_id, "")
    at = show_time(found.seen.at(fix.start_s))
    sentences = {
        FixKind.MOVE: lambda: _("Move it to %(van)s, place %(position)d", van=van, position=(fix.position or 0) + 1),
        FixKind.RELOAD: lambda: _("Let %(van)s load at the depot, then go there", van=van),
        FixKind.MOVE_OTHER: lambda: _("Move %(street)s to %(van)s, place %(position)d", street=street, van=van,
                                      position=(fix.position or 0) + 1),
        FixKind.UNLOCK: lambda: _("Unlock %(street)s", street=street),
        FixKind.LONGER_SHIFT: lambda: ngettext("Agree with %(van)s to stay %(num)s minute longer",
                                               "Agree with %(van)s to stay %(num)s minutes longer",
                                               _minutes(fix.extra_s), van=van),
        FixKind.MORE_VANS: lambda: _("Take %(van)s into service: there at %(time)s", van=van, time=at),
        FixKind.TWO_HOURS: lambda: _two_hours_words(found, fix, van),
        FixKind.LATER_WINDOW: lambda: _later_words(found, fix, van),
        FixKind.OTHER_DAY: lambda: _("Agree another day: %(window)s", window=_window(found, fix)),
    }
    return sentences[fix.kind]()


def _two_hours_words(found: Explanation, fix: Fix, van: str) -> str:
    """The hour lengthened, and what the van has to do for it."""
    by = show_time(found.seen.at(fix.by_s or 0))
    if not fix.extra_s:
        return _("Tell the customer: two hours at most, by %(time)s", time=by)
    return ngettext("Tell the customer: two hours at most, by %(time)s; %(van)s stays %(num)s minute longer",
                    "Tell the customer: two hours at most, by %(time)s; %(van)s stays %(num)s minutes longer",
                    _minutes(fix.extra_s), time=by, van=van)


def _later_words(found: Explanation, fix: Fix, van: str) -> str:
    """A later time, and what the van has to do for it."""
    window = _window(found, fix)
    if not fix.extra_s:
        return _("Agree a later time: %(window)s", window=window)
    return ngettext("Agree a later time: %(window)s; %(van)s stays %(num)s minute longer",
                    "Agree a later time: %(window)s; %(van)s stays %(num)s minutes longer", _minutes(fix.extra_s),
                    window=window, van=van)


def _window(found: Explanation, fix: Fix) -> str:
    begin, end = found.seen.at(fix.from_s or 0), found.seen.at(fix.by_s or 0)
    return show_window(begin, end, now=found.seen.origin)


def effect_words(found: Explanation, fix: Fix) -> str:
    """What a fix does: when the van comes, minutes and kilometres, who gets later."""
    parts = []
    if fix.kind is not FixKind.OTHER_DAY:
        parts.append(_("at the door %(time)s", time=show_time(found.seen.at(fix.start_s))))
    if fix.travel_s or fix.distance_m:
        km = f"{fix.distance_m / 1000:+.1f}".replace(".", ",")
        parts.append(f"{round(fix.travel_s / 60):+d} min, {km} km")
    if fix.later:
        most = max(_minutes(later) for _name, later in fix.later)
        parts.append(ngettext("%(num)s other up to %(minutes)s min later", "%(num)s others up to %(minutes)s min later",
                              len(fix.later), minutes=most))
    return " · ".join(parts)
