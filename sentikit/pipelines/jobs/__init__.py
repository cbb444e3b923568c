"""Whole jobs that the command line and the Python API both run: tag into a file, caption into files, update a dataset.

A job prints nothing: it logs (`logging.getLogger("sentikit")`), reports progress through a callback and counts in a
`Failures`. Jobs that write a tag file or a caption file continue one that an earlier run began.
"""
