"""billing/bank/statement_files.py: two formats, one shape, and a place for whatever is wrong."""
from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from billing.bank.errors import WrongStatement
from billing.bank.statement_files import StatementLine, read_statement
from tests.billing.statements import CSV_HEADING, IBAN, PAYER, camt, csv_row, entry

EXPECTED = StatementLine(booked_on=date(2026, 11, 23), amount_cents=2490, name="Mojca Žagar", iban=PAYER,
                         reference="SI1220260000019", purpose="Plin", bank_reference="B1")


@pytest.mark.parametrize(("version", "new"), [("02", False), ("08", True)])
def test_both_versions_of_camt_053_give_the_same_movements(version: str, new: bool) -> None:
    found = read_statement(camt(
        entry("24.90", key="B1", reference="SI12 2026000 0019", purpose="Plin", new=new),
        entry("5.00", key="B2", out=True, end_to_end="case:5", new=new), closing="119.90", version=version))
    assert (found.account, found.number) == (IBAN, "2026-11-23/1")
    assert (found.opening_cents, found.closing_cents) == (10000, 11990)
    assert [(line.amount_cents, line.bank_reference, line.end_to_end_id) for line in found.lines] == [
        (2490, "B1", "NOTPROVIDED"), (-500, "B2", "case:5")]
    assert (found.lines[0].name, found.lines[0].reference, found.lines[0].purpose) == (
        "Mojca Žagar", "SI12 2026000 0019", "Plin")


def test_a_collective_entry_is_its_transactions() -> None:
    both = """<Ntry><Amt Ccy="EUR">30.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-23</Dt>
      </BookgDt><AcctSvcrRef>C7</AcctSvcrRef><NtryDtls>
      <TxDtls><Amt Ccy="EUR">10.00</Amt></TxDtls>
      <TxDtls><Refs><AcctSvcrRef>OWN</AcctSvcrRef></Refs>
        <AmtDtls><TxAmt><Amt Ccy="EUR">20.00</Amt></TxAmt></AmtDtls></TxDtls>
      </NtryDtls></Ntry>"""
    with pytest.raises(WrongStatement, match="Entry 1: the bank's reference is missing"):
        read_statement(camt(both, closing="130.00"))
    named = both.replace("<TxDtls><Amt", "<TxDtls><Refs><TxId>T1</TxId></Refs><Amt")
    found = read_statement(camt(named, closing="130.00"))
    assert [(line.amount_cents, line.bank_reference) for line in found.lines] == [(1000, "T1"), (2000, "OWN")]
    with pytest.raises(WrongStatement, match="do not sum"):
        read_statement(camt(named.replace("10.00", "11.00"), closing="130.00"))


def test_what_is_not_booked_yet_is_left_out() -> None:
    pending = entry("24.90", key="B1").replace("BOOK", "PDNG")
    assert read_statement(camt(pending, closing="100.00")).lines == ()


def test_our_csv_gives_the_same() -> None:
    found = read_statement((CSV_HEADING + csv_row(reference="SI1220260000019")
                            + csv_row("-1.234,50", key="B2", day="2026-11-24")).encode("utf-8-sig"))
    assert (found.account, found.opening_cents, len(found.number)) == (IBAN, None, 24)
    assert found.lines[0] == EXPECTED
    assert (found.lines[1].amount_cents, found.lines[1].booked_on) == (-123450, date(2026, 11, 24))


WHOLE = camt(entry("24.90", key="B1"), closing="124.90")


@pytest.mark.parametrize(("content", "said"), [
    (b"", "empty"), (b" \n ", "empty"), (b"x" * 5_000_001, "larger than 5 MB"),
    (WHOLE[:len(WHOLE) // 2], r"Line \d+, column \d+: the XML ends or breaks off here"),
    (camt(entry("24.90", key="B1"), closing="130.00"), "5.10 EUR are missing"),
    (camt(entry("24.90", key="B1"), entry("1.00", key="B1"), closing="125.90"), "B1 stands twice"),
    (WHOLE.replace(b'Ccy="EUR">24.90', b'Ccy="USD">24.90'), "Entry 1: the currency is USD"),
    (WHOLE.replace(b">24.90<", b">24.905<"), "Entry 1: .24.905. is no amount"),
    (WHOLE.replace(b">24.90<", b">NaN<"), "Entry 1: .NaN. is no amount"),
    (WHOLE.replace(b"<Dt>2026-11-23</Dt></BookgDt>", b"<Dt>soon</Dt></BookgDt>"), "Entry 1: .soon. is no date"),
    (WHOLE.replace(IBAN.encode(), b"SI56020170014356206"), "is no IBAN"),
    (WHOLE.replace(b"<CdtDbtInd>CRDT</CdtDbtInd>\n", b""), "Entry 1: the amount or its direction is missing"),
    (b"<a/>", "one statement is expected; this one has 0"),
    (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "declares entities"),
    (b"a;b\n1;2\n", "Line 1: the columns must be account;"),
    (CSV_HEADING.encode(), "no movements"),
    ((CSV_HEADING + csv_row() + csv_row(key="B2")[:-9]).encode(), "Line 3: 6 columns instead of 8"),
    ((CSV_HEADING + csv_row("0,00")).encode(), "Line 2: an amount of nothing"),
    ((CSV_HEADING + csv_row("two")).encode(), "Line 2: .two. is no amount"),
    ((CSV_HEADING + csv_row(key="")).encode(), "Line 2: the bank's reference is missing"),
    ((CSV_HEADING + csv_row() + csv_row(key="B2", account=PAYER)).encode(), "more than one account"),
    ((CSV_HEADING + csv_row()).encode("cp1250"), "Line 2: the file is not written in UTF-8"),
])
def test_a_wrong_file_is_refused_with_the_place(app: Flask, content: bytes, said: str) -> None:
    with app.test_request_context("/?lang=en"), pytest.raises(WrongStatement, match=said):
        read_statement(content)
