"""A harness that tries to lose results: kills at random moments and hostile files. `make faults` runs all of it."""
