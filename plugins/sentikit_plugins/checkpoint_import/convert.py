"""The tutorial's models in the form of sentikit's: the same numbers in other places.

The tutorial's decoder is that of `sentikit.nn.decoder`, but that its LSTM starts from linear maps without tanh, and
that its attention has a bias that softmax ignores. Its words have other numbers. Its search divides by no length,
bans no word, and drops what has not ended after 51 words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sentikit import PackModel, SentikitError, StorableEncoder, StoredEncoder
from sentikit.nn.beam_search import BeamSettings
from sentikit.nn.decoder import AttentionDecoder, DecoderSettings
from sentikit.nn.preprocessing import Preprocessing
from sentikit.nn.vocabulary import Vocabulary
from sentikit.plugin.kinds import ENCODER

if TYPE_CHECKING:
    from torch import Tensor

    from sentikit.commands.app import App

CAPTIONER = "attention"
"""The captioner that runs the imported decoder."""
SEARCH = BeamSettings(beams=5, max_length=51, ended_first=True, allow_special=True)
"""The tutorial's."""
PREPROCESSING = Preprocessing(size=256, resize="squash", interpolation="bilinear")
_SHAPES = {
    "attention.encoder_att.weight": ("attention", "features"),
    "attention.encoder_att.bias": ("attention",),
    "attention.decoder_att.weight": ("attention", "hidden"),
    "attention.decoder_att.bias": ("attention",),
    "attention.full_att.weight": (1, "attention"),
    "attention.full_att.bias": (1,),
    "embedding.weight": ("vocabulary", "embedding"),
    "decode_step.weight_ih": ("4 hidden", "embedding + features"),
    "decode_step.weight_hh": ("4 hidden", "hidden"),
    "decode_step.bias_ih": ("4 hidden",),
    "decode_step.bias_hh": ("4 hidden",),
    "init_h.weight": ("hidden", "features"),
    "init_h.bias": ("hidden",),
    "init_c.weight": ("hidden", "features"),
    "init_c.bias": ("hidden",),
    "f_beta.weight": ("features", "hidden"),
    "f_beta.bias": ("features",),
    "fc.weight": ("vocabulary", "hidden"),
    "fc.bias": ("vocabulary",),
}
"""What the tutorial's decoder consists of, all of it."""
_BLOCKS = {
    (2, 2, 2, 2, "conv2"): "resnet18",
    (3, 4, 6, 3, "conv2"): "resnet34",
    (3, 4, 6, 3, "conv3"): "resnet50",
    (3, 4, 23, 3, "conv3"): "resnet101",
    (3, 8, 36, 3, "conv3"): "resnet152",
}
"""Blocks of each layer, and the last convolution of a block."""
_STEM = 4
"""The parts of the ResNet before its layers."""


def to_decoder(
    tensors: Mapping[str, Tensor], vocabulary: Vocabulary, numbers: Sequence[int], dropout: float, source: str
) -> PackModel:
    """The captioner for a pack.

    tensors: the decoder's state_dict. numbers: of each word of the vocabulary in it.
    source: names the decoder in errors. Raises SentikitError if it is not the tutorial's.
    """
    import torch

    sizes = _check(tensors, source)
    if sizes["vocabulary"] != len(vocabulary):
        raise SentikitError(
            f"{source} knows {sizes['vocabulary']:,} words and the word map has {len(vocabulary):,}: name the word map "
            "that it was trained with."
        )
    settings = DecoderSettings.from_json({**sizes, "dropout": dropout, "linear_start": True}, source)
    order, embedding = torch.tensor(numbers), settings.embedding
    inputs = tensors["decode_step.weight_ih"]
    state = {
        "attention.image.weight": tensors["attention.encoder_att.weight"],
        "attention.image.bias": tensors["attention.encoder_att.bias"],
        "attention.score.weight": tensors["attention.full_att.weight"],
        "embedding.weight": tensors["embedding.weight"][order],
        "start_hidden.weight": tensors["init_h.weight"],
        "start_hidden.bias": tensors["init_h.bias"],
        "start_cell.weight": tensors["init_c.weight"],
        "start_cell.bias": tensors["init_c.bias"],
        "word_gates.weight": inputs[:, :embedding].contiguous(),
        "word_gates.bias": tensors["decode_step.bias_ih"],
        "context_gates.weight": inputs[:, embedding:].contiguous(),
        "from_hidden.weight": _joined(tensors, "weight", "weight_hh"),
        "from_hidden.bias": _joined(tensors, "bias", "bias_hh"),
        "output.weight": tensors["fc.weight"][order],
        "output.bias": tensors["fc.bias"][order],
    }
    decoder = AttentionDecoder(settings)
    decoder.load_state_dict(state)
    return PackModel(
        "captioner",
        {"decoder": settings.to_json(), "search": asdict(SEARCH)},
        decoder.state_dict(),
        {"vocabulary": vocabulary.to_json()},
    )


def _joined(tensors: Mapping[str, Tensor], kind: str, lstm: str) -> Tensor:
    """All that is computed from the hidden state: attention's query, the context's gate, the LSTM's gates."""
    import torch

    names = (f"attention.decoder_att.{kind}", f"f_beta.{kind}", f"decode_step.{lstm}")
    return torch.cat([tensors[name] for name in names])


def _check(tensors: Mapping[str, Tensor], source: str) -> dict[str, int]:
    """The decoder's sizes. Raises SentikitError if its tensors or their shapes are not the tutorial's."""
    for name in _SHAPES:
        if name not in tensors:
            raise SentikitError(f"{source} lacks the tensor {name!r}: it is not the tutorial's.")
    for name, tensor in tensors.items():
        if name not in _SHAPES:
            raise SentikitError(f"{source} has the tensor {name!r}, which the tutorial's has not.")
        if not tensor.is_floating_point() or tensor.dim() != len(_SHAPES[name]):
            raise SentikitError(f"{source}: the tensor {name!r} has another form than the tutorial's.")
    attention, features = tensors["attention.encoder_att.weight"].shape
    vocabulary, embedding = tensors["embedding.weight"].shape
    hidden = tensors["attention.decoder_att.weight"].shape[1]
    sizes = {"vocabulary": vocabulary, "features": features, "embedding": embedding, "attention": attention,
             "hidden": hidden}  # fmt: skip
    known: dict[Any, int] = {1: 1, "4 hidden": 4 * hidden, "embedding + features": embedding + features, **sizes}
    for name, tensor in tensors.items():
        wanted = tuple(known[size] for size in _SHAPES[name])
        if tuple(tensor.shape) != wanted:
            raise SentikitError(f"{source}: the tensor {name!r} has the shape {tuple(tensor.shape)}, not {wanted}.")
    return sizes


def to_encoder(tensors: Mapping[str, Tensor], grid: int, app: App, source: str) -> StorableEncoder:
    """The encoder, made by the plugin of that ResNet.

    tensors: the encoder's state_dict, ``resnet.0.weight`` and so on. grid: pixels a side of its feature map.
    source: names the encoder in errors. Raises SentikitError if it is not the tutorial's.
    """
    name = _resnet(tensors, source)
    renamed = _renamed(tensors, source)
    stored = StoredEncoder(name, {"grid": grid}, PREPROCESSING.to_json(), 0, (grid, grid), renamed, "", source, source)
    made = app.plugins.get(ENCODER, name).create({"grid": str(grid)}, stored)
    if not isinstance(made, StorableEncoder):
        raise SentikitError(f"The encoder {name!r} cannot be put into a pack: use the bundled one.")
    return made


def _resnet(tensors: Mapping[str, Tensor], source: str) -> str:
    """Which ResNet it is, by the number and the form of its blocks."""
    last = "conv3" if "resnet.4.0.conv3.weight" in tensors else "conv2"
    blocks = [_count(tensors, f"resnet.{layer}.{{}}.{last}.weight") for layer in range(_STEM, _STEM + 4)]
    found = _BLOCKS.get((*blocks, last))  # type: ignore[arg-type]
    if found is None:
        raise SentikitError(
            f"{source} is no ResNet that is known here (its layers have {', '.join(map(str, blocks))} blocks): known "
            f"are {', '.join(_BLOCKS.values())}."
        )
    return found


def _count(tensors: Mapping[str, Tensor], name: str) -> int:
    number = 0
    while name.format(number) in tensors:
        number += 1
    return number


def _renamed(tensors: Mapping[str, Tensor], source: str) -> dict[str, Tensor]:
    """``resnet.0.weight`` -> ``0.0.weight`` in the stem, ``resnet.4.0.conv1.weight`` -> ``1.0.conv1.weight``."""
    import torch

    renamed: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        top, _, rest = name.partition(".")
        index, _, end = rest.partition(".")
        if top != "resnet" or not (index.isascii() and index.isdigit() and len(index) == 1):
            raise SentikitError(f"{source} has the tensor {name!r}, which the tutorial's has not.")
        place = f"0.{index}" if int(index) < _STEM else str(int(index) - _STEM + 1)
        renamed[f"{place}.{end}"] = tensor
        if end.endswith("running_mean") or end == "running_mean":  # files before PyTorch 0.4.1 count no batches
            counted = f"{place}.{end.removesuffix('running_mean')}num_batches_tracked"
            renamed.setdefault(counted, torch.tensor(0))
    return renamed
