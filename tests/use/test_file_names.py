"""An id is a name of a file on every system, or its hash is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.use.file_names import file_name

HOSTILE = ["../../x", "..", ".", "/etc/passwd", "a/b", "a\\b", "C:x", "CON", "con", "nul.x", "lpt1", "x" * 300, "", "A"]
HOSTILE += [
    "a\x00b",
    "a\nb",
    "a\u202eb",
    "x:free",
    "é",
    " ",
    "-rf",
    "\ud800",
    "sha256-" + "0" * 64,
    "com1.x",
    "a..b",
    "a.",
]


@pytest.mark.fault("Q11")
@pytest.mark.parametrize("provider_id", HOSTILE, ids=ascii)
def test_q11_an_id_that_is_no_file_name_everywhere_becomes_a_hash(provider_id: str) -> None:
    assert re.fullmatch("sha256-[0-9a-f]{64}", file_name(provider_id))


IDS = st.text("ab.-_:/A\u0130", max_size=8) | st.sampled_from(["con", "nul", "sha256-a", file_name("CON")])


@pytest.mark.fault("Q11")
@given(IDS, IDS)
def test_q11_ids_that_differ_have_paths_that_differ_in_any_file_system(one: str, other: str) -> None:
    assert (one == other) == (file_name(one).casefold() == file_name(other).casefold())


@pytest.mark.parametrize("id_", ["groq", "con-x", "a.b", "z_ai", "console", "01-ai", "a" * 100])
def test_an_id_that_is_safe_is_the_name(id_: str) -> None:
    assert id_ == file_name(id_)
