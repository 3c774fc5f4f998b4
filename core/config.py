"""Configuration from the environment; every variable is described in docs/configuration.md."""
from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def load(instance_path: str, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The application's configuration; the defaults make a laptop work."""
    env = os.environ if environ is None else environ
    production = env.get("PLIN_ENV") == "production"
    database = env.get("DATABASE_URL") or f"sqlite:///{Path(instance_path) / 'plin.db'}"
    if database.startswith(("postgres://", "postgresql://")):
        database = "postgresql+psycopg://" + database.split("://", 1)[1]
    return {
        "PRODUCTION": production,
        "DEMO": env.get("PLIN_DEMO", "0" if production else "1") == "1",
        "SECRET_KEY": _secret(instance_path, env, production),
        "SQLALCHEMY_DATABASE_URI": database,
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": True} if database.startswith("postgresql") else {},
        "PUBLIC_URL": env.get("PUBLIC_URL", f"http://127.0.0.1:{env.get('PORT', '8000')}").rstrip("/"),
        "HUEY_URL": env.get("HUEY_URL", ""),
        "SMS_SENDER": env.get("SMS_SENDER", "ButanPlin"),
        "TWILIO_ACCOUNT_SID": env.get("TWILIO_ACCOUNT_SID", ""),
        "TWILIO_AUTH_TOKEN": env.get("TWILIO_AUTH_TOKEN", ""),
        "TWILIO_FROM": env.get("TWILIO_FROM", ""),
        "TWILIO_API_URL": env.get("TWILIO_API_URL", ""),
        "SMTP_URL": env.get("SMTP_URL", ""),
        "MAIL_FROM": env.get("MAIL_FROM", "info@butanplin.si"),
        "SOLVER_PROCESSES": int(env.get("SOLVER_PROCESSES", "2")),
        "SOLVER_TIME_LIMIT_MS": int(env.get("SOLVER_TIME_LIMIT_MS", "3000")),
        "TRAVEL_SERVER": env.get("TRAVEL_SERVER", ""),
        "TRAVEL_SERVER_URL": env.get("TRAVEL_SERVER_URL", ""),
        "TRAVEL_SERVER_TIMEOUT_MS": int(env.get("TRAVEL_SERVER_TIMEOUT_MS", "2000")),
        "TRAVEL_SERVER_MAX_PAIRS": int(env.get("TRAVEL_SERVER_MAX_PAIRS", "2500")),
        "MAP_PATH": env.get("MAP_PATH", str(Path(instance_path) / "map.npz")),
        "MAP_URL": env.get("MAP_URL", "https://download.geofabrik.de/europe/slovenia-latest.osm.pbf"),
        "TILE_URL": env.get("TILE_URL", ""),
        "TILE_ATTRIBUTION": env.get("TILE_ATTRIBUTION", "© OpenStreetMap contributors"),
        "TRUSTED_PROXIES": int(env.get("TRUSTED_PROXIES", "0")),
        "FISCAL_URL": env.get("FISCAL_URL", ""),
        "FISCAL_P12": env.get("FISCAL_P12", ""),
        "FISCAL_P12_PASSWORD": env.get("FISCAL_P12_PASSWORD", ""),
        "FISCAL_CERTIFICATE": env.get("FISCAL_CERTIFICATE", ""),
        "FISCAL_CA": env.get("FISCAL_CA", ""),
        "FISCAL_TRIAL_KEY": str(Path(instance_path) / "fiscal_trial.p12"),
        "BABEL_DEFAULT_LOCALE": "sl",
        "BABEL_DEFAULT_TIMEZONE": "Europe/Ljubljana",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": production,
        "REMEMBER_COOKIE_SECURE": production,
        "WTF_CSRF_TIME_LIMIT": 12 * 3600,
        "MAX_CONTENT_LENGTH": 6 * 1024 * 1024,
        "ARGON2_TIME_COST": 3,
        "ARGON2_MEMORY_KIB": 65_536,
    }


def _secret(instance_path: str, env: Mapping[str, str], production: bool) -> str:
    """SECRET_KEY from the environment; outside production one is made once and kept in the instance folder."""
    if env.get("SECRET_KEY"):
        return env["SECRET_KEY"]
    if production:
        raise RuntimeError("SECRET_KEY must be set in production (see docs/configuration.md)")
    path = Path(instance_path) / "secret_key"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x") as file:
            file.write(secrets.token_hex(32))
        path.chmod(0o600)
    except FileExistsError:
        pass
    return path.read_text().strip()
