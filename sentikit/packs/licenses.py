"""The licences and model cards of packs in those that are made from them: nobody's terms are lost on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .card import NOT_STATED
from .reading import Pack

_MADE_FROM = "These weights were made from those of other packs, whose terms continue to apply to them."
_NAMES_ON_THE_HUB = """
afl-3.0 agpl-3.0 apache-2.0 apple-amlr apple-ascl artistic-2.0 bigcode-openrail-m bigscience-bloom-rail-1.0
bigscience-openrail-m bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear bsl-1.0 c-uda cc cc-by-2.0 cc-by-2.5
cc-by-3.0 cc-by-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0
cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cc-by-nd-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc0-1.0 cdla-permissive-1.0
cdla-permissive-2.0 cdla-sharing-1.0 creativeml-openrail-m deepfloyd-if-license ecl-2.0 epl-1.0 epl-2.0 etalab-2.0
eupl-1.1 eupl-1.2 fair-noncommercial-research-license gemma gfdl gpl gpl-2.0 gpl-3.0 grok2-community h-research
intel-research isc lgpl lgpl-2.1 lgpl-3.0 lgpl-lr llama2 llama3 llama3.1 llama3.2 llama3.3 llama4 lppl-1.3c mit
mpl-2.0 ms-pl ncsa odbl odc-by ofl-1.1 openmdw-1.0 openrail openrail++ osl-3.0 other pddl postgresql unknown
unlicense wtfpl zlib
"""
HUB_LICENSES = frozenset(_NAMES_ON_THE_HUB.split())
"""The names of licences that the Hugging Face hub knows."""
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


def warnings_on(license: str, pack: Pack) -> Iterator[str]:
    """What is doubtful about a licence that is stated for a pack by its name on the hub."""
    if license not in HUB_LICENSES:
        yield f"The hub knows no licence {license!r}: its names are such as apache-2.0 or cc-by-4.0, or 'other'."
    if pack.license and pack.license.strip() != NOT_STATED:
        yield (
            f"The pack has a LICENSE of its own, which still holds: make sure that these are the terms of {license!r}, "
            "or leave --license out."
        )
