"""COCO files: captions (read, checked, updated, restored, written) and results. Nothing that a file holds is lost."""

from ...io.messages import MISSING, Problem
from .captions import CocoCaptions, ImageId, captions_of, check_document, inspect_captions, read_captions, read_document
from .jsonfile import read_json, write_document
from .mark import KEY, Mark, Restored, edit_entry, mark_updated, read_mark, restore_document
from .results import read_results, write_results

__all__ = [
    "KEY",
    "MISSING",
    "CocoCaptions",
    "ImageId",
    "Mark",
    "Problem",
    "Restored",
    "captions_of",
    "check_document",
    "edit_entry",
    "inspect_captions",
    "mark_updated",
    "read_captions",
    "read_document",
    "read_json",
    "read_mark",
    "read_results",
    "restore_document",
    "write_document",
    "write_results",
]
