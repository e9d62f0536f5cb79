"""Names that are made to be taken for another are told from names that are only new."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.declarations import read_declarations, shipped_dir
from pipeline.normalize.lookalike import find_confusable, index_looks

KNOWN = index_looks(["OpenAI", "Moonshot AI", "xAI", "深度求索"])
DOUBTFUL = [
    ("\u041epenai", "mixes Cyrillic and Latin letters and looks like 'OpenAI'"),
    ("\u041e\u0440\u0435nAI", "mixes Cyrillic and Latin letters and looks like 'OpenAI'"),
    ("\u041e\u0420\u0415\u039d\u0410\u0406", "mixes Cyrillic and Greek letters and looks like 'OpenAI'"),
    ("\u0445\u0410\u0406", "looks like 'xAI'"),  # Cyrillic alone
    ("OpenAl", "looks like 'OpenAI'"),
    ("0penA1", "looks like 'OpenAI'"),
    ("Open AI", "looks like 'OpenAI'"),
    ("\u00d3penAI", "looks like 'OpenAI'"),
    ("Op\u200benAI", "looks like 'OpenAI'"),
    ("rnoonshot AI", "looks like 'Moonshot AI'"),
    ("N\u03bfvita", "mixes Greek and Latin letters"),
]
PLAIN = ["Novita", "百度 Baidu", "カタカナ AI", "네이버 Naver", "Новая", "Café", "", "-", "0", "\ud800", "\u0378"]


@pytest.mark.fault("E05")
@pytest.mark.parametrize(("name", "told"), DOUBTFUL, ids=ascii)
def test_e05_a_name_that_mixes_scripts_or_looks_like_a_known_one_is_doubtful(name: str, told: str) -> None:
    assert told == find_confusable(name, KNOWN)


@pytest.mark.parametrize("name", PLAIN, ids=ascii)
def test_a_name_that_is_only_new_is_not_doubtful(name: str) -> None:
    assert find_confusable(name, KNOWN) is None


def test_no_two_providers_that_are_known_look_the_same_and_none_is_doubtful() -> None:
    owners: dict[str, set[str]] = {}
    providers = read_declarations(shipped_dir().parent).providers
    for one in providers:
        names = (one.name, *one.names.table, *one.names.api)
        assert [None] * len(names) == [find_confusable(name, {}) for name in names]
        for look in index_looks(names):
            owners.setdefault(look, set()).add(one.id)
    assert len(owners) > 100
    assert [] == [ids for ids in owners.values() if len(ids) > 1]


@given(st.text(max_size=300))
def test_any_name_has_an_answer_and_looks_like_itself(name: str) -> None:
    find_confusable(name, KNOWN)
    looks = index_looks([name])
    assert not looks or f"looks like '{name}'" in str(find_confusable(name, looks))
