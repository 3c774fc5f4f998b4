"""What finance and drivers count alike at the end of a shift: the words, the form, the count read from it."""
from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired, Optional

from core.forms import BaseForm, EurField, QuantityField, TextField
from delivery.closing import Closing
from delivery.closing_rules import CARD, CASH, CERTIFICATES, EMPTY, FULL, HELD, Purse, Why

MOST_CYLINDERS = 500
MOST_CERTIFICATES = 500

PLACES = {FULL: _l("Full %(kind)s"), EMPTY: _l("Empty %(kind)s"), HELD: _l("Held %(kind)s")}
WHY = {
    Why.BOOKED_OTHERWISE: _l("its record and the ledger disagree"),
    Why.OTHER_WAY: _l("may have been paid the other way, cash or card"),
    Why.WHOLE_AMOUNT: _l("exactly its amount"),
    Why.CHANGED: _l("was changed at the door"),
    Why.DEPOSIT: _l("exactly its deposit"),
    Why.SAME_NUMBER: _l("as many pieces"),
    Why.ODD_CENTS: _l("its amount needs small coins"),
}


def thing_word(thing: str) -> str:
    """`cash`, `card`, `certificates`, `full:Z10` in words."""
    if thing == CASH:
        return _("Cash")
    if thing == CARD:
        return _("Card slips")
    if thing == CERTIFICATES:
        return _("Certificates taken back")
    place, _colon, kind = thing.partition(":")
    return str(PLACES[place]) % {"kind": kind}


def words() -> dict[str, Any]:
    """What the pages of a count say."""
    return {"thing_word": thing_word, "why_word": WHY.__getitem__}


def count_names(found: Closing) -> dict[str, tuple[str, str]]:
    """Field names of the cylinders that can be on the van: every type full and empty, held ones where there are any."""
    kinds = {kind for _place, kind in found.expected.cylinders} | set(found.shift.vehicle.standard_load or ())
    keys = {(place, kind) for kind in kinds for place in (FULL, EMPTY)} | set(found.expected.cylinders)
    return {f"{place}_{kind}": (place, kind) for place, kind in sorted(keys, key=lambda key: (key[1], key[0]))}


def count_form(found: Closing) -> Any:
    """A field for everything that is counted; filled in with the last count."""
    counted = found.counted
    fields: dict[str, Any] = {
        "cash": EurField(_l("Cash"), validators=[InputRequired(_l("Type what was counted."))]),
        "card": EurField(_l("Card slips"), validators=[InputRequired(_l("Type the sum of the slips."))]),
        CERTIFICATES: QuantityField(_l("Certificates taken back"), minimum=0, maximum=MOST_CERTIFICATES,
                                    default=counted.certificates if counted is not None else None,
                                    validators=[InputRequired()])}
    for name, (place, kind) in count_names(found).items():
        fields[name] = QuantityField(str(PLACES[place]) % {"kind": kind}, minimum=0, maximum=MOST_CYLINDERS,
                                     default=counted.cylinders.get((place, kind), 0) if counted is not None else None,
                                     validators=[InputRequired()])
    fields["note"] = TextField(_l("Note"), max_length=300, validators=[Optional()], default=found.note)
    return type("CountForm", (BaseForm,), fields)()


def counted_by_form(found: Closing, form: Any) -> Purse:
    """What a valid form says."""
    return Purse(cash_cents=form.cash.cents, card_cents=form.card.cents, certificates=form[CERTIFICATES].data,
                 cylinders={key: form[name].data for name, key in count_names(found).items()})
