"""Maps: extracts of OpenStreetMap (© OpenStreetMap contributors, ODbL)."""
