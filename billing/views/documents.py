"""Invoices, credit notes and certificates behind a link without sign-in (H-124, Y-11)."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, url_for

from billing import queries
from billing.documents import pdf as draw
from billing.receipts80 import strip
from billing.sheets import Sheet, document_sheet
from core import links
from core.auth import public
from core.http import client_address, no_store

blueprint = Blueprint("documents", __name__)
public(blueprint, "the token in the address is the key: unguessable, expiring, wrong ones are counted")


@blueprint.after_request
def _personal(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex"
    return no_store(response)


def _sheet(token: str) -> Sheet:
    document_id = links.resolve(queries.LINK_PURPOSE, token, address=client_address())
    return document_sheet(queries.document_by_id(document_id))


def pdf_answer(sheet: Sheet) -> Response:
    """A sheet as a PDF that opens in the browser."""
    response = make_response(draw(sheet))
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{sheet.file_name}"'
    return response


def strip_answer(sheet: Sheet) -> Response:
    """A sheet as a strip of 80 mm."""
    response = make_response(strip(sheet))
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="80mm-{sheet.file_name}"'
    return response


@blueprint.get("/r/<token>")
def show(token: str) -> Any:
    """The document as a page that prints on A4."""
    return render_template("billing/document.html", layout="base.html", sheet=_sheet(token),
                           pdf_url=url_for("documents.pdf", token=token),
                           receipt_url=url_for("documents.receipt", token=token))


@blueprint.get("/r/<token>/receipt.pdf")
def receipt(token: str) -> Any:
    """The document on a strip of 80 mm."""
    return strip_answer(_sheet(token))


@blueprint.get("/r/<token>.pdf")
def pdf(token: str) -> Any:
    """The document as PDF."""
    return pdf_answer(_sheet(token))
