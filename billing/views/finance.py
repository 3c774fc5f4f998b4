"""Finance's desk: today, invoices, ledger. Nothing is changed here."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from billing import chart, ledger, queries
from billing.fiscal.services import next_copy
from billing.sheets import as_copy, invoice_sheet
from billing.states import InvoiceKind, PaymentMethod
from billing.views.documents import pdf_answer, strip_answer
from billing.words import AccountWords, payment_word
from core import calendar
from core.auth import guard
from core.clock import utc_now
from core.db import unit_of_work
from core.http import no_store
from core.roles import Role

blueprint = Blueprint("finance", __name__, url_prefix="/finance")
guard(blueprint, Role.FINANCE, Role.AUDITOR)


@blueprint.after_request
def _personal(response: Response) -> Response:
    return no_store(response)


def _search() -> str:
    return request.args.get("search", "").strip()[:80]


def _page_number() -> int:
    return max(1, min(request.args.get("page", 1, type=int), 1_000_000))


@blueprint.get("/")
def index() -> Any:
    """Today: documents and takings, cash with each driver, what is owed, and whether the ledger balances."""
    today = calendar.local_date(utc_now())
    span = calendar.start_of_day(today), calendar.start_of_day(today + timedelta(days=1))
    words = AccountWords()
    came = queries.takings(*span)
    owed = {account: -ledger.balance(account, chart.EUR) for account in
            (chart.REFUNDS_DUE, chart.PREPAID, chart.DEPOSITS, chart.LEGACY_DEPOSITS)}
    return render_template(
        "billing/finance.html", today=today, words=words, owed=owed, chart=chart,
        invoices=queries.document_sums(InvoiceKind.INVOICE, *span),
        credit_notes=queries.document_sums(InvoiceKind.CREDIT_NOTE, *span),
        takings=[(payment_word(method), came.get(method, 0)) for method in PaymentMethod],
        drivers=[(account, cents) for (account, unit), cents in ledger.balances(chart.DRIVERS_PREFIX).items()
                 if unit == chart.EUR],
        unbalanced=[unit for unit, amount in ledger.trial_balance().items() if amount])


@blueprint.get("/invoices")
def invoices() -> Any:
    """Invoices and credit notes, found by number, order or buyer."""
    search = _search()
    return render_template("billing/invoices.html", search=search,
                           found=queries.find_invoices(search, page=_page_number()))


@blueprint.get("/invoices/<int:invoice_id>")
def invoice(invoice_id: int) -> Any:
    """One invoice or credit note."""
    sheet = invoice_sheet(queries.invoice_by_id(invoice_id))
    return render_template("billing/document.html", layout="desk.html", sheet=sheet,
                           pdf_url=url_for("finance.invoice_pdf", invoice_id=invoice_id),
                           receipt_url=url_for("finance.invoice_receipt", invoice_id=invoice_id),
                           copy_url=url_for("finance.print_copy", invoice_id=invoice_id),
                           back_url=url_for("finance.invoices"))


@blueprint.get("/invoices/<int:invoice_id>.pdf")
def invoice_pdf(invoice_id: int) -> Any:
    """One invoice or credit note as PDF."""
    return pdf_answer(invoice_sheet(queries.invoice_by_id(invoice_id)))


@blueprint.get("/invoices/<int:invoice_id>/receipt.pdf")
def invoice_receipt(invoice_id: int) -> Any:
    """One invoice or credit note on a strip of 80 mm."""
    return strip_answer(invoice_sheet(queries.invoice_by_id(invoice_id)))


@blueprint.post("/invoices/<int:invoice_id>/copy")
def print_copy(invoice_id: int) -> Any:
    """A copy as PDF that says which one it is (X-16)."""
    sheet = invoice_sheet(queries.invoice_by_id(invoice_id))
    with unit_of_work():
        number = next_copy(invoice_id)
    return pdf_answer(as_copy(sheet, number))


@blueprint.get("/ledger", endpoint="ledger")
def ledger_list() -> Any:
    """Transactions, all or of one account with its balances."""
    account = request.args.get("account", "").strip()[:60]
    words = AccountWords()
    held = {unit: amount for (name, unit), amount in ledger.balances(account).items() if name == account}
    return render_template(
        "billing/ledger.html", account=account, words=words, held=held, chart=chart,
        accounts=sorted(((words.word(name), name) for name in queries.ledger_accounts()), key=lambda pair: pair[0]),
        found=queries.find_transactions(account, page=_page_number()))


@blueprint.get("/ledger/<int:transaction_id>")
def transaction(transaction_id: int) -> Any:
    """One transaction: its entries and their sums, zero in every unit."""
    found = queries.transaction_by_id(transaction_id)
    sums: dict[str, tuple[int, int]] = {}
    for entry in found.entries:
        debit, credit = sums.get(entry.unit, (0, 0))
        sums[entry.unit] = debit + max(0, entry.amount), credit + max(0, -entry.amount)
    return render_template("billing/transaction.html", transaction=found, sums=sums, words=AccountWords(), chart=chart)
