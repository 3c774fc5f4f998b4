"""Finance: account statements with the receipts to be decided, and files of transfers for the bank."""
from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from billing.bank import statements
from billing.bank.references import reference_of
from core import calendar
from core.audit import current_actor
from core.auth import guard
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError, NotFound
from core.http import no_store
from core.roles import Role
from orders import receipts, transfers
from orders.bank_forms import AssignForm, KeepForm, ReturnForm, StatementForm
from orders.queries import orders_awaiting_payment
from orders.words import finding_word, receipt_word

bank = Blueprint("bank", __name__, url_prefix="/finance")
guard(bank, Role.FINANCE)
bank.after_request(no_store)
bank.context_processor(lambda: {"finding_word": finding_word, "receipt_word": receipt_word,
                                "reference_of": reference_of})
FORMS = {"assign": AssignForm, "return": ReturnForm, "keep": KeepForm}


@bank.get("/statements")
def statement_list() -> Any:
    """Receipts to be decided, an upload, and the statements so far."""
    return _statements_page(StatementForm())


@bank.post("/statements")
def upload() -> Any:
    """Import a statement: all of it or nothing."""
    form = StatementForm()
    if not form.validate():
        return _statements_page(form, status=422)
    try:
        with unit_of_work():
            statement = receipts.import_statement(form.file.data.read(), file_name=form.file.data.filename or "",
                                                  now=utc_now(), actor=current_actor())
    except DomainError as refusal:
        form.file.errors = [refusal.message]
        return _statements_page(form, status=refusal.status)
    flash(ngettext("%(num)s movement imported.", "%(num)s movements imported.", len(statement.receipts)), "ok")
    return redirect(url_for("bank.statement", statement_id=statement.id), 303)


@bank.get("/statements/<int:statement_id>")
def statement(statement_id: int) -> Any:
    """One statement with what became of each movement."""
    return render_template("orders/bank/statement.html", statement=statements.statement_by_id(statement_id))


@bank.post("/receipts/<int:receipt_id>/<any(assign, 'return', keep):what>")
def decide(receipt_id: int, what: str) -> Any:
    """What happens with a receipt: it pays an order, goes back, or stays."""
    form = FORMS[what]()
    statements.receipt_by_id(receipt_id)
    if not form.validate():
        return _statements_page(StatementForm(), tried=(receipt_id, what, form), status=422)
    try:
        with unit_of_work():
            _do(receipt_id, what, form)
    except DomainError as refusal:
        first = next(iter(form))
        form._fields.get(refusal.field or "", first).errors = [refusal.message]
        return _statements_page(StatementForm(), tried=(receipt_id, what, form), status=refusal.status)
    flash(_("Done. The receipt is no longer open."), "ok")
    return redirect(url_for("bank.statement_list"), 303)


def _do(receipt_id: int, what: str, form: Any) -> None:
    now, actor = utc_now(), current_actor()
    if what == "assign":
        receipts.assign(receipt_id, form.order_number.data, iban=form.iban.data or None, now=now, actor=actor)
    elif what == "return":
        receipts.give_back(receipt_id, iban=form.iban.data or None, now=now, actor=actor)
    else:
        receipts.keep(receipt_id, note=form.note.data, now=now, actor=actor)


def _statements_page(form: StatementForm, *, tried: tuple[int, str, Any] | None = None, status: int = 200) -> Any:
    page = render_template(
        "orders/bank/statements.html", form=form, found=statements.statements(request.args.get("page", 1, int)),
        open=statements.open_receipts(), tried=tried, waiting=orders_awaiting_payment())
    return Response(page, status=status)


@bank.get("/transfers")
def transfer_list() -> Any:
    """What is due, and the files made so far."""
    return _transfers_page()


@bank.post("/transfers")
def make() -> Any:
    """One file of all refunds that are due and in none yet."""
    try:
        with unit_of_work():
            file = transfers.make_file(now=utc_now(), actor=current_actor())
    except DomainError as refusal:
        return _transfers_page(refusal)
    flash(_("File %(number)s is made. Download it and give it to the bank.", number=file.id), "ok")
    return redirect(url_for("bank.transfer_list"), 303)


@bank.get("/transfers/<int:file_id>.xml")
def download(file_id: int) -> Any:
    """The file as it was made."""
    file = transfers.file_by_id(file_id)
    answer = Response(file.content, mimetype="application/xml")
    answer.headers["Content-Disposition"] = f'attachment; filename="transfers-{file.id:04d}.xml"'
    return answer


@bank.post("/transfers/<int:file_id>/made")
def made(file_id: int) -> Any:
    """The bank made them: all refunds in the file are marked."""
    try:
        with unit_of_work():
            transfers.mark_file_made(file_id, now=utc_now(), actor=current_actor())
    except NotFound:
        raise
    except DomainError as refusal:
        return _transfers_page(refusal)
    flash(_("The transfers of file %(number)s are marked as made.", number=file_id), "ok")
    return redirect(url_for("bank.transfer_list"), 303)


def _transfers_page(refusal: DomainError | None = None) -> Any:
    page = render_template("orders/bank/transfers.html", due=transfers.due_refunds(), refusal=refusal,
                           files=transfers.transfer_files(), days_until=_days_until)
    return Response(page, status=refusal.status if refusal else 200)


def _days_until(day: date) -> int:
    return calendar.days_left(day, calendar.local_date(utc_now()))
