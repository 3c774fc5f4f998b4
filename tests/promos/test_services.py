"""The life of a code on both databases: check, hold, redeem, release, burn."""
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.models import Customer
from core import clock
from core.audit import AuditEntry
from core.db import db, unit_of_work
from core.phone import PhoneKind
from core.tasks import run_sweep
from promos import campaigns, services
from promos.codes import check_character
from promos.errors import (
    CampaignChanged,
    CampaignEnded,
    PromoExpired,
    PromoHeld,
    PromoNotForThis,
    PromoNotYet,
    PromoOnlyOne,
    PromoPaused,
    PromoRefused,
    PromoTooMuch,
    PromoUnknown,
    PromoUsed,
    PromoUsedUp,
    UnknownCampaign,
    WrongCampaign,
)
from promos.models import Campaign, PromoBatch, PromoCode, PromoEvent, PromoRedemption
from promos.rules import Benefit
from promos.states import BurnPolicy, CodeAction, CodeChannel, CodeState, OrderEnd, Outcome
from tests.promos.factories import DAY, draft, facts, issued

pytestmark = pytest.mark.usefixtures("app", "now")
MINUTE = timedelta(minutes=1)


def hold(code: str, holder: str = "form-1") -> Benefit:
    with unit_of_work():
        return services.hold(code, facts(), holder=holder, now=clock.utc_now())


def redeem(code: str, order: str = "order:1", holder: str = "form-1") -> Benefit:
    with unit_of_work():
        return services.redeem(code, facts(), holder=holder, order_ref=order, now=clock.utc_now())


def end(order: str, why: OrderEnd) -> None:
    with unit_of_work():
        services.order_ended(order, why, now=clock.utc_now())


def stored(code: str) -> PromoCode:
    db.session.rollback()
    return db.session.scalars(sa.select(PromoCode).where(PromoCode.code == code)).one()


def history(code: str) -> list[CodeAction]:
    return list(db.session.scalars(sa.select(PromoEvent.action).where(PromoEvent.code_id == stored(code).id)
                                   .order_by(PromoEvent.id)))


def campaign_of(code: str) -> Campaign:
    return stored(code).campaign


def everything() -> list[tuple[object, ...]]:
    """All rows of this package, to show that a refusal changed nothing."""
    db.session.rollback()
    return [tuple(row) for model in (Campaign, PromoBatch, PromoCode, PromoRedemption, PromoEvent)
            for row in db.session.execute(sa.select(model.__table__).order_by(model.__table__.c.id))]


def refused(error: type[PromoRefused], code: str, **changes: object) -> PromoRefused:
    """Check, hold and redeem all refuse alike and change nothing."""
    before = everything()
    at, order = clock.utc_now(), facts(**changes)
    with pytest.raises(PromoRefused) as found:
        services.check(code, order, holder="form-9", now=at)
    assert type(found.value) is error
    for act in (lambda: services.hold(code, order, holder="form-9", now=at),
                lambda: services.redeem(code, order, holder="form-9", order_ref="order:9", now=at)):
        with pytest.raises(error), unit_of_work():
            act()
    assert everything() == before
    return found.value


def test_a_check_tells_the_benefit_and_writes_nothing() -> None:
    """H-134, W-21."""
    [code] = issued()
    before = everything()
    typed = code.lower().replace("-", " ")
    benefit = services.check(typed, facts(), holder="form-1", now=clock.utc_now())
    assert benefit == Benefit(code=code, campaign_name="Poletje", discount_cents=300,
                              valid_until=clock.utc_now() + 2 * DAY)
    assert everything() == before


def test_a_code_is_held_then_redeemed_then_used() -> None:
    """H-137."""
    [code] = issued()
    hold(code)
    assert (stored(code).state, stored(code).held_by) == (CodeState.HELD, "form-1")
    assert redeem(code).discount_cents == 300
    assert (stored(code).state, stored(code).held_by, stored(code).held_until) == (CodeState.REDEEMED, None, None)
    assert (campaign_of(code).redeemed_count, campaign_of(code).spent_cents) == (1, 300)
    assert history(code) == [CodeAction.ISSUE, CodeAction.HOLD, CodeAction.REDEEM]
    refused(PromoUsed, code)


def test_a_code_needs_no_hold_to_be_redeemed_by_phone() -> None:
    """H-135: the same engine for the phone desk."""
    [code] = issued()
    with unit_of_work():
        services.redeem(code, facts(channel="phone"), holder="form-1", order_ref="order:1", now=clock.utc_now())
    redemption = db.session.scalars(sa.select(PromoRedemption)).one()
    assert (redemption.order_ref, redemption.order_channel, redemption.gas_cents, redemption.discount_cents,
            redemption.outcome) == ("order:1", "phone", 4980, 300, Outcome.USED)


def test_a_hold_keeps_others_out_for_fifteen_minutes_and_not_longer() -> None:
    """Y-12."""
    [code] = issued()
    hold(code)
    clock.advance(15 * MINUTE - timedelta(seconds=1))
    refused(PromoHeld, code)
    clock.advance(timedelta(seconds=1))
    redeem(code, holder="form-2")
    refused(PromoUsed, code)


def test_the_same_form_may_hold_again_and_its_time_starts_anew() -> None:
    [code] = issued()
    hold(code)
    clock.advance(10 * MINUTE)
    hold(code)
    assert stored(code).held_until == clock.utc_now() + 15 * MINUTE


def test_a_form_holds_one_code_at_a_time() -> None:
    """W-19."""
    first, second = issued(2)
    hold(first)
    hold(second)
    assert (stored(first).state, stored(second).state) == (CodeState.ISSUED, CodeState.HELD)
    assert history(first) == [CodeAction.ISSUE, CodeAction.HOLD, CodeAction.LET_GO]


def test_a_form_lets_go_of_its_hold_and_of_no_other() -> None:
    first, second = issued(2)
    hold(first, "form-1")
    hold(second, "form-2")
    with unit_of_work():
        services.release_hold("form-1", now=clock.utc_now())
    assert (stored(first).state, stored(second).state) == (CodeState.ISSUED, CodeState.HELD)


def test_a_hold_made_in_time_lives_on_after_the_end_but_is_not_made_longer(now: datetime) -> None:
    """H-131, Y-12."""
    [code] = issued(ends_at=now + 5 * MINUTE)
    hold(code)
    clock.advance(10 * MINUTE)
    hold(code)
    assert stored(code).held_until == now + 15 * MINUTE
    refused(PromoExpired, code)
    redeem(code)
    assert stored(code).state is CodeState.REDEEMED


def test_a_hold_that_ran_out_after_the_end_is_expired(now: datetime) -> None:
    [code] = issued(ends_at=now + 5 * MINUTE)
    hold(code)
    clock.advance(15 * MINUTE)
    with pytest.raises(PromoExpired):
        redeem(code)


def test_an_expired_code_tells_when_it_expired(now: datetime) -> None:
    """H-131, P-C5."""
    [code] = issued(ends_at=now + 2 * DAY)
    clock.advance(2 * DAY)
    services.check(code, facts(), holder="form-1", now=clock.utc_now())
    clock.advance(timedelta(microseconds=1))
    assert "25. 11. 2026" in str(refused(PromoExpired, code))


def test_unknown_mistyped_not_yet_and_not_yours_are_told_apart_by_nothing(now: datetime) -> None:
    """Y-12: one class of answer, one sentence, one word for programs, one status."""
    [early] = issued(starts_at=now + DAY)
    with unit_of_work():
        customer = Customer(name="Ana Kos", search_name="ana kos", phone_e164="+38641123456",
                            phone_kind=PhoneKind.MOBILE, created_at=now)
        db.session.add(customer)
        db.session.flush()
        mine = customer.id
    [personal] = issued(customer_id=mine)
    [first_order] = issued(first_order_only=True)
    known, *_ = issued()
    mistyped = known[:-1] + ("2" if known[-1] != "2" else "3")
    answers = {(str(error), error.code, error.status, error.field) for error in (
        refused(PromoUnknown, "NEZNANA-7KQ4MWZW"), refused(PromoUnknown, mistyped), refused(PromoUnknown, ""),
        refused(PromoNotYet, early), _not_yours(personal), _not_yours(first_order))}
    assert len(answers) == 1
    yours = facts(customer_id=mine)
    assert services.check(personal, yours, holder="form-1", now=now).discount_cents == 300


def _not_yours(code: str) -> PromoRefused:
    with pytest.raises(PromoUnknown) as found:
        services.check(code, facts(), holder="form-1", now=clock.utc_now())
    return found.value


def test_a_code_worth_too_much_is_refused_with_the_figures() -> None:
    """W-20, X-10."""
    [code] = issued(value_cents=500)
    error = refused(PromoTooMuch, code, gas_cents=599)
    assert "5,00\u00a0EUR" in str(error)
    assert "6,00\u00a0EUR" in str(error)


def test_an_order_carries_one_code_only() -> None:
    """H-136, W-19, W-22."""
    first, second = issued(2)
    redeem(first)
    before = everything()
    with pytest.raises(PromoOnlyOne):
        redeem(second)
    assert everything() == before


@pytest.mark.parametrize(("policy", "why", "state", "outcome"), [
    (BurnPolicy.CUSTOMER_CANCELS, OrderEnd.CANCELLED_BY_CUSTOMER, CodeState.BURNT, Outcome.BURNT),
    (BurnPolicy.CUSTOMER_CANCELS, OrderEnd.CANCELLED_BY_COMPANY, CodeState.ISSUED, Outcome.RELEASED),
    (BurnPolicy.CUSTOMER_CANCELS, OrderEnd.REJECTED, CodeState.ISSUED, Outcome.RELEASED),
    (BurnPolicy.CUSTOMER_CANCELS, OrderEnd.UNDELIVERABLE, CodeState.ISSUED, Outcome.RELEASED),
    (BurnPolicy.CUSTOMER_CANCELS, OrderEnd.WITHDRAWN, CodeState.REDEEMED, Outcome.USED),
    (BurnPolicy.CANCELS_OR_DAMAGED, OrderEnd.DAMAGED, CodeState.BURNT, Outcome.BURNT),
    (BurnPolicy.NEVER, OrderEnd.CANCELLED_BY_CUSTOMER, CodeState.ISSUED, Outcome.RELEASED),
])
def test_the_end_of_the_order_settles_its_code_once(
        policy: BurnPolicy, why: OrderEnd, state: CodeState, outcome: Outcome) -> None:
    """X-09, W-17."""
    [code] = issued(policy=policy)
    redeem(code)
    end("order:1", why)
    redemption = db.session.scalars(sa.select(PromoRedemption)).one()
    counts = int(outcome is Outcome.USED)
    assert (stored(code).state, redemption.outcome) == (state, outcome)
    assert (campaign_of(code).redeemed_count, campaign_of(code).spent_cents) == (counts, counts * 300)
    if outcome is not Outcome.USED:
        before = everything()
        end("order:1", OrderEnd.CANCELLED_BY_CUSTOMER)
        assert everything() == before


def test_a_code_given_back_can_be_used_again_and_a_burnt_one_cannot() -> None:
    """X-09."""
    back, burnt = issued(2)
    redeem(back, "order:1")
    redeem(burnt, "order:2")
    end("order:1", OrderEnd.CANCELLED_BY_COMPANY)
    end("order:2", OrderEnd.CANCELLED_BY_CUSTOMER)
    redeem(back, "order:3")
    refused(PromoUsed, burnt)
    assert history(back) == [CodeAction.ISSUE, CodeAction.REDEEM, CodeAction.RELEASE, CodeAction.REDEEM]
    assert history(burnt) == [CodeAction.ISSUE, CodeAction.REDEEM, CodeAction.BURN]


def test_the_end_of_an_order_without_a_code_changes_nothing() -> None:
    issued()
    before = everything()
    end("order:77", OrderEnd.CANCELLED_BY_CUSTOMER)
    assert everything() == before


def test_a_campaign_stops_at_its_most_redemptions_and_goes_on_when_one_comes_back() -> None:
    first, second = issued(2, max_redemptions=1)
    redeem(first, "order:1")
    refused(PromoUsedUp, second)
    end("order:1", OrderEnd.CANCELLED_BY_COMPANY)
    redeem(second, "order:2")
    assert campaign_of(second).redeemed_count == 1


def test_a_campaign_stops_at_its_budget() -> None:
    first, second, third = issued(3, budget_cents=899)
    redeem(first, "order:1")
    redeem(second, "order:2")
    refused(PromoUsedUp, third)
    assert campaign_of(third).spent_cents == 600


def test_ending_a_campaign_expires_its_codes_but_not_a_hold(now: datetime) -> None:
    free, held = issued(2)
    hold(held)
    with unit_of_work():
        services.end_campaign(campaign_of(free).id, now=now, actor="staff:1")
    refused(PromoExpired, free)
    redeem(held)
    before = everything()
    with pytest.raises(CampaignEnded), unit_of_work():
        services.end_campaign(campaign_of(free).id, now=clock.utc_now(), actor="staff:1")
    with pytest.raises(CampaignEnded), unit_of_work():
        services.issue_codes(campaign_of(free).id, 1, channel=CodeChannel.SMS, now=clock.utc_now(), actor="staff:1")
    assert everything() == before


def campaign_step(step: Callable[..., None], code: str, *values: object) -> None:
    campaign_id = campaign_of(code).id
    with unit_of_work():
        step(campaign_id, *values, now=clock.utc_now(), actor="staff:1")


def test_a_paused_campaign_lets_only_held_codes_be_used_and_then_goes_on() -> None:
    """H-132."""
    free, held = issued(2)
    hold(held)
    until = stored(held).held_until
    campaign_step(services.pause_campaign, free)
    refused(PromoPaused, free)
    clock.advance(5 * MINUTE)
    hold(held)
    assert stored(held).held_until == until
    redeem(held)
    before = everything()
    with pytest.raises(CampaignChanged):
        campaign_step(services.pause_campaign, free)
    assert everything() == before
    campaign_step(services.resume_campaign, free)
    with pytest.raises(CampaignChanged):
        campaign_step(services.resume_campaign, free)
    assert redeem(free, "order:2").discount_cents == 300
    assert [row.action for row in db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id))][-2:] == [
        "promo.campaign_paused", "promo.campaign_resumed"]


def test_a_campaign_that_ran_out_can_last_longer_one_ended_by_hand_cannot(now: datetime) -> None:
    """H-131."""
    [code] = issued(ends_at=now + MINUTE)
    [ended] = issued()
    clock.advance(2 * MINUTE)
    refused(PromoExpired, code)
    before = everything()
    for end, field in ((now + MINUTE, "ends_on"), (now + 4 * 366 * DAY, "ends_on")):
        with pytest.raises(WrongCampaign) as refusal:
            campaign_step(services.extend_campaign, code, end)
        assert refusal.value.field == field
    assert everything() == before
    campaign_step(services.extend_campaign, code, now + DAY)
    assert campaign_of(code).ends_at == now + DAY
    assert redeem(code).valid_until == now + DAY
    campaign_step(services.end_campaign, ended)
    for step in (services.pause_campaign, services.resume_campaign):
        with pytest.raises(CampaignEnded):
            campaign_step(step, ended)
    with pytest.raises(CampaignEnded):
        campaign_step(services.extend_campaign, ended, now + DAY)


def test_a_code_for_certain_hours_counts_by_the_clocks_of_ljubljana_and_a_hold_outlives_them() -> None:
    """H-131: it is 12.00 in Ljubljana."""
    [later] = issued(from_time=time(12, 1))
    refusal = refused(PromoNotForThis, later)
    assert "12.01" in str(refusal)
    assert "24.00" in str(refusal)
    [code] = issued(from_time=time(12), until_time=time(12, 5))
    hold(code)
    clock.advance(10 * MINUTE)
    refused(PromoHeld, code)
    redeem(code)
    assert stored(code).state is CodeState.REDEEMED


def test_the_sweep_frees_holds_that_ran_out_and_writes_it_into_their_history() -> None:
    """Y-12: 15 minutes."""
    first, second = issued(2)
    hold(first, "form-1")
    clock.advance(15 * MINUTE - timedelta(seconds=1))
    hold(second, "form-2")
    run_sweep("promos.holds")
    assert stored(first).state is CodeState.HELD
    clock.advance(timedelta(seconds=1))
    for _ in range(2):
        run_sweep("promos.holds")
    assert (stored(first).state, stored(first).held_by, stored(second).state) == (
        CodeState.ISSUED, None, CodeState.HELD)
    assert history(first) == [CodeAction.ISSUE, CodeAction.HOLD, CodeAction.LAPSE]


def test_a_campaign_that_has_not_begun_can_be_ended(now: datetime) -> None:
    [code] = issued(starts_at=now + DAY, ends_at=now + 2 * DAY)
    with unit_of_work():
        services.end_campaign(campaign_of(code).id, now=now, actor="staff:1")
    clock.advance(DAY)
    refused(PromoExpired, code)


def test_a_campaign_and_a_batch_asked_for_twice_are_made_once(now: datetime) -> None:
    made = []
    for _ in range(2):
        with unit_of_work():
            campaign = services.create_campaign(draft(), request_key="key-12345678", now=now, actor="staff:1")
            made.append((campaign.id, services.issue_codes(
                campaign.id, 3, channel=CodeChannel.MEDIA, now=now, actor="staff:1", request_key="key-12345678")))
    assert made[0] == made[1]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PromoCode)) == 3
    batch = db.session.scalars(sa.select(PromoBatch)).one()
    assert (batch.channel, batch.number) == (CodeChannel.MEDIA, 3)


def test_a_batch_has_as_many_different_codes_as_asked_each_with_its_history() -> None:
    """H-133."""
    codes = issued(1200)
    assert len(set(codes)) == 1200
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PromoEvent).where(
        PromoEvent.action == CodeAction.ISSUE)) == 1200


def test_a_code_drawn_twice_or_issued_before_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chance alone repeats a code about once in 2700 batches of 5000: issuing has to notice."""
    [old] = issued()
    first, second, third = (f"POLETJE-{body}{check_character(body)}" for body in ("7KQ4MWZ", "8KQ4MWZ", "9KQ4MWZ"))
    drawn = iter([old, first, first, first, old, second, first, third, old])
    monkeypatch.setattr(campaigns, "make_code", lambda prefix: next(drawn))
    assert sorted(issued(3)) == [first, second, third]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PromoCode)) == 4


def test_a_campaign_that_cannot_work_or_is_not_there_leaves_no_trace(now: datetime) -> None:
    with pytest.raises(WrongCampaign), unit_of_work():
        services.create_campaign(draft(value_cents=0), request_key="key-12345678", now=now, actor="staff:1")
    for number, error in ((0, WrongCampaign), (1, UnknownCampaign)):
        with pytest.raises(error), unit_of_work():
            services.issue_codes(99, number, channel=CodeChannel.SMS, now=now, actor="staff:1")
    assert everything() == []


def test_the_database_itself_refuses_a_second_redemption_that_counts(app: Flask, now: datetime) -> None:
    """H-137: UNIQUE stands behind the guard, for the code and for the order."""
    first, second = issued(2)
    redeem(first, "order:1")
    for code, order in ((first, "order:2"), (second, "order:1")):
        row = stored(code)
        again = PromoRedemption(code_id=row.id, campaign_id=row.campaign_id, order_ref=order, order_channel="web",
                                gas_cents=4980, discount_cents=300, redeemed_at=now, outcome=Outcome.USED)
        with pytest.raises(sa.exc.IntegrityError), unit_of_work():
            db.session.add(again)
