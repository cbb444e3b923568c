"""The tables in sentikit/data that are made from other data, each with the script that made it."""
