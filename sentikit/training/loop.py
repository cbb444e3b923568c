"""The training loop: the same for every task, resumable at any step, on one process or on many."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from ..errors import PluginError, SentikitError
from ..io.paths import shown
from ..nn.devices import explain_out_of_memory
from ..plugin.batches import Example
from ..plugin.interfaces import Task
from .batches import Pick, Source, batches_in_an_epoch, epoch_batches, prefetch
from .checkpoint import Progress
from .distributed import World
from .interruption import Interruption, Stopped
from .learner import Learner
from .reporting import Reporter
from .settings import Settings
from .state import State

if TYPE_CHECKING:
    from torch import Tensor

    from ..plugin.interfaces import Metric

CHECKPOINT_SECONDS = 600.0
"""How much work a crash costs at most, where epochs are longer."""
_NONE_READ = "Not one of the {} photographs could be read: give their folder with --images."


@dataclass
class Run:
    """Everything the loop works on."""

    task: Task
    learner: Learner
    train: Sequence[Example]
    train_source: Source
    validation: Sequence[Example]
    validation_source: Source
    frozen: Callable[[Tensor], Tensor]
    """The frozen part of the encoder; the identity where its output is cached."""
    metrics: Mapping[str, Metric]
    settings: Settings
    folder: Path
    pack: Path
    save_pack: Callable[[Mapping[str, float]], None]
    """Write the learner as it stands into `pack`."""
    report: Reporter
    world: World


def fit(run: Run, record: Mapping[str, Any], resume: bool) -> Progress:
    """Train until `settings.epochs` are done or nothing improves any more; returns how far it came.

    record: what a resumed run must share with the first one.
    Raises SentikitError for a resume with another record, and where the loss, the gradients or the weights are no
    longer numbers: the last good checkpoint and pack stay. After Ctrl-C it raises `Stopped`, with all that was done
    saved.
    """
    settings = run.settings
    state = State.fresh(run.learner.to(settings.device), settings, record)
    if resume:
        state.restore(run.folder)
    progress = state.progress
    run.report.begin(progress)
    module: nn.Module = run.learner
    if run.world.size > 1:
        module = DistributedDataParallel(run.learner)
    with Interruption(alone=run.world.size == 1) as interruption:
        try:
            while (
                progress.epoch < settings.epochs
                and not 0 < settings.early_stopping_patience <= progress.epochs_without_improvement
            ):
                with explain_out_of_memory(settings.batch_size):
                    _train_epoch(run, module, state, interruption)
                    _finish_epoch(run, state, interruption)
                _save(run, state)
        except Stopped:
            _save(run, state)
            raise
    return progress


def _train_epoch(run: Run, module: nn.Module, state: State, interruption: Interruption) -> None:
    """The steps of an epoch that are still to be done."""
    settings, world, progress = run.settings, run.world, state.progress
    steps = batches_in_an_epoch(len(run.train), settings.batch_size)
    batches = epoch_batches(
        len(run.train), settings.batch_size, settings.seed, progress.epoch,
        mirror=settings.augment != "none", rank=world.rank, size=world.size, start=progress.step,
    )  # fmt: skip
    run.learner.train_with(settings.batch_norm)
    saved = last = time.monotonic()
    with closing(prefetch(run.train_source.load(batch) for batch in batches)) as loaded:
        for inputs, kept in loaded:
            rate = state.set_rate(_rate_scale(settings, progress, steps))
            stop = _step(run, module, state, inputs, kept, interruption)
            now = time.monotonic()
            progress.seconds += now - last
            last = now
            run.report.step(progress, progress.loss_sum / max(1, progress.loss_count), rate)
            if stop:
                raise Stopped
            if now - saved > CHECKPOINT_SECONDS:
                _save(run, state)
                saved = now
    if not progress.loss_count:
        raise SentikitError(_NONE_READ.format("training"))


def _step(
    run: Run,
    module: nn.Module,
    state: State,
    inputs: Tensor | None,
    kept: Sequence[Pick],
    interruption: Interruption,
) -> bool:
    """One update of the weights; whether the run is to stop after it, in any of its processes."""
    settings, progress = run.settings, state.progress
    # Seeding every step makes dropout depend on the step alone, so resuming needs no generator's state.
    place = f"{settings.seed}/{progress.epoch}/{progress.step}/{run.world.rank}"
    torch.manual_seed(random.Random(place).getrandbits(63))
    loss, count = _forward(run, module, inputs, kept)
    loss_sum, total, stops = run.world.sums(loss.item(), count, interruption.asked)
    if not math.isfinite(loss_sum):
        raise _diverged(run, progress, "The loss is no longer a number")
    state.optimizer.zero_grad(set_to_none=True)
    # DDP takes the mean of the processes' gradients.
    (loss * run.world.size / max(1, total)).backward()  # type: ignore[no-untyped-call]
    gradients = [parameter.grad for parameter in module.parameters() if parameter.grad is not None]
    if not nn.utils.get_total_norm(gradients, math.inf).isfinite():
        raise _diverged(run, progress, "The gradients are no longer numbers")
    if settings.grad_clip:
        nn.utils.clip_grad_value_(module.parameters(), settings.grad_clip)
    state.optimizer.step()
    progress.updates += 1
    progress.step += 1
    progress.loss_sum += loss_sum
    progress.loss_count += total
    if state.average:
        state.average.update(run.learner, progress.updates)
    return stops > 0


def _forward(run: Run, module: nn.Module, inputs: Tensor | None, kept: Sequence[Pick]) -> tuple[Tensor, int]:
    """The loss of this process's part of a batch, which may have no photograph that can be read."""
    targets = [run.task.target(run.train[pick.number], pick.rng, pick.mirrored) for pick in kept]
    with mixed_precision(run.settings):
        if inputs is not None:
            with torch.no_grad():
                inputs = run.frozen(inputs.to(run.settings.device, non_blocking=True))
        loss, count = module(inputs, targets)
    return loss.float(), count


def mixed_precision(settings: Settings) -> AbstractContextManager[object]:
    """bfloat16 where it was asked for or the GPU has it. float16 would need its gradients scaled, so it is not used."""
    kind = settings.device.partition(":")[0]
    wanted = settings.precision == "bfloat16" or (
        settings.precision == "auto" and kind == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    )
    return torch.autocast(kind, dtype=torch.bfloat16) if wanted else nullcontext()


def _finish_epoch(run: Run, state: State, interruption: Interruption) -> None:
    """Validate, keep the best, decide the rate, and begin the next epoch's counts."""
    settings, progress = run.settings, state.progress
    score = run.world.agree(_validate(run, state, interruption) if run.world.leads else 0.0)
    if progress.best is None or score > progress.best:
        progress.best, progress.best_epoch, progress.epochs_without_improvement, progress.since_cut = (
            score,
            progress.epoch,
            0,
            0,
        )
    else:
        progress.epochs_without_improvement += 1
        progress.since_cut += 1
    if settings.schedule == "plateau" and progress.since_cut >= settings.patience > 0:
        progress.lr_scale *= settings.lr_factor
        progress.since_cut = 0
    progress.start_epoch()


def _validate(run: Run, state: State, interruption: Interruption) -> float:
    """Score the learner, put it into the pack where it is the best so far, and log the epoch."""
    progress, began = state.progress, time.monotonic()
    _check_weights(run, progress)
    with state.averaged():
        run.learner.eval()
        scores = run.task.validate(run.learner.model, _validation_batches(run, interruption), run.metrics)
        score = scores.get(run.task.monitor, math.nan)
        if not math.isfinite(score):
            raise PluginError(f"The trainer's validation gave no {run.task.monitor!r}, which selects the best epoch.")
        if progress.best is None or score > progress.best:
            run.save_pack(scores)
    progress.seconds += time.monotonic() - began
    rate = state.optimizer.param_groups[0]["lr"]
    loss = progress.loss_sum / progress.loss_count
    row = {"epoch": progress.epoch + 1, "seconds": progress.seconds, "lr": rate, "loss": loss, **scores}
    run.report.epoch(row, run.task.monitor)
    return score


@torch.no_grad()
def _validation_batches(run: Run, interruption: Interruption) -> Iterator[tuple[Tensor, list[Example]]]:
    device, size = run.settings.device, run.settings.batch_size
    picks = [Pick(index, False, 0) for index in range(len(run.validation))]
    chunks = (picks[first : first + size] for first in range(0, len(picks), size))
    found = False
    with closing(prefetch(run.validation_source.load(chunk) for chunk in chunks)) as loaded:
        for inputs, kept in loaded:
            if interruption.asked and run.world.size == 1:
                raise Stopped
            if inputs is not None:
                found = True
                with mixed_precision(run.settings):
                    features = run.learner.tuned(run.frozen(inputs.to(device)))
                yield features.float(), [run.validation[pick.number] for pick in kept]
    if not found:
        raise SentikitError(_NONE_READ.format("validation"))


def _rate_scale(settings: Settings, progress: Progress, steps: int) -> float:
    """What the learning rates are multiplied by in the step at hand."""
    if settings.schedule != "cosine":
        return progress.lr_scale
    done = (progress.epoch + progress.step / steps) / settings.epochs
    return 0.02 + 0.98 * (1 + math.cos(math.pi * done)) / 2


def _save(run: Run, state: State) -> None:
    """Put the state on the disk. Raises SentikitError, and leaves the last good one there, where it is none."""
    _check_weights(run, state.progress)
    if run.world.leads:
        state.save(run.folder)


def _check_weights(run: Run, progress: Progress) -> None:
    tensors = run.learner.state_dict().values()
    if not all(tensor.isfinite().all() for tensor in tensors if tensor.is_floating_point()):
        raise _diverged(run, progress, "The weights are no longer numbers")


def _diverged(run: Run, progress: Progress, what: str) -> SentikitError:
    kept = (
        "" if progress.best is None else f"; {shown(run.pack)} keeps epoch {progress.best_epoch + 1}, the best so far"
    )
    return SentikitError(f"{what} in epoch {progress.epoch + 1}: lower --lr{kept}.")
