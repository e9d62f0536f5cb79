"""Tables lie ready beside the catalog: the same rows as in the database, and none that was altered."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from shipped_catalog import shipped_data

from pipeline import Catalog
from pipeline.catalog.ready import READY
from pipeline.errors import CatalogError


@pytest.fixture
def build(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of the test's own."""
    published = (shipped_data(tmp_path_factory) / "catalog" / "current").resolve()
    return Path(shutil.copytree(published, tmp_path / "build"))


@pytest.mark.parametrize("name", READY)
def test_a_table_that_lies_ready_is_that_of_the_database(build: Path, name: str) -> None:
    with Catalog.open(build) as ready:
        found = ready.table(name)
    shutil.rmtree(build / "json")
    with Catalog.open(build) as bare:
        assert bare.table(name) == found
        assert bare.rows(READY[name]) == found
    assert found


def test_what_holds_now_is_the_same_without_the_files_that_lie_ready(build: Path) -> None:
    with Catalog.open(build) as ready:
        found = (ready.as_of, ready.offerings(listed_only=False), ready.resolve("OpenAI"), ready.build_key)
    shutil.rmtree(build / "json")
    with Catalog.open(build) as bare:
        assert found == (bare.as_of, bare.offerings(listed_only=False), bare.resolve("OpenAI"), bare.build_key)


def _say_other(path: Path) -> None:
    rows = json.loads(path.read_bytes())
    path.write_text(json.dumps([row | {"retention_kind": "none", "retention_days": 0} for row in rows]))


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


@pytest.mark.fault("Q08")
@pytest.mark.parametrize("alter", [_say_other, _cut], ids=["other values", "cut"])
def test_q08_a_table_that_was_altered_is_refused(build: Path, alter: Callable[[Path], None]) -> None:
    alter(build / "json" / "provider_terms.json")
    with Catalog.open(build) as opened, pytest.raises(CatalogError, match=r"provider_terms\.json is not as"):
        opened.offerings()
