"""A page that shows captioned photographs, from disk and without a network: results in, a folder or one file out."""

from .build import MOST_EMBEDDED, ReportCounts, check_folder, write_report_file, write_report_folder
from .captioned import ReportCaption, ReportPhoto, Results
from .results import read_results

__all__ = [
    "MOST_EMBEDDED",
    "ReportCaption",
    "ReportCounts",
    "ReportPhoto",
    "Results",
    "check_folder",
    "read_results",
    "write_report_file",
    "write_report_folder",
]
