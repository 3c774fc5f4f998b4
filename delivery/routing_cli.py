"""`flask routing ...`: maps, travel times and the solver on a terminal. Each command stands in the module it is of."""
from __future__ import annotations

from flask.cli import AppGroup

group = AppGroup("routing", help="Maps, travel times and the solver.")
