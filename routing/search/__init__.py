"""The search for better plans, most of it by OR-Tools. Loaded by solver processes only: OR-Tools holds the interpreter
lock while it runs, and a failed check inside it ends the process."""
