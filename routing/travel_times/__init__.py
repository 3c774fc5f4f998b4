"""How long the way is: one interface, sources of different quality behind it."""
