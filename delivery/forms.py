"""Forms of the board, the driver's page and the tracking page."""
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from billing.queries import exchanges_of
from core.forms import BaseForm, NoteField, QuantityField, TextField
from delivery.states import FailReason
from delivery.words import fail_word
from orders.pricing import GREEN_KINDS
from orders.returns.collecting import CaseDoor
from orders.returns.rules import CylinderCheck
from orders.returns.states import CaseKind
from orders.settlement import DoorLine, DoorSettlement, door_kinds
from orders.states import ExchangeKind, PaymentMethod

if TYPE_CHECKING:
    from orders.models import Order, OrderLine
    from orders.returns.models import ReturnCase

DEFECT_WORDS: Mapping[str, Any] = {
    "valve": _l("Leaks at the valve"),
    "no_gas": _l("No gas comes out"),
    "weight": _l("Too little gas"),
    "body": _l("Damaged or rusted"),
    "other": _l("Something else"),
}
KIND_ORDER = (ExchangeKind.SWAP, ExchangeKind.M10, ExchangeKind.K, ExchangeKind.PURCHASE_WITH_EMPTY,
              ExchangeKind.PURCHASE)
EMPTY_GIVEN = frozenset({ExchangeKind.SWAP, ExchangeKind.PURCHASE_WITH_EMPTY})
_MONTH = re.compile(r"(\d{4})-(\d{2})(-\d{2})?")
_SHOWN = NumberRange(min=-10_000_000, max=10_000_000)


class PlanForm(BaseForm):
    """A change of the plan: says which version of it was seen (StalePlan otherwise)."""

    seen_version = IntegerField(validators=[InputRequired(), NumberRange(min=0, max=2_000_000_000)])


class MoveForm(PlanForm):
    """Where a stop is to go. An empty position is the end of the route; a reason overrules soft warnings."""

    shift_id = IntegerField(_l("Van"), validators=[InputRequired(_l("Choose a van.")), NumberRange(min=1)])
    position = QuantityField(_l("Position"), minimum=1, maximum=200, validators=[Optional()])
    force_reason = TextField(_l("Reason, if you move it all the same"), max_length=120)
    do = HiddenField(validators=[Length(max=10)])


class FixForm(PlanForm):
    """Which of the proposed fixes is to be done."""

    fix = HiddenField(validators=[InputRequired(), Length(max=80)])


class DownForm(BaseForm):
    """A van that cannot go on, or is back (`up`)."""

    reason = TextField(_l("Reason"), max_length=120)
    up = HiddenField(validators=[Length(max=1)])


class AcceptForm(BaseForm):
    """The list version that the driver acknowledges."""

    version = IntegerField(validators=[InputRequired(), NumberRange(min=1, max=2_000_000_000)])


class FailForm(BaseForm):
    """Why nothing could be handed over (Y-07)."""

    reason = RadioField(_l("What happened?"), validators=[InputRequired(_l("Choose what happened."))],
                        choices=[SelectChoice(reason.value, fail_word(reason)) for reason in FailReason])


class SheetForm(BaseForm):
    """A record at the door: `step` says whether to compute only or to book; the shown amount is posted back."""

    shown_total_cents = IntegerField(validators=[Optional(), _SHOWN])
    step = HiddenField(validators=[Length(max=10)])

    @property
    def books(self) -> bool:
        return bool(self.step.data == "book")


def kinds_of(line: OrderLine) -> tuple[ExchangeKind, ...]:
    """The exchange kinds to which a line can be changed at the door (X-05, H-076)."""
    possible = door_kinds(line, exchanges_of([line.product_code]).get(line.product_code))
    return tuple(kind for kind in KIND_ORDER if kind in possible)


class DoorForm(SheetForm):
    """What was handed over, how it was paid, the GDPR statement. Lines come by `door_form`."""

    payment = RadioField(_l("Payment"), validators=[InputRequired(_l("Choose how it was paid."))])
    card_scheme = SelectField(_l("Card"), validators=[Optional()])
    gdpr = RadioField(_l("GDPR statement offered"), default="", validators=[], choices=[
        SelectChoice("signed", _l("Signed")), SelectChoice("refused", _l("Refused")),
        SelectChoice("", _l("Not offered"))])
    certificates = TextField(_l("Certificates of damaged empties, if the customer has them"), max_length=120)

    def line(self, line: OrderLine, kind: ExchangeKind) -> Any:
        """The quantity field of an order line under an exchange kind."""
        return self[f"line_{line.id}_{kind.value}"]

    def settlement(self, order: Order, shown_total_cents: int) -> DoorSettlement:
        """The record as the service takes it."""
        payment = PaymentMethod(self.payment.data)
        return DoorSettlement(
            lines=tuple(door for line in order.lines for door in self._door_lines(line)), payment=payment,
            card_scheme=(self.card_scheme.data or "") if payment is PaymentMethod.CARD else "",
            gdpr=self.gdpr.data or "", shown_total_cents=shown_total_cents,
            certificates=_numbers(self.certificates.data))

    def _door_lines(self, line: OrderLine) -> list[DoorLine]:
        damaged = (self[f"damaged_{line.id}"].data or 0) if f"damaged_{line.id}" in self else 0
        doubted = self[f"replaced_{line.id}"].data or 0
        records = []
        for kind in kinds_of(line):
            quantity = self.line(line, kind).data or 0
            replaced = min(quantity, doubted)
            doubted -= replaced
            if quantity:
                records.append(DoorLine(line_id=line.id, exchange=kind, quantity=quantity, replaced=replaced,
                                        damaged_empties=damaged if kind is ExchangeKind.SWAP else 0))
        return records

    def check_lines(self, order: Order) -> bool:
        """Quantities that do not fit their line get their error beside the field."""
        fits = True
        for line in order.lines:
            fields = [self.line(line, kind) for kind in kinds_of(line)]
            total = sum(field.data or 0 for field in fields)
            swapped = self.line(line, ExchangeKind.SWAP).data or 0 if line.exchange in GREEN_KINDS else 0
            if total > line.quantity:
                fits = _refuse(fields[0], _l("Only %(number)d of these were ordered.", number=line.quantity))
            if f"damaged_{line.id}" in self and (self[f"damaged_{line.id}"].data or 0) > swapped:
                fits = _refuse(self[f"damaged_{line.id}"], _l("More damaged empties than green ones handed back."))
            if (self[f"replaced_{line.id}"].data or 0) > total:
                fits = _refuse(self[f"replaced_{line.id}"], _l("More replaced than handed over."))
        return fits


def _numbers(text: str | None) -> tuple[str, ...]:
    """Certificate numbers, however they are set apart."""
    return tuple(re.findall(r"[\w/-]+", text or ""))


def _refuse(field: Any, message: Any) -> bool:
    field.errors = [*field.errors, message]
    return False


def door_form(order: Order, *, card_schemes: Sequence[str], terminal: bool) -> DoorForm:
    """The sheet of one delivery, filled in as ordered."""
    fields: dict[str, Any] = {}
    for line in order.lines:
        for kind in kinds_of(line):
            fields[f"line_{line.id}_{kind.value}"] = QuantityField(
                maximum=line.quantity, default=line.quantity if kind is line.exchange else 0, validators=[Optional()])
        if line.exchange in GREEN_KINDS:
            fields[f"damaged_{line.id}"] = QuantityField(maximum=line.quantity, default=0, validators=[Optional()])
        fields[f"replaced_{line.id}"] = QuantityField(maximum=line.quantity, default=0, validators=[Optional()])
    form: DoorForm = type("OrderDoorForm", (DoorForm,), fields)()
    if order.payment_method is PaymentMethod.EBANK:
        form.payment.choices = [SelectChoice(PaymentMethod.EBANK.value, _l("Gas paid by e-bank"))]
    else:
        card = [SelectChoice(PaymentMethod.CARD.value, _l("Card"))] if terminal else []
        form.payment.choices = [SelectChoice(PaymentMethod.CASH.value, _l("Cash")), *card]
    form.card_scheme.choices = [SelectChoice("", _l("Choose the card")),
                                *(SelectChoice(name, name) for name in card_schemes)]
    if not form.is_submitted():
        known = {choice.value for choice in form.payment.choices}
        form.payment.data = order.payment_method.value if order.payment_method.value in known else "cash"
    return form


def _yes_no(label: Any) -> RadioField:
    return RadioField(label, choices=[SelectChoice("yes", _l("Yes")), SelectChoice("no", _l("No"))],
                      validators=[InputRequired(_l("Answer yes or no."))])


class WithdrawalForm(SheetForm):
    """The driver's checks at a withdrawal (H-144, H-149, H-150); `left_<type>` fields come by `case_form`."""

    foil_intact = _yes_no(_l("Is the safety foil on the valve intact?"))
    undamaged = _yes_no(_l("Is the cylinder undamaged?"))
    invoice_shown = _yes_no(_l("Did the customer show the invoice?"))
    certificates = TextField(_l("Numbers of the deposit certificates handed over"), max_length=120)

    @property
    def left_fields(self) -> list[Any]:
        """How many empties are left with the customer, one field per cylinder type."""
        return [field for name, field in self._fields.items() if name.startswith("left_")]

    def door(self, case: ReturnCase, shown_total_cents: int) -> CaseDoor:
        """The record as the service takes it."""
        left = {field.label.text: field.data for field in self.left_fields if field.data}
        return CaseDoor(
            shown_total_cents=shown_total_cents, foil_intact=self.foil_intact.data == "yes",
            undamaged=self.undamaged.data == "yes", invoice_shown=self.invoice_shown.data == "yes", empties_left=left,
            certificates=_numbers(self.certificates.data))


class DepositReturnForm(SheetForm):
    """One check per cylinder (H-093 to H-097); the fields come by `case_form`. A photo is kept as evidence (X-20)."""

    photo = FileField(_l("Photo of the cylinder"), render_kw={"hx-preserve": "true", "accept": "image/*"})

    def door(self, case: ReturnCase, shown_total_cents: int) -> CaseDoor:
        """The record as the service takes it: cylinders that were not handed over are left out."""
        checks = tuple(
            CylinderCheck(damaged=bool(self[f"damaged_{number}"].data), test_due=month(self[f"stamp_{number}"].data),
                          certificate=self[f"certificate_{number}"].data or "")
            for number in range(1, case.cylinders + 1) if self[f"handed_{number}"].data)
        return CaseDoor(shown_total_cents=shown_total_cents, cylinders=checks)


class ComplaintForm(SheetForm):
    """The driver's complaint record (H-164)."""

    defect = RadioField(_l("What is wrong?"), choices=[SelectChoice(code, word) for code, word in DEFECT_WORDS.items()],
                        validators=[InputRequired(_l("Choose what is wrong."))])
    note = NoteField(_l("What the customer says and what you see"), max_length=250)

    def door(self, case: ReturnCase, shown_total_cents: int) -> CaseDoor:
        """The record as the service takes it."""
        words = [str(DEFECT_WORDS[self.defect.data]), self.note.data or ""]
        return CaseDoor(shown_total_cents=shown_total_cents, record=". ".join(word for word in words if word))


class ReplacementForm(SheetForm):
    """Nothing is asked when a full cylinder is brought at the end of a complaint (H-166)."""

    def door(self, case: ReturnCase, shown_total_cents: int) -> CaseDoor:
        """The record as the service takes it."""
        return CaseDoor(shown_total_cents=shown_total_cents)


CaseForm = WithdrawalForm | DepositReturnForm | ComplaintForm | ReplacementForm


def month(text: str | None) -> date | None:
    """The first day of a month typed as 2026-11; None when empty. ValueError for anything else."""
    if not text:
        return None
    found = _MONTH.fullmatch(text)
    if found is None:
        raise ValueError("not a month")
    return date(int(found[1]), int(found[2]), 1)


def _is_month(_form: Any, field: Any) -> None:
    try:
        when = month(field.data)
    except ValueError:
        when = date(1, 1, 1)
    if when is not None and not 1980 <= when.year <= 2060:
        raise ValidationError(_l("Type the month on the stamp like 2027-05."))


def _given_for_empties(case: ReturnCase) -> dict[str, int]:
    """Cylinders going back by type, where an empty one was given for them: only these can have one left (X-24)."""
    handover = case.order.handover if case.order is not None else None
    kinds = {line.cylinder_type for line in handover.lines if line.exchange in EMPTY_GIVEN} if handover else set()
    given: dict[str, int] = {}
    for line in case.lines:
        if line.cylinder_type in kinds:
            given[line.cylinder_type] = given.get(line.cylinder_type, 0) + line.quantity
    return given


def case_form(case: ReturnCase) -> CaseForm:
    """The record sheet of a pick-up by its kind."""
    if case.kind is CaseKind.COMPLAINT:
        return ComplaintForm()
    if case.kind is CaseKind.REPLACEMENT:
        return ReplacementForm()
    fields: dict[str, Any] = {}
    if case.kind is CaseKind.WITHDRAWAL:
        for kind, quantity in _given_for_empties(case).items():
            fields[f"left_{kind}"] = QuantityField(kind, maximum=quantity, default=0, validators=[Optional()])
        withdrawal: WithdrawalForm = type("CaseWithdrawalForm", (WithdrawalForm,), fields)()
        return withdrawal
    for number in range(1, case.cylinders + 1):
        fields[f"handed_{number}"] = BooleanField(_l("Handed over"), default=True)
        fields[f"damaged_{number}"] = BooleanField(_l("Damaged"))
        fields[f"stamp_{number}"] = TextField(_l("Month on the stamp"), max_length=10, validators=[_is_month],
                                              render_kw={"type": "month"})
        fields[f"certificate_{number}"] = TextField(_l("Certificate number"), max_length=30)
    returned: DepositReturnForm = type("CaseReturnForm", (DepositReturnForm,), fields)()
    return returned


class CancelForm(BaseForm):
    """The customer cancels (Y-07)."""
