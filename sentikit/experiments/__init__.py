"""Experiments as recipes: TOML files that name inputs, steps of `sentikit`, and the table that the steps fill."""
