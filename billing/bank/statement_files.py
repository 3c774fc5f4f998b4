"""Account statements as files: camt.053 (ISO 20022) and our CSV, read into one shape (pure).

A file is taken whole or not at all: wrong form, another currency, amounts that do not lead from the opening to the
closing balance (a file that is cut off) are refused with the place.
"""
from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import NoReturn
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from flask_babel import gettext as _

from billing.bank.errors import WrongStatement
from billing.bank.ibans import normalise_iban

CSV_COLUMNS = ("account", "booked_on", "amount", "name", "iban", "reference", "purpose", "bank_reference")
MOST_BYTES = 5_000_000
CURRENCY = "EUR"
MOST_CENTS = 100_000_000_00


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """One movement: cents into (positive) or out of the account. `bank_reference` is the bank's own, unique there."""

    booked_on: date
    amount_cents: int
    name: str
    iban: str
    reference: str
    purpose: str
    bank_reference: str
    end_to_end_id: str = ""


@dataclass(frozen=True, kw_only=True)
class StatementFile:
    """A statement of one account. `number` is the bank's, or one made of the content where the file has none."""

    account: str
    number: str
    lines: tuple[StatementLine, ...]
    opening_cents: int | None = None
    closing_cents: int | None = None


def read_statement(content: bytes) -> StatementFile:
    """The statement in a file of either format. WrongStatement says what is wrong and where."""
    if not content.strip():
        _refuse(_("The file is empty."))
    if len(content) > MOST_BYTES:
        _refuse(_("The file is larger than 5 MB."))
    found = _camt(content) if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else _csv(content)
    if found.opening_cents is not None and found.closing_cents is not None:
        missing = found.closing_cents - found.opening_cents - sum(line.amount_cents for line in found.lines)
        if missing:
            _refuse(_("The movements do not lead from the opening to the closing balance: %(amount)s are missing. "
                      "Is the file complete?", amount=f"{missing / 100:.2f} EUR"))
    seen = Counter(line.bank_reference for line in found.lines)
    double = next((key for key, times in seen.items() if times > 1), None)
    if double is not None:
        _refuse(_("The bank's reference %(key)s stands twice in the file.", key=double))
    return found


def _refuse(message: str) -> NoReturn:
    raise WrongStatement(message)


# camt.053

def _camt(content: bytes) -> StatementFile:
    try:
        root = fromstring(content)
    except ParseError as error:
        line, column = error.position
        _refuse(_("Line %(line)s, column %(column)s: the XML ends or breaks off here. Is the file complete?",
                  line=line, column=column + 1))
    except DefusedXmlException:
        _refuse(_("The file declares entities of its own, which no bank does."))
    statements = [node for node in root.iter() if _tag(node) == "Stmt"]
    if len(statements) != 1:
        _refuse(_("A camt.053 file with one statement is expected; this one has %(count)s.", count=len(statements)))
    statement = statements[0]
    account = _account(_text(statement, "Acct/Id/IBAN"), "Acct/Id/IBAN")
    balances = {_text(node, "Tp/CdOrPrtry/Cd"): _signed(node, "Bal") for node in _all(statement, "Bal")}
    lines: list[StatementLine] = []
    for number, entry in enumerate(_all(statement, "Ntry"), start=1):
        lines += _entry(entry, number)
    return StatementFile(account=account, number=_text(statement, "Id") or _made_number(content), lines=tuple(lines),
                         opening_cents=balances.get("OPBD", balances.get("PRCD")), closing_cents=balances.get("CLBD"))


def _entry(entry: Element, number: int) -> Iterator[StatementLine]:
    """The movements of one booked entry: one for each transaction in it, or one for all of it."""
    place = _("Entry %(number)s", number=number)
    status = _text(entry, "Sts/Cd") or _text(entry, "Sts")
    if status and status != "BOOK":
        return
    total = _signed(entry, place)
    booked_on = _day(_text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm")[:10], place)
    key = _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")
    details = [node for group in _all(entry, "NtryDtls") for node in _all(group, "TxDtls")]
    if len(details) <= 1:
        yield _line(details[0] if details else entry, booked_on, total, key, place)
        return
    parts = [replace(_line(node, booked_on, _part(node, total, place), "", place)) for node in details]
    if sum(part.amount_cents for part in parts) != total:
        _refuse(_("%(place)s: its transactions do not sum to its amount.", place=place))
    for position, part in enumerate(parts, start=1):
        yield replace(part, bank_reference=part.bank_reference or (f"{key}/{position}" if key else ""))


def _line(node: Element, booked_on: date, cents: int, key: str, place: str) -> StatementLine:
    side = "Dbtr" if cents > 0 else "Cdtr"
    reference = _text(node, "Refs/AcctSvcrRef") or key or _text(node, "Refs/TxId")
    if not reference:
        _refuse(_("%(place)s: the bank's reference is missing.", place=place))
    remittance = " ".join(filter(None, (_clean(found.text) for found in _all(node, "RmtInf/Ustrd"))))
    return StatementLine(
        booked_on=booked_on, amount_cents=cents, bank_reference=reference[:70],
        name=(_text(node, f"RltdPties/{side}/Nm") or _text(node, f"RltdPties/{side}/Pty/Nm"))[:140],
        iban="".join(_text(node, f"RltdPties/{side}Acct/Id/IBAN").split())[:34],
        reference=_text(node, "RmtInf/Strd/CdtrRefInf/Ref")[:40], purpose=remittance[:300],
        end_to_end_id=_text(node, "Refs/EndToEndId")[:35])


def _part(node: Element, total: int, place: str) -> int:
    amount = next(iter(_all(node, "Amt") or _all(node, "AmtDtls/TxAmt/Amt")), None)
    if amount is None:
        _refuse(_("%(place)s: a transaction has no amount.", place=place))
    return _cents(amount, place) * (1 if total > 0 else -1)


def _signed(node: Element, place: str) -> int:
    amount = next(iter(_all(node, "Amt")), None)
    direction = _text(node, "CdtDbtInd")
    if amount is None or direction not in ("CRDT", "DBIT"):
        _refuse(_("%(place)s: the amount or its direction is missing.", place=place))
    return _cents(amount, place) * (1 if direction == "CRDT" else -1)


def _cents(node: Element, place: str) -> int:
    if node.get("Ccy") != CURRENCY:
        _refuse(_("%(place)s: the currency is %(currency)s, only EUR is taken.", place=place,
                  currency=node.get("Ccy") or "?"))
    return _decimal_cents(_clean(node.text), place)


def _decimal_cents(text: str, place: str) -> int:
    try:
        value = Decimal(text) * 100
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value != value.to_integral_value() or abs(value) > MOST_CENTS:
        _refuse(_("%(place)s: “%(text)s” is no amount in euros and cents.", place=place, text=text[:30]))
    return int(value)


def _tag(node: Element) -> str:
    return str(node.tag).rpartition("}")[2]


def _all(node: Element, path: str) -> list[Element]:
    """The descendants along a path of local names, whatever version of the namespace."""
    found = [node]
    for name in path.split("/"):
        found = [child for parent in found for child in parent if _tag(child) == name]
    return found


def _text(node: Element, path: str) -> str:
    return next((_clean(found.text) for found in _all(node, path)), "")


def _clean(text: str | None) -> str:
    return " ".join((text or "").split())


# CSV

def _csv(content: bytes) -> StatementFile:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[:error.start].count(b"\n") + 1
        _refuse(_("Line %(line)s: the file is not written in UTF-8.", line=line))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    try:
        heading = next(rows)
        if tuple(name.strip() for name in heading) != CSV_COLUMNS:
            _refuse(_("Line 1: the columns must be %(columns)s.", columns=";".join(CSV_COLUMNS)))
        found = [_row(row, rows.line_num) for row in rows if any(cell.strip() for cell in row)]
    except csv.Error as error:
        _refuse(_("Line %(line)s: %(reason)s.", line=rows.line_num, reason=str(error)))
    if not found:
        _refuse(_("The file has no movements."))
    accounts, lines = zip(*found, strict=True)
    if len(set(accounts)) > 1:
        _refuse(_("The file has movements of more than one account."))
    return StatementFile(account=accounts[0], number=_made_number(content), lines=tuple(lines))


def _row(row: list[str], number: int) -> tuple[str, StatementLine]:
    place = _("Line %(line)s", line=number)
    if len(row) != len(CSV_COLUMNS):
        _refuse(_("%(place)s: %(count)s columns instead of %(wanted)s. Is the file complete?", place=place,
                  count=len(row), wanted=len(CSV_COLUMNS)))
    cell = dict(zip(CSV_COLUMNS, map(_clean, row), strict=True))
    if not cell["bank_reference"]:
        _refuse(_("%(place)s: the bank's reference is missing.", place=place))
    cents = _decimal_cents(cell["amount"].replace(".", "").replace(",", ".") if "," in cell["amount"]
                           else cell["amount"], place)
    if not cents:
        _refuse(_("%(place)s: an amount of nothing.", place=place))
    return _account(cell["account"], place), StatementLine(
        booked_on=_day(cell["booked_on"], place), amount_cents=cents, name=cell["name"][:140],
        iban="".join(cell["iban"].split())[:34], reference=cell["reference"][:40], purpose=cell["purpose"][:300],
        bank_reference=cell["bank_reference"][:70])


def _account(text: str, place: str) -> str:
    try:
        return normalise_iban(text)
    except ValueError:
        _refuse(_("%(place)s: “%(text)s” is no IBAN.", place=place, text=text[:40]))


def _day(text: str, place: str) -> date:
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(text.replace(" ", ""), form).date()  # noqa: DTZ007 - a day, no instant
        except ValueError:
            continue
    _refuse(_("%(place)s: “%(text)s” is no date.", place=place, text=text[:30]))


def _made_number(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:24]
