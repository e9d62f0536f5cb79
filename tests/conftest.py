import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real recordings, which are not part of the repository."""
    folder = Path(os.environ.get("PROVIDER_TERMS_SHARED", REPOSITORY.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no recordings: {folder} is not there; name their folder in PROVIDER_TERMS_SHARED")
    return folder
