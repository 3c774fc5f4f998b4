"""What each event of the trade moves: exact numbers, and always balanced."""
from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import postings
from billing.entries import Entry, UnbalancedEntries, balanced, moved

Rows = dict[tuple[str, str], int]


def rows(entries: Iterable[Entry]) -> Rows:
    return {(entry.account, entry.unit): entry.amount for entry in balanced(entries)}


def money(**accounts: int) -> Rows:
    return {(name.replace("__", ":"), "EUR"): cents for name, cents in accounts.items()}


def test_a_swap_paid_in_cash_moves_gas_money_and_one_cylinder_each_way() -> None:
    """H-074, H-075: 24,90 with 4,49 VAT."""
    entries = postings.delivery_entries(driver_id=3, gas_cents=2490, vat_cents=449, cash_cents=2490)
    assert rows(entries + postings.swap(2, "Z10", 1)) == {
        ("cash:driver:3", "EUR"): 2490, ("revenue:gas", "EUR"): -2041, ("vat", "EUR"): -449,
        ("vehicle:2:full", "Z10"): -1, ("vehicle:2:empty", "Z10"): 1}


def test_k_owes_the_deposit_and_takes_nothing_back() -> None:
    """H-050, H-051: 24,90 + 10,00 in cash."""
    entries = postings.delivery_entries(driver_id=3, gas_cents=2490, vat_cents=449, deposit_cents=1000, cash_cents=3490)
    assert rows(entries + postings.k(2, "Z10", 1)) == {
        ("cash:driver:3", "EUR"): 3490, ("revenue:gas", "EUR"): -2041, ("vat", "EUR"): -449,
        ("liability:deposits", "EUR"): -1000, ("vehicle:2:full", "Z10"): -1, ("customers", "Z10"): 1}


def test_m10_owes_10_spends_3_and_receives_7() -> None:
    """H-042, H-043, H-061 to H-064: the orange cylinder is bought and its 3,00 kept as a part of the deposit."""
    entries = postings.delivery_entries(driver_id=3, gas_cents=2490, vat_cents=449, deposit_cents=1000,
                                        buyback_cents=300, cash_cents=3190)
    assert rows(entries + postings.m10(2, "Z10", 1)) == {
        ("cash:driver:3", "EUR"): 3190, ("revenue:gas", "EUR"): -2041, ("vat", "EUR"): -449,
        ("liability:deposits", "EUR"): -1000, ("buyback:orange", "EUR"): 300,
        ("vehicle:2:full", "Z10"): -1, ("customers", "Z10"): 1,
        ("customers", "O10"): -1, ("vehicle:2:empty", "O10"): 1}


def test_card_pays_the_gas_and_cash_the_deposit() -> None:
    """X-04: split tender."""
    entries = postings.delivery_entries(driver_id=3, gas_cents=2490, vat_cents=449, deposit_cents=1000,
                                        cash_cents=1000, card_cents=2490)
    assert rows(entries) == money(cash__driver__3=1000, card=2490, revenue__gas=-2041, vat=-449) | {
        ("liability:deposits", "EUR"): -1000}


def test_a_prepayment_is_used_up_and_its_excess_is_due_back() -> None:
    """X-03: two paid ahead (49,80), one handed over: 24,90 are due back."""
    assert rows(postings.prepayment(4980)) == {("bank", "EUR"): 4980, ("liability:prepayments", "EUR"): -4980}
    entries = postings.delivery_entries(driver_id=3, gas_cents=2490, vat_cents=449, prepaid_cents=4980,
                                        refund_due_cents=2490)
    assert rows(entries) == {("liability:prepayments", "EUR"): 4980, ("liability:refunds", "EUR"): -2490,
                             ("revenue:gas", "EUR"): -2041, ("vat", "EUR"): -449}
    assert rows(postings.refund_transferred(2490)) == {("bank", "EUR"): -2490, ("liability:refunds", "EUR"): 2490}


def test_a_prepaid_order_that_ends_undelivered_is_due_back_whole() -> None:
    assert rows(postings.prepayment_owed(2490)) == {("liability:prepayments", "EUR"): 2490,
                                                    ("liability:refunds", "EUR"): -2490}


@pytest.mark.parametrize(("certified", "deposits"), [
    (1000, {}), (0, {("liability:deposits", "EUR"): -1000, ("liability:legacy_deposits", "EUR"): 1000})])
def test_the_deposit_of_a_damaged_empty_is_kept_and_a_new_one_owed(certified: int,
                                                                  deposits: dict[tuple[str, str], int]) -> None:
    """H-077, H-078: 24,90 + a new deposit of 10,00; the old 10,00, of a certificate or older, become ours."""
    entries = postings.delivery_entries(driver_id=3, gas_cents=2490, vat_cents=449, deposit_cents=1000,
                                        kept_deposit_cents=1000, kept_certified_cents=certified, cash_cents=3490)
    assert rows(entries) == {("cash:driver:3", "EUR"): 3490, ("revenue:gas", "EUR"): -2041, ("vat", "EUR"): -449,
                             ("revenue:kept_deposits", "EUR"): -1000} | deposits


@pytest.mark.parametrize(("with_empty", "moves"), [
    (False, {("vehicle:2:full", "P5"): -2, ("customers", "P5"): 2}),
    (True, {("vehicle:2:full", "P5"): -2, ("vehicle:2:empty", "P5"): 2}),
])
def test_other_sizes_are_bought_with_or_without_an_empty_one(with_empty: bool, moves: Rows) -> None:
    """H-044."""
    assert rows(postings.purchase(2, "P5", 2, with_empty=with_empty)) == moves


def test_withdrawal_after_k_pays_gas_and_deposit_back_in_cash() -> None:
    """H-145, H-146, X-24: 24,90 + 10,00."""
    assert rows(postings.withdrawal(driver_id=3, vehicle_id=2, returned={"Z10": 1}, gas_cents=2490, vat_cents=449,
                                    deposit_cents=1000, cash_cents=3490)) == {
        ("revenue:gas", "EUR"): 2041, ("vat", "EUR"): 449, ("liability:deposits", "EUR"): 1000,
        ("cash:driver:3", "EUR"): -3490, ("customers", "Z10"): -1, ("vehicle:2:full", "Z10"): 1}


def test_withdrawal_from_a_swap_paid_by_card_leaves_an_empty_one_and_owes_a_transfer() -> None:
    """X-22, X-24."""
    assert rows(postings.withdrawal(driver_id=3, vehicle_id=2, returned={"Z10": 2}, gas_cents=4980, vat_cents=898,
                                    legacy_deposit_cents=1000, cash_cents=1000, bank_cents=4980,
                                    empties_left={"Z10": 1})) == {
        ("revenue:gas", "EUR"): 4082, ("vat", "EUR"): 898, ("liability:legacy_deposits", "EUR"): 1000,
        ("cash:driver:3", "EUR"): -1000, ("liability:refunds", "EUR"): -4980,
        ("customers", "Z10"): -1, ("vehicle:2:full", "Z10"): 2, ("vehicle:2:empty", "Z10"): -1}


def test_deposits_are_paid_out_by_certificate_or_from_before_the_ledger() -> None:
    """H-093, H-094, Y-10: one certificate over 8,00 and one cylinder without."""
    assert rows(postings.deposit_pay_out(driver_id=3, vehicle_id=2, cylinder_type="Z10", count=2, deposit_cents=800,
                                         legacy_deposit_cents=1000)) == {
        ("customers", "Z10"): -2, ("vehicle:2:empty", "Z10"): 2, ("cash:driver:3", "EUR"): -1800,
        ("liability:deposits", "EUR"): 800, ("liability:legacy_deposits", "EUR"): 1000}


def test_a_suspended_pay_out_still_takes_the_cylinder_back() -> None:
    """X-20."""
    assert rows(postings.deposit_pay_out(driver_id=3, vehicle_id=2, cylinder_type="Z10", count=1)) == {
        ("customers", "Z10"): -1, ("vehicle:2:empty", "Z10"): 1}


def test_doubted_and_complained_about_cylinders_are_held_until_they_are_tested() -> None:
    """H-079, H-164, H-165."""
    assert rows(postings.doubted(2, "Z10", 1)) == {("vehicle:2:full", "Z10"): -1, ("vehicle:2:held", "Z10"): 1}
    assert rows(postings.complaint(2, "Z10", 1)) == {("customers", "Z10"): -1, ("vehicle:2:held", "Z10"): 1}
    assert rows(postings.technical(2, "Z10", 2)) == {("vehicle:2:held", "Z10"): -2, ("technical", "Z10"): 2}


def test_stock_and_change_go_from_the_depot_to_the_van_and_back() -> None:
    assert rows(postings.stock_opening(1, "Z10", 100, 20)) == {
        ("supply", "Z10"): -120, ("depot:1:full", "Z10"): 100, ("depot:1:empty", "Z10"): 20}
    assert rows(postings.stock_load(1, 2, "Z10", 20)) == {("depot:1:full", "Z10"): -20, ("vehicle:2:full", "Z10"): 20}
    assert rows(postings.stock_unload(1, 2, "Z10", full=3, empty=17)) == {
        ("vehicle:2:full", "Z10"): -3, ("depot:1:full", "Z10"): 3,
        ("vehicle:2:empty", "Z10"): -17, ("depot:1:empty", "Z10"): 17}
    assert rows(postings.refill(1, "Z10", 40)) == {("depot:1:empty", "Z10"): -40, ("depot:1:full", "Z10"): 40}
    assert rows(postings.cash_float(3, 5000)) == {("cash:main", "EUR"): -5000, ("cash:driver:3", "EUR"): 5000}


def test_the_field_before_the_ledger_has_cylinders_and_deposits() -> None:
    """Y-10."""
    assert rows(postings.field_opening("Z10", 500, deposits_cents=500_000)) == {
        ("supply", "Z10"): -500, ("customers", "Z10"): 500,
        ("equity:opening", "EUR"): 500_000, ("liability:legacy_deposits", "EUR"): -500_000}


def test_parts_of_a_delivery_that_do_not_fit_are_noticed() -> None:
    """A cent more in cash than was sold."""
    with pytest.raises(UnbalancedEntries):
        balanced(postings.delivery_entries(driver_id=3, gas_cents=2490, vat_cents=449, cash_cents=2491))


cents = st.integers(0, 1_000_000)
count = st.integers(0, 20)


@given(gas=st.integers(1, 1_000_000), vat_share=st.integers(0, 100), deposit=cents, buyback=st.integers(0, 300),
       kept=cents, card=cents, prepaid=cents)
def test_every_delivery_balances(gas: int, vat_share: int, deposit: int, buyback: int, kept: int, card: int,
                                 prepaid: int) -> None:
    """Whatever was sold and however it was paid: what is due beyond card and prepayment is cash or a refund."""
    due = gas + deposit - buyback - card - prepaid
    entries = postings.delivery_entries(
        driver_id=3, gas_cents=gas, vat_cents=gas * vat_share // 100, deposit_cents=deposit, buyback_cents=buyback,
        kept_deposit_cents=kept, card_cents=card, prepaid_cents=prepaid, cash_cents=max(0, due),
        refund_due_cents=max(0, -due))
    assert sum(entry.amount for entry in balanced(entries)) == 0


@given(number=st.integers(1, 20), other=count, paid=cents, legacy=cents, gas=cents)
def test_everything_that_moves_cylinders_balances_and_conserves_them(number: int, other: int, paid: int, legacy: int,
                                                                     gas: int) -> None:
    """The sum over all accounts stays 0 in every unit; `balanced` raises where it does not."""
    for entries in (
            postings.swap(2, "Z10", number), postings.k(2, "Z10", number), postings.m10(2, "Z10", number),
            postings.purchase(2, "P5", number, with_empty=False), postings.purchase(2, "P5", number, with_empty=True),
            postings.withdrawal(driver_id=3, vehicle_id=2, returned={"Z10": number, "P5": other}, gas_cents=gas,
                                vat_cents=gas // 6, deposit_cents=paid, legacy_deposit_cents=legacy, cash_cents=paid,
                                bank_cents=gas + legacy, empties_left={"Z10": other}),
            postings.deposit_pay_out(driver_id=3, vehicle_id=2, cylinder_type="Z10", count=number, deposit_cents=paid,
                                     legacy_deposit_cents=legacy),
            postings.doubted(2, "Z10", number), postings.complaint(2, "Z10", number),
            postings.technical(2, "Z10", number), postings.stock_load(1, 2, "Z10", number),
            postings.stock_unload(1, 2, "Z10", full=number, empty=other), postings.refill(1, "Z10", number),
            postings.stock_opening(1, "Z10", number, other), postings.cash_float(3, number),
            postings.field_opening("Z10", number, deposits_cents=paid), postings.prepayment(number),
            postings.prepayment_owed(number), postings.refund_transferred(number)):
        sums: dict[str, int] = {}
        for entry in balanced(entries):
            sums[entry.unit] = sums.get(entry.unit, 0) + entry.amount
        assert set(sums.values()) == {0}


def test_nothing_moved_is_nothing() -> None:
    assert moved("a", "b", "EUR", 0) == ()
