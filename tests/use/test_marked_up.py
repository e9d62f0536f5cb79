"""Text of others in a chat: it names nobody, links nothing, marks nothing, and is read as it was written."""

import re
from pathlib import Path

import pytest
from handed_over import WORDS, naughty_strings
from hypothesis import given
from hypothesis import strategies as st
from made_up_news import HOSTILE

from pipeline.use.marked_up import in_chat, one_line

J = "\u2060"
SHOWN = [
    ("Kept for 30 days, 24/7", "Kept for 30 days, 24/7"),
    ("retention_days of a_b_c", "retention_days of a_b_c"),
    ("*bold* 2*3", "\u2217bold\u2217 2\u22173"),
    ("_it_ __b__", "\uff3fit\uff3f \uff3f\uff3fb\uff3f\uff3f"),
    ("~s~ `code` ```block```", "\u223cs\u223c \u02cbcode\u02cb \u02cb\u02cb\u02cbblock\u02cb\u02cb\u02cb"),
    ("https://evil.test/x", f"https:{J}//evil.{J}test/x"),
    ("www.evil.test", f"www.{J}evil.{J}test"),
    ("mailto:a@b.test", f"mailto:{J}a@{J}b.{J}test"),
    ("@channel @here", f"@{J}channel @{J}here"),
    ("#town-square :smile:", f"#{J}town-square :{J}smile:"),
    ("[click](https://evil.test)", f"[click]{J}(https:{J}//evil.{J}test)"),
    ("[a][b] [c]: x", f"[a]{J}[b] [c]{J}: x"),
    ("<!here> <https://evil.test|x> &lt;", f"&lt;!here&gt; &lt;https:{J}//evil.{J}test|x&gt; &amp;lt;"),
    ("a\n> b\r\n# c", "a &gt; b # c"),
]
# What Slack or Mattermost acts on, each by its own marks; those of Slack in angle brackets are the first.
ACTS = re.compile(
    r"[<>*~`]|&(?!(?:amp|lt|gt);)|://|[@#]\w|\]\(|\]\[|\]:|:[\w+-]+:|www\.\w|mailto:\w|(?<![^\W_])_\w|\w_(?![^\W_])"
)
AS_READ = str.maketrans({"\u2217": "*", "\u223c": "~", "\u02cb": "`", "\uff3f": "_", J: None})


@pytest.mark.parametrize(("text", "expected"), SHOWN)
def test_text_in_a_chat_is_read_and_does_nothing(text: str, expected: str) -> None:
    assert expected == in_chat(text)


def is_harmless_and_whole(text: str) -> bool:
    shown = in_chat(text)
    read = shown.translate(AS_READ).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return ACTS.search(shown) is None and read == one_line(text).translate(AS_READ)


@given(st.text() | st.text("*_~`[]()<>&@#:/.|! \nwaz"))
def test_whatever_is_said_shows_and_never_acts(text: str) -> None:
    assert is_harmless_and_whole(text)


@pytest.mark.fault("E08")
def test_e08_naughty_strings_show_in_a_chat_and_never_act(shared: Path) -> None:
    found = naughty_strings(shared)
    assert len(found) > 500
    assert [] == [text for text in (*found, *WORDS, HOSTILE) if not is_harmless_and_whole(text)]
