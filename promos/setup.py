"""What promos adds to the application."""
from __future__ import annotations

from flask import Flask

from promos import consent_views, mailing_views, models, stopping, views
from promos import tasks as tasks  # registers the sweeps

MODELS = (models.Campaign, models.PromoBatch, models.PromoCode, models.PromoRedemption, models.PromoEvent,
          models.PromoMailing, models.PromoSend)


def init_app(app: Flask) -> None:
    """Make campaigns and codes known to the database, and give marketing its pages."""
    for module in (views, mailing_views, consent_views):
        app.register_blueprint(module.blueprint)
    stopping.connect()
