"""What every test may use."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from support.shared import made_once, shared_pipeline
from support.tiny_models import save_all

from sentikit.english import noun_phrases

# Several workers share the cores, and torch would take all of them for each; the tests' own processes inherit this.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell's background job has SIGINT ignored, and so would the processes that tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("ci", max_examples=30, deadline=None)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

SHARED_DATA = Path(os.environ.get("SENTIKIT_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data, where it is; tests that need it are skipped where it is not."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the real data is not at {SHARED_DATA} (set SENTIKIT_SHARED_DATA)")
    return SHARED_DATA


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of tiny transformers models: blip, git, llava (which has a chat template), clip and siglip."""
    pytest.importorskip("transformers")
    return made_once(tmp_path_factory, "tiny_models", save_all)


@pytest.fixture(scope="session", autouse=True)
def one_pipeline() -> Iterator[None]:
    """All noun finders of a process use the same spaCy pipeline, which takes longer to load than most tests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(noun_phrases, "load_pipeline", shared_pipeline)
        yield
