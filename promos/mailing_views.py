"""Marketing sends codes by SMS: look, confirm, see how far it is."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from core.audit import current_actor
from core.auth import guard
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import DomainError
from core.http import no_store
from core.roles import Role
from promos import mailing, queries
from promos.forms import IntroForm, MailingForm
from promos.states import CampaignStanding
from promos.words import LANGUAGES

blueprint = Blueprint("promo_mailings", __name__, url_prefix="/promos/<int:campaign_id>/sms")
guard(blueprint, Role.MARKETING)
blueprint.after_request(no_store)


@blueprint.get("")
def index(campaign_id: int) -> str:
    """Who would get a code, with which words, at what price; and what was sent before."""
    intro = IntroForm(request.args)
    return _page(campaign_id, intro, MailingForm(formdata=None))


@blueprint.post("")
def send(campaign_id: int) -> Any:
    """Confirm what was shown."""
    form = MailingForm()
    intro = IntroForm(intro=form.intro.data)
    if not form.validate_on_submit() or not intro.validate():
        return _page(campaign_id, intro, form), 422
    try:
        with unit_of_work():
            mailing.start_mailing(
                campaign_id, form.intro.data or "", shown=(form.recipients.data or 0, form.parts.data or 0),
                request_key=form.request_key.data, now=utc_now(), actor=current_actor())
    except DomainError as refusal:
        return _page(campaign_id, intro, MailingForm(formdata=None), refusal), refusal.status
    flash(_("The messages are on their way."), "ok")
    return redirect(url_for("promo_mailings.index", campaign_id=campaign_id), 303)


def _page(campaign_id: int, intro: IntroForm, form: MailingForm, refusal: DomainError | None = None) -> str:
    campaign = queries.campaign_by_id(campaign_id)
    text = (intro.intro.data or "") if intro.validate() else ""
    now = utc_now()
    number = queries.number_of_mailings(campaign_id)
    pages = max(1, -(-number // queries.PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    return render_template(
        "promos/mailing.html", campaign=campaign, intro=intro, form=form, refusal=refusal, text=text,
        seen=mailing.preview(campaign_id, text, now=now), ended=campaign.standing(now) is CampaignStanding.ENDED,
        mailings=queries.mailings(campaign_id, page), page=page, pages=pages, languages=LANGUAGES)
