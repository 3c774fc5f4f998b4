"""What promos adds to the application."""
from __future__ import annotations

from flask import Flask

from promos import models, views

MODELS = (models.Campaign, models.PromoBatch, models.PromoCode, models.PromoRedemption, models.PromoEvent)


def init_app(app: Flask) -> None:
    """Make campaigns and codes known to the database, and give marketing its pages."""
    app.register_blueprint(views.blueprint)
