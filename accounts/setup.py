"""What accounts adds to the application."""
from __future__ import annotations

from flask import Flask

from accounts import models

MODELS = (models.StaffUser, models.Customer, models.KnownAddress, models.CustomerAddress, models.Consent)


def init_app(app: Flask) -> None:
    """Make people and addresses known to the database."""
