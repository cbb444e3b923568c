"""What every test may use."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

# A shell's background job has SIGINT ignored, and so would the processes that tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED_DATA = Path(os.environ.get("SENTIKIT_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data, where it is; tests that need it are skipped where it is not."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the real data is not at {SHARED_DATA} (set SENTIKIT_SHARED_DATA)")
    return SHARED_DATA
