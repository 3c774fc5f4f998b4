"""The application factory: the only module that knows every package."""
from __future__ import annotations

import importlib
from typing import Any

from flask import Flask, session
from flask_login import current_user
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from core import config, db, http, i18n, tasks
from core.auth import login_manager

csrf = CSRFProtect()

CONTENT_SECURITY_POLICY = {
    "default-src": "'self'",
    "img-src": ["'self'", "data:"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "script-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}

PACKAGES = ("notify", "accounts", "promos", "billing", "orders", "delivery", "demo")


def create_app(overrides: dict[str, Any] | None = None) -> Flask:
    """Build the application; `overrides` replaces configuration values (tests, simulations)."""
    app = Flask(__name__, instance_relative_config=True)
    app.config.from_mapping(config.load(app.instance_path))
    app.config.from_mapping(overrides or {})
    db.init_app(app)
    tasks.init_app(app)
    i18n.init_app(app)
    csrf.init_app(app)
    login_manager.init_app(app)
    http.init_app(app)
    for name in PACKAGES:  # every package offers init_app(app): blueprints, CLI, wiring, sweeps
        try:
            package = importlib.import_module(f"{name}.setup")
        except ModuleNotFoundError as error:
            if error.name not in (f"{name}.setup", name):
                raise
            continue
        package.init_app(app)
    return app
