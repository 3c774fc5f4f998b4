"""The application factory: the only module that knows every package."""
from __future__ import annotations

from typing import Any

from flask import Flask
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from accounts import setup as accounts
from billing import setup as billing
from billing.queries import price_list
from core import config, db, health, http, i18n, tasks, worker
from core.auth import login_manager
from core.clock import utc_now
from delivery import setup as delivery
from demo import setup as demo
from notify import setup as notify
from orders import setup as orders
from promos import ports as promo_ports
from promos import setup as promos

CONTENT_SECURITY_POLICY = {
    "default-src": "'self'",
    "img-src": ["'self'", "data:"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}

SHARED = (db, tasks, i18n, http, health, worker)
PACKAGES = (notify, accounts, promos, billing, orders, delivery, demo)  # from the bottom up


def create_app(overrides: dict[str, Any] | None = None) -> Flask:
    """Build the application; `overrides` replaces configuration values (tests, simulations)."""
    app = Flask(__name__, instance_relative_config=True)
    app.config.from_mapping(config.load(app.instance_path))
    app.config.from_mapping(overrides or {})
    _secure(app)
    for shared in SHARED:
        shared.init_app(app)
    login_manager.init_app(app)
    for package in PACKAGES:  # blueprints, commands, wiring, sweeps
        package.init_app(app)
    app.extensions[promo_ports.EXTENSION] = _products
    app.extensions["create_app"] = create_app  # the simulator makes applications of its own
    return app


def _products() -> list[tuple[str, str]]:
    """The products that a campaign can be limited to, which promos may not ask billing for."""
    return [(product.code, product.name(i18n.language())) for product in price_list(utc_now())]


def _secure(app: Flask) -> None:
    """Form tokens, security headers, and the proxies that may be believed."""
    CSRFProtect(app)
    production = app.config["PRODUCTION"]
    policy = dict(CONTENT_SECURITY_POLICY)
    if app.config["TILE_URL"]:
        policy["img-src"] = ["'self'", "data:", "https:"]
    Talisman(app, force_https=production, session_cookie_secure=app.config["SESSION_COOKIE_SECURE"],
             content_security_policy=policy, strict_transport_security=production,
             referrer_policy="same-origin")
    if app.config["TRUSTED_PROXIES"]:
        hops = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
