"""File formats: COCO files and tag files."""
