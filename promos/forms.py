"""Forms of campaigns: what a person types becomes a CampaignDraft, or an answer beside the field."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TimeField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from core import calendar
from core.clock import utc_now
from core.forms import BaseForm, CreatingForm, EurField, QuantityField, TextField
from promos.errors import WrongCampaign
from promos.ports import product_choices
from promos.rules import (
    MAX_AMOUNT_CENTS,
    MAX_CODES,
    MAX_COUNT,
    MAX_VALUE_CENTS,
    CampaignDraft,
    CampaignTerms,
    require_sound,
)
from promos.states import BenefitKind, BurnPolicy, CodeChannel, Standing, ZoneLimit
from promos.words import CHANNELS, KINDS, ORDER_CHANNELS, POLICIES, STANDINGS, ZONES

YEARS_BACK, YEARS_AHEAD = 1, 5
NOT_OFFERED = _l("Choose one of the values offered.")


def _choice(words: Mapping[Any, Any], empty: Any = None) -> dict[str, Any]:
    """The options of a closed set, and the answer to anything else; `empty`: a word for none of them."""
    choices = [SelectChoice("", empty)] if empty else []
    choices += [SelectChoice(str(value), word) for value, word in words.items()]
    return {"choices": choices, "invalid_choice_message": NOT_OFFERED}


class DayField(DateField):
    """A local day within a few years of today."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, invalid_value_message=_l("Type a date like 2026-11-26."), **kwargs)

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        year = calendar.local_date(utc_now()).year
        if isinstance(self.data, date) and not year - YEARS_BACK <= self.data.year <= year + YEARS_AHEAD:
            raise ValidationError(_l("Choose a date that is not so far away."))


class ClockField(TimeField):
    """A local time of day."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, invalid_value_message=_l("Type a time like 14:20."), **kwargs)


class PrefixField(TextField):
    """The word before the hyphen of every code."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([text.upper() for text in valuelist])


class Either(Optional):
    """May stay empty, but not beside the choice that needs it: so it is not marked as optional."""

    def __init__(self) -> None:
        super().__init__()
        self.field_flags: dict[str, bool] = {}


REQUIRED = _l("This is needed.")
SEVERAL = _l("Only one of the two can be given. Empty the other.")


def _today() -> date:
    return calendar.local_date(utc_now())


class CampaignForm(CreatingForm):
    """A new campaign with its first batch of codes."""

    name = TextField(_l("Name of the campaign"), max_length=60, validators=[InputRequired(REQUIRED)])
    prefix = PrefixField(_l("First part of the codes"), max_length=12, validators=[InputRequired(REQUIRED)])
    kind = RadioField(_l("The code gives"), **_choice(KINDS), default=BenefitKind.FIXED.value)
    value = EurField(_l("Amount"), validators=[Either()], minimum=1, maximum=MAX_VALUE_CENTS)
    percent = QuantityField(_l("Percentage"), validators=[Either()], minimum=1, maximum=100)
    cap = EurField(_l("Largest discount"), validators=[Optional()], minimum=1, maximum=MAX_VALUE_CENTS)
    starts_on = DayField(_l("First day"), validators=[InputRequired(REQUIRED)], default=_today)
    starts_time = ClockField(_l("Valid from (time)"), validators=[Optional()], default=time.min)
    ends_on = DayField(_l("Last day"), validators=[InputRequired(REQUIRED)],
                       default=lambda: _today() + timedelta(days=30))
    ends_time = ClockField(_l("Valid until (time)"), validators=[Optional()], default=time(23, 59))
    number = QuantityField(_l("Number of codes"), validators=[InputRequired(REQUIRED)], minimum=1, maximum=MAX_CODES)
    channel = SelectField(_l("Codes are given out by"), **_choice(CHANNELS), default=CodeChannel.SMS.value)
    products = SelectMultipleField(
        _l("Only with these products"), invalid_choice_message=NOT_OFFERED, widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        choices=lambda: [SelectChoice(code, name) for code, name in product_choices()])
    order_channel = SelectField(_l("Way of ordering"), **_choice(ORDER_CHANNELS, _l("any way")), default="")
    zone = SelectField(_l("Delivery address"), **_choice(ZONES), default=ZoneLimit.ANYWHERE.value)
    from_time = ClockField(_l("Every day from (time)"), validators=[Optional()])
    until_time = ClockField(_l("Every day until (time)"), validators=[Optional()])
    first_order_only = BooleanField(_l("Only for a customer's first order"))
    max_redemptions = QuantityField(_l("Most codes redeemed"), validators=[Optional()], minimum=1, maximum=MAX_COUNT)
    budget = EurField(_l("Most spent on discounts"), validators=[Optional()], minimum=1, maximum=MAX_AMOUNT_CENTS)
    burn_policy = RadioField(_l("When an order with a code is cancelled"), **_choice(POLICIES),
                             default=BurnPolicy.CUSTOMER_CANCELS.value)

    def draft(self) -> CampaignDraft:
        """The campaign as typed; call after the single fields were found right."""
        fixed = self.kind.data == BenefitKind.FIXED
        terms = CampaignTerms(
            kind=BenefitKind(self.kind.data),
            starts_at=calendar.at_local(self.starts_on.data, self.starts_time.data or time.min),
            ends_at=_last_instant(self.ends_on.data, self.ends_time.data),
            value_cents=self.value.cents if fixed else None, percent=None if fixed else self.percent.data,
            cap_cents=None if fixed else self.cap.cents, product_codes=tuple(self.products.data or ()),
            order_channel=self.order_channel.data or None, zone=ZoneLimit(self.zone.data),
            first_order_only=self.first_order_only.data, from_time=self.from_time.data,
            until_time=self.until_time.data)
        return CampaignDraft(name=self.name.data, prefix=self.prefix.data, terms=terms,
                             burn_policy=BurnPolicy(self.burn_policy.data),
                             max_redemptions=self.max_redemptions.data, budget_cents=self.budget.cents)

    def validate(self, extra_validators: Any = None) -> bool:
        """The single fields, then what must fit together."""
        if not super().validate(extra_validators):
            return False
        fixed = self.kind.data == BenefitKind.FIXED
        if fixed and (self.percent.data is not None or self.cap.cents is not None):
            return self.refuse("percent" if self.percent.data is not None else "cap", SEVERAL)
        if not fixed and self.value.cents is not None:
            return self.refuse("value", SEVERAL)
        try:
            require_sound(self.draft())
        except WrongCampaign as error:
            return self.refuse(str(error.field), error.message)
        if _last_instant(self.ends_on.data, self.ends_time.data) <= utc_now():
            return self.refuse("ends_on", _l("This time is already over."))
        return True

    def refuse(self, field: str, message: Any) -> bool:
        """Put an error beside a field."""
        self[field].errors = [*self[field].errors, message]
        return False


class IssueForm(CreatingForm):
    """A further batch of codes."""

    number = QuantityField(_l("Number of codes"), validators=[InputRequired(REQUIRED)], minimum=1, maximum=MAX_CODES)
    channel = SelectField(_l("Codes are given out by"), **_choice(CHANNELS), default=CodeChannel.SMS.value)


class ExtendForm(BaseForm):
    """A later end of a campaign."""

    ends_on = DayField(_l("New last day"), validators=[InputRequired(REQUIRED)])
    ends_time = ClockField(_l("Valid until (time)"), validators=[Optional()], default=time(23, 59))

    def ends_at(self) -> datetime:
        """The last instant as typed; call after the fields were found right."""
        return _last_instant(self.ends_on.data, self.ends_time.data)


class IntroForm(BaseForm):
    """The sentence before the code in an SMS."""

    class Meta(BaseForm.Meta):
        csrf = False

    intro = TextField(_l("Your sentence before the code"), max_length=80, validators=[Optional()])


class MailingForm(CreatingForm):
    """What was shown and is confirmed."""

    intro = HiddenField()
    recipients = IntegerField(validators=[InputRequired(REQUIRED)], widget=HiddenInput())
    parts = IntegerField(validators=[InputRequired(REQUIRED)], widget=HiddenInput())


class SearchForm(BaseForm):
    """Look among the codes of a campaign."""

    class Meta(BaseForm.Meta):
        csrf = False

    q = TextField(_l("Code"), max_length=30, validators=[Optional()])
    state = SelectField(_l("State"), **_choice(STANDINGS, _l("all states")), default="")

    def standing(self) -> Standing | None:
        """The state looked for, if any."""
        return Standing(self.state.data) if self.state.data else None


def _last_instant(day: date, clock: time | None) -> datetime:
    """The last second of the minute until which codes count; the whole day when no time is given."""
    return calendar.end_of_day(day) if clock is None else calendar.at_local(day, clock.replace(second=59))
