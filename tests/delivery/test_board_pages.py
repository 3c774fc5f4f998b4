"""The dispatcher's board through the client: what it shows, every action with its guard, every wrong value."""
from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core import clock
from core.db import db, unit_of_work
from core.roles import Role
from core.tasks import run_sweep
from delivery import driving
from delivery.models import PlanProposal, Shift, Stop
from delivery.states import ProposalStatus, ShiftStatus, StopStatus
from notify.models import OutboxMessage
from tests.delivery.factories import Fleet, fleet, order_live, stop_of, version
from tests.factories import signed_in

HTMX = {"HX-Request": "true"}


@pytest.fixture
def vans(app: Flask, now: datetime) -> Fleet:
    return fleet(2)


@pytest.fixture
def dispatcher(app: Flask, vans: Fleet) -> FlaskClient:
    return signed_in(app, Role.DISPATCHER)


def place_of(stop_id: int) -> tuple[int | None, int, str, bool]:
    db.session.rollback()
    stop = db.session.get_one(Stop, stop_id)
    return stop.shift_id, stop.position, stop.status.value, stop.locked


def other_van(vans: Fleet, stop: Stop) -> int:
    return next(shift_id for shift_id in vans.shift_ids if shift_id != stop.shift_id)


def stop_state(html: str, stop_id: int) -> str:
    found = re.search(rf'id="stop-{stop_id}"[^>]*data-state="(\w+)"', html)
    assert found is not None
    return found[1]


def test_a_guest_is_sent_to_sign_in_and_another_role_is_refused(app: Flask, client: FlaskClient, vans: Fleet) -> None:
    assert client.get("/dispatch").status_code == 302
    for role in (Role.AGENT, Role.FINANCE, Role.MARKETING, Role.AUDITOR):
        assert signed_in(app, role).get("/dispatch").status_code == 403


def test_the_board_without_a_depot_says_so(app: Flask, now: datetime) -> None:
    assert signed_in(app, Role.DISPATCHER).get("/dispatch").status_code == 404


def test_an_empty_board_says_what_comes(dispatcher: FlaskClient, vans: Fleet) -> None:
    html = dispatcher.get("/dispatch").text
    assert 'data-testid="pool-empty"' in html
    assert html.count('data-testid="row-') == 2
    assert 'data-testid="open-count">0<' in html


def test_a_new_order_stands_on_its_van_s_row(dispatcher: FlaskClient, vans: Fleet) -> None:
    stop = stop_of(order_live(1))
    html = dispatcher.get(f"/dispatch?stop={stop.id}").text
    assert stop_state(html, stop.id) == "on_time"
    assert f'data-selected="{stop.id}"' in html
    assert 'data-testid="promise-window"' in html
    assert 'data-testid="open-count">1<' in html
    assert "Preizkusna ulica 1" in html


def test_the_inspector_comes_alone_for_htmx_and_as_the_board_without(dispatcher: FlaskClient, vans: Fleet) -> None:
    stop = stop_of(order_live(1))
    piece = dispatcher.get(f"/dispatch/stops/{stop.id}", headers=HTMX)
    assert piece.status_code == 200
    assert "<html" not in piece.text
    assert f'data-selected="{stop.id}"' in piece.text
    whole = dispatcher.get(f"/dispatch/stops/{stop.id}")
    assert (whole.status_code, whole.headers["Location"]) == (302, f"/dispatch?depot={vans.depot_id}&stop={stop.id}")


def test_the_poll_is_silent_until_the_plan_or_the_quarter_minute_changes(dispatcher: FlaskClient, vans: Fleet) -> None:
    def poll() -> int:
        return dispatcher.get(f"/dispatch/fragment?depot={vans.depot_id}&seen={seen}", headers=HTMX).status_code

    seen = f"{version(vans.depot_id)}.{int(clock.utc_now().timestamp()) // 15}"
    assert poll() == 204
    stop = stop_of(order_live(1))
    answer = dispatcher.get(f"/dispatch/fragment?depot={vans.depot_id}&seen={seen}&stop={stop.id}", headers=HTMX)
    assert answer.status_code == 200
    assert 'id="board-line"' in answer.text
    assert f'data-selected="{stop.id}"' in answer.text
    seen = f"{version(vans.depot_id)}.{int(clock.utc_now().timestamp()) // 15}"
    assert poll() == 204
    clock.advance(timedelta(seconds=15))
    assert poll() == 200


def test_a_poll_on_hold_leaves_the_inspector_alone(dispatcher: FlaskClient, vans: Fleet) -> None:
    html = dispatcher.get(f"/dispatch/fragment?depot={vans.depot_id}&hold=1", headers=HTMX).text
    assert 'id="board-line"' in html
    assert 'id="inspector"' not in html


def test_checking_a_move_shows_its_effect_and_changes_nothing(dispatcher: FlaskClient, vans: Fleet) -> None:
    """P-D5: the effect is seen before it is made."""
    stop = stop_of(order_live(1))
    before, seen = place_of(stop.id), version(vans.depot_id)
    answer = dispatcher.post(f"/dispatch/stops/{stop.id}/move", data={
        "seen_version": seen, "shift_id": other_van(vans, stop), "position": "", "do": "check"})
    assert answer.status_code == 200
    assert 'data-testid="effect" data-applied="false"' in answer.text
    assert place_of(stop.id) == before
    assert version(vans.depot_id) == seen


def test_a_move_puts_the_stop_on_the_other_van(dispatcher: FlaskClient, vans: Fleet) -> None:
    stop = stop_of(order_live(1))
    target = other_van(vans, stop)
    answer = dispatcher.post(f"/dispatch/stops/{stop.id}/move", data={
        "seen_version": version(vans.depot_id), "shift_id": target, "position": "1", "do": "move",
        "force_reason": "voznik pozna kupca"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/dispatch?depot={vans.depot_id}&stop={stop.id}"
    assert place_of(stop.id) == (target, 1, "planned", False)


def test_a_move_over_a_frozen_beginning_wants_a_reason(dispatcher: FlaskClient, vans: Fleet) -> None:
    """Y-05: the next stop is frozen; a person may move it with a reason."""
    stop = stop_of(order_live(1))
    before, data = place_of(stop.id), {"seen_version": version(vans.depot_id), "shift_id": other_van(vans, stop),
                                       "position": "1", "do": "move"}
    answer = dispatcher.post(f"/dispatch/stops/{stop.id}/move", data=data)
    assert answer.status_code == 409
    assert 'data-code="needs_reason"' in answer.text
    assert 'name="force_reason"' in answer.text
    assert place_of(stop.id) == before


def test_undo_brings_the_stop_back_exactly(dispatcher: FlaskClient, vans: Fleet) -> None:
    """P-D5: undo restores the plan as it was."""
    stop = stop_of(order_live(1))
    before = place_of(stop.id)
    dispatcher.post(f"/dispatch/stops/{stop.id}/move", data={
        "seen_version": version(vans.depot_id), "shift_id": other_van(vans, stop), "position": "1", "do": "move",
        "force_reason": "poskus"})
    assert place_of(stop.id) != before
    assert 'data-testid="undo"' in dispatcher.get("/dispatch").text
    answer = dispatcher.post(f"/dispatch/depots/{vans.depot_id}/undo",
                             data={"seen_version": version(vans.depot_id)})
    assert answer.status_code == 303
    assert place_of(stop.id) == before
    again = dispatcher.post(f"/dispatch/depots/{vans.depot_id}/undo", data={"seen_version": version(vans.depot_id)})
    assert again.status_code == 409
    assert 'data-code="nothing_to_undo"' in again.text


@pytest.mark.parametrize("action", ["move", "lock", "unassign"])
def test_a_stale_plan_is_refused_and_the_present_one_shown(dispatcher: FlaskClient, vans: Fleet, action: str) -> None:
    stop = stop_of(order_live(1))
    seen = version(vans.depot_id) - 1
    before = place_of(stop.id)
    answer = dispatcher.post(f"/dispatch/stops/{stop.id}/{action}", headers=HTMX, data={
        "seen_version": seen, "shift_id": other_van(vans, stop), "position": "1", "do": "move", "force_reason": "x"})
    assert answer.status_code == 409
    assert 'data-code="stale_plan"' in answer.text
    assert f'data-version="{version(vans.depot_id)}"' in answer.text
    assert place_of(stop.id) == before


@pytest.mark.parametrize("action", ["lock", "unassign"])
def test_an_action_without_the_version_counts_as_stale(dispatcher: FlaskClient, vans: Fleet, action: str) -> None:
    stop = stop_of(order_live(1))
    before = place_of(stop.id)
    assert dispatcher.post(f"/dispatch/stops/{stop.id}/{action}", data={}).status_code == 409
    assert place_of(stop.id) == before


@pytest.mark.parametrize(("field", "value"), [
    ("position", "0"), ("position", "201"), ("position", "prva"), ("position", "-1"), ("position", "1.5"),
    ("shift_id", ""), ("shift_id", "kombi"), ("shift_id", "0"), ("seen_version", "x"), ("seen_version", "-1"),
    ("force_reason", "<script>alert(1)</script>"), ("force_reason", "ж" * 5), ("force_reason", "a" * 121),
])
def test_a_move_with_a_value_that_cannot_be_is_422(dispatcher: FlaskClient, vans: Fleet, field: str,
                                                   value: str) -> None:
    stop = stop_of(order_live(1))
    before, seen = place_of(stop.id), version(vans.depot_id)
    data = {"seen_version": str(seen), "shift_id": str(other_van(vans, stop)), "position": "1", "do": "move",
            "force_reason": "razlog"} | {field: value}
    answer = dispatcher.post(f"/dispatch/stops/{stop.id}/move", data=data)
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert place_of(stop.id) == before
    assert version(vans.depot_id) == seen


def test_a_stop_is_not_moved_onto_a_route_that_has_ended(dispatcher: FlaskClient, vans: Fleet) -> None:
    stop = stop_of(order_live(1))
    target = other_van(vans, stop)
    with unit_of_work():
        db.session.get_one(Shift, target).status = ShiftStatus.ENDED
    before = place_of(stop.id)
    answer = dispatcher.post(f"/dispatch/stops/{stop.id}/move", data={
        "seen_version": version(vans.depot_id), "shift_id": target, "position": "1", "do": "move"})
    assert answer.status_code == 409
    assert 'data-code="shift_closed"' in answer.text
    assert 'id="move-van-error"' in answer.text
    assert place_of(stop.id) == before


def test_unknown_stops_shifts_and_depots_are_404(dispatcher: FlaskClient, vans: Fleet) -> None:
    for path in ("/dispatch?depot=99", "/dispatch/stops/99", "/dispatch/shifts/99"):
        assert dispatcher.get(path).status_code == 404
    for path in ("/dispatch/stops/99/move", "/dispatch/stops/99/lock", "/dispatch/shifts/99/publish",
                 "/dispatch/shifts/99/down", "/dispatch/depots/99/undo", "/dispatch/proposals/99",
                 "/dispatch/shifts/99/driver"):
        assert dispatcher.post(path, data={"seen_version": "0"}).status_code == 404


def test_lock_and_unlock_show_their_state(dispatcher: FlaskClient, vans: Fleet) -> None:
    stop = stop_of(order_live(1))
    for locked in (True, False):
        answer = dispatcher.post(f"/dispatch/stops/{stop.id}/lock", headers=HTMX, data={
            "seen_version": version(vans.depot_id), "locked": "1" if locked else "0"})
        assert answer.status_code == 200
        assert ("block--locked" in answer.text) is locked
        assert place_of(stop.id)[3] is locked


def test_a_stop_taken_out_waits_in_the_pool(dispatcher: FlaskClient, vans: Fleet) -> None:
    stop = stop_of(order_live(1))
    answer = dispatcher.post(f"/dispatch/stops/{stop.id}/unassign", headers=HTMX,
                             data={"seen_version": version(vans.depot_id)})
    assert answer.status_code == 200
    assert place_of(stop.id) == (None, 0, "unassigned", True)
    assert 'data-testid="pool-count">1<' in answer.text


def test_publishing_sends_the_list_once_and_then_only_changes(dispatcher: FlaskClient, vans: Fleet) -> None:
    stop = stop_of(order_live(1))
    shift_id = stop.shift_id
    first = dispatcher.post(f"/dispatch/shifts/{shift_id}/publish")
    assert first.status_code == 303
    db.session.rollback()
    assert db.session.get_one(Shift, shift_id).list_version == 1
    to_driver = db.session.query(OutboxMessage).filter_by(recipient="+38641000000").count() \
        + db.session.query(OutboxMessage).filter_by(recipient="+38641000001").count()
    assert to_driver == 2
    html = dispatcher.get(f"/dispatch?van={shift_id}").text
    assert 'data-testid="list-state"' in html
    again = dispatcher.post(f"/dispatch/shifts/{shift_id}/publish")
    assert again.status_code == 303
    db.session.rollback()
    assert db.session.get_one(Shift, shift_id).list_version == 1


def test_an_empty_van_has_no_list_to_send(dispatcher: FlaskClient, vans: Fleet) -> None:
    answer = dispatcher.post(f"/dispatch/shifts/{vans.shift_ids[0]}/publish")
    assert answer.status_code == 409
    assert 'data-code="nothing_to_publish"' in answer.text
    assert vans.shifts[0].list_version == 0


def test_all_changed_lists_are_sent_at_once(dispatcher: FlaskClient, vans: Fleet) -> None:
    stop = stop_of(order_live(1))
    answer = dispatcher.post(f"/dispatch/depots/{vans.depot_id}/publish")
    assert answer.status_code == 303
    db.session.rollback()
    versions = {shift.id: shift.list_version for shift in vans.shifts}
    assert versions == {shift_id: int(shift_id == stop.shift_id) for shift_id in vans.shift_ids}


def test_a_van_that_breaks_down_gives_its_stops_to_the_others_and_comes_back(dispatcher: FlaskClient,
                                                                           vans: Fleet) -> None:
    stop = stop_of(order_live(1))
    shift_id, target = stop.shift_id, other_van(vans, stop)
    answer = dispatcher.post(f"/dispatch/shifts/{shift_id}/down", data={"reason": "guma"})
    assert answer.status_code == 303
    db.session.rollback()
    assert db.session.get_one(Shift, shift_id).status is ShiftStatus.DOWN
    assert place_of(stop.id)[0] == target
    assert dispatcher.post(f"/dispatch/shifts/{shift_id}/down", data={"up": "1"}).status_code == 303
    db.session.rollback()
    assert db.session.get_one(Shift, shift_id).status is ShiftStatus.ACTIVE


def test_a_reason_that_cannot_be_read_takes_no_van_out(dispatcher: FlaskClient, vans: Fleet) -> None:
    answer = dispatcher.post(f"/dispatch/shifts/{vans.shift_ids[0]}/down", data={"reason": "поломка"})
    assert answer.status_code == 422
    assert vans.shifts[0].status is ShiftStatus.ACTIVE


def test_a_stop_under_way_cannot_be_moved(dispatcher: FlaskClient, vans: Fleet) -> None:
    stop = stop_of(order_live(1))
    stop_id, shift_id = stop.id, stop.shift_id
    assert shift_id is not None
    with unit_of_work():
        driving.leave_for(shift_id, stop_id, now=clock.utc_now())
    html = dispatcher.get(f"/dispatch?stop={stop_id}").text
    assert 'data-testid="move-form"' not in html
    answer = dispatcher.post(f"/dispatch/stops/{stop_id}/move", data={
        "seen_version": version(vans.depot_id), "shift_id": shift_id, "position": "1", "do": "move"})
    assert answer.status_code == 409
    assert 'data-code="not_movable"' in answer.text
    assert place_of(stop_id)[2] == StopStatus.EN_ROUTE


def test_asking_for_a_better_plan_is_taken_note_of(dispatcher: FlaskClient, vans: Fleet) -> None:
    answer = dispatcher.post(f"/dispatch/depots/{vans.depot_id}/replan", headers=HTMX)
    assert answer.status_code == 200
    assert 'data-testid="said"' in answer.text


def make_proposal(vans: Fleet, stop: Stop) -> int:
    target = other_van(vans, stop)
    with unit_of_work():
        row = PlanProposal(
            depot_id=vans.depot_id, plan_version=version(vans.depot_id), created_at=clock.utc_now(),
            routes={str(shift_id): [stop.id] if shift_id == target else [] for shift_id in vans.shift_ids},
            diff=[{"stop_id": stop.id, "from_van": "LJ-1", "from_at": clock.utc_now().isoformat(), "to_van": "LJ-2",
                   "to_at": None, "breaks": 120}])
        db.session.add(row)
    return row.id


def test_a_proposal_shows_what_changes_and_is_discarded(dispatcher: FlaskClient, vans: Fleet) -> None:
    """Y-06: what breaks a promise waits for a person."""
    stop = stop_of(order_live(1))
    before = place_of(stop.id)
    proposal_id = make_proposal(vans, stop)
    html = dispatcher.get("/dispatch?lang=en").text
    assert f'data-testid="proposal-{proposal_id}"' in html
    assert "+2 min" in html
    answer = dispatcher.post(f"/dispatch/proposals/{proposal_id}", data={"depot": vans.depot_id, "do": "discard"})
    assert answer.status_code == 303
    db.session.rollback()
    assert db.session.get_one(PlanProposal, proposal_id).status is ProposalStatus.DISCARDED
    assert place_of(stop.id) == before
    again = dispatcher.post(f"/dispatch/proposals/{proposal_id}", data={"depot": vans.depot_id, "do": "apply"})
    assert again.status_code == 409


def test_the_driver_s_page_opens_from_the_board(dispatcher: FlaskClient, vans: Fleet) -> None:
    answer = dispatcher.post(f"/dispatch/shifts/{vans.shift_ids[0]}/driver")
    assert answer.status_code == 303
    assert dispatcher.get(answer.headers["Location"]).status_code == 200


def test_late_stops_raise_an_alarm_and_are_marked_by_shape_and_word(dispatcher: FlaskClient, vans: Fleet) -> None:
    stop = stop_of(order_live(1))
    clock.advance(timedelta(minutes=70))
    run_sweep("delivery.announce")
    html = dispatcher.get(f"/dispatch?stop={stop.id}").text
    assert stop_state(html, stop.id) == "late"
    assert f'data-alarm="{stop.id}"' in html
    assert 'data-testid="late-count">1<' in html
