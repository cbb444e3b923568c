"""Draws updated captions for readers who do not see each other's verdicts, and counts what they say.

    python -m scripts.reading draw ../shared/data --rewriter spacy-lemma --seed 7 -o sheet
    python -m scripts.reading compare sheet one.jsonl two.jsonl
    python -m scripts.reading count sheet one.jsonl two.jsonl --third third.jsonl

`draw` updates the captions of the images of coco_text whose md5(id) begins with 0 to 3, which nothing else may read,
and takes 300 of those that changed, of as many images as there are, with ten planted faults among them. It writes
`sheet/sheet.jsonl` for the readers and `sheet/key.json`, which they must not see. A reader writes a line for each:
{"number": 1, "verdict": "good", "kind": "", "why": ""}, where the verdict is good, odd or fault. `compare` lists what
the third reader has to decide, and `count` prints agreement, rates with Wilson intervals, and the planted faults that
were found.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from .drawing import draw
from .verdicts import compare, count


def main() -> None:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(prog="scripts.reading")
    commands = parser.add_subparsers(dest="command", required=True)
    drawing = commands.add_parser("draw")
    drawing.add_argument("data", type=Path, help="the folder with coco_text")
    drawing.add_argument("--rewriter", default="spacy-lemma")
    drawing.add_argument("--seed", type=int, required=True)
    drawing.add_argument("--number", type=int, default=300)
    drawing.add_argument("-o", "--output", type=Path, required=True)
    for name in ("compare", "count"):
        reading = commands.add_parser(name)
        reading.add_argument("sheet", type=Path)
        reading.add_argument("readers", type=Path, nargs=2)
        if name == "count":
            reading.add_argument("--third", type=Path)
    options = parser.parse_args()
    if options.command == "draw":
        draw(options.data, options.rewriter, options.seed, options.number, options.output)
    elif options.command == "compare":
        compare(options.sheet, options.readers)
    else:
        count(options.sheet, options.readers, options.third)


if __name__ == "__main__":
    main()
