"""Cases of the demo: a complained-about cylinder at the technical sector, a return over the counter, a grievance."""
from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from accounts.models import StaffUser
from core import calendar
from core.db import db, unit_of_work
from core.phone import parse_phone
from core.roles import Role
from demo.people import CUSTOMERS
from orders.cases.grievances import Sender, appoint_for_all, open_grievance
from orders.models import Order
from orders.returns.collecting import CaseDoor
from orders.returns.complaints import receive_case
from orders.returns.counter import hand_in, return_at_counter
from orders.returns.models import ReturnCase
from orders.returns.rules import CylinderCheck
from orders.returns.services import open_complaint
from orders.returns.states import DefectKind, Wish
from orders.states import Channel, OrderStatus
from orders.units import units


def add_cases(now: datetime) -> None:
    """One of each, for their desks; nothing of it touches the plan of the day."""
    unit, clerk, technician = units(now)["seat"], _staff(Role.COUNTER), _staff(Role.TECHNICAL)
    withdrawn = sa.exists().where(ReturnCase.order_id == Order.id)
    order_id = db.session.scalars(sa.select(Order.id).where(Order.status == OrderStatus.DELIVERED, ~withdrawn)
                                  .order_by(Order.id).limit(1)).first()
    if order_id is not None:
        with unit_of_work():
            case_id = open_complaint(
                order_id, request_key="demo-complaint", channel=Channel.PHONE, defect=DefectKind.OBVIOUS,
                noticed_on=calendar.local_date(now), wish=Wish.REPLACEMENT, description="Pušča pri ventilu.",
                quantities=None, offer=None, now=now, actor="system").id
            hand_in(case_id, CaseDoor(shown_total_cents=0, record="Pušča pri ventilu, stranka je jeklenko prinesla."),
                    unit, now=now, actor=clerk)
            receive_case(case_id, now=now, actor=technician)
    name, phone = CUSTOMERS[0]
    with unit_of_work():
        return_at_counter(name, parse_phone(phone), CaseDoor(
            shown_total_cents=1000, cylinders=(CylinderCheck(), CylinderCheck(damaged=True))), unit,
            request_key="demo-counter", email=None, photo=None, now=now, actor=clerk)
        appoint_for_all(int(_staff(Role.FINANCE).removeprefix("staff:")), now=now, actor="system")
    with unit_of_work():
        open_grievance(Sender(name=name, email="stranka1@primer.si"), "Voznik ni pozdravil in je pustil vrata odprta.",
                       order_number="", request_key="demo-grievance", channel=Channel.WEB, now=now, actor="customer")


def _staff(role: Role) -> str:
    number = db.session.scalars(sa.select(StaffUser.id).where(StaffUser.role == role).limit(1)).one()
    return f"staff:{number}"
