"""Tag files: the tags of many images as JSON Lines, read and checked, joined to the images of captions, and written."""

from .entries import checked_anp, header_line, parse_anp, tag_line
from .given import given_tags, tags_by_image
from .match import MatchedTags, match_tags
from .reader import TagFile, TaggedImage, read_tags
from .table import ImageTags, TagColumns, TagTable
from .writer import ANOTHER_FILE, TagWriter, check_goes_on, check_replaceable, was_made_otherwise, write_tags

__all__ = [
    "ANOTHER_FILE",
    "ImageTags",
    "MatchedTags",
    "TagColumns",
    "TagFile",
    "TagTable",
    "TagWriter",
    "TaggedImage",
    "check_goes_on",
    "check_replaceable",
    "checked_anp",
    "given_tags",
    "header_line",
    "match_tags",
    "parse_anp",
    "read_tags",
    "tag_line",
    "tags_by_image",
    "was_made_otherwise",
    "write_tags",
]
