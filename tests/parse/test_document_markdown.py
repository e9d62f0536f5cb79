import pytest

from pipeline.model import Block, BlockKind
from pipeline.parse.document import parse_document


def blocks(text: str) -> list[Block]:
    return list(parse_document(text.encode(), "text/markdown").blocks)


def outline(text: str) -> list[tuple[str, str]]:
    return [(block.kind.value, block.text) for block in blocks(text)]


INLINE = [
    ("We **never** train.", "We never train."),
    ("We _never_ *train*.", "We never train."),
    ("***All*** of it", "All of it"),
    ("snake_case_name stays", "snake_case_name stays"),
    ("5 * 3 and a footnote*", "5 * 3 and a footnote*"),
    ('see [the *terms*](https://x.example/a_(b) "title").', "see the terms."),
    ("see [here][1] and [there].", "see here and [there]."),
    ("[](#anchor)Data", "Data"),
    ("[![Logo](a.png)Home](/)", "Home"),
    ("![picture](a.png) text", "text"),
    ("<https://x.example> and <me@x.example>", "https://x.example and me@x.example"),
    ("set `store=False` or ``a`b``", "set store=False or a`b"),
    ("1\\. Not \\*bold\\*", "1. Not *bold*"),
    ("30&nbsp;days &amp; &#8220;more&#8221;", "30 days & “more”"),
    ("AT&T; and &unknown;", "AT&T; and &unknown;"),
    ("we ~~sell~~ keep data", "we keep data"),
    ("we <del>sell</del> keep data", "we keep data"),
    ('a<br>b <b>c</b> <Badge color="red">New</Badge>', "a b c New"),
    ("send <your name> to us", "send <your name> to us"),
    ("x < 5 and y > 3", "x < 5 and y > 3"),
    ("kept[^1] for long", "kept for long"),
    ("a <!-- hidden --> b {/* too */} c", "a b c"),
    ("zero\u200b-\u2060width so\u00adft", "zero-width soft"),
    ("hard  \nbreak\\\nhere", "hard break here"),
    ("unclosed *bold and `code", "unclosed *bold and `code"),
    ("**Title. **Text and ** more", "Title. Text and more"),
    ("words](mailto:me@x.example) after", "words after"),
    ("\\- a dash", "a dash"),
]


@pytest.mark.parametrize(("written", "read"), INLINE, ids=[written for written, _ in INLINE])
def test_what_is_read_is_the_text_without_its_markup(written: str, read: str) -> None:
    assert [read] == [text for _, text in outline(written)]


NOT_SHOWN = [
    "<p hidden>We sell.</p>",
    "<p hidden>\n\nWe **sell**.\n\n- all\n\n</p>",
    '<div style="display:none">\n\n<div>We</div> sell.\n\n## All\n\n</div>',
    "<div style='visibility: hidden'>We sell.</div>",
    '<p style="font-size:0">We sell.</p>',
    '<p style="opacity:0">We sell.</p>',
    '<div style="position:absolute;left:-9999px">We sell.</div>',
    "<div style={{ display: 'none' }}>\n\nWe sell.\n\n</div>",
    "<div style={{fontSize: 0, color: 'red'}}>We sell.</div>",
    '<section aria-hidden="true">We sell.</section>',
    "<h2 hidden>We sell</h2>",
    "<table hidden><tr><td>We sell</td></tr></table>",
    "<table><tr hidden><td>We sell</td></tr><tr><td hidden>We sell</td></tr></table>",
    "<span hidden>We <span>sell</span> all.</span>",
    '<span style="display:none">We sell.</span>',
    '<span class="sr-only">We sell.</span>',
]


@pytest.mark.fault("C22")
@pytest.mark.parametrize("written", NOT_SHOWN)
def test_c22_elements_that_are_not_shown_are_left_out(written: str) -> None:
    assert ["a", "b"] == [text for _, text in outline(f"a\n\n{written}\n\nb")]
    assert ["We keep data."] == [text for _, text in outline("We <i hidden>sell or </i>keep data.")]


SHOWN = [
    '<p class="hidden md:block">We keep.</p>',
    "<p data-hidden>We keep.</p>",
    "<p hidden={false}>We keep.</p>",
    '<div hidden="until-found">We keep.</div>',
    '<p style="color:red">We keep.</p>',
    "<p hidden>We keep.",
    "<span hidden>We keep.",
    "We keep.</p>",
]


@pytest.mark.fault("C22")
@pytest.mark.parametrize("written", SHOWN)
def test_c22_elements_that_are_shown_or_that_nothing_closes_are_read(written: str) -> None:
    assert ["a", "We keep.", "b"] == [text for _, text in outline(f"a\n\n{written}\n\nb")]


HEADINGS = [
    ("# One", "One"),
    ("## Two ##", "Two"),
    ("One\n===", "One"),
    ("One\n---", "One"),
    ("1. One\n-------", "1. One"),
    ("### [](#one)One {#one}", "One"),
    ("**Data retention**", "Data retention"),
    ("> **How long is data kept?**", "How long is data kept?"),
    ("<h2>One</h2>", "One"),
]


@pytest.mark.parametrize(("written", "read"), HEADINGS, ids=[written for written, _ in HEADINGS])
def test_headings(written: str, read: str) -> None:
    assert [("heading", read), ("paragraph", "Text.")] == outline(f"{written}\n\nText.")


NO_HEADINGS = [
    "**Please note that we keep data.**",
    "**Note:** text",
    "#hashtag",
    "A long paragraph that says much. " * 9 + "\n---",
    "text\n-",
]


@pytest.mark.parametrize("written", NO_HEADINGS)
def test_no_headings(written: str) -> None:
    assert "heading" not in {kind for kind, _ in outline(written)}


def test_headings_above_a_block_are_a_path() -> None:
    read = blocks("# A\n\n## B\n\n### C\n\nx\n\n## D\n\ny\n")
    assert [("A", "B", "C"), ("A", "D")] == [block.headings for block in read if block.kind is BlockKind.PARAGRAPH]
    assert ("A",) == read[1].headings


def test_items_carry_what_introduces_them() -> None:
    read = blocks("We keep:\n\n*   prompts\n*   outputs:\n    *   text\n    *   pictures\n*   logs\n\nAnd more.\n")
    assert [
        ("paragraph", "We keep:", ""),
        ("item", "prompts", "We keep:"),
        ("item", "outputs:", "We keep:"),
        ("item", "text", "We keep: outputs:"),
        ("item", "pictures", "We keep: outputs:"),
        ("item", "logs", "We keep:"),
        ("paragraph", "And more.", ""),
    ] == [(block.kind.value, block.text, block.lead_in) for block in read]


def test_a_list_needs_no_blank_line_before_it() -> None:
    assert ["We keep:", "We keep:"] == [block.lead_in for block in blocks("We keep:\n- a\n- b\n")[1:]]


def test_an_item_goes_on_lazily_and_after_blank_lines() -> None:
    read = blocks("- **Logs.** Kept\nfor 30 days.\n\n  You can opt out.\n- b\n\nOutside.\n")
    assert [
        ("item", "Logs. Kept for 30 days.", ""),
        ("item", "You can opt out.", "Logs. Kept for 30 days."),
        ("item", "b", ""),
        ("paragraph", "Outside.", ""),
    ] == [(block.kind.value, block.text, block.lead_in) for block in read]


def test_a_number_within_a_paragraph_begins_no_list() -> None:
    assert [("paragraph", "Data is kept for 30. That is days, 1.5 at least.")] == outline(
        "Data is kept for\n30. That is days,\n1.5 at least."
    )


def test_paragraphs_with_marks_are_items() -> None:
    read = blocks(
        "We will not:\n\n(a) sell data;\n\n(b) do so without:\n\n(i) notice;\n\n(ii) consent.\n\n(c) train.\n"
    )
    assert [
        ("(a) sell data;", "We will not:"),
        ("(b) do so without:", "We will not:"),
        ("(i) notice;", "We will not: (b) do so without:"),
        ("(ii) consent.", "We will not: (b) do so without:"),
        ("(c) train.", "We will not:"),
    ] == [(block.text, block.lead_in) for block in read[1:]]


def test_marks_after_a_line_that_introduces_them_are_items() -> None:
    assert ["item", "item"] == [kind for kind, _ in outline("We will:\n(a) keep; and\n(b) delete.")[1:]]


def test_rows_have_cells_and_headers() -> None:
    read = blocks("| Request | Kept |\n| --- | :-: |\n| `/run` \\| async | 30 **minutes** |\n| | never |\n\nEnd\n")
    header, row, half, _ = read
    assert ("Request | Kept", ()) == (header.text, header.header)
    assert "/run | async | 30 minutes" == row.text
    assert ["/run | async", "30 minutes"] == [row.text[start:end] for start, end in row.cells]
    assert ("Request", "Kept") == row.header
    assert ("never", ("Kept",)) == (half.text, half.header)


def test_lists_in_cells_keep_their_bullets() -> None:
    read = blocks("| Purpose | Data |\n|---|---|\n| To train | *   Inputs<br>*   Outputs |\n")
    assert "To train | • Inputs • Outputs" == read[1].text


def test_a_table_of_tags_is_read_as_rows() -> None:
    read = blocks(
        "<table>\n<tr><th>Data</th><th>Kept</th></tr>\n<tr><td>Logs</td><td>30 days</td></tr>\n</table>\n\nEnd"
    )
    assert ["Data | Kept", "Logs | 30 days", "End"] == [block.text for block in read]
    assert ("Data", "Kept") == read[1].header


def test_components_are_read_through_and_their_titles_head_them() -> None:
    read = blocks(
        '<Note>\n  Any retention is opt-in.\n</Note>\n\n<AccordionGroup>\n  <Accordion title="Backups">\n'
        "    Kept for up to\n    30 days.\n\n    - a\n  </Accordion>\n</AccordionGroup>\n\nAfter.\n"
    )
    assert [
        ("Any retention is opt-in.", ()),
        ("Backups", ()),
        ("Kept for up to 30 days.", ("Backups",)),
        ("a", ("Backups",)),
        ("After.", ()),
    ] == [(block.text, block.headings) for block in read]


@pytest.mark.parametrize("opening", ['!!! note "Storage"', '??? note "Storage"', ":::note Storage", ":::note[Storage]"])
def test_notes_have_titles(opening: str) -> None:
    assert [("heading", "Storage"), ("paragraph", "Kept.")] == outline(f"{opening}\n\n    Kept.\n")


def test_code_comments_imports_and_definitions_are_left_out() -> None:
    text = (
        "import A from 'a'\n\n```json\n{\"store\": true}\n```\n\n<!-- we\nsell -->\n\n{/* too */}\n\n"
        "[1]: https://x.example\n\nText.\n\n[^1]: A note.\n"
    )
    assert [("paragraph", "Text."), ("paragraph", "A note.")] == outline(text)


def test_a_fence_that_nothing_closes_hides_nothing() -> None:
    assert [("paragraph", "a"), ("paragraph", "b")] == outline("a\n```\n\nb\n")


def test_front_matter_within_a_file_of_many_pages_begins_the_next() -> None:
    assert [("paragraph", "a"), ("heading", "Two"), ("paragraph", "b")] == outline(
        "a\n\n---\ntitle: Two\nslug: x\n---\n\nb"
    )


def test_quotes_are_paragraphs() -> None:
    assert [("paragraph", "Last updated: 2026"), ("paragraph", "Hello.")] == outline(
        "> Last updated:\n> 2026\n\nHello."
    )


def test_what_the_front_matter_says_of_the_page_is_its_first_paragraph() -> None:
    source = '---\ntitle: Security\ndescription: "Files are kept for 30 days."\n---\n\nMore text.\n'
    document = parse_document(source.encode(), "text/markdown")
    assert [block.text for block in document.blocks] == ["Files are kept for 30 days.", "More text."]
    assert document.source[document.blocks[0].places[0]] == "F"


def test_bullets_under_a_numbered_item_that_introduces_them_are_its_list() -> None:
    source = "1. Who we are\nA firm.\n2. Uses\nWe use data to:\n- answer\n- train\n3. Rights\nMany.\n"
    document = parse_document(source.encode(), "text/markdown")
    assert [(block.text, block.lead_in) for block in document.blocks] == [
        ("Who we are A firm.", ""),
        ("Uses We use data to:", ""),
        ("answer", "Uses We use data to:"),
        ("train", "Uses We use data to:"),
        ("Rights Many.", ""),
    ]
