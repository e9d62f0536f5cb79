from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ParseError
from pipeline.parse.front_matter import MAX_BLOCK_BYTES, split_front_matter

BODY = "# Heading\n\nText.\n"

READ = [
    ("title: Logging\n", {"title": "Logging"}),
    ('url: "https://example.org/a: b"\n', {"url": "https://example.org/a: b"}),
    ("og:image:width: 1200\n", {"og:image:width": "1200"}),
    ("note: >\n  two\n  lines\n", {"note": "two lines\n"}),
    ("empty:\nnull: ~\n", {"empty": "", "null": "~"}),
    ("# only a remark\n", {}),
    ("", {}),
]

WHOLE = [
    "",
    "Text.\n",
    "---",
    "---\n",
    "---\n\nA rule above, nothing below.\n",
    "---\ntitle: never closed\n",
    "---\n\nA rule above: and one below.\n\n---\n",
    "---\n- a list\n- between: rules\n---\n",
    "---\n**bold** words between rules\n---\n",
    "--- title: x\n---\n",
    "Text first.\n---\ntitle: x\n---\n",
]

REFUSED = [
    ("tags: [a, b]\n", "line 2: nested values"),
    ("title: x\nauthor:\n  name: y\n", "line 4: nested values"),
    ("{title: {a: b}}\n", "line 2: nested values"),
    ("? [a, b]\n: c\n", "line 2: nested values"),
    ("title: x\ntitle: y\n", "line 3: the key 'title' stands twice"),
    ("title: &a x\n", "line 2: anchors and aliases"),
    ("title: *a\n", "line 2: anchors and aliases"),
    ("<<: *a\n", "line 2: anchors and aliases"),
    ("size: !!int 3\n", "line 2: tags"),
    ("size: ! 3\n", "line 2: tags"),
    ("title: 'unclosed\n", "line "),
    ("title: a: b\n", "line 2: mapping values are not allowed"),
    ("title: \x07\n", "special characters are not allowed"),
    ("title: x\n--- # two\nother: y\n", "a second document"),
]


@pytest.mark.parametrize(("block", "expected"), READ)
def test_front_matter_is_split_from_the_body(block: str, expected: dict[str, str]) -> None:
    assert split_front_matter(f"---\n{block}---\n{BODY}") == (expected, BODY)


@pytest.mark.parametrize("text", WHOLE)
def test_a_document_without_front_matter_stays_whole(text: str) -> None:
    assert split_front_matter(text) == ({}, text)


@pytest.mark.parametrize(("block", "message"), REFUSED)
def test_a_block_that_is_no_flat_mapping_is_refused_in_one_line(block: str, message: str) -> None:
    with pytest.raises(ParseError, match=r"^front matter") as caught:
        split_front_matter(f"---\n{block}---\n{BODY}")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["\ufeff---\ntitle: x\n---\nText.\n", "---\r\ntitle: x\r\n---\r\nText.\n"])
def test_a_byte_order_mark_and_carriage_returns_are_tolerated(text: str) -> None:
    assert split_front_matter(text) == ({"title": "x"}, "Text.\n")


def test_a_block_at_the_end_of_the_document_leaves_an_empty_body() -> None:
    assert split_front_matter("---\ntitle: x\n---") == ({"title": "x"}, "")


def test_a_block_over_the_limit_is_refused() -> None:
    block = "title: " + "x" * (MAX_BLOCK_BYTES - len("title: \n")) + "\n"
    assert len(split_front_matter(f"---\n{block}---\n")[0]["title"]) > 16_000
    with pytest.raises(ParseError, match=f"larger than {MAX_BLOCK_BYTES} bytes"):
        split_front_matter(f"---\nx{block}---\n")


@pytest.mark.fault("P07")
def test_p07_values_that_yaml_would_type_stay_text() -> None:
    block = "hq: NO\nversion: 1.10\nat: 12:30\non: 2026-08-22\nnone: null\n"
    expected = {"hq": "NO", "version": "1.10", "at": "12:30", "on": "2026-08-22", "none": "null"}
    assert split_front_matter(f"---\n{block}---\n")[0] == expected


@pytest.mark.fault("P07")
def test_p07_an_alias_bomb_is_refused_unexpanded() -> None:
    levels = ["a: &a [x,x,x,x,x,x,x,x,x]"] + [
        f"{name}: &{name} [{','.join(['*' + below] * 9)}]" for below, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    with pytest.raises(ParseError, match="anchors and aliases are not read"):
        split_front_matter("---\n" + "\n".join(levels) + "\n---\n")


@pytest.mark.fault("P07")
@pytest.mark.parametrize("prefix", ["title: ", ""])
def test_p07_a_python_object_is_refused_and_never_made(tmp_path: Path, prefix: str) -> None:
    witness = tmp_path / "made"
    block = f"{prefix}!!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path ['{witness}']]\n"
    with pytest.raises(ParseError, match="tags are not read"):
        split_front_matter(f"---\n{block}---\n")
    assert not witness.exists()


@pytest.mark.fault("P07")
def test_p07_a_duplicate_key_is_an_error() -> None:
    with pytest.raises(ParseError, match="the key 'hq' stands twice"):
        split_front_matter("---\nhq: NO\nhq: SE\n---\n")


@pytest.mark.fault("P07")
def test_p07_deep_nesting_costs_no_recursion() -> None:
    with pytest.raises(ParseError, match="nested values"):
        split_front_matter("---\ntitle: " + "[" * 10_000 + "\n---\n")


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.text(max_size=50), min_size=1, max_size=5))
def test_any_flat_mapping_written_as_yaml_comes_back(mapping: dict[str, str]) -> None:
    block = yaml.safe_dump(mapping, default_style='"', width=10_000)
    assert split_front_matter(f"---\n{block}---\n{BODY}") == (mapping, BODY)


@given(st.text(alphabet="-:\n# ab\"'[]{}&*!|>?%\ufeff\r\t"))
def test_any_text_is_split_kept_whole_or_refused(text: str) -> None:
    try:
        mapping, body = split_front_matter("---\n" + text)
    except ParseError:
        return
    assert ("---\n" + text).endswith(body)
    assert all(isinstance(value, str) for value in mapping.values())


def test_the_real_pages_are_split(shared: Path) -> None:
    mapping, body = split_front_matter(
        (shared / "data/upstream/docs-provider-logging_2026-08-22.mdx").read_text(encoding="utf-8")
    )
    assert mapping["og:image:width"] == "1200"
    assert mapping["noindex"] == "false"
    assert body.startswith("\nimport ")
