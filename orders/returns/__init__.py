"""Withdrawal, deposit return, complaint and grievance."""
