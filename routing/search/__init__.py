"""What talks to OR-Tools. Loaded by solver processes only: it holds the interpreter lock while it runs, and a failed
check inside it ends the process."""
