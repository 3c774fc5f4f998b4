"""Changes by the company (X-27, H-046) and grievances (H-168 to H-170)."""
