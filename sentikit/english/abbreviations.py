"""Abbreviations that name things: "a TV", "two RVs"."""

from __future__ import annotations

from .expressions import word_set

ABBREVIATIONS = word_set(
    """
    tv suv ufo rv atm pc dvd cd vcr gps usb led lcd bbq atv utv dj vw bmw pda dslr slr hdtv ev ac mri
    cpu uav lp bmx mic blt emt dvr ceo
    """
)
"""In lower case and the singular."""
