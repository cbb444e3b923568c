"""Whole-file writing, folders, paths, messages and progress."""
