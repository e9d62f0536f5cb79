import pytest

from pipeline.parse.document import parse_document


def outline(text: str) -> list[tuple[str, str, str]]:
    document = parse_document(text.encode(), "text/plain")
    return [(block.kind.value, block.text, block.lead_in) for block in document.blocks]


def test_wrapped_lines_join_to_paragraphs() -> None:
    assert [("paragraph", "We keep data for 30 days.", ""), ("paragraph", "Then we delete it.", "")] == outline(
        "We keep data\n  for 30 days.\n\nThen we\r\ndelete it.\n"
    )


def test_a_wrapped_first_line_is_no_heading() -> None:
    assert [("paragraph", "Data Retention And Your Rights apply to all content.", "")] == outline(
        "Data Retention And\nYour Rights apply to all content."
    )


HEADINGS = ["DATA RETENTION", "1. Data Retention", "4.2 How we keep data", "Section 3: Your Content", "Data We Collect"]


@pytest.mark.parametrize("line", HEADINGS)
def test_a_line_that_stands_alone_may_be_a_heading(line: str) -> None:
    assert ["heading", "paragraph"] == [kind for kind, _, _ in outline(f"{line}\n\nWe keep data for 30 days.")]


def test_a_line_in_capitals_heads_the_lines_below_it() -> None:
    assert [("heading", "DATA RETENTION", ""), ("paragraph", "We keep it.", "")] == outline(
        "DATA RETENTION\nWe keep\nit."
    )


@pytest.mark.parametrize("line", ["We keep data.", "Keep", "See https://x.example", "30 days", "We keep data for long"])
def test_other_lines_are_no_headings(line: str) -> None:
    assert [("paragraph", line, "")] == outline(line)


@pytest.mark.parametrize("mark", ["-", "*", "•", "1."])
def test_lines_with_marks_are_items(mark: str) -> None:
    assert [
        ("paragraph", "We keep:", ""),
        ("item", "prompts and outputs", "We keep:"),
        ("item", "logs", "We keep:"),
        ("paragraph", "That is all.", ""),
    ] == outline(f"We keep:\n\n{mark} prompts\n  and outputs\n{mark} logs\n\nThat is all.")


def test_items_nest_by_how_far_they_are_set_in() -> None:
    assert ["We keep:", "We keep: outputs:"] == [lead for _, _, lead in outline("We keep:\n- outputs:\n   - text")[1:]]


def test_markup_is_text_in_plain_text() -> None:
    assert [("paragraph", "a * b < c & d_e_f", "")] == outline("a * b < c & d_e_f")
