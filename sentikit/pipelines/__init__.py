"""The ways data takes: captioning, tagging and updating."""
