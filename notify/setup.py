"""What notify adds to the application."""
from __future__ import annotations

from flask import Flask

from notify import models

MODELS = (models.OutboxMessage, models.InboundSms)


def init_app(app: Flask) -> None:
    """Make the messages known to the database."""
