"""The key that seals documents: the taxpayer's own by configuration, else one made for trying out."""
from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    load_key_and_certificates,
    serialize_key_and_certificates,
)
from cryptography.x509.oid import NameOID
from flask import current_app

KEY_BITS = 2048
TRIAL_PASSWORD = b"only for trying out"


@dataclass(frozen=True)
class Keys:
    """The private key and its certificate."""

    key: RSAPrivateKey
    certificate: x509.Certificate

    def pem(self) -> bytes:
        """Both, as a TLS client wants them."""
        return self.certificate.public_bytes(Encoding.PEM) + self.key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def keys() -> Keys:
    """The application's keys, read once. RuntimeError where the configured file holds none."""
    found: Keys | None = current_app.extensions.get("fiscal_keys")
    if found is None:
        path, password = current_app.config["FISCAL_P12"], current_app.config["FISCAL_P12_PASSWORD"]
        found = read_keys(Path(path), password.encode()) if path else _trial_keys(
            Path(current_app.config["FISCAL_TRIAL_KEY"]))
        current_app.extensions["fiscal_keys"] = found
    return found


def read_keys(path: Path, password: bytes) -> Keys:
    """The keys of a .p12 file. RuntimeError for a file without a private RSA key."""
    try:
        key, certificate, _others = load_key_and_certificates(path.read_bytes(), password)
    except (OSError, ValueError) as error:
        raise RuntimeError(f"{path}: no key could be read ({error})") from error
    if not isinstance(key, RSAPrivateKey) or certificate is None:
        raise RuntimeError(f"{path}: a private RSA key with its certificate is needed")
    return Keys(key, certificate)


def _trial_keys(path: Path) -> Keys:
    """A key of our own making, kept in the instance folder; processes that start at once agree on the first."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_suffix(f".{os.getpid()}")
        made.write_bytes(_made_up())
        made.chmod(0o600)
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
    return read_keys(path, TRIAL_PASSWORD)


def _made_up() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Plin na dom, trial")])
    since = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(since)
                   .not_valid_after(since + timedelta(days=7300)).sign(key, SHA256()))
    return serialize_key_and_certificates(b"trial", key, certificate, None, BestAvailableEncryption(TRIAL_PASSWORD))
