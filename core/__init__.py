"""Shared ground: configuration, database, time, money, phones, errors, access. Imports nothing of ours."""
