"""An installed copy works outside a checkout: declarations and recorded captures are part of the package."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pipeline.declarations import read_declarations, shipped_dir

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The contents of the wheel, unpacked as an installer would."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # -I keeps the checkout's own packages out of the way; only the unpacked wheel is added.
    code = f"import sys; sys.path.insert(0, {str(installed)!r}); from pipeline.cli import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-I", "-c", code, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def test_an_installed_copy_builds_a_catalog_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    built = run(installed, tmp_path, "build")
    assert (0, "") == (built.returncode, built.stderr)
    assert "Catalog as of 2026-07-21: 76 offerings listed" in built.stdout
    shown = run(installed, tmp_path, "list", "--as-of", "2025-07-31", "--format", "csv")
    assert 60 == len(shown.stdout.splitlines())


def test_an_installed_copy_has_all_declarations(installed: Path, tmp_path: Path) -> None:
    checked = run(installed, tmp_path, "validate")
    here = len(list((ROOT / "data" / "providers").glob("*.toml")))
    pages = len(read_declarations(shipped_dir()).page_sources)
    assert f"4 sources, {here} providers and {pages} of their pages are valid\n" == checked.stdout


def test_an_installed_copy_reads_terms_pages(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("# Terms\n\nPrompts and outputs sent to the API are never stored.\n")
    read = run(installed, tmp_path, "extract", "page.md")
    assert (0, "") == (read.returncode, read.stderr)
    assert '"value": "none"' in read.stdout


def test_an_installed_copy_writes_a_report(installed: Path, tmp_path: Path) -> None:
    assert 0 == run(installed, tmp_path, "build").returncode
    written = run(installed, tmp_path, "report")
    assert (0, True) == (written.returncode, Path(written.stdout.strip()).is_file()), written.stderr
    folder = Path(written.stdout.strip()).parent
    assert {"report.css", "report.js"} <= {path.name for path in folder.iterdir()}


def test_the_wheel_holds_no_stray_files(installed: Path) -> None:
    tops = {path.name for path in installed.iterdir()}
    assert {"pipeline", "schemas"} == {top for top in tops if not top.endswith(".dist-info")}
