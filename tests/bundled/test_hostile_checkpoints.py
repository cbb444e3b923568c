"""Checkpoints that are made to run code: refused in a sentence, and nothing runs."""

from __future__ import annotations

import io
import json
import pickle
import sys
import zipfile
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from sentikit_plugins.checkpoint_import.modules import stored_tensors  # noqa: E402
from sentikit_plugins.checkpoint_import.pickles import read_pickle  # noqa: E402
from support.hostile_checkpoints import (  # noqa: E402
    CANARY,
    HELD,
    STORAGE,
    TOUCH,
    call,
    checkpoint,
    in_a_row,
    refusal,
    text,
    zipped,
)
from support.tutorial_models import WORD_MAP, make_decoder, make_encoder, saved_under  # noqa: E402

from sentikit import SentikitError  # noqa: E402


@pytest.fixture(autouse=True)
def _in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("words.json").write_text(json.dumps(WORD_MAP), "utf-8")


def test_the_canary_sings_where_such_a_file_is_unpickled() -> None:
    """Otherwise the tests below would prove nothing."""
    pickle.loads(checkpoint(call("builtins", "exec", TOUCH)))
    assert Path(CANARY).exists()


RUNS_CODE = {
    "os.system": call("os", "system", f"touch {CANARY}"),
    "posix.system": call("posix", "system", f"touch {CANARY}"),
    "subprocess.Popen": call("subprocess", "Popen", f"touch {CANARY}"),
    "builtins.eval": call("builtins", "eval", TOUCH),
    "builtins.exec": call("builtins", "exec", TOUCH),
    "__builtin__.exec": call("__builtin__", "exec", TOUCH),
    "builtins.getattr": b"cbuiltins\ngetattr\n(" + b"cos\nsystem\n" + text("__call__") + b"tR",
    "builtins.__import__": call("builtins", "__import__", "evil"),
    "importlib.import_module": call("importlib", "import_module", "evil"),
    "operator.attrgetter": call("operator", "attrgetter", "system"),
    "functools.partial": b"cfunctools\npartial\n(cos\nsystem\n" + text(f"touch {CANARY}") + b"tR",
    "torch.load": call("torch", "load", "other.pth"),
    "torch.hub.load": call("torch.hub", "load", "evil/evil", "model"),
    "torch.serialization.load": call("torch.serialization", "load", "other.pth"),
    "torch.storage._load_from_bytes": call("torch.storage", "_load_from_bytes", "x"),
    "torch.utils.cpp_extension.load": call("torch.utils.cpp_extension", "load", "x"),
    "torch.nn.modules.linear.torch.load": call("torch.nn.modules.linear", "torch.load", "x"),
    "torch.nn.modules.module.torch": b"ctorch.nn.modules.module\ntorch\n",
    "torch._utils._rebuild_device_tensor_from_numpy": call("torch._utils", "_rebuild_device_tensor_from_numpy", "x"),
    "torchvision.models.resnet.resnet101": call("torchvision.models.resnet", "resnet101", "x"),
    "models.os": b"cmodels\nos\n",
    "models.Encoder.__init__": b"cmodels\nEncoder.__init__\n",
    "numpy.core.multiarray._reconstruct": call("numpy.core.multiarray", "_reconstruct", "x"),
    "copyreg._reconstructor": b"ccopyreg\n_reconstructor\n(cmodels\nEncoder\nc__builtin__\nobject\nNtR",
    "collections.namedtuple": call("collections", "namedtuple", "a", "b"),
    "codecs.encode": call("_codecs", "encode", "x"),
    "nt.system": text("nt") + text("system") + b"\x93(" + text("x") + b"tR",
}
NAMED = {"codecs.encode": "_codecs.encode"}


@pytest.mark.parametrize("name", RUNS_CODE)
def test_names_that_are_no_part_of_it(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for path in ("zip", "row"):
        if path == "zip":
            zipped(Path("bad.pth.tar"), checkpoint(RUNS_CODE[name]))
        else:
            in_a_row(Path("bad.pth.tar"), checkpoint(RUNS_CODE[name]), [])
        error = refusal(capsys)
        wanted = NAMED.get(name, name)
        first = "os.system" if name in ("builtins.getattr", "functools.partial") and wanted not in error else wanted
        assert f'names "{first}", which is no part of such a checkpoint. Nothing in it was run.' in error


ODD = {
    "calls a class": (b"cmodels\nEncoder\n)R", "calls models.Encoder, which such a checkpoint only names"),
    "calls what it built": (HELD + b"}b)R", "calls an object of models.Encoder"),
    "calls text": (text("os.system") + b")R", "calls a text"),
    "makes an object of a function": (b"ctorch._utils\n_rebuild_parameter\n)\x81", "makes an object of torch._utils."),
    "makes an object with arguments": (b"cmodels\nEncoder\n(K\x01t\x81", "makes an object of models.Encoder"),
    "INST": (b"(" + text(TOUCH) + b"ibuiltins\nexec\n", "the pickle opcode INST"),
    "OBJ": (b"(cmodels\nEncoder\no", "the pickle opcode OBJ"),
    "INST of an allowed class": (b"(imodels\nEncoder\n", "the pickle opcode INST"),
    "NEWOBJ_EX": (b"cmodels\nEncoder\n)}\x92", "the pickle opcode NEWOBJ_EX"),
    "EXT1": (b"\x82\x01", "the pickle opcode EXT1"),
    "PERSID": (b"Pstorage\n", "the pickle opcode PERSID"),
    "DUP": (b"N2", "the pickle opcode DUP"),
    "NEXT_BUFFER": (b"\x97", "the pickle opcode NEXT_BUFFER"),
    "a state that is no dictionary": (HELD + text("x") + b"b", "a state that is not a dictionary of names"),
    "a state of slots": (HELD + b"N}\x86b", "a state that is not a dictionary of names"),
    "a state of a class": (b"cmodels\nEncoder\n}b", "changes models.Encoder"),
    "a state of a function": (b"ctorch._utils\n_rebuild_parameter\n}b", "changes torch._utils._rebuild_parameter"),
    "a state of a list": (b"]}b", "changes a list"),
    "two states": (HELD + b"}b}b", "a state twice"),
    "a tuple as key": (b"})Ns", "a dictionary whose key is a tuple"),
    "a list as key": (b"}]Ns", "a dictionary whose key is a list"),
    "a long number as key": (b"}\x8a\x09" + b"\x01" * 9 + b"Ns", "a dictionary whose key is a number"),
    "a long number": (b"\x8a\xff" + b"\x01" * 255, "a whole number of 2,033 bits"),
    "an item of an object": (HELD + b"NNs", "changes an object of models.Encoder"),
    "a value that was never kept": (b"h\x07", "not well formed"),
    "too few values": (b"R", "not well formed"),
    "unhashable name": (b"]]\x93", "a name that is not text"),
    "a default that is a function": (b"ccollections\ndefaultdict\n(ctorch._utils\n_rebuild_parameter\ntR",
                                     "calls collections.defaultdict with arguments that it does not take"),
    "a tensor of a tensor": (b"ctorch._utils\n_rebuild_tensor_v2\n(NK\x00))tR", "_rebuild_tensor_v2 with arguments"),
    "hooks": (b"ctorch._utils\n_rebuild_parameter\n(N\x88NtR", "_rebuild_parameter with arguments"),
}  # fmt: skip


@pytest.mark.parametrize("what", ODD)
def test_pickles_that_torch_never_writes(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    pickled, sentence = ODD[what]
    zipped(Path("bad.pth.tar"), checkpoint(pickled))
    assert sentence in refusal(capsys)


PERSISTENT = {
    "text": text("0") + b"Q",
    "nothing": b")Q",
    "another kind": b"(" + text("file") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu") + b"K\x04tQ",
    "no storage": b"(" + text("storage") + b"cmodels\nEncoder\n" + text("0") + text("cpu") + b"K\x04tQ",
    "a path as key": b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("../0") + text("cpu") + b"K\x04tQ",
    "a negative number": STORAGE + b"J\xff\xff\xff\xfftQ",
    "a true number": STORAGE + b"\x88tQ",
    "a view": STORAGE + b"K\x04(" + text("0") + b"K\x00K\x04ttQ",
    "a module that is a function": b"(" + text("module") + b"ctorch._utils\n_rebuild_parameter\nNNtQ",
}


@pytest.mark.parametrize("what", PERSISTENT)
def test_persistent_ids_of_another_form(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    zipped(Path("bad.pth.tar"), checkpoint(PERSISTENT[what]))
    assert "has a persistent id that is neither a storage nor the class of a module" in refusal(capsys)


class Evil:
    def __reduce__(self) -> Any:
        return exec, (TOUCH,)


@pytest.mark.filterwarnings("ignore:Couldn't retrieve source code")
@pytest.mark.parametrize("new", [True, False])
def test_one_evil_attribute_in_a_real_checkpoint(new: bool, capsys: pytest.CaptureFixture[str]) -> None:
    encoder, decoder = make_encoder(0), make_decoder(0)
    decoder.extra = Evil()
    with saved_under():
        torch.save({"encoder": encoder, "decoder": decoder}, "bad.pth.tar", _use_new_zipfile_serialization=new)
    assert 'names "__builtin__.exec"' in refusal(capsys)
    sys.modules["models"] = ModuleType("models")
    try:
        with saved_under():
            torch.load("bad.pth.tar", weights_only=False)
    finally:
        sys.modules.pop("models", None)
    assert Path(CANARY).exists(), "torch.load runs it"


def test_an_attribute_with_a_setstate_is_not_called(capsys: pytest.CaptureFixture[str]) -> None:
    """BUILD calls `__setstate__` where a pickle is unpickled; here a state is kept, and `__setstate__` a name in it."""
    state = b"}(" + text("__setstate__") + b"cos\nsystem\n" + text("_modules") + b"}u"
    zipped(Path("bad.pth.tar"), checkpoint(HELD + state + b"b" + text(f"touch {CANARY}") + b"b"))
    assert 'names "os.system"' in refusal(capsys)


def test_damaged_pickles_are_refused_whatever_is_damaged() -> None:
    """Nothing but a sentence, at 150 random changes of a real decoder's pickle."""
    with saved_under():
        torch.save({"decoder": make_decoder(0), "encoder": None}, "bad.pth.tar")
    with zipfile.ZipFile("bad.pth.tar") as archive:
        whole = archive.read(next(name for name in archive.namelist() if name.endswith("data.pkl")))
    rng, refused = Random(0), 0
    for _ in range(150):
        data = bytearray(whole)
        at = rng.randrange(len(data))
        data[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(3))
        try:
            content = read_pickle(io.BytesIO(bytes(data)), "it").content
            stored_tensors(content["decoder"] if isinstance(content, dict) and "decoder" in content else None, "it")
        except SentikitError:
            refused += 1
    assert 50 < refused < 150
