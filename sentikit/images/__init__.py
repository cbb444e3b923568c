"""Photographs: finding the files, decoding them safely and streaming them in batches. Needs Pillow to decode only."""

from .coco_photos import CocoPhotos, find_coco_images, missing_warning, search_coco_images, with_coco_ids
from .decode import ImageFacts, ImageProblem, examine_image, load_image
from .find import SUFFIXES, FoundImages, ImageRef, check_distinct_ids, find_images, search_images
from .inside import OUTSIDE, PhotoFolder, name_problem, outside_allowed
from .left_out import LeftOut
from .photos import load_photo, without_pixels
from .prefetch import prefetch
from .stream import Batch, default_workers, stream_batches
from .tagged_photos import NOT_FOUND, find_tagged_images

__all__ = [
    "NOT_FOUND",
    "OUTSIDE",
    "SUFFIXES",
    "Batch",
    "CocoPhotos",
    "FoundImages",
    "ImageFacts",
    "ImageProblem",
    "ImageRef",
    "LeftOut",
    "PhotoFolder",
    "check_distinct_ids",
    "default_workers",
    "examine_image",
    "find_coco_images",
    "find_images",
    "find_tagged_images",
    "load_image",
    "load_photo",
    "missing_warning",
    "name_problem",
    "outside_allowed",
    "prefetch",
    "search_coco_images",
    "search_images",
    "stream_batches",
    "with_coco_ids",
    "without_pixels",
]
