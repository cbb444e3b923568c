"""Batched beam search against a plain one that takes one photograph at a time. The captions must be the same.

    OMP_NUM_THREADS=2 python -m scripts.benchmarks beam_search [--photos 64] [--batch 64] [--beams 5] [--grid 7]

Both use the same decoder with the same random weights, in the sizes of a captioner on Flickr8k; only the decoder's
part is timed, from the feature maps to the captions.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import torch
from torch import Tensor

from sentikit.nn.beam_search import BeamSettings, beam_search
from sentikit.nn.decoder import AttentionDecoder, DecoderSettings

VOCABULARY, DIM = 2907, 1280
START, END, BANNED = 1, 2, (0, 1, 3)


def batched(decoder: AttentionDecoder, features: Tensor, settings: BeamSettings, batch: int) -> list[list[int]]:
    """The library's search."""
    captions = []
    for part in features.split(batch):
        first = torch.full((len(part),), START)
        found = beam_search(decoder.step, decoder.start(part), first, END, settings, BANNED)
        captions += [hypotheses[0].words for hypotheses in found]
    return captions


@torch.no_grad()
def one_by_one(decoder: AttentionDecoder, features: Tensor, settings: BeamSettings) -> list[list[int]]:
    """What one would write first: a loop over photographs, hypotheses in a list, beams that end leave it."""
    return [_one(decoder, photo.unsqueeze(0), settings) for photo in features]


def _one(decoder: AttentionDecoder, features: Tensor, settings: BeamSettings) -> list[int]:
    running: list[tuple[float, list[int]]] = [(0.0, [START])]
    ended: list[tuple[float, list[int]]] = []
    state = decoder.start(features)
    for length in range(settings.max_length + 1):
        last = torch.tensor([[words[-1] for _, words in running]])
        log_probs, _, state = decoder.step(state, last)
        log_probs = log_probs[0]
        if length == settings.max_length:
            ended += [
                (total + log_prob, words)
                for (total, words), log_prob in zip(running, log_probs[:, END].tolist(), strict=True)
            ]
            break
        log_probs[:, [*BANNED, END] if length < settings.min_length else list(BANNED)] = float("-inf")
        totals = log_probs + torch.tensor([total for total, _ in running]).unsqueeze(1)
        best, places = totals.flatten().topk(settings.beams - len(ended))
        rows, going = [], []
        for total, place in zip(best.tolist(), places.tolist(), strict=True):
            row, word = divmod(place, VOCABULARY)
            if word == END:
                ended.append((total, running[row][1]))
            else:
                rows.append(row)
                going.append((total, [*running[row][1], word]))
        running = going
        if not running or (ended and max(running)[0] <= max(ended)[0]):
            break
        state = state.gather(torch.tensor([rows]))
    return max(ended)[1][1:]


def fastest(search: Callable[[], list[list[int]]], times: int) -> float:
    """Seconds of the fastest of some runs."""
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        search()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def main() -> None:
    """Time both and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=64)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--beams", type=int, default=5)
    parser.add_argument("--grid", type=int, default=7)
    parser.add_argument("--times", type=int, default=5)
    arguments = parser.parse_args()

    torch.manual_seed(0)
    decoder = AttentionDecoder(DecoderSettings(vocabulary=VOCABULARY, features=DIM, project=True, tie=True)).eval()
    torch.nn.init.normal_(decoder.embedding.weight, std=0.6)  # sure of itself, as a trained decoder is
    with torch.no_grad():
        decoder.output_bias[END] = 4.0  # captions of many lengths
    features = torch.randn(arguments.photos, arguments.grid**2, DIM)
    settings = BeamSettings(beams=arguments.beams, min_length=6)

    together, alone = batched(decoder, features, settings, arguments.batch), one_by_one(decoder, features, settings)
    if together != alone:
        raise SystemExit("The captions differ.")
    lengths = sorted(map(len, together))
    words = f"{lengths[0]} to {lengths[-1]} words, {sum(lengths) / len(lengths):.0f} on average"
    slow = fastest(lambda: one_by_one(decoder, features, settings), arguments.times) / arguments.photos
    fast = fastest(lambda: batched(decoder, features, settings, arguments.batch), arguments.times) / arguments.photos
    print(f"{len(lengths)} photos, captions of {words}, the same both ways")
    print(f"one by one: {slow * 1000:6.1f} ms a photo")
    print(f"batched:    {fast * 1000:6.1f} ms a photo (batches of {arguments.batch})")
    print(f"ratio:      {slow / fast:6.1f}")


if __name__ == "__main__":
    main()
