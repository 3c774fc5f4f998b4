"""What can be wrong with a map."""
from __future__ import annotations


class MapError(ValueError):
    """An extract or a map file that cannot be used; one line says why."""
