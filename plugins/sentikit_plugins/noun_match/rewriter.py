"""The paper's rule for updating a caption (section 4.1.2). It knows no grammar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sentikit import Caption, Edit, Rewrite, Tag, tag_nouns
from sentikit.english import find_word, insertion, lower_words, spellings, without_addresses

_ARTICLES = ("a", "an")
_BATCH = 500


class NounMatch:
    """Puts a tag's adjective immediately before the first whole word that is its noun.

    Nouns match exactly, whatever their case: no synonyms, no lemmas, and no eye for compounds ("train track",
    "hot dog") or negation. Tags come best first and are taken in this order:

    * a noun gets one adjective at most, from the best of its tags;
    * where that adjective stands before the noun already, the noun has what it should have and is left alone;
    * addresses and markup are no words, and "gray" is "grey";
    * an adjective that stands elsewhere in the caption, or went to another noun, is not used (again):
      the noun's next best tag competes.
    """

    default_max_edits: int | None = None

    def rewrite(self, items: Iterable[tuple[Caption, Sequence[Tag]]]) -> Iterator[Rewrite]:
        """Lazily, one rewrite for each item, in order. It takes the consecutive items that share a tag list at once."""
        for tags, texts in _by_tags(items):
            # Most captions hold no noun of a tag, and looking for that in the text is quicker than taking it apart.
            together = "\n".join(texts).lower()
            near = [(noun, place) for place, noun in enumerate(tag_nouns(tags)) if noun in together]
            plain = together.isascii()  # elsewhere the lower case of a letter can go by the letters around it
            for text in texts:
                candidates: Sequence[Tag] = tags
                if plain:
                    lower = text.lower() if near else ""
                    candidates = [tags[place] for noun, place in near if noun in lower]
                yield _rewrite(text, candidates) if candidates else Rewrite(text)


def _by_tags(items: Iterable[tuple[Caption, Sequence[Tag]]]) -> Iterator[tuple[Sequence[Tag], list[str]]]:
    """Tag lists, and the texts of the consecutive captions that share each; of very many, some hundred at a time."""
    texts: list[str] = []
    shared: Sequence[Tag] = ()
    for caption, tags in items:
        if texts and (tags is not shared or len(texts) == _BATCH):
            yield shared, texts
            texts = []
        shared = tags
        texts.append(caption.text)
    if texts:
        yield shared, texts


def _is_spelt_otherwise(text: str, adjective: str) -> bool:
    """Whether `text` has the adjective in its other spelling: "grey" for "gray"."""
    others = spellings(adjective)[1:]
    return bool(others) and any(find_word(text, other) is not None for other in others)


def _rewrite(text: str, tags: Sequence[Tag]) -> Rewrite:
    """`tags`: all whose nouns may be words of `text`, best first."""
    served: list[str] = []
    edits: list[Edit] = []
    prose = without_addresses(text)
    for tag in tags:
        adjective, noun = tag.anp
        if noun in served or noun in _ARTICLES or (at := find_word(prose, noun)) is None:
            continue
        if find_word(text, adjective) is None and not _is_spelt_otherwise(text, adjective):
            if all(edit.tag.adjective != adjective for edit in edits):
                edits.append(insertion(text, at, adjective, tag))
                served.append(noun)
        elif any(word in spellings(adjective) for word in lower_words(text[:at])[-1:]):
            served.append(noun)
    return Rewrite.from_edits(text, edits) if edits else Rewrite(text)
