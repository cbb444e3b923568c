"""The tagger and its scorer: any ontology, without training.

Known weaknesses of such models, and what is done about them:

* Attribute binding: a photograph of a red car and an old house is near "old car". A pair is compared with its noun
  alone, standardised over photographs of that noun, and looked for in the noun's box if there is one.
* A noun that is not there has no adjectives: its presence gates the score.
* Negation is not understood, so prompts only assert, and *no adjective* is a threshold and no prompt.
* A word that is painted in the picture counts as what it says. Nothing here prevents that.
* People get adjectives by how they look. The engine's denylist is applied to these tags as to all others.
* A centre crop loses what stands at the edge; -O resize=squash or longest sees all of the photograph.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from sentikit import ANP, Encoder, ImageBatch, Ontology, Tag, UsageError
from sentikit.affect.adjective_counts import AdjectiveCounts

from .boxes import Box, boxes_of, crop, read_boxes
from .calibration import Calibration, read_calibration
from .embedding import ClipEmbedding
from .loading import ClipModel, load_model
from .prompts import read_templates
from .scoring import Coefficients, Moments, adjective_logits, noun_logits, within_photo
from .settings import TaggerSettings
from .text_cache import TextVectors, cache_folder, text_vectors

if TYPE_CHECKING:
    from torch import Tensor

_SMOOTHING = 1.0
"""Added to the counts of a noun's adjectives, so that one that was never counted is rare and not impossible."""


class PairList:
    """The insertable pairs of an ontology, the nouns in them, and log P(adjective | noun) of each pair."""

    def __init__(self, ontology: Ontology) -> None:
        """Raises UsageError if no pair of it may go into a text."""
        import torch

        self.anps = tuple(anp for anp in ontology if ontology.insertable(anp))
        if not self.anps:
            raise UsageError(f"The ontology {ontology.name!r} has no pair that may go into a text: give another one.")
        self.index = {anp: number for number, anp in enumerate(self.anps)}
        self.nouns = tuple(dict.fromkeys(anp.noun for anp in self.anps))
        self.noun_index = {noun: number for number, noun in enumerate(self.nouns)}
        rows: list[list[int]] = [[] for _ in self.nouns]
        for number, anp in enumerate(self.anps):
            rows[self.noun_index[anp.noun]].append(number)
        self.of_noun = [torch.tensor(row) for row in rows]
        self.noun_of = torch.tensor([self.noun_index[anp.noun] for anp in self.anps])
        counts = AdjectiveCounts.of_ontology(ontology)
        self.log_prior = torch.tensor([counts.given_noun(anp, _SMOOTHING) for anp in self.anps]).log()


class Rules(NamedTuple):
    """How pairs are scored. calibration: None if there is none."""

    by: Coefficients
    calibration: Calibration | None
    abstain: bool
    min_noun: float

    @property
    def fitted(self) -> bool:
        """Whether scores are probabilities."""
        return self.calibration is not None and self.calibration.by is not None


class Rated(NamedTuple):
    """A photograph's log-odds: of pairs against *no adjective* ``(pairs,)``, and of nouns being there ``(nouns,)``."""

    pairs: Tensor
    nouns: Tensor


class ClipTagger:
    """See `sentikit.ScoringTagger`. Without fitted coefficients its tags have ranks and no probabilities."""

    def __init__(
        self,
        clip: ClipModel,
        ontology: Ontology,
        templates: Sequence[str],
        rules: Rules,
        vectors: TextVectors | None = None,
        settings: TaggerSettings | None = None,
    ) -> None:
        """`vectors`: the text embeddings, if they need not be looked for in the cache."""
        embedding = ClipEmbedding(clip)
        self.encoder: Encoder | None = embedding
        self.dim = embedding.dim
        self.clip = clip
        self.templates = tuple(templates)
        self._settings = settings or TaggerSettings()
        self._boxes = read_boxes(self._settings.boxes) if self._settings.boxes else {}
        self._given = vectors
        self._device = "cpu"
        self.known = PairList(ontology)
        self.rules = rules

    def to(self, device: str) -> None:
        """Move to a torch device."""
        self.clip.model.to(device)
        if device != self._device:
            self._device = device
            self.__dict__.pop("texts", None)

    @cached_property
    def texts(self) -> TextVectors:
        """The text embeddings on the device, made when they are first needed: there the text tower is fast."""
        own = self._settings
        made = self._given or text_vectors(
            self.clip, self.known.anps, self.known.nouns, self.templates, cache_folder(own.cache_dir), self.dim
        )
        return TextVectors(*(part.to(self._device) for part in made))

    @cached_property
    def moments(self) -> tuple[Moments, Moments] | None:
        """Of pairs and of nouns, over background photographs; None if there were none."""
        calibration = self.rules.calibration
        if calibration is None:
            return None
        return calibration.moments(self.known.anps), calibration.noun_moments(self.known.nouns)

    def tag(self, batch: ImageBatch, top_k: int) -> list[list[Tag]]:
        """The `top_k` best pairs of each image, best first, without those that *no adjective* beats."""
        scorer = self.scorer(batch)
        return [self._best(scorer.rated(row), top_k) for row in range(len(batch))]

    def scorer(self, batch: ImageBatch) -> ClipScorer:
        """A scorer bound to the images of `batch`."""
        return ClipScorer(self, batch)

    def box_vectors(self, batch: ImageBatch, row: int) -> dict[int, Tensor]:
        """The unit vector ``(dim,)`` of each noun's box in a photograph, by the noun's number."""
        import torch

        photo = batch.photos[row]
        boxes: dict[int, Box] = {
            self.known.noun_index[noun]: box
            for noun, box in (boxes_of(self._boxes, photo.name).items() if self._boxes else ())
            if noun in self.known.noun_index
        }
        if not boxes:
            return {}
        image = photo.image
        crops = torch.stack([self.clip.transform(crop(image, box, photo.size)) for box in boxes.values()])
        with torch.no_grad():
            vectors = self.clip.embed_images(crops.to(self._device))
        return dict(zip(boxes, vectors, strict=True))

    def _best(self, rated: Rated, top_k: int) -> list[Tag]:
        from torch.nn.functional import logsigmoid

        known = self.known
        presence = logsigmoid(rated.nouns)
        scores = logsigmoid(rated.pairs) + presence[known.noun_of]
        if self.rules.abstain:
            scores = scores.masked_fill(rated.pairs <= 0, -inf)
        absent = presence.exp() < self.rules.min_noun
        scores = scores.masked_fill(absent[known.noun_of], -inf)
        values, indices = scores.topk(min(top_k, len(scores)))
        return [
            Tag(known.anps[index], value if self.rules.fitted else None)
            for index, value, log in zip(indices.tolist(), values.exp().tolist(), values.tolist(), strict=True)
            if log > -inf
        ]


class ClipScorer:
    """See `sentikit.Scorer`. What it gives are logarithms of scores; only fitted ones are probabilities."""

    def __init__(self, tagger: ClipTagger, batch: ImageBatch) -> None:
        """Scores all pairs at once: a product of the photographs' vectors with those of the texts."""
        import torch

        self._tagger = tagger
        known, rules = tagger.known, tagger.rules
        with torch.no_grad(), torch.autocast(batch.encoded.device.type, enabled=False):
            photos = batch.encoded[:, 0].float()
            cosines = (photos @ tagger.texts.nouns.T).cpu()
            differences = (photos @ tagger.texts.differences.T).cpu()
        background = tagger.moments
        of_pairs, of_nouns = background or (within_photo(differences), within_photo(cosines))
        for number in range(len(batch)):
            for noun, vector in tagger.box_vectors(batch, number).items():
                own = known.of_noun[noun]
                cosines[number, noun] = (tagger.texts.nouns[noun] @ vector).cpu()
                differences[number, own] = (tagger.texts.differences[own] @ vector).cpu()
        self._pairs = adjective_logits(of_pairs.standardise(differences), known.log_prior, rules.by)
        self._nouns = noun_logits(of_nouns.standardise(cosines), rules.by)

    def rated(self, row: int) -> Rated:
        """The log-odds of one photograph."""
        return Rated(self._pairs[row], self._nouns[row])

    def score(self, anps: Sequence[Sequence[ANP]]) -> list[list[float]]:
        """The logarithm of presence times score; ``-inf`` for a pair that the ontology does not hold."""
        return [[self._score(row, anp) for anp in wanted] for row, wanted in enumerate(anps)]

    def adjectives(self, nouns: Sequence[Sequence[str]]) -> list[list[list[Tag]]]:
        """A noun's adjectives that beat *no adjective*, best first; none for one that is unknown or not there.

        Each is scored by itself: several may hold, and the scores of a noun's adjectives need not sum to 1.
        """
        return [[self._of_noun(row, noun) for noun in wanted] for row, wanted in enumerate(nouns)]

    def _score(self, row: int, anp: ANP) -> float:
        from torch.nn.functional import logsigmoid

        known = self._tagger.known
        index = known.index.get(anp)
        if index is None:
            return -inf
        noun = known.noun_index[anp.noun]
        return float(logsigmoid(self._pairs[row, index]) + logsigmoid(self._nouns[row, noun]))

    def _of_noun(self, row: int, noun: str) -> list[Tag]:
        known, rules = self._tagger.known, self._tagger.rules
        number = known.noun_index.get(noun)
        if number is None or float(self._nouns[row, number].sigmoid()) < rules.min_noun:
            return []
        own = known.of_noun[number]
        logits, order = self._pairs[row, own].sort(descending=True, stable=True)
        return [
            Tag(known.anps[index], value if rules.fitted else None)
            for index, logit, value in zip(own[order].tolist(), logits.tolist(), logits.sigmoid().tolist(), strict=True)
            if logit > 0 or not rules.abstain
        ]


def make_tagger(settings: TaggerSettings, ontology: Ontology) -> ClipTagger:
    """The tagger of the options. Raises SentikitError if something that they name cannot be read or does not fit."""
    templates = read_templates(settings.templates)
    calibration = read_calibration(settings.calibration) if settings.calibration else None
    clip = load_model(settings)
    if calibration and settings.calibration:
        calibration.check(clip, templates, settings.calibration)
    by = (calibration.by if calibration else None) or Coefficients()
    rules = Rules(by, calibration, settings.abstain, settings.min_noun)
    return ClipTagger(clip, ontology, templates, rules, settings=settings)
