"""A training run from its settings to its pack: what `sentikit train NAME` does."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ..errors import SentikitError, UsageError
from ..images import outside_allowed
from ..io.files import readable_os_errors, refuse_dash
from ..io.locks import locked
from ..nn.devices import pick_device
from ..packs.writing import write_pack
from ..plugin.batches import Example, TrainingContext
from ..plugin.interfaces import InformedTask, Task
from ..plugin.kinds import METRIC, TAGGER, Component
from ..plugin.loader import Plugins
from ..plugin.options import option_values
from .batches import PhotoSource, Source
from .checkpoint import has_checkpoint
from .display import Display
from .distributed import World, world
from .encoder import SplitEncoder, encoder_pack, make_encoder, split_encoder, starting_pack
from .features import cache_features
from .learner import Learner
from .loop import Run, fit, mixed_precision
from .reporting import METRICS, Reporter
from .settings import Inputs, Settings, Start
from .state import CHECKPOINT, check_begun_alike
from .task import say

if TYPE_CHECKING:
    from ..packs.reading import Pack
    from ..plugin.interfaces import Encoder

_PACK = "pack"
"""The name of the pack in the run's folder."""


@dataclass(frozen=True)
class Trained:
    """The pack with the best epoch's weights, and the kind of its model: captioner or tagger."""

    pack: Path
    kind: str


def train(
    plugins: Plugins,
    trainer: Component[Task],
    options: Mapping[str, str],
    inputs: Inputs,
    settings: Settings,
    start: Start,
    resume: bool = False,
    tensorboard: bool = False,
    display: Display | None = None,
) -> Trained:
    """Train, or go on training, until the settings say that it is enough.

    options: the trainer's, as text.
    resume: go on with the run in the output folder, or begin one where there is none.
    display: is told how far the run is.
    Raises SentikitError where the data, the encoder or the output folder is not usable.
    """
    _check_output(inputs.output, resume)
    if settings.cache_features and settings.augment == "crop":
        raise UsageError("--augment crop makes every epoch's photographs new, so their features cannot be cached.")
    if settings.batch_norm == "auto":
        settings = replace(settings, batch_norm="train" if start.init == "random" else "frozen")
    settings = replace(settings, device=pick_device(settings.device))
    with world(settings.device) as processes, _alone(inputs.output, resume, processes):
        torch.manual_seed(settings.seed)
        task: Task = trainer.create(options)
        pack = starting_pack(start, plugins)
        seen_by = pack or encoder_pack(start, plugins)
        begun = _record(trainer, options, settings, start, pack, seen_by)
        if resume:
            check_begun_alike(inputs.output, begun)
        with outside_allowed(inputs.allow_outside):
            examples = _limited(task.read(inputs.train, inputs.images, "train"), settings)
            validation = _limited(task.read(inputs.validation, inputs.images, "val"), settings)
        encoder = make_encoder(start, seen_by, plugins)
        context = TrainingContext(encoder, settings.fine_tune, settings.device, plugins, [seen_by] if seen_by else [])
        shared: Mapping[str, str] = task.begin(context) if isinstance(task, InformedTask) else {}
        split = split_encoder(encoder, settings.fine_tune, settings.device)
        model = task.build(examples, encoder.dim, _starting_model(task, pack))
        with Reporter(inputs.output, len(examples), settings, processes, tensorboard, display or Display()) as reporter:
            say(f"{len(examples):,} photographs to learn from, {len(validation):,} to select on.")
            groups = [(examples, inputs.train), (validation, inputs.validation)]
            sources = [
                _source(group, number == 0, encoder, split, settings, inputs, processes, reporter)
                for number, (group, _) in enumerate(groups)
            ]

            def save_pack(scores: Mapping[str, float]) -> None:
                entry = replace(task.to_pack(model), scores=dict(scores))
                write_pack(
                    inputs.output / _PACK,
                    {task.model: entry},
                    encoder.stored(),
                    name=inputs.output.resolve().name or _PACK,
                    sources=context.sources,
                    ontology=pack.ontology()
                    if pack and entry.kind == TAGGER.name and task.model in pack.models
                    else None,
                    replace=True,
                )

            run = Run(
                task=task,
                learner=Learner(split.tuned, model, task),
                train=examples,
                train_source=sources[0],
                validation=validation,
                validation_source=sources[1],
                frozen=(lambda inputs: inputs) if settings.cache_features else split.frozen,
                metrics={name: plugins.get(METRIC, name).create() for name in task.metrics},
                settings=settings,
                folder=inputs.output,
                pack=inputs.output / _PACK,
                save_pack=save_pack,
                report=reporter,
                world=processes,
            )
            data = [_fingerprint(*group) for group in groups]
            record = begun | {
                "training set": data[0],
                "validation set": data[1],
                "frozen encoder": split.identity,
                **shared,
            }
            progress = fit(run, record, resume)
            reporter.finish(task.monitor, progress)
    return Trained(inputs.output / _PACK, task.to_pack(model).kind)


def _check_output(output: Path, resume: bool) -> None:
    refuse_dash(output)
    if output.exists() and not output.is_dir():
        raise SentikitError(f"{output} is a file; --output names the folder of the run.")
    begun = has_checkpoint(output / CHECKPOINT) or any((output / name).exists() for name in (_PACK, METRICS))
    if begun and not resume:
        raise SentikitError(f"{output} holds a run already: go on with it with --resume, or name another folder.")


@contextmanager
def _alone(output: Path, resume: bool, processes: World) -> Iterator[None]:
    """In the block no other run can write to the folder; the processes of one run share it."""
    if not processes.leads:
        yield
        return
    with readable_os_errors("make", output):
        output.mkdir(parents=True, exist_ok=True)
    try:
        with locked(output):
            _check_output(output, resume)
            yield
    finally:
        with suppress(OSError):  # it holds something unless the run was refused
            output.rmdir()


def _limited(examples: list[Example], settings: Settings) -> list[Example]:
    if settings.limit is None or len(examples) <= settings.limit:
        return examples
    return random.Random(settings.seed).sample(examples, settings.limit)


def _starting_model(task: Task, pack: Pack | None) -> Any:
    """The pack's model of the same name, whose weights are then gone on with."""
    if pack is None:
        return None
    if task.model in pack.models:
        return pack.model(task.model)
    say(f"{pack.path} has no model {task.model!r}: only its encoder is used.")
    return None


def _source(
    examples: Sequence[Example],
    learning: bool,
    encoder: Encoder,
    split: SplitEncoder,
    settings: Settings,
    inputs: Inputs,
    processes: World,
    reporter: Reporter,
) -> Source:
    """Where the batches come from: photographs, or the frozen part's output for them, computed once."""
    crop = learning and settings.augment == "crop"
    photos = PhotoSource(examples, encoder.preprocess, crop, settings.workers, reporter.failed)
    if not settings.cache_features:
        return photos

    @torch.inference_mode()
    def run_frozen(images: Tensor) -> Tensor:
        with mixed_precision(settings):
            output: Tensor = split.frozen(images.to(settings.device))
        return output.float()

    identity = f"{split.identity} {settings.precision}"
    name, total = "training" if learning else "validation", len({example.image for example in examples})
    with reporter.caching(name, total) as advance, processes.in_turn():
        return cache_features(
            examples, photos, run_frozen, identity, mirror=learning and settings.augment == "flip",
            folder=inputs.cache or inputs.output / "features", batch_size=settings.batch_size,
            failed=reporter.failed, progress=advance,
        )  # fmt: skip


def _record(
    trainer: Component[Task],
    options: Mapping[str, str],
    settings: Settings,
    start: Start,
    pack: Pack | None,
    seen_by: Pack | None,
) -> dict[str, Any]:
    """The settings that a resumed run must share with its beginning, as a user writes them.

    pack: that of --init. seen_by: the one whose encoder is used.
    """
    values = {
        **option_values(str(trainer), trainer.options, options),
        **settings.fixed(),
        "encoder": seen_by.identity if seen_by and not pack else start.encoder,
        "init": pack.identity if pack else start.init,
    }
    plain = {name: str(value) if isinstance(value, Path) else value for name, value in values.items()}
    return {
        "trainer": trainer.name,
        **{f"--{name.replace('_', '-')}": value for name, value in plain.items()},
        **{f"-O {name}": value for name, value in start.options.items()},
    }


def _fingerprint(examples: Sequence[Example], path: Path) -> str:
    """What changes with the data: the file's bytes, and the photographs' names with their folders'."""
    names = ["/".join(example.image.parts[-2:]) for example in examples]
    digest = hashlib.sha256("\0".join(names).encode("utf-8", "surrogateescape"))
    if path.is_file():
        digest.update(path.read_bytes())
    return digest.hexdigest()
