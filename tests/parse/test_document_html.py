import pytest

from pipeline.errors import ParseError, SelectorError
from pipeline.model import Block, Document
from pipeline.parse.document import Selection, parse_document
from pipeline.parse.html_page import MAX_TAGS

WORDS = "We keep prompts for thirty days and delete them after that. "


def page(body: str, head: str = "<title>Terms | Larch</title>") -> bytes:
    return f'<!doctype html><html lang="en-GB"><head>{head}</head><body>{body}</body></html>'.encode()


def read(body: str, selection: Selection | None = None) -> Document:
    return parse_document(page(body), "text/html", selection)


def texts(body: str, selection: Selection | None = None) -> list[str]:
    return [block.text for block in read(body, selection).blocks]


def outline(blocks: tuple[Block, ...]) -> list[tuple[str, str, str]]:
    return [(block.kind.value, block.text, block.lead_in) for block in blocks]


FURNITURE = {
    "navigation": "<nav>Home</nav>",
    "a header": "<header><a>Home</a></header>",
    "a footer": "<footer>© Larch</footer>",
    "a footer by its role": "<div role=contentinfo>© Larch</div>",
    "a footer by its name": '<div class="siteFooter-x1">© Larch</div>',
    "an aside": "<aside>Related</aside>",
    "a form": "<form>Search <input value=x></form>",
    "a dialog": "<dialog open>Sign up</dialog>",
    "a dialog by its role": "<div role=dialog>Sign up</div>",
    "a cookie banner": '<div id="cookie-banner"><p>We use cookies.</p></div>',
    "a consent layer": '<div class="CookieConsent">We use cookies.</div>',
}
HIDDEN = {
    "scripts": "<script>var a</script>",
    "styles": "<style>p {}</style>",
    "templates": "<template>sell</template>",
    "noscript": "<noscript>Enable JavaScript</noscript>",
    "hidden": "<p hidden>sell</p>",
    "not displayed": '<p style="color: red; DISPLAY : none">sell</p>',
    "invisible": '<p style="visibility:hidden">sell</p>',
    "collapsed": '<p style="visibility: collapse">sell</p>',
    "letters without size": '<p style="font-size: 0"><b>sell</b></p>',
    "letters of 0.0 pixels": '<p style="color:red;font-size:0.0px !important">sell</p>',
    "clear": '<p style="opacity: 0">sell</p>',
    "left of the screen": '<p style="position:absolute; left:-9999px">sell</p>',
    "above the screen": '<div style="position:fixed;top:-1000em"><p>sell</p></div>',
    "set in to the left": '<p style="text-indent: -9999px">sell</p>',
    "clipped": '<p style="position:absolute;clip:rect(0 0 0 0)">sell</p>',
    "clipped to a point": '<p style="clip-path: inset(50%)">sell</p>',
    "not displayed, with a remark": '<p style="/* a; */display/*b*/:/**/none">sell</p>',
    "not displayed, in other letters": r'<p style="dis\70 lay:\6e one">sell</p>',
    "transparent": '<p style="color: transparent">sell</p>',
    "one pixel small": '<p style="position:absolute;width:1px;height:1px;overflow:hidden">sell</p>',
    "not for readers": '<span aria-hidden="true">#</span>',
    "for screen readers": '<span class="sr-only">Skip to content</span>',
    "struck out": "<del>sell</del> <s>sell</s> <strike>sell</strike>",
    "struck out by style": '<span style="text-decoration: line-through">sell</span>',
    "comments": "<!-- sell -->",
    "choices": "<select><option>English</option></select><textarea>sell</textarea>",
    "buttons": "<button>Copy</button>",
    "drawings": "<svg><title>Logo</title><text>sell</text></svg>",
}


@pytest.mark.parametrize("case", FURNITURE)
def test_the_frame_of_a_page_is_left_out(case: str) -> None:
    assert [WORDS.strip()] * 2 == texts(f"<p>{WORDS}</p>{FURNITURE[case]}<p>{WORDS}</p>")


@pytest.mark.fault("C22")
@pytest.mark.parametrize("case", HIDDEN)
def test_c22_what_is_not_shown_is_left_out(case: str) -> None:
    assert ["a", "b"] == texts(f"<main><p>a</p>{HIDDEN[case]}<p>b</p></main>")


SHOWN = {
    "that fades in": '<div style="opacity:0;transform:translateY(20px)">sell</div>',
    "nearly clear": '<div style="opacity:0.05">sell</div>',
    "placed within the screen": '<div style="position:absolute;left:-10px">sell</div>',
    "in a wrapper without a size of its own": '<div style="font-size:0"><p style="font-size:1rem">sell</p></div>',
    "in a box of one colour": '<p style="background-color:transparent;border-color:transparent">sell</p>',
    "in letters cut out of a picture": '<p style="background-clip:text;color:transparent">sell</p>',
    "in a box that hides what does not fit": '<p style="height:100px;overflow:hidden">sell</p>',
    "behind a remark that never ends": '<p style="/* display:none">sell</p>',
    "small": '<p style="font-size:0.8em">sell</p>',
}


@pytest.mark.fault("C22")
@pytest.mark.parametrize("case", SHOWN)
def test_c22_what_is_shown_is_read(case: str) -> None:
    assert ["a", "sell", "b"] == texts(f"<main><p>a</p>{SHOWN[case]}<p>b</p></main>")


def test_what_holds_most_of_a_page_is_no_frame() -> None:
    assert [WORDS.strip()] == texts(f"<form><p>{WORDS}</p></form><nav>Home</nav>")


def test_the_main_element_is_the_content_where_it_holds_most_of_the_words() -> None:
    links = "".join(f"<li><a href=/{number}>An article with a long name</a></li>" for number in range(99))
    aside = "<div>Other</div>"
    assert ["Terms", WORDS.strip()] == texts(f"<ul>{links}</ul><main><h1>Terms</h1><p>{WORDS}</p></main>{aside}")
    assert ["Menu", WORDS.strip()] == texts(f"<main>Menu</main><p>{WORDS}</p>")


def test_headers_and_asides_within_the_main_element_belong_to_it() -> None:
    assert ["Terms", "Note", WORDS.strip()] == texts(
        f"<main><header><h1>Terms</h1></header><aside>Note</aside><nav>Contents</nav><p>{WORDS}</p></main>"
    )


def test_panels_that_a_click_opens_are_kept() -> None:
    document = read(
        "<main><details><summary>Logs</summary><p>Kept.</p></details><p>a</p>"
        "<h3><button aria-expanded=false aria-controls=p1>Backups</button></h3><div id=p1 hidden>For 30 days.</div>"
        "<button aria-expanded=false aria-controls=p2>Files</button><div id=p2 style='display:none'>Deleted.</div>"
        "</main>"
    )
    assert [
        ("Logs", ()),
        ("Kept.", ("Logs",)),
        ("a", ()),
        ("Backups", ()),
        ("For 30 days.", ("Backups",)),
        ("Files", ("Backups",)),
        ("Deleted.", ("Backups", "Files")),
    ] == [(block.text, block.headings) for block in document.blocks]


def test_the_source_is_the_text_of_the_blocks() -> None:
    document = read("<h1>Terms</h1><p>We  keep <b>zero</b>\u200b-data &amp;\n more.</p>")
    assert "Terms\nWe keep zero\u200b-data & more." == document.source
    block = document.blocks[1]
    assert "We keep zero-data & more." == block.text
    assert "zero\u200b-data" == document.quote(block, 8, 17)


def test_title_and_language() -> None:
    document = read("<main><h1>Privacy <em>Policy</em></h1><p>x</p></main>")
    assert ("Privacy Policy", "en") == (document.title, document.language)
    assert "Terms | Larch" == read("<h2>Privacy</h2>").title


def test_lists_carry_what_introduces_them() -> None:
    document = read(
        "<p>We keep:</p><ul><li>prompts</li><li>outputs:<ol><li><p>text</p><p>also</p></li></ol></li></ul><p>End</p>"
    )
    assert [
        ("paragraph", "We keep:", ""),
        ("item", "prompts", "We keep:"),
        ("item", "outputs:", "We keep:"),
        ("item", "text", "We keep: outputs:"),
        ("item", "also", "We keep: outputs: text"),
        ("paragraph", "End", ""),
    ] == outline(document.blocks)


def test_a_list_that_goes_on_after_another_keeps_its_introduction() -> None:
    assert ["We keep:", "We keep:"] == [
        block.lead_in for block in read("<p>We keep:<ul><li>a</ul><ul><li>b</ul>").blocks[1:]
    ]


def test_a_page_that_is_one_list_has_headings_and_marks_in_it() -> None:
    document = read(
        "<p>Please read this.</p><ul><li><b>I. Content</b></li><li>1. You agree that:</li><li>(a) it is yours; and:"
        "</li><li>(i) you own it;</li><li>(b) you may send it.</li><li><b>II. Use</b></li><li>We keep it.</li></ul>"
    )
    assert [
        ("paragraph", "Please read this.", ""),
        ("heading", "I. Content", ""),
        ("item", "1. You agree that:", ""),
        ("item", "(a) it is yours; and:", "1. You agree that:"),
        ("item", "(i) you own it;", "1. You agree that: (a) it is yours; and:"),
        ("item", "(b) you may send it.", "1. You agree that:"),
        ("heading", "II. Use", ""),
        ("item", "We keep it.", ""),
    ] == outline(document.blocks)


def test_lines_parted_by_breaks() -> None:
    document = read("<p>We keep:<br>• prompts<br>• outputs<br><br>And<br>that is all.</p>")
    assert [
        ("paragraph", "We keep:", ""),
        ("item", "prompts", "We keep:"),
        ("item", "outputs", "We keep:"),
        ("paragraph", "And that is all.", ""),
    ] == outline(document.blocks)


def test_elements_that_only_a_style_parts_do_not_glue() -> None:
    assert ["Updated January 10", "OpenAI and iOS"] == texts(
        "<p><span>Updated</span><span>January 10</span></p><p>Open<b>AI</b> and i<b>OS</b></p>"
    )


def test_a_short_line_in_bold_is_a_heading_and_a_sentence_is_none() -> None:
    document = read("<p><b>Data retention</b></p><p><strong>We keep it.</strong></p><p><b>Note</b> that</p>")
    assert ["heading", "paragraph", "paragraph"] == [block.kind.value for block in document.blocks]
    assert ("Data retention",) == document.blocks[1].headings


def test_rows_have_cells_and_headers() -> None:
    document = read(
        "<table><thead><tr><th>Data</th><th colspan=2>Kept</th></tr></thead><tr><td rowspan=2>Logs</td><td>API</td>"
        "<td>30 days</td></tr><tr><td>Web</td><td><ul><li>1 day</li><li>or less</li></ul></td></tr></table>"
    )
    assert ["Data | Kept", "Logs | API | 30 days", "Logs | Web | • 1 day • or less"] == [
        block.text for block in document.blocks
    ]
    last = document.blocks[-1]
    assert ["Logs", "Web", "• 1 day • or less"] == [last.text[start:end] for start, end in last.cells]
    assert ("Data", "Kept", "Kept") == last.header
    assert ((), "row") == (document.blocks[0].header, document.blocks[0].kind)
    assert "Web | • 1 day" == document.quote(last, 7, 20)


def test_a_first_row_in_bold_is_a_header_and_a_plain_one_is_none() -> None:
    rows = "<tr><td>Logs</td><td>30 days</td></tr>"
    bold = read(f"<table><tr><td><b>Data</b></td><td><b>Kept</b></td></tr>{rows}</table>")
    plain = read(f"<table><tr><td>Files</td><td>1 day</td></tr>{rows}</table>")
    assert [("Data", "Kept"), ()] == [document.blocks[1].header for document in (bold, plain)]


def test_a_table_that_lays_out_a_page_is_read_through() -> None:
    assert ["Terms", "a", "b"] == texts("<table><tr><td><h1>Terms</h1><p>a</p></td><td><p>b</p></td></tr></table>")
    assert ["a", "b"] == texts("<table><tr><td>a</td></tr><tr><td>b</td></tr></table>")


SECTIONS = (
    "<main><h1>Terms</h1><p>a</p><h2 id=use>Data use</h2><p>b</p><h3>Logs</h3><p>c</p>"
    "<h2><a name=other></a>Other</h2><p>d</p><section id=last><p>e</p></section></main>"
)


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [("use", ["Data use", "b", "Logs", "c"]), ("other", ["Other", "d", "e"]), ("last", ["e"])],
)
def test_a_fragment_selects_the_section_that_it_begins(fragment: str, expected: list[str]) -> None:
    assert expected == texts(SECTIONS, Selection(fragment=fragment))


def test_an_empty_anchor_before_a_heading_begins_its_section() -> None:
    assert ["Two", "b"] == texts(
        "<h2>One</h2><p>a</p><a id=x></a><h2>Two</h2><p>b</p><h2>C</h2>", Selection(fragment="x")
    )


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(select=("h1", "#last")), ["Terms", "e"]),
        (Selection(select=("main",), remove=("h1", "p", ".none")), ["Data use", "Logs", "Other"]),
        (Selection(start_after="h3"), ["c", "Other", "d", "e"]),
        (Selection(start_after="h1", end_before="#use"), ["a"]),
    ],
)
def test_selectors_choose_what_is_read(selection: Selection, expected: list[str]) -> None:
    assert expected == texts(SECTIONS, selection)


@pytest.mark.parametrize(
    ("selection", "why"),
    [
        (Selection(select=("h2",)), "expected 1 element that 'h2' selects, found 2"),
        (Selection(select=("h6",)), "expected 1 element that 'h6' selects, found 0"),
        (Selection(start_after=".no"), "expected 1 element that '.no' selects, found 0"),
        (Selection(fragment="no"), "expected 1 element that #no names, found 0"),
        (Selection(select=("[",)), r"'\[' is no CSS selector"),
        (Selection(remove=("p::x(",)), "is no CSS selector"),
    ],
)
def test_selectors_that_do_not_match_say_what_was_found(selection: Selection, why: str) -> None:
    with pytest.raises(SelectorError, match=why):
        read(SECTIONS, selection)


def test_a_selection_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(ParseError, match="holds no text"):
        read(SECTIONS, Selection(select=("main",), remove=("main",)))


def test_a_page_of_too_many_tags_is_refused() -> None:
    with pytest.raises(ParseError, match="more than"):
        read("<b>" * (MAX_TAGS + 1))


def test_deep_nesting_is_read() -> None:
    assert ["a"] == texts("<div>" * 20_000 + "a")
    assert 12 * len("a ") > len(read("<ul><li>a" * 2_000).blocks[-1].lead_in)
