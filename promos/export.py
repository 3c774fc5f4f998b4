"""The codes of a campaign as a CSV file for whoever sends or prints them."""
from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from core.i18n import show_instant
from promos.queries import CodeRow

HEADER = ("code", "channel", "state", "issued_at", "redeemed_at", "order", "discount_eur")
BYTE_ORDER_MARK = "\ufeff"  # spreadsheets in Slovenia read UTF-8 by it, and semicolons as columns


def csv_lines(rows: Iterable[CodeRow]) -> Iterator[str]:
    """The lines of the file, the header first."""
    yield BYTE_ORDER_MARK + _line(HEADER)
    for row in rows:
        cents = row.discount_cents
        yield _line((row.code, row.channel.value, row.standing.value, show_instant(row.issued_at),
                     show_instant(row.redeemed_at) if row.redeemed_at else "", row.order_ref or "",
                     "" if cents is None else f"{cents // 100},{cents % 100:02d}"))


def _line(values: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=";", lineterminator="\r\n").writerow(values)
    return line.getvalue()
