"""`python -m sentikit` is the `sentikit` command."""

from .cli import main

main()
