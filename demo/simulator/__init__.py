"""A day of the service played through its own parts, with simulated time: nothing here is used by the product."""
