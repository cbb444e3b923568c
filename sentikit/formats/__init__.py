"""File formats: the contract of caption formats, COCO files and tag files."""
