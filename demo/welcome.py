"""What a person sees when the service has started."""
from __future__ import annotations

import click

from core.clock import utc_now
from demo.people import PASSWORD, STAFF
from demo.seed import bring_up_to_date, is_empty

_DESKS = {"agent": "/agent", "dispatcher": "/dispatch", "finance": "/finance", "marketing": "/promos",
          "auditor": "/finance", "administrator": "/admin/users"}


def prepare() -> None:
    """Make the demo's data at the first start and add what a later start misses."""
    if is_empty():
        click.echo("Making the demo's data: streets, vans, people and a day of orders ...")
    bring_up_to_date(utc_now())


def text(address: str) -> str:
    """Where each kind of user starts, and how to sign in."""
    rows = [("customer", f"{address}/", "no sign-in"), ("prices", f"{address}/cenik", "no sign-in"),
            ("messages", f"{address}/outbox", "all SMS and e-mails; a driver's page opens by the link in the SMS")]
    rows += [(role.value, address + _DESKS.get(role.value, "/desk"), email) for email, _, role in STAFF]
    lines = [f"  {who:<14} {where:<40} {how}" for who, where, how in rows]
    return "\n".join(["", "Plin na dom is running (demo data, invented prices).", "", *lines, "",
                      f"  Password of every demo account: {PASSWORD}", "  Stop with Ctrl-C.", ""])
