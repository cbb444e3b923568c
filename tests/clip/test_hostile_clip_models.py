"""A CLIP model's folder, a pack with a CLIP tower and a cache are data: nothing in them is run or written through."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("open_clip")
pytest.importorskip("transformers")

import torch
from safetensors.torch import save_file
from sentikit_plugins.clip.features import _built
from sentikit_plugins.clip.loading import load_model
from sentikit_plugins.clip.settings import ModelSettings
from sentikit_plugins.clip.text_cache import _read, text_vectors
from support.clip_models import SIGLIP, VIT, save_clip

from sentikit import SentikitError

EVIL = """
open({path!r}, "w").close()
from transformers import PreTrainedTokenizerFast
class Evil(PreTrainedTokenizerFast): pass
"""


@pytest.mark.parametrize("options", [{"trust_remote_code": True}, {}])
def test_a_tokenizer_with_code_of_its_own_is_not_run(
    tmp_path: Path, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_MODULES_CACHE", str(tmp_path / "modules"))
    monkeypatch.setattr("builtins.input", lambda *_: "y")  # transformers would ask
    folder, ran = save_clip(tmp_path / "clip", SIGLIP), tmp_path / "ran"
    config = json.loads((folder / "open_clip_config.json").read_text("utf-8"))
    config["model_cfg"]["text_cfg"]["tokenizer_kwargs"] = options
    (folder / "open_clip_config.json").write_text(json.dumps(config), "utf-8")
    tokenizer = json.loads((folder / "tokenizer_config.json").read_text("utf-8"))
    tokenizer |= {"auto_map": {"AutoTokenizer": [None, "evil.Evil"]}, "tokenizer_class": "Evil"}
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer), "utf-8")
    (folder / "evil.py").write_text(EVIL.format(path=str(ran)), "utf-8")
    with pytest.raises(SentikitError, match=r"run code|custom code"):
        load_model(ModelSettings(model=f"local-dir:{folder}"))
    assert not ran.exists()


@pytest.mark.parametrize("name", ["hf-hub:evil/model", "local-dir:/evil"])
def test_a_tower_of_a_pack_fetches_nothing(name: str) -> None:
    vision = {"image_size": 32, "timm_model_name": name, "timm_model_pretrained": True}
    with pytest.raises(SentikitError, match="by its name alone"):
        _built({"embed_dim": 16, "vision_cfg": vision, "quick_gelu": False})


@pytest.mark.parametrize("kind", ["dtype", "nan", "shape", "bytes", "folder", "pipe"])
def test_a_damaged_cache_is_not_used(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "cache.safetensors"
    nouns, pairs = torch.zeros(2, 4), torch.zeros(3, 4)
    save_file({"nouns": nouns, "differences": pairs}, path)
    assert _read(path, (2, 4), (3, 4)) is not None
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "bytes":
        path.write_bytes(b"\xff" * 100)
    else:
        changed = {"dtype": nouns.half(), "nan": nouns.log() * 0, "shape": torch.zeros(4)}[kind]
        save_file({"nouns": changed, "differences": pairs}, path)
    assert _read(path, (2, 4), (3, 4)) is None


def test_no_link_is_written_through_in_the_cache(tmp_path: Path) -> None:
    from sentikit import ANP

    clip = load_model(ModelSettings(model=f"local-dir:{save_clip(tmp_path / 'clip', VIT)}"))
    anps, cache, precious = [ANP("happy", "dog")], tmp_path / "cache", tmp_path / "precious"
    text_vectors(clip, anps, ["dog"], ("{}",), cache, 16)
    (path,) = cache.iterdir()
    path.unlink()
    path.symlink_to(precious)
    precious.write_text("mine", "utf-8")
    with pytest.raises(SentikitError, match="it is a link"):
        text_vectors(clip, anps, ["dog"], ("{}",), cache, 16)
    assert precious.read_text("utf-8") == "mine"
