"""An A4 page with our letters: the only module that knows fpdf2."""
from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from flask_babel import gettext as _
from fpdf import FPDF
from fpdf.fonts import FontFace

FONTS = Path(__file__).parents[1] / "static" / "fonts"
FONT = "DejaVu"
MARGIN_MM = 18
INK = (20, 32, 43)
MUTED = (74, 90, 103)
GREEN = (11, 107, 58)
LINE = (211, 219, 225)
LINE_HEIGHT_MM = 5.2


class Paper(FPDF):
    """A4, upright, with page numbers when there is more than one page."""

    def __init__(self, *, title: str, language: str, created_at: datetime, author: str) -> None:
        super().__init__(format="A4")
        self.set_margins(MARGIN_MM, MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(True, margin=MARGIN_MM + 6)
        self.add_font(FONT, "", FONTS / "DejaVuSans.subset.ttf")
        self.add_font(FONT, "B", FONTS / "DejaVuSans-Bold.subset.ttf")
        self.set_title(title)
        self.set_author(author)
        self.set_lang(language)
        self.set_creation_date(created_at)
        self.foot = title
        self.add_page()

    def footer(self) -> None:
        """The document's title and the page number at the foot of every page."""
        self.set_y(-MARGIN_MM)
        self.letters(8, colour=MUTED)
        self.cell(0, 5, self.foot, align="L")
        self.set_x(self.l_margin)
        self.cell(0, 5, _("Page %(page)s", page=self.page_no()), align="R")

    def letters(self, size: float, *, bold: bool = False, colour: tuple[int, int, int] = INK) -> None:
        """Choose the size and weight of what is written next."""
        self.set_font(FONT, "B" if bold else "", size)
        self.set_text_color(*colour)

    def block(self, lines: Sequence[str], *, x: float, y: float, width: float, size: float = 9.5,
              first_bold: bool = True) -> float:
        """Write lines under each other from (x, y), wrapped to a width; returns where the next would begin."""
        self.set_y(y)
        for number, line in enumerate(lines):
            self.letters(size, bold=first_bold and number == 0)
            self.set_x(x)
            self.multi_cell(width, LINE_HEIGHT_MM, line, align="L", new_x="LEFT", new_y="NEXT")
        return float(self.get_y())

    def heading(self, text: str) -> None:
        """A small heading over a part."""
        self.ln(4)
        self.letters(9, bold=True, colour=MUTED)
        self.multi_cell(0, LINE_HEIGHT_MM, text, align="L", new_x="LMARGIN", new_y="NEXT")

    def rows(self, columns: Sequence[str], rows: Sequence[Sequence[str]], *, widths: Sequence[int]) -> None:
        """A table: the first column left, the others right; the headings come again on a new page."""
        self.letters(9)
        self.set_draw_color(*LINE)
        aligned = ("LEFT", *("RIGHT" for _each in widths[1:]))
        with self.table(col_widths=tuple(widths), text_align=aligned, borders_layout="HORIZONTAL_LINES",
                        line_height=LINE_HEIGHT_MM, padding=(1.2, 1),
                        headings_style=FontFace(emphasis="BOLD", color=MUTED, size_pt=8)) as table:
            for row in (columns, *rows):
                table.row(list(row))

    def pairs(self, pairs: Sequence[tuple[str, str]], *, x: float, width: float, size: float = 9.5) -> None:
        """Labels on the left and values on the right of a strip; long values wrap."""
        for label, value in pairs:
            self.set_x(x)
            self.letters(size, colour=MUTED)
            top = self.get_y()
            self.multi_cell(width * 0.42, LINE_HEIGHT_MM, label, align="L", new_x="RIGHT", new_y="TOP")
            label_end = self.get_y() + LINE_HEIGHT_MM
            self.letters(size)
            self.set_xy(x + width * 0.42, top)
            self.multi_cell(width * 0.58, LINE_HEIGHT_MM, value, align="L", new_x="LMARGIN", new_y="NEXT")
            self.set_y(max(label_end, self.get_y()))

    def beside(self, picture: bytes, pairs: Sequence[tuple[str, str]], *, size_mm: float) -> None:
        """A square picture on the left, labels and values beside it; both on one page."""
        if self.get_y() + size_mm > self.page_break_trigger:
            self.add_page()
        top = self.get_y() + 1
        self.image(io.BytesIO(picture), x=MARGIN_MM, y=top, w=size_mm, h=size_mm)
        self.set_y(top + 2)
        self.pairs(pairs, x=MARGIN_MM + size_mm + 6, width=self.epw - size_mm - 6)
        self.set_y(max(self.get_y(), top + size_mm))

    def sum_line(self, label: str, value: str) -> None:
        """The total: bold, over the whole width, under a thick line."""
        self.ln(2)
        self.set_draw_color(*INK)
        self.set_line_width(0.5)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.set_line_width(0.2)
        self.ln(1.5)
        self.letters(13, bold=True)
        self.cell(self.epw / 2, 8, label, align="L")
        self.cell(self.epw / 2, 8, value, align="R", new_x="LMARGIN", new_y="NEXT")

    def notes(self, lines: Sequence[str]) -> None:
        """Small print."""
        for line in lines:
            self.ln(1.5)
            self.letters(8.5, colour=MUTED)
            self.multi_cell(0, 4.6, line, align="L", new_x="LMARGIN", new_y="NEXT")
