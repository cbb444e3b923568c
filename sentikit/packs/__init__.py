"""Packs: folders of weights, read and written."""
