"""What each event of the trade moves in the ledger (pure): every builder returns balanced entries.

Builders are joined by `+` and posted as one transaction: `post("delivery", ref, delivery_entries(...) + swap(...))`.
Cash is the driver's, cylinders are the van's; a deposit is a liability at its full amount, the bought orange cylinder
a cost of its own, so that M10 shows 10 EUR owed, 3 EUR spent and 7 EUR received (H-061 to H-064).
"""
from __future__ import annotations

from collections.abc import Mapping

from billing import chart
from billing.chart import EUR
from billing.entries import Entry, moved


def _entry(account: str, amount: int) -> tuple[Entry, ...]:
    return (Entry(account=account, unit=EUR, amount=amount),) if amount else ()


def delivery_entries(*, driver_id: int, gas_cents: int, vat_cents: int, deposit_cents: int = 0, buyback_cents: int = 0,
                     kept_deposit_cents: int = 0, kept_certified_cents: int = 0, cash_cents: int = 0,
                     card_cents: int = 0, prepaid_cents: int = 0, refund_due_cents: int = 0) -> tuple[Entry, ...]:
    """The money of one delivery; the cylinders come from swap, k, m10 and purchase.

    `gas_cents` is gross and net of the discount, `vat_cents` the VAT in it (take the invoice's). A prepayment is used
    up whole; what it exceeds the gas by is `refund_due_cents`. `kept_deposit_cents` are deposits of damaged empties
    that become ours (H-077), `kept_certified_cents` what of them stood on certificates, the rest being from before the
    ledger as far as anybody knows; whether VAT is due on them is the accountant's word, none is posted.

    M10 of gas 24,90 in cash (VAT 4,49): driver +31,90, buy-back +3,00, revenue -20,41, VAT -4,49, deposits -10,00.
    """
    return (_entry(chart.cash_of_driver(driver_id), cash_cents) + _entry(chart.CARD, card_cents)
            + _entry(chart.PREPAID, prepaid_cents) + _entry(chart.REFUNDS_DUE, -refund_due_cents)
            + _entry(chart.REVENUE, vat_cents - gas_cents) + _entry(chart.VAT, -vat_cents)
            + _entry(chart.DEPOSITS, -deposit_cents) + _entry(chart.BUYBACK, buyback_cents)
            + moved(chart.KEPT_DEPOSITS, chart.DEPOSITS, EUR, kept_certified_cents)
            + moved(chart.KEPT_DEPOSITS, chart.LEGACY_DEPOSITS, EUR, kept_deposit_cents - kept_certified_cents))


def swap(vehicle_id: int, cylinder_type: str, count: int) -> tuple[Entry, ...]:
    """A full cylinder out, an empty one of the same type back, 1:1 (H-075).

    2 x Z10 by van 2: vehicle:2:full -2, customers 0, vehicle:2:empty +2.
    """
    return (moved(chart.vehicle_full(vehicle_id), chart.CUSTOMERS, cylinder_type, count)
            + moved(chart.CUSTOMERS, chart.vehicle_empty(vehicle_id), cylinder_type, count))


def k(vehicle_id: int, cylinder_type: str, count: int) -> tuple[Entry, ...]:
    """First green cylinder: a full one out, nothing back (H-050).

    1 x Z10 by van 2: vehicle:2:full -1, customers +1.
    """
    return moved(chart.vehicle_full(vehicle_id), chart.CUSTOMERS, cylinder_type, count)


def m10(vehicle_id: int, cylinder_type: str, count: int) -> tuple[Entry, ...]:
    """A green cylinder out, an orange one bought and taken along (H-060, H-062).

    1 x Z10 by van 2: vehicle:2:full -1 and customers +1 of Z10; customers -1 and vehicle:2:empty +1 of O10.
    """
    return (moved(chart.vehicle_full(vehicle_id), chart.CUSTOMERS, cylinder_type, count)
            + moved(chart.CUSTOMERS, chart.vehicle_empty(vehicle_id), chart.ORANGE, count))


def purchase(vehicle_id: int, cylinder_type: str, count: int, *, with_empty: bool) -> tuple[Entry, ...]:
    """A customer-owned size (H-044), own empty handed in or not.

    1 x P5 without an empty by van 2: vehicle:2:full -1, customers +1.
    """
    if with_empty:
        return swap(vehicle_id, cylinder_type, count)
    return k(vehicle_id, cylinder_type, count)


def withdrawal(*, driver_id: int, vehicle_id: int, returned: Mapping[str, int], gas_cents: int, vat_cents: int,
               deposit_cents: int = 0, legacy_deposit_cents: int = 0, cash_cents: int = 0, bank_cents: int = 0,
               empties_left: Mapping[str, int] | None = None) -> tuple[Entry, ...]:
    """Full cylinders back with their money (H-145 to H-147, X-24): cash by the driver, the rest due by transfer.

    `gas_cents` is what is paid back for the gas, `vat_cents` the VAT in it (take the credit note's). `deposit_cents`
    are deposits known to the ledger, `legacy_deposit_cents` those paid before it began. `empties_left` are empty
    cylinders given to the customer instead of a deposit. The orange cylinder stays sold (H-067).

    K of gas 24,90 paid in cash (VAT 4,49), by driver 3 with van 2: revenue +20,41, VAT +4,49, deposits +10,00,
    driver -34,90; customers -1, vehicle:2:full +1 of Z10.
    """
    money = (_entry(chart.REVENUE, gas_cents - vat_cents) + _entry(chart.VAT, vat_cents)
             + _entry(chart.DEPOSITS, deposit_cents) + _entry(chart.LEGACY_DEPOSITS, legacy_deposit_cents)
             + _entry(chart.cash_of_driver(driver_id), -cash_cents) + _entry(chart.REFUNDS_DUE, -bank_cents))
    goods: tuple[Entry, ...] = ()
    for cylinder_type, count in returned.items():
        goods += moved(chart.CUSTOMERS, chart.vehicle_full(vehicle_id), cylinder_type, count)
    for cylinder_type, count in (empties_left or {}).items():
        goods += moved(chart.vehicle_empty(vehicle_id), chart.CUSTOMERS, cylinder_type, count)
    return money + goods


def deposit_pay_out(*, driver_id: int, vehicle_id: int, cylinder_type: str, count: int, deposit_cents: int = 0,
                    legacy_deposit_cents: int = 0) -> tuple[Entry, ...]:
    """Green cylinders back without a swap, deposits paid in cash by the driver (H-053, H-093, H-094).

    `deposit_cents`: the amounts of certificates known to the ledger; `legacy_deposit_cents`: of those from before
    (Y-10), or without a certificate. Both 0 when an exclusion suspends the pay-out: the cylinder still comes back
    (X-20).

    1 x Z10 with a certificate over 10,00: customers -1, vehicle:2:empty +1; deposits +10,00, driver -10,00.
    """
    driver = chart.cash_of_driver(driver_id)
    return (moved(chart.CUSTOMERS, chart.vehicle_empty(vehicle_id), cylinder_type, count)
            + moved(driver, chart.DEPOSITS, EUR, deposit_cents)
            + moved(driver, chart.LEGACY_DEPOSITS, EUR, legacy_deposit_cents))


def doubted(vehicle_id: int, cylinder_type: str, count: int) -> tuple[Entry, ...]:
    """Full cylinders that a customer doubted stay on the van and are not delivered to anybody (H-079, H-081).

    1 x Z10 on van 2: vehicle:2:full -1, vehicle:2:held +1.
    """
    return moved(chart.vehicle_full(vehicle_id), chart.vehicle_held(vehicle_id), cylinder_type, count)


def complaint(vehicle_id: int, cylinder_type: str, count: int) -> tuple[Entry, ...]:
    """Complained-about cylinders picked up from a customer (H-164).

    1 x Z10 by van 2: customers -1, vehicle:2:held +1.
    """
    return moved(chart.CUSTOMERS, chart.vehicle_held(vehicle_id), cylinder_type, count)


def technical(vehicle_id: int, cylinder_type: str, count: int) -> tuple[Entry, ...]:
    """Held cylinders handed to the technical sector for testing (H-165).

    1 x Z10 by van 2: vehicle:2:held -1, technical +1.
    """
    return moved(chart.vehicle_held(vehicle_id), chart.TECHNICAL, cylinder_type, count)


def tested(account: str, cylinder_type: str, count: int) -> tuple[Entry, ...]:
    """Cylinders that the technical sector is done with, to the scrap or to a unit's empties (H-165).

    1 x Z10 scrapped: technical -1, scrap +1.
    """
    return moved(chart.TECHNICAL, account, cylinder_type, count)


def prepayment(cents: int) -> tuple[Entry, ...]:
    """An e-bank payment before delivery: owed until the goods are there (X-03).

    24,90: bank +24,90, prepayments -24,90.
    """
    return moved(chart.PREPAID, chart.BANK, EUR, cents)


def receipt(cents: int) -> tuple[Entry, ...]:
    """Money on our account by a statement, before it is known what for.

    24,90: bank +24,90, receipts -24,90.
    """
    return moved(chart.RECEIPTS, chart.BANK, EUR, cents)


def receipt_assigned(cents: int) -> tuple[Entry, ...]:
    """A receipt pays an order in advance (X-03).

    24,90: receipts +24,90, prepayments -24,90.
    """
    return moved(chart.PREPAID, chart.RECEIPTS, EUR, cents)


def receipt_returned(cents: int) -> tuple[Entry, ...]:
    """A receipt is to go back to who paid it; the transfer is `refund_transferred`.

    5,00: receipts +5,00, refunds -5,00.
    """
    return moved(chart.REFUNDS_DUE, chart.RECEIPTS, EUR, cents)


def receipt_kept(cents: int) -> tuple[Entry, ...]:
    """A receipt stays with us.

    0,10: receipts +0,10, kept receipts -0,10.
    """
    return moved(chart.KEPT_RECEIPTS, chart.RECEIPTS, EUR, cents)


def prepayment_owed(cents: int) -> tuple[Entry, ...]:
    """A prepaid order ended undelivered: its prepayment is due back.

    24,90: prepayments +24,90, refunds -24,90.
    """
    return moved(chart.REFUNDS_DUE, chart.PREPAID, EUR, cents)


def refund_transferred(cents: int) -> tuple[Entry, ...]:
    """Finance transferred what was due back (H-147, X-22).

    24,90: refunds +24,90, bank -24,90.
    """
    return moved(chart.BANK, chart.REFUNDS_DUE, EUR, cents)


def cash_float(driver_id: int, cents: int) -> tuple[Entry, ...]:
    """Change given to a driver at the start of a shift (H-146); negative when it is handed back.

    50,00 to driver 3: cash:main -50,00, cash:driver:3 +50,00.
    """
    return moved(chart.CASH_MAIN, chart.cash_of_driver(driver_id), EUR, cents)


def stock_load(depot_id: int, vehicle_id: int, cylinder_type: str, count: int) -> tuple[Entry, ...]:
    """Full cylinders from a depot onto a van.

    20 x Z10 from depot 1 onto van 2: depot:1:full -20, vehicle:2:full +20.
    """
    return moved(chart.depot_full(depot_id), chart.vehicle_full(vehicle_id), cylinder_type, count)


def stock_unload(depot_id: int, vehicle_id: int, cylinder_type: str, *, full: int = 0, empty: int = 0,
                 ) -> tuple[Entry, ...]:
    """Cylinders from a van back into a depot.

    3 full and 17 empty Z10 from van 2: vehicle:2:full -3, depot:1:full +3, vehicle:2:empty -17, depot:1:empty +17.
    """
    return (moved(chart.vehicle_full(vehicle_id), chart.depot_full(depot_id), cylinder_type, full)
            + moved(chart.vehicle_empty(vehicle_id), chart.depot_empty(depot_id), cylinder_type, empty))


def refill(depot_id: int, cylinder_type: str, count: int) -> tuple[Entry, ...]:
    """Empty cylinders of a depot filled again.

    40 x Z10: depot:1:empty -40, depot:1:full +40.
    """
    return moved(chart.depot_empty(depot_id), chart.depot_full(depot_id), cylinder_type, count)


def stock_opening(depot_id: int, cylinder_type: str, full: int, empty: int = 0) -> tuple[Entry, ...]:
    """What a depot holds when the ledger begins, or what the supplier brings new.

    100 full and 20 empty Z10: supply -120, depot:1:full +100, depot:1:empty +20.
    """
    return (moved(chart.SUPPLY, chart.depot_full(depot_id), cylinder_type, full)
            + moved(chart.SUPPLY, chart.depot_empty(depot_id), cylinder_type, empty))


def field_opening(cylinder_type: str, count: int, *, deposits_cents: int = 0) -> tuple[Entry, ...]:
    """Cylinders in the field before the ledger began, and the deposits held for them (Y-10).

    500 x Z10 with 5.000,00: supply -500, customers +500; opening +5.000,00, legacy deposits -5.000,00.
    """
    return (moved(chart.SUPPLY, chart.CUSTOMERS, cylinder_type, count)
            + moved(chart.LEGACY_DEPOSITS, chart.OPENING, EUR, deposits_cents))
