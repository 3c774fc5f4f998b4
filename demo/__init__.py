"""Demo data and the day simulator. Only app.py imports this package."""
