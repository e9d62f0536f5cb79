"""A catalog that was replaced or changed after its publication is refused before DuckDB opens it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from shipped_catalog import shipped_data

from pipeline import Catalog
from pipeline.cli import main
from pipeline.errors import CatalogError
from pipeline.use.query import run_query

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def data(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of the test's own, with the shipped catalog."""
    published = (shipped_data(tmp_path_factory) / "catalog" / "current").resolve()
    build = tmp_path / "catalog" / "builds" / "one"
    build.mkdir(parents=True)
    for name in ("catalog.duckdb", "datapackage.json"):
        shutil.copy(published / name, build / name)
    (tmp_path / "catalog" / "current").symlink_to(Path("builds") / "one")
    return tmp_path


def current(data: Path) -> Path:
    return data / "catalog" / "current"


def _craft(folder: Path) -> None:
    """Put a database in the place of the catalog whose views read files when they are asked."""
    path = folder / "catalog.duckdb"
    path.unlink()
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE VIEW provider_terms AS SELECT content AS offering_id FROM read_text('/etc/hostname')"
        )
        connection.execute("CREATE TABLE policies AS SELECT TIMESTAMP '2026-01-01' AS as_of_at")


def _say_other(folder: Path) -> None:
    with duckdb.connect(str(folder / "catalog.duckdb")) as connection:
        connection.execute("UPDATE policies SET retention_kind = 'none', retention_days = 0")


def _log_writes(folder: Path) -> None:
    """Leave the file as it is, and beside it a log of writes that DuckDB would take for a part of it."""
    copy = folder / "copy.duckdb"
    shutil.copy(folder / "catalog.duckdb", copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("PRAGMA disable_checkpoint_on_shutdown")
        connection.execute("UPDATE policies SET training = 'no'")
        shutil.copy(f"{copy}.wal", folder / "catalog.duckdb.wal")


def _descriptor(body: bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "datapackage.json").write_bytes(body)

    return write


ALTERED: dict[str, Callable[[Path], None]] = {
    "a crafted database": _craft,
    "other values": _say_other,
    "a log of writes": _log_writes,
    "an empty descriptor": _descriptor(b"{}"),
    "no descriptor but other text": _descriptor(b"[1"),
    "files of no kind": _descriptor(b'{"files": [1, {"path": "catalog.duckdb", "hash": 5}]}'),
    "a descriptor of another file": _descriptor(b'{"files": [{"path": "../catalog.duckdb"}]}'),
}


@pytest.mark.fault("Q08")
@pytest.mark.parametrize("alter", ALTERED.values(), ids=ALTERED)
def test_q08_an_altered_catalog_is_refused_before_it_is_opened(data: Path, alter: Callable[[Path], None]) -> None:
    with Catalog.open(current(data)) as whole:
        assert 76 == len(whole.offerings())
    alter(current(data))
    told = r"^\S+catalog\.duckdb.*: remove its folder and run `provider-terms build`$"
    with pytest.raises(CatalogError, match=told):
        Catalog.open(current(data))
    with pytest.raises(CatalogError, match=told):
        run_query(current(data) / "catalog.duckdb", "SELECT 1")


COMMANDS = [
    ("list",),
    ("show", "openai"),
    ("query", "FROM provider_terms"),
    ("route", "--zdr"),
    ("check", str(ROOT / "examples" / "policy.toml")),
]


@pytest.mark.fault("Q08")
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_q08_every_command_that_reads_says_so_in_one_line(
    data: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    _craft(current(data))
    assert 1 == main([*command, "--data", str(data)])
    out, err = capsys.readouterr()
    assert ("", 1) == (out, len(err.splitlines()))
    assert "is not as datapackage.json beside it says" in err


@pytest.mark.fault("Q08")
def test_q08_without_a_descriptor_a_crafted_view_still_reads_no_file(data: Path) -> None:
    (current(data) / "datapackage.json").unlink()
    _craft(current(data))
    with Catalog.open(current(data)) as opened, pytest.raises(CatalogError, match="cannot be read"):
        opened.offerings()


def test_a_catalog_knows_what_it_was_built_from(data: Path) -> None:
    with Catalog.open(current(data)) as opened:
        assert opened.build_key is not None
        assert 64 == len(opened.build_key)
    (current(data) / "datapackage.json").unlink()
    with Catalog.open(current(data)) as opened:
        assert opened.build_key is None
