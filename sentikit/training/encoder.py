"""The encoder that a run trains over: made anew or taken from a pack, and cut into a frozen and a tuned part."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from ..errors import UsageError
from ..packs.finding import is_pack_name, pack_folder
from ..packs.reading import Pack, open_pack
from ..plugin.interfaces import Encoder, StorableEncoder, TunableEncoder
from ..plugin.kinds import ENCODER
from ..plugin.loader import Plugins
from .settings import Start

DEFAULT_ENCODER = "resnet101"
"""The paper's."""


def starting_pack(start: Start, plugins: Plugins) -> Pack | None:
    """The pack that the run starts from, if any. Raises SentikitError where there is no sound one."""
    if start.init in ("imagenet", "random"):
        return None
    if start.encoder:
        raise UsageError("--init with a pack brings the pack's encoder: leave out --encoder.")
    return _open(start.init, plugins)


def encoder_pack(start: Start, plugins: Plugins) -> Pack | None:
    """The pack whose encoder `--encoder` names, if it names one: only the encoder is taken from it.

    Raises SentikitError where the pack is not sound.
    """
    named = start.encoder
    if named is None or named.partition(":")[0] in plugins.names(ENCODER):
        return None
    if not is_pack_name(plugins, named) and not os.path.isdir(named):
        return None
    if start.init == "random":
        raise UsageError("--encoder with a pack brings the weights of its encoder: leave out --init.")
    return _open(named, plugins)


def _open(named: str, plugins: Plugins) -> Pack:
    return open_pack(pack_folder(plugins, named), plugins)


def encoder_name(start: Start, plugins: Plugins) -> str:
    """The encoder that the run will have, without its model. Raises SentikitError as `starting_pack` does."""
    pack = starting_pack(start, plugins) or encoder_pack(start, plugins)
    if pack is not None and pack.config["encoder"] is not None:
        return str(pack.config["encoder"]["plugin"])
    return (start.encoder or DEFAULT_ENCODER).partition(":")[0]


def make_encoder(start: Start, pack: Pack | None, plugins: Plugins) -> StorableEncoder:
    """The pack's encoder, or a new one. Raises SentikitError where it cannot be made or kept in a pack."""
    if pack is not None:
        encoder: Encoder = _changed(pack, start.options) if start.options else pack.encoder()
    else:
        name, _, model = (start.encoder or DEFAULT_ENCODER).partition(":")
        component = plugins.get(ENCODER, name)
        given = dict(start.options) | ({"model": model} if model else {})
        if start.init == "random" and not component.needs_weights:
            raise UsageError(f"{str(component).capitalize()} cannot start at random: leave out --init.")
        encoder = component.create(given, start.init)
    if not isinstance(encoder, StorableEncoder):
        raise UsageError(f"The encoder {start.encoder!r} cannot be put into a pack, as it has no method 'stored'.")
    return encoder


def _changed(pack: Pack, options: Mapping[str, str]) -> Encoder:
    """The pack's encoder with other options; what it brings itself, as its preprocessing, is none of them."""
    encoder = pack.changed_encoder(options)
    kept = encoder.stored().options if isinstance(encoder, StorableEncoder) else {}
    if fixed := set(options) - set(kept):
        raise UsageError(f"-O {min(fixed)} cannot be changed for the encoder of {pack.path}: leave it out.")
    return encoder


@dataclass(frozen=True)
class SplitEncoder:
    """An encoder's parts, which share its weights.

    frozen: images -> what can be cached. tuned: that -> features ``(batch, pixels, dim)``.
    identity: what the frozen part computes: its weights, and the preprocessing before it.
    """

    frozen: nn.Module
    tuned: nn.Module
    identity: str


def split_encoder(encoder: StorableEncoder, blocks: int, device: str) -> SplitEncoder:
    """Cut off the last `blocks` blocks. Raises UsageError where the encoder has not so many that can be tuned."""
    encoder.to(device)
    if isinstance(encoder, TunableEncoder):
        frozen, tuned = encoder.split(blocks)
        return SplitEncoder(frozen, tuned, _hash(frozen, repr(encoder.stored().preprocessing)))
    if blocks:
        raise UsageError("This encoder can only be trained over as it is: leave out --fine-tune.")
    return SplitEncoder(_Whole(encoder), nn.Identity(), encoder.identity)


class _Whole(nn.Module):
    """An encoder of which only the contract is known."""

    def __init__(self, encoder: StorableEncoder) -> None:
        super().__init__()
        self._encoder = encoder

    def forward(self, images: Tensor) -> Tensor:
        return self._encoder.encode(images)


def _hash(module: nn.Module, text: str) -> str:
    digest = hashlib.sha256(text.encode())
    for name, tensor in sorted(module.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
