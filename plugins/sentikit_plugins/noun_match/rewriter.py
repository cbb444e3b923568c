"""The paper's rule for updating a caption (section 4.1.2). It knows no grammar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sentikit import Caption, Edit, Rewrite, Tag
from sentikit.english import insertion, lower_words, word_start

_ARTICLES = ("a", "an")
_BATCH = 500


class NounMatch:
    """Puts a tag's adjective immediately before the first whole word that is its noun.

    Nouns match exactly, whatever their case: no synonyms, no lemmas, and no eye for compounds ("train track",
    "hot dog") or negation. Tags come best first and are taken in this order:

    * a noun gets one adjective at most, from the best of its tags;
    * where that adjective stands before the noun already, the noun has what it should have and is left alone;
    * an adjective that stands elsewhere in the caption, or went to another noun, is not used (again):
      the noun's next best tag competes.
    """

    default_max_edits: int | None = None

    def rewrite(self, items: Iterable[tuple[Caption, Sequence[Tag]]]) -> Iterator[Rewrite]:
        """Lazily, one rewrite for each item, in order. It takes the consecutive items that share a tag list at once."""
        for tags, texts in _by_tags(items):
            # Most captions hold no noun of a tag, and looking for that in the text is quicker than taking it apart.
            together = "\n".join(texts).lower()
            nouns = [noun for (_, noun), _, _ in tags if noun in together]
            for text in texts:
                lower = text.lower()
                # Where text is not ASCII, the lower case of a letter can go by the letters around it.
                found = [noun for noun in nouns if noun in lower] if text.isascii() else [tag.anp.noun for tag in tags]
                yield _rewrite(text, tags, found) if found else Rewrite(text)


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


def _rewrite(text: str, tags: Sequence[Tag], nouns: Sequence[str]) -> Rewrite:
    """`nouns` are those of the tags that may be words of `text`."""
    words = lower_words(text)
    bare = {noun for noun in nouns if noun in words and noun not in _ARTICLES}
    edits: list[Edit] = []
    for tag in tags if bare else ():
        (adjective, noun), _, _ = tag
        if noun not in bare:
            continue
        place = words.index(noun)
        if place and words[place - 1] == adjective:
            bare.remove(noun)
        elif adjective not in words and all(edit.tag.adjective != adjective for edit in edits):
            edits.append(insertion(text, word_start(text, place), adjective, tag))
            bare.remove(noun)
        if not bare:
            break
    return Rewrite.from_edits(text, edits) if edits else Rewrite(text)
