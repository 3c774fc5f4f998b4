"""Documents as PDF, drawn on demand from their rows (ADR 4)."""
from __future__ import annotations

from billing.bank.upn import bitmap
from billing.fiscal.code import digits_bitmap
from billing.paper import GREEN, MARGIN_MM, MUTED, Paper
from billing.sheets import Sheet
from core.i18n import in_language

_LINE_WIDTHS = (66, 18, 28, 34, 28)
CODE_MM = 24.0
SLIP_MM = 36.0  # 32.6 mm of code and its quiet zone
_VAT_WIDTHS = (54, 40, 40, 40)


def pdf(sheet: Sheet, *, compressed: bool = True) -> bytes:
    """The document as an A4 PDF. `compressed=False` leaves its text streams readable."""
    with in_language(sheet.language):
        paper = Paper(title=f"{sheet.title} {sheet.number}", language=sheet.language, created_at=sheet.created_at,
                      author=sheet.seller[0])
        paper.set_compression(compressed)
        _head(paper, sheet)
        _body(paper, sheet)
        if sheet.slip is not None:
            paper.heading(sheet.slip_title)
            paper.beside(bitmap(sheet.slip), sheet.slip_facts, size_mm=SLIP_MM)
        if sheet.code:
            paper.ln(4)
            paper.beside(digits_bitmap(sheet.code), sheet.marks, size_mm=CODE_MM)
        if sheet.notes:
            paper.ln(4)
            paper.notes(sheet.notes)
        return bytes(paper.output())


def _head(paper: Paper, sheet: Sheet) -> None:
    """Seller on the left, facts on the right, buyer below, then the title."""
    half = paper.epw / 2
    left_end = paper.block(sheet.seller, x=MARGIN_MM, y=MARGIN_MM, width=half - 4)
    paper.set_y(MARGIN_MM)
    paper.letters(19, bold=True, colour=GREEN)
    paper.set_x(MARGIN_MM + half)
    paper.multi_cell(half, 8.5, sheet.title, align="L", new_x="LEFT", new_y="NEXT")
    paper.letters(12, bold=True)
    paper.multi_cell(half, 7, sheet.number, align="L", new_x="LMARGIN", new_y="NEXT")
    paper.ln(2)
    paper.pairs(sheet.facts, x=MARGIN_MM + half, width=half)
    right_end = paper.get_y()
    paper.set_y(left_end + 6)
    paper.letters(9, bold=True, colour=MUTED)
    paper.cell(half, 5, sheet.buyer_label, new_x="LMARGIN", new_y="NEXT")
    buyer_end = paper.block(sheet.buyer, x=MARGIN_MM, y=paper.get_y(), width=half - 4, size=10.5)
    paper.set_y(max(right_end, buyer_end) + 6)


def _body(paper: Paper, sheet: Sheet) -> None:
    """Lines, total, VAT per rate, payments: what the sheet has of them."""
    if sheet.lines:
        paper.rows(sheet.columns, [(line.description, line.quantity, line.unit, line.vat, line.amount)
                                   for line in sheet.lines], widths=_LINE_WIDTHS)
    if sheet.total is not None:
        paper.sum_line(*sheet.total)
    if sheet.vat:
        paper.heading(sheet.vat_title)
        paper.rows(sheet.vat_columns, [(row.rate, row.net, row.vat, row.gross) for row in sheet.vat],
                   widths=_VAT_WIDTHS)
    if sheet.payments:
        paper.heading(sheet.payments_title)
        paper.pairs(sheet.payments, x=MARGIN_MM, width=paper.epw / 2)
