"""A document on a strip of 80 mm, for the printer in a van: the same sheet, one column."""
from __future__ import annotations

import io
from collections.abc import Sequence

from fpdf import FPDF

from billing.fiscal.code import digits_bitmap
from billing.paper import FONT, FONTS, INK
from billing.sheets import Sheet
from core.i18n import in_language

WIDTH_MM, MARGIN_MM, LONG_MM = 80.0, 4.0, 3000.0
CODE_MM = 30.0
SMALL, NORMAL, LARGE = 7.5, 8.5, 11.0


class Strip(FPDF):
    """One page of 80 mm as long as what stands on it."""

    def __init__(self, height: float, title: str) -> None:
        super().__init__(format=(WIDTH_MM, height))
        self.set_margins(MARGIN_MM, MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(False)
        self.add_font(FONT, "", FONTS / "DejaVuSans.subset.ttf")
        self.add_font(FONT, "B", FONTS / "DejaVuSans-Bold.subset.ttf")
        self.set_title(title)
        self.set_text_color(*INK)
        self.add_page()

    def say(self, text: str, *, size: float = NORMAL, bold: bool = False, align: str = "L") -> None:
        """A paragraph over the whole width."""
        self.set_font(FONT, "B" if bold else "", size)
        self.multi_cell(0, size * 0.5, text, align=align, new_x="LMARGIN", new_y="NEXT")

    def pair(self, label: str, value: str, *, size: float = NORMAL, bold: bool = False) -> None:
        """A label on the left and a value on the right, under each other where they do not fit."""
        self.set_font(FONT, "B" if bold else "", size)
        if self.get_string_width(label) + self.get_string_width(value) + 3 > self.epw:
            self.say(label, size=size, bold=bold)
            label = ""
        self.cell(self.epw / 2, size * 0.5, label)
        self.set_x(self.l_margin)
        self.cell(self.epw, size * 0.5, value, align="R", new_x="LMARGIN", new_y="NEXT")

    def rule(self) -> None:
        """A line across."""
        self.ln(1.2)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(1.2)


def strip(sheet: Sheet) -> bytes:
    """The document as a PDF of one strip."""
    with in_language(sheet.language):
        measured = _drawn(sheet, LONG_MM)
        measured.output()  # lets go of the fonts
        made = _drawn(sheet, measured.get_y() + MARGIN_MM)
        made.set_creation_date(sheet.created_at)
        return bytes(made.output())


def _drawn(sheet: Sheet, height: float) -> Strip:
    paper = Strip(height, f"{sheet.title} {sheet.number}")
    for number, line in enumerate(sheet.seller):
        paper.say(line, size=NORMAL if number == 0 else SMALL, bold=number == 0, align="C")
    paper.rule()
    paper.say(f"{sheet.title} {sheet.number}", size=LARGE, bold=True)
    _pairs(paper, sheet.facts)
    paper.say(", ".join((f"{sheet.buyer_label}: {sheet.buyer[0]}", *sheet.buyer[1:])), size=SMALL)
    paper.rule()
    for line_ in sheet.lines:
        paper.say(line_.description)
        paper.pair(f"{line_.quantity} × {line_.unit}  {line_.vat}", line_.amount)
    if sheet.total is not None:
        paper.rule()
        paper.pair(*sheet.total, size=LARGE, bold=True)
    for row in sheet.vat:
        paper.pair(f"{row.rate}: {row.net} + {row.vat}", row.gross, size=SMALL)
    _pairs(paper, sheet.payments)
    _marks(paper, sheet)
    for note in sheet.notes:
        paper.ln(1)
        paper.say(note, size=SMALL)
    return paper


def _pairs(paper: Strip, pairs: Sequence[tuple[str, str]]) -> None:
    for label, value in pairs:
        paper.pair(label, value, size=SMALL)


def _marks(paper: Strip, sheet: Sheet) -> None:
    if not sheet.code:
        return
    paper.rule()
    for label, value in sheet.marks:
        paper.say(f"{label}: {value}", size=SMALL)
    top = paper.get_y()
    paper.image(io.BytesIO(digits_bitmap(sheet.code)), x=(WIDTH_MM - CODE_MM) / 2, y=top, w=CODE_MM, h=CODE_MM)
    paper.set_y(top + CODE_MM)
