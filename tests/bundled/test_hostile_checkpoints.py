"""Checkpoints that are made to run code, to fill the memory or to lie: refused in a sentence, and nothing runs."""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from sentikit_plugins.checkpoint_import.modules import stored_tensors  # noqa: E402
from sentikit_plugins.checkpoint_import.pickles import read_pickle  # noqa: E402
from support.tutorial_models import WORD_MAP, make_decoder, make_encoder, saved_under  # noqa: E402

from sentikit import SentikitError  # noqa: E402
from sentikit.cli import run  # noqa: E402

CANARY = "canary"
"""A file in the current folder that hostile code makes."""
TOUCH = f"open('{CANARY}', 'w').close()"
TENSOR = (
    b"ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x04tQ"
    b"%s(K\x02K\x02t(K\x02K\x01t\x89ccollections\nOrderedDict\n)RtR"
)


def text(value: str) -> bytes:
    """BINUNICODE."""
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def checkpoint(decoder: bytes, encoder: bytes = b"N") -> bytes:
    """A pickle of ``{"decoder": ..., "encoder": ...}``."""
    return b"\x80\x02}(" + text("decoder") + decoder + text("encoder") + encoder + b"u."


def call(module: str, name: str, *arguments: str) -> bytes:
    """GLOBAL, arguments, REDUCE."""
    return f"c{module}\n{name}\n(".encode() + b"".join(map(text, arguments)) + b"tR"


def zipped(path: Path, pickled: bytes, storages: dict[str, bytes] | None = None, **options: Any) -> None:
    with zipfile.ZipFile(path, "w", **options) as archive:
        archive.writestr("archive/data.pkl", pickled)
        for key, data in (storages or {}).items():
            archive.writestr(f"archive/data/{key}", data)
        archive.writestr("archive/version", b"3\n")


def in_a_row(path: Path, pickled: bytes, keys: list[str], *storages: bytes) -> None:
    """As torch.save wrote before 1.6."""
    parts = [pickle.dumps(value, 2) for value in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True})]
    path.write_bytes(b"".join([*parts, pickled, pickle.dumps(keys, 2), *storages]))


@pytest.fixture(autouse=True)
def _in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("words.json").write_text(json.dumps(WORD_MAP), "utf-8")


def refusal(capsys: pytest.CaptureFixture[str], file: str = "bad.pth.tar") -> str:
    """The sentence with which a file is refused. Nothing was run or written."""
    modules = set(sys.modules)
    before = {name: os.environ[name] for name in os.environ}
    assert run(["import-checkpoint", file, "--word-map", "words.json", "-o", "pack"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.startswith("Error: bad.pth.tar")
    assert "Unexpected" not in error
    assert not Path(CANARY).exists()
    assert not Path("pack").exists()
    assert not {
        name for name in set(sys.modules) - modules if name.partition(".")[0] in ("models", "evil", "antigravity")
    }
    assert before == dict(os.environ)
    return error


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


HELD = b"cmodels\nEncoder\n)\x81"
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


STORAGE = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu")
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


def state_dict(tensor: bytes, name: str = "fc.bias") -> bytes:
    return b"}(" + text(name) + tensor + b"u"


LIES = {
    "a storage that is not there": (TENSOR % b"K\0", {}, "the storage 0 has none of its 16 bytes"),
    "a shorter storage": (TENSOR % b"K\0", {"0": b"1234"}, "the storage 0 has 4 of its 16 bytes"),
    "a longer storage": (TENSOR % b"K\0", {"0": bytes(20)}, "the storage 0 has 20 of its 16 bytes"),
    "a view past the end": (TENSOR % b"K\1", {"0": bytes(16)}, "is larger than what is stored"),
    "a view far past the end": (TENSOR % b"J\xff\xff\xff\x7f", {"0": bytes(16)}, "is larger than what is stored"),
    "a view before the start": (TENSOR % b"J\xff\xff\xff\xff", {"0": bytes(16)}, "with arguments that it does not"),
    "a view of everything again and again": (
        (TENSOR % b"K\0").replace(b"(K\x02K\x02t(K\x02K\x01t", b"(J\xff\xff\xff\x7fK\x02t(K\x00K\x00t"),
        {"0": bytes(16)}, "is larger than what is stored"),
    "an empty tensor": (
        (TENSOR % b"K\0").replace(b"(K\x02K\x02t", b"(K\x00K\x02t"), {"0": bytes(16)}, "is empty"),
    "two sizes": (b"(" + STORAGE + b"K\x04tQ" + STORAGE + b"K\x05tQt", {}, "states two sizes of the storage 0"),
}  # fmt: skip


@pytest.mark.parametrize("what", LIES)
def test_storages_that_are_not_as_large_as_stated(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    tensor, storages, sentence = LIES[what]
    zipped(Path("bad.pth.tar"), checkpoint(state_dict(tensor)), storages)
    assert sentence in refusal(capsys)


def number(count: int) -> bytes:
    return struct.pack("<q", count)


@pytest.mark.parametrize(
    ("keys", "storages", "sentence"),
    [
        ([], b"", "lacks the storage 0"),
        (["0"], b"", "has not the 4 numbers it states"),
        (["0"], number(4) + bytes(12), "has not the 4 numbers it states"),
        (["0"], number(2**40), "has not the 4 numbers it states"),
        (["0", "0"], number(4) + bytes(16), "belongs to nothing"),
        (["7"], number(4) + bytes(16), "belongs to nothing"),
    ],
)
def test_storages_in_a_row_that_are_not_as_large_as_stated(
    keys: list[str], storages: bytes, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    in_a_row(Path("bad.pth.tar"), checkpoint(state_dict(TENSOR % b"K\0")), keys, storages)
    assert sentence in refusal(capsys)


def nested_modules(levels: int, each: int) -> bytes:
    """A module that holds a module `each` times that holds ...: small as a pickle, and huge for whoever walks it."""
    inner = HELD + b"}b"
    for _ in range(levels):
        again = b"".join(text(f"b{index}") + b"h\x02" for index in range(each - 1))
        inner = HELD + b"}" + text("_modules") + b"}(" + text("a") + inner + b"q\x02" + again + b"usb"
    return inner


@pytest.mark.parametrize(
    ("decoder", "sentence"),
    [
        (nested_modules(15, 9), "more than 20,000 parts"),
        (nested_modules(500, 1), "more than 16 levels of modules"),
        (b"cmodels\nEncoder\n)\x81q\x01}" + text("_modules") + b"}" + text("a") + b"h\x01ssb", "more than 16 levels"),
        (HELD + b"}" + text("_modules") + text("x") + b"sb", "_modules of its models.Encoder is not a dictionary"),
        (HELD + b"}" + text("_parameters") + b"}" + text("x") + b"K\1ssb", "x is not a tensor"),
        (HELD + b"}" + text("_modules") + b"}" + text("x") + b"K\1ssb", "x is not a module"),
        (b"K\1", "its decoder is neither a module nor a state_dict"),
    ],
)
def test_modules_that_are_none(decoder: bytes, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    zipped(Path("bad.pth.tar"), checkpoint(decoder))
    assert sentence in refusal(capsys)


def test_a_deep_pickle_takes_no_recursion(capsys: pytest.CaptureFixture[str]) -> None:
    zipped(Path("bad.pth.tar"), checkpoint(b")" + b"\x85" * 60_000))
    assert "neither a module nor a state_dict" in refusal(capsys)


def test_a_memo_of_a_huge_index_takes_no_memory(capsys: pytest.CaptureFixture[str]) -> None:
    zipped(Path("bad.pth.tar"), checkpoint(b"Nr\xff\xff\xff\xff"))
    assert "neither a module nor a state_dict" in refusal(capsys)


def compressed(path: Path) -> None:
    zipped(path, checkpoint(state_dict(TENSOR % b"K\0")), {"0": bytes(50_000_000)}, compression=zipfile.ZIP_DEFLATED)


def overlapping(path: Path) -> None:
    """A thousand entries that are one: each claims the bytes of the first."""
    zipped(path, b"x" * 10_000, {str(key): b"" for key in range(1000)})
    data = path.read_bytes()
    at, directory = 0, data[data.index(b"PK\x01\x02") :]
    changed = bytearray(data)
    start = len(data) - len(directory)
    while (at := data.find(b"PK\x01\x02", start)) >= 0:
        changed[at + 20 : at + 28] = struct.pack("<II", 10_000, 10_000)
        changed[at + 42 : at + 46] = struct.pack("<I", 0)
        start = at + 4
    path.write_bytes(changed)


def twice_the_same(path: Path) -> None:
    zipped(path, checkpoint(b"N"))
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("archive/data.pkl", checkpoint(b"N"))


def cut(path: Path) -> None:
    zipped(path, checkpoint(b"N"))
    path.write_bytes(path.read_bytes()[:-30])


def changed(path: Path) -> None:
    zipped(path, checkpoint(b"N"))
    path.write_bytes(path.read_bytes().replace(b"decoder", b"encoder", 1))


def another_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "x")


def big_endian(path: Path) -> None:
    zipped(path, checkpoint(b"N"))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("archive/byteorder", "big")


def tar(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        archive.addfile(tarfile.TarInfo("sys_info"), io.BytesIO())


CONTAINERS: dict[Callable[[Path], Any], str] = {
    compressed: "is compressed or encrypted",
    overlapping: "claims to hold more than its own",
    twice_the_same: "two files of the same name",
    cut: "is a damaged zip archive",
    changed: "is a damaged zip archive",
    another_zip: "has no data.pkl",
    big_endian: "was saved on a big-endian machine",
    tar: "is a tar archive",
    lambda path: path.write_bytes(b""): "is not a file that torch.save wrote",
    lambda path: path.write_bytes(b"\x80\x02" + b"N" * 50): "is damaged",
    lambda path: path.write_bytes(pickle.dumps({"a": 1})): "is a pickle that torch.save did not write",
    lambda path: path.write_bytes(pickle.dumps(os.system)): "system",
    lambda path: path.write_text("hello", "utf-8"): "is not a file that torch.save wrote",
}


@pytest.mark.parametrize("make", CONTAINERS)
def test_files_that_are_no_sound_archive(make: Callable[[Path], Any], capsys: pytest.CaptureFixture[str]) -> None:
    make(Path("bad.pth.tar"))
    assert CONTAINERS[make] in refusal(capsys)


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
