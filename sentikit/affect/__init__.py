"""Feeling: valence, ontologies, denylists and how common adjectives are."""
