import gzip
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_pdf import make_pdf

from pipeline.collect.expected import Doubt, Expected
from pipeline.collect.guard import find_doubt, sniff
from pipeline.model import Outcome

PAGES = Path(__file__).resolve().parent.parent / "pages" / "guard"
DOUBTED = sorted((PAGES / "doubted").iterdir())
BELIEVED = sorted((PAGES / "believed").iterdir())
HTML = Expected(content_types=("text/html",))
JSON = Expected(content_types=("application/json",))
MARKDOWN = Expected(content_types=("text/html", "text/markdown"))
WORDS = "The words of the terms are kept for as long as the law asks, and no longer than that. "
END = b"</body></html>"


def page(text: str, *, title: str = "Terms", end: bytes = END) -> bytes:
    return f"<!doctype html><html><head><title>{title}</title></head><body><p>{text}</p>".encode() + end


def stem(path: Path) -> str:
    return path.stem


def outcome_of(doubt: Doubt | None) -> Outcome | None:
    return None if doubt is None else doubt.outcome


def pages_of(*kinds: Outcome) -> list[Path]:
    return [path for path in DOUBTED if path.name.partition(".")[0] in kinds]


def good(body: bytes, **changes: float) -> Expected:
    return Expected(content_types=("text/html",), good=body, min_share=changes.get("min_share", 0.5))


def test_every_class_of_page_that_stands_in_for_another_has_three_of_them() -> None:
    counts = {kind: len(pages_of(kind)) for kind in Outcome if pages_of(kind)}
    assert {
        Outcome.CHALLENGE,
        Outcome.CONSENT,
        Outcome.LOGIN,
        Outcome.PARKED,
        Outcome.MAINTENANCE,
        Outcome.SOFT_NOT_FOUND,
        Outcome.DRAWN_IN_BROWSER,
        Outcome.EMPTY,
        Outcome.WRONG_LANGUAGE,
    } == set(counts)
    assert min(counts.values()) >= 3
    assert len(DOUBTED) == sum(counts.values())
    assert len(BELIEVED) >= 5


@pytest.mark.fault("C01")
@pytest.mark.parametrize("path", pages_of(Outcome.CHALLENGE), ids=stem)
def test_c01_a_challenge_is_told_as_one(path: Path) -> None:
    assert Outcome.CHALLENGE == outcome_of(find_doubt(path.read_bytes(), HTML))


@pytest.mark.fault("C01")
@pytest.mark.parametrize("path", pages_of(Outcome.CHALLENGE), ids=stem)
def test_c01_a_challenge_is_told_as_one_also_where_other_content_was_asked_for(path: Path) -> None:
    body = path.read_bytes()
    assert [Outcome.CHALLENGE] * 2 == [outcome_of(find_doubt(body, expected)) for expected in (JSON, MARKDOWN)]


@pytest.mark.fault("C02")
@pytest.mark.parametrize("path", pages_of(Outcome.LOGIN, Outcome.CONSENT), ids=stem)
def test_c02_a_login_or_consent_page_is_told_as_one(path: Path) -> None:
    assert path.name.partition(".")[0] == outcome_of(find_doubt(path.read_bytes(), HTML))


@pytest.mark.fault("C03")
@pytest.mark.parametrize("path", pages_of(Outcome.SOFT_NOT_FOUND, Outcome.PARKED), ids=stem)
def test_c03_a_soft_404_or_parked_page_is_told_as_one(path: Path) -> None:
    assert path.name.partition(".")[0] == outcome_of(find_doubt(path.read_bytes(), HTML))


@pytest.mark.fault("C04")
@pytest.mark.parametrize("path", pages_of(Outcome.MAINTENANCE), ids=stem)
def test_c04_a_maintenance_page_is_told_as_one(path: Path) -> None:
    assert Outcome.MAINTENANCE == outcome_of(find_doubt(path.read_bytes(), HTML))


@pytest.mark.fault("C05")
@pytest.mark.parametrize("path", pages_of(Outcome.DRAWN_IN_BROWSER, Outcome.EMPTY), ids=stem)
def test_c05_a_page_that_is_drawn_in_the_browser_or_holds_nothing_is_told_as_such(path: Path) -> None:
    assert path.name.partition(".")[0] == outcome_of(find_doubt(path.read_bytes(), HTML))


@pytest.mark.fault("C20")
@pytest.mark.parametrize("path", pages_of(Outcome.WRONG_LANGUAGE), ids=stem)
def test_c20_a_page_in_german_is_not_taken_for_english_and_is_believed_where_german_is_declared(path: Path) -> None:
    body = path.read_bytes()
    doubts = [find_doubt(body, Expected(content_types=("text/html",), language=one)) for one in ("en", "de", "xx")]
    assert [Outcome.WRONG_LANGUAGE, None, None] == [outcome_of(doubt) for doubt in doubts]
    assert doubts[0] is not None
    assert doubts[0].detail == "expected 'en', the words look like 'de'"


@pytest.mark.fault("C20")
def test_c20_german_markdown_is_not_taken_for_english() -> None:
    body = "Die Daten werden nicht mit anderen geteilt und auf Anfrage von uns gelöscht. ".encode() * 9
    assert Outcome.WRONG_LANGUAGE == outcome_of(find_doubt(body, MARKDOWN))


@pytest.mark.parametrize("path", BELIEVED, ids=stem)
def test_a_page_that_only_mentions_such_things_is_believed(path: Path) -> None:
    assert None is find_doubt(path.read_bytes(), HTML)


@pytest.mark.fault("C06")
@pytest.mark.parametrize(
    ("words_now", "min_share", "expected"),
    [
        (100, 0.5, None),
        (51, 0.5, None),
        (49, 0.5, Outcome.SHRUNKEN),
        (3, 0.5, Outcome.SHRUNKEN),
        (3, 0.0, None),
        (89, 0.9, Outcome.SHRUNKEN),
        (300, 0.5, None),
    ],
)
def test_c06_a_page_much_shorter_than_the_last_good_one_is_shrunken(
    words_now: int, min_share: float, expected: Outcome | None
) -> None:
    before, now = page(WORDS * 100), page(WORDS * words_now)
    assert expected == outcome_of(find_doubt(now, good(before, min_share=min_share)))


@pytest.mark.fault("C06")
@pytest.mark.parametrize("cut_at", [0.3, 0.6, 0.9])
def test_c06_a_page_that_lost_its_end_and_some_of_its_words_is_half_a_page(cut_at: float) -> None:
    whole = page(WORDS * 100)
    assert Outcome.SHRUNKEN == outcome_of(find_doubt(whole[: int(len(whole) * cut_at)], good(whole)))


@pytest.mark.fault("C06")
@pytest.mark.parametrize("words_now", [101, 150, 270])
def test_c06_half_of_a_page_that_grew_is_half_a_page(words_now: int) -> None:
    before, now = page(WORDS * 100), page(WORDS * words_now, end=b"")
    assert Outcome.SHRUNKEN == outcome_of(find_doubt(now, good(before)))
    assert None is find_doubt(now, good(page(WORDS * 100, end=b"")))


@pytest.mark.parametrize("end", [b"</body>", b"</html>", END.upper()])
def test_a_page_that_ends_by_either_of_the_last_tags_is_whole(end: bytes) -> None:
    assert None is find_doubt(page(WORDS * 101, end=end), good(page(WORDS * 100)))


def test_a_page_that_lost_its_end_with_no_word_is_believed() -> None:
    assert None is find_doubt(page(WORDS * 100, end=b""), good(page(WORDS * 100)))


MARKDOWN_PAGE = ("# Terms\n\n" + f"{WORDS}\n" * 30 + "\n## Last\n\nThis section ends the page.\n").encode()


@pytest.mark.fault("C06")
@pytest.mark.parametrize("share", [0.99, 0.75, 0.6, 0.1])
@pytest.mark.parametrize("body", [MARKDOWN_PAGE, page(WORDS * 30, end=b"")], ids=["Markdown", "HTML without an end"])
def test_c06_a_page_that_stops_within_a_line_of_the_last_good_one_is_half_a_page(body: bytes, share: float) -> None:
    assert Outcome.SHRUNKEN == outcome_of(find_doubt(body[: int(len(body) * share)], replace(MARKDOWN, good=body)))


@pytest.mark.parametrize(
    "lost", [b"\n## Last\n\nThis section ends the page.\n", b"\nThis section ends the page.\n", b"\n"]
)
def test_a_page_without_its_last_lines_is_a_new_one(lost: bytes) -> None:
    assert MARKDOWN_PAGE.endswith(lost)
    assert None is find_doubt(MARKDOWN_PAGE.removesuffix(lost), replace(MARKDOWN, good=MARKDOWN_PAGE))


def test_a_shorter_page_that_ends_otherwise_is_a_new_one() -> None:
    shorter = MARKDOWN_PAGE.replace(b"## Last\n\nThis section ends the page.", b"That is all.")
    assert None is find_doubt(shorter, replace(MARKDOWN, good=MARKDOWN_PAGE))


def test_a_short_page_is_not_measured_against_another_short_one() -> None:
    assert None is find_doubt(page("Nothing."), good(page(WORDS * 5)))


LONG_PDF, SHORT_PDF = (make_pdf("\n".join([WORDS] * count)) for count in (20, 5))
OTHER_FORMATS = [
    ("HTML for Markdown", page("Nothing."), "text/html", b"| a | b |\n" * 500),
    ("text for HTML", WORDS.encode(), "text/plain", page(WORDS * 30)),
    ("PDF for HTML", SHORT_PDF, "application/pdf", page(WORDS * 30)),
    ("PDF for PDF", SHORT_PDF, "application/pdf", LONG_PDF),
    ("JSON for HTML", b'{"error": "no such thing"}', "application/json", page(WORDS * 30)),
]


@pytest.mark.fault("C06")
@pytest.mark.parametrize(
    ("body", "told", "before"), [case[1:] for case in OTHER_FORMATS], ids=[c[0] for c in OTHER_FORMATS]
)
def test_c06_a_page_is_measured_against_the_last_good_one_in_whatever_format(
    body: bytes, told: str, before: bytes
) -> None:
    types = ("text/html", "text/plain", "application/pdf", "text/markdown")
    assert Outcome.SHRUNKEN == outcome_of(find_doubt(body, Expected(content_types=types, good=before), told))


@pytest.mark.fault("C19")
@pytest.mark.parametrize("before", [None, page(WORDS)], ids=["at the first look", "later"])
def test_c19_a_pdf_that_is_called_html_is_not_believed(before: bytes | None) -> None:
    expected = Expected(content_types=("text/html", "application/pdf"), good=before)
    assert Outcome.WRONG_CONTENT_TYPE == outcome_of(find_doubt(LONG_PDF, expected, "text/html; charset=utf-8"))
    assert None is find_doubt(LONG_PDF, expected, "application/pdf")


@pytest.mark.fault("E02")
def test_e02_bytes_that_their_encoding_cannot_decode_are_doubted_where_the_last_good_ones_were_whole() -> None:
    whole = page("We don\u2019t use prompts to train. " + WORDS)
    broken = whole.replace("\u2019".encode(), b"\x92")
    told = "text/html; charset=utf-8"
    assert Outcome.BAD_ENCODING == outcome_of(find_doubt(broken, good(whole), told))
    assert None is find_doubt(broken, replace(good(broken.replace(b"Terms", b"Words")), good_type=told), told)
    assert None is find_doubt(broken, HTML, told)
    assert None is find_doubt(broken, good(whole), "text/html; charset=windows-1252")


SHORT_STAND_INS = [
    ("Making sure you're not a bot!", Outcome.CHALLENGE),
    ("Too Many Requests", Outcome.CHALLENGE),
    ("Internal Server Error", Outcome.MAINTENANCE),
    ("502 Bad Gateway", Outcome.MAINTENANCE),
    ("This service is not available in your region.", Outcome.CHALLENGE),
]


@pytest.mark.fault("C01", "C04")
@pytest.mark.parametrize(("words", "outcome"), SHORT_STAND_INS)
@pytest.mark.parametrize("before", [None, page(WORDS * 4)], ids=["at the first look", "after a short good page"])
def test_c01_c04_what_a_service_in_trouble_says_with_200_is_told(
    words: str, outcome: Outcome, before: bytes | None
) -> None:
    assert outcome == outcome_of(find_doubt(page(words), replace(HTML, good=before)))


ANCHORS = [
    ("Data Retention", "<b>Data</b>\n&nbsp;retention", None),
    ("the provider's own", "the provider’s own words", None),
    ("The Provider’s own", "the provider's own words", None),
    ("Straße", "STRASSE", None),
    ("Data Retention", "data kept", Outcome.SHRUNKEN),
]


@pytest.mark.parametrize(("anchor", "text", "expected"), ANCHORS)
def test_a_declared_anchor_has_to_stand_in_the_page(anchor: str, text: str, expected: Outcome | None) -> None:
    for types, body in ((("text/html",), page(text)), (("text/markdown",), f"# Terms\n\n{text}\n".encode())):
        assert expected == outcome_of(find_doubt(body, Expected(content_types=types, anchors=(anchor,))))


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (WORDS * 7 + "Your Privacy Choices", "Terms"),
        (WORDS * 7 + "This site is protected by reCAPTCHA and the Google Privacy Policy applies.", "Terms"),
        (WORDS * 7 + "The old model is no longer available.", "Terms"),
        (WORDS * 7 + "Related searches", "Terms"),
        (WORDS * 28, "Your Privacy Choices"),
    ],
)
def test_a_real_short_page_with_an_ordinary_footer_is_believed(text: str, title: str) -> None:
    assert None is find_doubt(page(text, title=title), HTML)


@pytest.mark.parametrize(
    ("anchors", "is_believed"), [(("the law asks",), True), (("the law asks", "gone"), False), ((), False)]
)
@pytest.mark.parametrize("said", ["We value your privacy.", "Scheduled maintenance is on Sundays.", "Not a robot?"])
def test_declared_anchors_that_all_stand_in_a_short_page_outrank_its_phrases(
    said: str, anchors: tuple[str, ...], *, is_believed: bool
) -> None:
    doubt = find_doubt(page(WORDS * 3 + said), replace(HTML, anchors=anchors))
    assert is_believed == (doubt is None)


def test_a_field_for_a_password_outranks_anchors() -> None:
    body = page(WORDS + "Log in <input type=password>")
    assert Outcome.LOGIN == outcome_of(find_doubt(body, replace(HTML, anchors=("the law asks",))))


GERMAN_PDF = make_pdf("\n".join(["Wir nutzen die Eingaben nicht und bewahren sie auf, um Missbrauch zu finden."] * 20))


@pytest.mark.fault("C20")
@pytest.mark.parametrize(
    ("body", "told", "anchors", "expected"),
    [
        (LONG_PDF, "application/pdf", ("the law asks",), None),
        (LONG_PDF, "application/pdf", ("thirty days",), Outcome.SHRUNKEN),
        (GERMAN_PDF, "application/pdf", (), Outcome.WRONG_LANGUAGE),
        (b'{"data": ["Providers"]}', "application/json", ("providers",), None),
        (b'{"data": []}', "application/json", ("providers",), Outcome.SHRUNKEN),
    ],
)
def test_c20_anchors_and_language_hold_for_other_formats_too(
    body: bytes, told: str, anchors: tuple[str, ...], expected: Outcome | None
) -> None:
    declared = Expected(content_types=(told,), anchors=anchors)
    assert [expected] * 2 == [
        outcome_of(find_doubt(body, replace(declared, good=good), told)) for good in (None, LONG_PDF)
    ]


def test_a_phrase_that_the_last_good_capture_says_too_tells_nothing() -> None:
    banner = page("We value your privacy. " + WORDS)
    assert Outcome.CONSENT == outcome_of(find_doubt(banner, HTML))
    assert None is find_doubt(banner, good(page("We value your privacy. " + WORDS * 3)))
    assert Outcome.CONSENT == outcome_of(find_doubt(banner, good(page(WORDS * 3))))


@pytest.mark.parametrize(
    ("length", "by_text", "by_title"),
    [(900, Outcome.CHALLENGE, Outcome.CHALLENGE), (2_000, None, Outcome.CHALLENGE), (3_500, None, None)],
)
def test_a_title_tells_more_than_a_mention_and_both_only_of_a_short_page(
    length: int, by_text: Outcome | None, by_title: Outcome | None
) -> None:
    words = WORDS * (length // len(WORDS))
    assert by_text == outcome_of(find_doubt(page(words + "captcha"), HTML))
    assert by_title == outcome_of(find_doubt(page(words, title="Captcha"), HTML))


PDF, DOCX = b"%PDF-1.7\n%\xe2\xe3", b"PK\x03\x04\x14\x00\x06\x00word/document.xml"
KINDS = [
    ("pdf", PDF),
    ("pdf", b"\xef\xbb\xbf\n" + PDF),
    ("binary", DOCX),
    ("binary", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ("binary", b"{\\rtf1\\ansi Terms}"),
    ("binary", b"\x1f\x8b\x08\x00"),
    ("binary", b"Terms\x00\x01\x02"),
    ("json", b' {"data": []}'),
    ("json", b"[1]"),
    ("html", b"<!DOCTYPE HTML PUBLIC><p>"),
    ("html", b"\xef\xbb\xbf\n <html>"),
    ("html", b"<!-- a licence --><html>"),
    ("html", b"<p>no head</p>"),
    ("html", b"<link rel=icon><p>"),
    ("html", b'<?xml version="1.0"?>\n<!DOCTYPE html><html>'),
    ("html", "<!doctype html><p>".encode("utf-16")),
    ("html", b"\xfe\xff" + "<html >".encode("utf-16-be")),
    ("html", b"<html>\x00"),
    ("text", b'<?xml version="1.0"?><rss></rss>'),
    ("text", b"<headline>"),
    ("text", b"# Terms"),
    ("text", b""),
]


@pytest.mark.fault("C19")
@pytest.mark.parametrize(("kind", "body"), KINDS)
def test_c19_bytes_tell_what_they_are(kind: str, body: bytes) -> None:
    assert kind == sniff(body)


WRONG = [
    ("text/html", PDF, "expected text/html, the bytes look like pdf"),
    ("text/html", DOCX, "expected text/html, the bytes look like binary"),
    ("text/html", b"Terms of service, in plain text", "expected text/html, the bytes look like text"),
    ("text/html", b'{"error": "sorry"}', "expected text/html, the bytes look like json"),
    ("text/plain", PDF, "expected text/plain, the bytes look like pdf"),
    ("text/plain", DOCX, "expected text/plain, the bytes look like binary"),
    ("application/json", page(WORDS), "expected application/json, the bytes look like html"),
    ("application/json", b"Too many requests", "expected application/json, the bytes look like text"),
    ("application/pdf", page(WORDS), "expected application/pdf, the bytes look like html"),
]


@pytest.mark.fault("C19")
@pytest.mark.parametrize(("declared", "body", "detail"), WRONG)
def test_c19_bytes_of_another_kind_than_declared_are_not_believed(declared: str, body: bytes, detail: str) -> None:
    expected = Doubt(outcome=Outcome.WRONG_CONTENT_TYPE, detail=detail)
    assert expected == find_doubt(body, Expected(content_types=(declared,)))


@pytest.mark.fault("C19")
@pytest.mark.parametrize(
    ("declared", "body"),
    [
        ("application/pdf", PDF),
        ("application/json", b'{"data": []}'),
        ("text/html", page(WORDS)),
        ("application/xhtml+xml", page(WORDS)),
        ("text/markdown", b"# Terms"),
        ("text/markdown", page(WORDS)),
        ("text/markdown", b"[a link](b)"),
        ("text/plain", b"Terms"),
    ],
)
def test_c19_bytes_of_the_declared_kind_are_believed(declared: str, body: bytes) -> None:
    assert None is find_doubt(body, Expected(content_types=(declared,)))


@pytest.mark.fault("E01")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_e01_a_page_is_judged_by_its_words_in_any_encoding(encoding: str) -> None:
    meta = '<meta charset="windows-1252">' if encoding == "cp1252" else ""
    text = f"<!doctype html><html><head>{meta}</head><p>Größe und Qualität {WORDS * 20}</p></html>"
    expected = Expected(content_types=("text/html",), anchors=("Größe und Qualität",), good=text.encode())
    assert None is find_doubt(text.encode(encoding), expected)


@given(
    st.one_of(st.binary(), st.text(alphabet="<>/!-&#;a1\"'= \u00fc").map(str.encode)),
    st.sampled_from(["text/html", "application/json", "text/markdown"]),
)
def test_any_bytes_are_believed_or_doubted_and_never_raise(tail: bytes, declared: str) -> None:
    for start in (b"", b"<!doctype html>", b"\xff\xfe<\x00", b"&#" + b"1" * 5_000):
        doubt = find_doubt(start + tail, Expected(content_types=(declared,), anchors=("a",), good=page(WORDS * 20)))
        assert doubt is None or "\n" not in doubt.detail


def test_real_terms_pages_are_all_believed(shared: Path) -> None:
    paths = sorted((shared / "data" / "terms").glob("*/html/*.gz"))
    assert len(paths) >= 30
    doubts = {}
    for path in paths:
        language = "zh" if path.name == "kimi-ai--privacy-policy.contrib.html.gz" else "en"
        body, expected = gzip.decompress(path.read_bytes()), replace(HTML, language=language)
        doubts[path.name] = [find_doubt(body, replace(expected, good=good)) for good in (None, body)]
    assert {} == {name: found for name, found in doubts.items() if found != [None, None]}


def test_of_the_pages_that_real_trackers_stumbled_over_only_the_one_without_words_is_doubted(shared: Path) -> None:
    paths = sorted((shared / "data" / "fetch_failures" / "html").glob("*.gz"))
    bodies = {path.name: gzip.decompress(path.read_bytes()) for path in paths}
    doubted = [name for name, body in bodies.items() if find_doubt(body, HTML) is not None]
    assert len(bodies) >= 4
    assert [name for name in bodies if name.startswith("le-chat--commercial-terms")] == doubted
    assert b"Redirecting to" in bodies[doubted[0]]
