"""Marketing's pages: campaigns, their codes, export."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from accounts.queries import staff_names
from core import calendar
from core.audit import current_actor
from core.auth import guard
from core.clock import utc_now
from core.db import unit_of_work
from core.errors import NotFound
from core.http import no_store
from core.roles import Role
from promos import queries, services, words
from promos.chart import redeemed_chart
from promos.errors import WrongCampaign
from promos.export import csv_lines
from promos.forms import CampaignForm, ExtendForm, IssueForm, SearchForm
from promos.models import Campaign
from promos.ports import product_choices
from promos.rules import show_hours
from promos.states import BenefitKind, CampaignStanding, CodeAction, CodeChannel, OrderEnd, Standing, ZoneLimit

blueprint = Blueprint("promos", __name__, url_prefix="/promos")
guard(blueprint, Role.MARKETING)


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {"words": words, "BenefitKind": BenefitKind, "Standing": Standing, "ZoneLimit": ZoneLimit,
            "why_word": lambda why: words.ENDS[OrderEnd(why)], "CodeAction": CodeAction}


def _page() -> int:
    return min(max(request.args.get("page", 1, type=int), 1), 100_000)


def _pages(number: int) -> int:
    return max(1, -(-number // queries.PAGE))


@blueprint.get("")
def index() -> str:
    now = utc_now()
    campaigns = queries.campaigns(_page())
    return render_template("promos/index.html", campaigns=campaigns, now=now, page=_page(),
                           pages=_pages(queries.number_of_campaigns()),
                           summaries=queries.summaries([campaign.id for campaign in campaigns], now))


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Any:
    form = CampaignForm()
    if form.validate_on_submit():
        with unit_of_work():
            campaign = services.create_campaign(form.draft(), request_key=form.request_key.data, now=utc_now(),
                                                actor=current_actor())
            campaign_id = campaign.id
            services.issue_codes(campaign_id, form.number.data or 0, channel=CodeChannel(form.channel.data),
                                 now=utc_now(), actor=current_actor(), request_key=form.request_key.data)
        flash(_("The campaign and its codes are ready."), "ok")
        return redirect(url_for("promos.campaign", campaign_id=campaign_id), 303)
    status = 422 if form.is_submitted() else 200
    return render_template("promos/new.html", form=form, product_choices=product_choices()), status


@blueprint.get("/<int:campaign_id>")
def campaign(campaign_id: int) -> str:
    return _campaign_page(queries.campaign_by_id(campaign_id), IssueForm())


@blueprint.post("/<int:campaign_id>/codes")
def issue(campaign_id: int) -> Any:
    form = IssueForm()
    if not form.validate_on_submit():
        return _campaign_page(queries.campaign_by_id(campaign_id), form), 422
    with unit_of_work():
        codes = services.issue_codes(campaign_id, form.number.data or 0, channel=CodeChannel(form.channel.data),
                                     now=utc_now(), actor=current_actor(), request_key=form.request_key.data)
    flash(_("Codes issued: %(number)s.", number=len(codes)), "ok")
    return redirect(url_for("promos.campaign", campaign_id=campaign_id), 303)


@blueprint.post("/<int:campaign_id>/end")
def end(campaign_id: int) -> Any:
    with unit_of_work():
        services.end_campaign(campaign_id, now=utc_now(), actor=current_actor())
    flash(_("The campaign has ended. Its codes can no longer be used."), "ok")
    return redirect(url_for("promos.campaign", campaign_id=campaign_id), 303)


@blueprint.post("/<int:campaign_id>/pause")
def pause(campaign_id: int) -> Any:
    with unit_of_work():
        services.pause_campaign(campaign_id, now=utc_now(), actor=current_actor())
    flash(_("The campaign is stopped. Let it go on whenever you like."), "ok")
    return redirect(url_for("promos.campaign", campaign_id=campaign_id), 303)


@blueprint.post("/<int:campaign_id>/resume")
def resume(campaign_id: int) -> Any:
    with unit_of_work():
        services.resume_campaign(campaign_id, now=utc_now(), actor=current_actor())
    flash(_("The campaign goes on."), "ok")
    return redirect(url_for("promos.campaign", campaign_id=campaign_id), 303)


@blueprint.post("/<int:campaign_id>/extend")
def extend(campaign_id: int) -> Any:
    form = ExtendForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                services.extend_campaign(campaign_id, form.ends_at(), now=utc_now(), actor=current_actor())
            flash(_("The campaign lasts longer now."), "ok")
            return redirect(url_for("promos.campaign", campaign_id=campaign_id), 303)
        except WrongCampaign as error:
            form.ends_on.errors = [*form.ends_on.errors, error.message]
    return _campaign_page(queries.campaign_by_id(campaign_id), IssueForm(formdata=None), extending=form), 422


@blueprint.get("/<int:campaign_id>/codes/<int:code_id>")
def code(campaign_id: int, code_id: int) -> str:
    found = queries.code_of_campaign(campaign_id, code_id, utc_now())
    if found is None:
        raise NotFound(_("There is no such code in this campaign."))
    events = queries.history(code_id)
    return render_template("promos/code.html", campaign=queries.campaign_by_id(campaign_id), code=found,
                           events=events, names=_names({event.actor for event in events}))


@blueprint.get("/<int:campaign_id>/codes.csv")
def export(campaign_id: int) -> Response:
    found = queries.campaign_by_id(campaign_id)
    name = f"{found.prefix}-{found.id}.csv".lower()
    lines = list(csv_lines(queries.all_codes(campaign_id, utc_now())))
    return no_store(Response(lines, mimetype="text/csv",
                             headers={"Content-Disposition": f'attachment; filename="{name}"'}))


def _names(actors: set[str]) -> dict[str, str]:
    """`staff:3` to the person's name."""
    ids = {int(actor.removeprefix("staff:")) for actor in actors if actor.startswith("staff:")}
    return {f"staff:{staff_id}": name for staff_id, name in staff_names(ids).items()}


def _campaign_page(campaign: Campaign, form: IssueForm, extending: ExtendForm | None = None) -> str:
    now = utc_now()
    ends_at = calendar.local(campaign.ends_at)
    later = extending or ExtendForm(formdata=None, ends_on=ends_at.date(), ends_time=ends_at.time())
    search = SearchForm(request.args)
    text, state = "", None
    if search.validate():
        text, state = search.q.data or "", search.standing()
    number = queries.number_of_codes(campaign.id, now, text=text, state=state)
    page = min(_page(), _pages(number))
    return render_template(
        "promos/campaign.html", campaign=campaign, form=form, later=later, search=search, number=number, page=page,
        pages=_pages(number), codes=queries.codes(campaign.id, now, text=text, state=state, page=page),
        summary=queries.summaries([campaign.id], now)[campaign.id], batches=queries.batches(campaign.id), now=now,
        ended=campaign.standing(now) is CampaignStanding.ENDED, hours=show_hours(campaign.terms),
        asked={"q": text or None, "state": state},
        products=dict(product_choices()), chart=redeemed_chart(queries.redeemed_by_day(campaign.id)))
