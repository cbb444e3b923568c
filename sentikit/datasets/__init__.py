"""Makes the data sets of the paper's section 5: manifests of photographs with ANPs, and splits of COCO captions."""

from .check_log import CheckLog
from .classes import ImageClass, Source, find_classes
from .coco_files import split_coco
from .examine import Rules, examine_images
from .karpathy import split_karpathy
from .manifest import Counts, write_manifest
from .splits import Shares

__all__ = [
    "CheckLog",
    "Counts",
    "ImageClass",
    "Rules",
    "Shares",
    "Source",
    "examine_images",
    "find_classes",
    "split_coco",
    "split_karpathy",
    "write_manifest",
]
