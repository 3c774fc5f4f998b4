"""What is done to staff accounts, customers, their addresses and consents. Call inside an open unit of work."""
from __future__ import annotations

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from accounts import passwords, places
from accounts.errors import EmailTaken, LastAdministrator, NotYourself, SignInRefused, WeakPassword
from accounts.models import Consent, ConsentKind, Customer, CustomerAddress, StaffUser
from accounts.places import Place
from accounts.queries import staff_by_id
from core import audit
from core.clock import utc_now
from core.db import changed_rows, db, insert_new
from core.errors import InvalidInput
from core.phone import Phone
from core.roles import STAFF_ROLES, Role


def create_staff(email: str, name: str, password: str, role: Role, language: str = "sl", *,
                 request_key: str | None = None) -> StaffUser:
    """A new account. Raises EmailTaken, WeakPassword (Z-03) or InvalidInput; the same request key makes one."""
    if role not in STAFF_ROLES:
        raise InvalidInput(_l("Choose a role of the staff."), field="role")
    address = email.strip().casefold()
    passwords.require_good(password, email=address)
    if db.session.scalar(sa.select(StaffUser.id).where(StaffUser.email == address)):
        raise EmailTaken
    user = StaffUser(email=address, name=name.strip(), password_hash=passwords.hash_of(password), role=role,
                     language=language, created_at=utc_now(), request_key=request_key)
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except sa.exc.IntegrityError as error:
        raise EmailTaken from error
    audit.record("staff_created", f"staff:{user.id}", role=role.value)
    return user


def authenticate(email: str, password: str) -> StaffUser:
    """The active account with this e-mail and password, else SignInRefused; count the attempt before.

    Reads only: hashing takes its time, so no transaction may wait for it.
    """
    user = db.session.scalar(sa.select(StaffUser).where(StaffUser.email == email.strip().casefold()))
    known = user if user is not None and user.active else None
    if not passwords.matches(password, known.password_hash if known else None) or known is None:
        raise SignInRefused
    return known


def set_password(user_id: int, password: str) -> None:
    """A new password: ends all sessions of the account; must differ from the last two (Z-03)."""
    user = staff_by_id(user_id)
    passwords.require_good(password, email=user.email)
    if passwords.matches(password, user.password_hash) or passwords.matches(password, user.previous_hash):
        raise WeakPassword(_l("Use a password that differs from the last two."))
    if not changed_rows(sa.update(StaffUser).where(StaffUser.id == user_id, StaffUser.epoch == user.epoch).values(
            previous_hash=user.password_hash, password_hash=passwords.hash_of(password), epoch=user.epoch + 1)):
        raise InvalidInput(_l("The password was changed meanwhile. Try again."), field="password")
    audit.record("staff_password_set", f"staff:{user_id}")


def set_active(user_id: int, active: bool, *, by_user_id: int | None) -> None:
    """Let somebody in or out; out at once. Never oneself, never the last administrator."""
    if not active and user_id == by_user_id:
        raise NotYourself(user_id=user_id)
    user = staff_by_id(user_id)
    if not active and user.role is Role.ADMINISTRATOR:
        # All administrators are locked in one order: two who let each other out at once cannot both succeed.
        administrators = sa.select(StaffUser.id).where(StaffUser.role == Role.ADMINISTRATOR, StaffUser.active)
        others = [i for i in db.session.scalars(administrators.order_by(StaffUser.id).with_for_update())
                  if i != user_id]
        if not others:
            raise LastAdministrator(user_id=user_id)
    if changed_rows(sa.update(StaffUser).where(StaffUser.id == user_id, StaffUser.active != active)
                    .values(active=active, epoch=StaffUser.epoch + 1)):
        audit.record("staff_activated" if active else "staff_deactivated", f"staff:{user_id}")


def upsert_customer(*, name: str, phone: Phone, email: str | None, language: str, actor: str) -> Customer:
    """The customer with this number, made or brought up to date by an agent (Y-09). An empty e-mail keeps the old."""
    values = {"name": name.strip(), "search_name": places.fold(name)[:80], "language": language,
              **({"email": email.strip()} if email and email.strip() else {})}
    created = insert_new(Customer, ["phone_e164"], values | {
        "phone_e164": phone.e164, "phone_kind": phone.kind, "created_at": utc_now()})
    if not created:
        changed_rows(sa.update(Customer).where(Customer.phone_e164 == phone.e164).values(values))
    customer = db.session.scalars(sa.select(Customer).where(Customer.phone_e164 == phone.e164)).one()
    audit.record("customer_created" if created else "customer_updated", f"customer:{customer.id}", actor=actor)
    return customer


def remember_address(customer_id: int, place: Place) -> None:
    """Note that the customer was delivered to this place; the same house again brings its floor and note up to date."""
    key = places.search_key(place)
    values = {"lat": place.lat, "lon": place.lon, "floor": place.floor, "note": place.note[:300],
              "source": place.source, "last_used_at": utc_now()}
    created = insert_new(CustomerAddress, ["customer_id", "search_key"], values | {
        "customer_id": customer_id, "street": place.street, "house_number": place.house_number,
        "postcode": place.postcode, "city": place.city, "search_key": key})
    if not created:
        changed_rows(sa.update(CustomerAddress).where(
            CustomerAddress.customer_id == customer_id, CustomerAddress.search_key == key).values(values))


def record_consent(*, customer_id: int | None, ref: str, kind: ConsentKind, given: bool, channel: str,
                   actor: str) -> None:
    """Note a person's yes or no (H-102, H-103); a no takes back every earlier yes of that kind."""
    now = utc_now()
    if not given and customer_id is not None:
        changed_rows(sa.update(Consent).where(
            Consent.customer_id == customer_id, Consent.kind == kind, Consent.given, Consent.withdrawn_at.is_(None),
        ).values(withdrawn_at=now))
    db.session.add(Consent(customer_id=customer_id, ref=ref, kind=kind, given=given, at=now, channel=channel,
                           actor=actor))
