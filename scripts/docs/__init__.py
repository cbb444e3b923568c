"""Makes what the documentation shows of the program: docs/commands.md and the README's picture."""
