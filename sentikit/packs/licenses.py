"""The licences and model cards of packs in those that are made from them: nobody's terms are lost on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .card import NOT_STATED
from .reading import Pack

_MADE_FROM = "These weights were made from those of other packs, whose terms continue to apply to them."
_HEADING = re.compile(r"^From the packs? ((?:'[^'\n]*'(?:, )?)+):$", re.MULTILINE)


def licenses_of(sources: Sequence[Pack]) -> str:
    """The LICENSE of a pack that was trained from `sources`: the text of each, under the names of its packs."""
    found: dict[str, dict[str, None]] = {}
    for pack in sources:
        for names, text in _parts(pack):
            found.setdefault(text, {}).update(dict.fromkeys(names))
    if not found:
        return f"{NOT_STATED}\n"
    parts = [
        f"From the pack{'s' if len(names) > 1 else ''} {', '.join(names)}:\n\n{text}" for text, names in found.items()
    ]
    return "\n\n".join([_MADE_FROM, *parts]) + "\n"


def joint_license(packs: Sequence[Pack]) -> str:
    """The LICENSE of a pack that joins `packs`: their common text, or that of each."""
    texts = {pack.license or NOT_STATED for pack in packs}
    return texts.pop() if len(texts) == 1 else licenses_of(packs)


def cards_of(sources: Sequence[Pack]) -> str:
    """What the model card of a pack that was trained from `sources` says of them: their own cards, quoted."""
    cards = dict.fromkeys((pack.name, pack.card) for pack in sources)
    return "".join(f"\n## Made from {name}\n\n{_quoted(card)}" for name, card in cards)


def _parts(pack: Pack) -> Iterator[tuple[list[str], str]]:
    """The licences that a pack's LICENSE consists of, with the names of the packs that each came with."""
    text = pack.license or NOT_STATED
    pieces = _HEADING.split(text)
    if not text.startswith(_MADE_FROM) or len(pieces) < 3:
        yield [_quote_name(pack.name)], text
        return
    for names, part in zip(pieces[1::2], pieces[2::2], strict=True):
        yield re.findall(r"'[^']*'", names), part.strip()


def _quote_name(name: str) -> str:
    return "'" + name.replace("'", "\u2019") + "'"


def _quoted(card: str) -> str:
    """As a quotation in Markdown, so that its headings are none of the new card."""
    lines = (card or "It has no model card.").splitlines()
    return "".join(f"> {line}".rstrip() + "\n" for line in lines)
