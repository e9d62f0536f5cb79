"""Which pages are not in the language that their source declares, and that no table or code is taken for one."""

from pathlib import Path

import pytest

from pipeline.collect.expected import Expected
from pipeline.collect.guard import find_doubt
from pipeline.collect.language import find_other_language
from pipeline.collect.page_text import read_page_text
from pipeline.model import Outcome

ROOT = Path(__file__).resolve().parent.parent.parent
TYPES = ("text/html", "text/markdown", "application/json")
ENGLISH = (
    "We do not use your inputs or the outputs of the service to train our models, and we keep them for thirty days "
    "in order to find abuse. "
)
# The same sentence; the last three are of languages whose commonest words are not known.
OTHERS = {
    "Japanese": "当社は、お客様の入力を三十日間保存し、モデルの訓練には使用しません。詳細はお問い合わせください。",
    "Chinese": "我们不会使用您的输入或输出来训练我们的模型，并且我们会保留三十天以发现滥用行为。",
    "Korean": "우리는 귀하의 데이터를 모델 학습에 사용하지 않으며 남용을 찾기 위해 30일 동안 보관합니다. ",
    "Russian": "Мы не используем ваши данные для обучения моделей и храним их тридцать дней. ",
    "Greek": "Δεν χρησιμοποιούμε τα δεδομένα σας για την εκπαίδευση των μοντέλων μας και τα σβήνουμε. ",
    "Polish": "Nie używamy twoich danych do szkolenia i trzymamy je w systemie przez trzydzieści dni. ",
    "Turkish": "Verilerinizi modellerimizi eğitmek için kullanmıyoruz ve otuz gün saklıyoruz, sonra da sileriz. ",
    "Swedish": "Vi använder inte dina indata för att träna våra modeller, och vi sparar dem i trettio dagar. ",
    "German": "Wir nutzen die Eingaben nicht für das Training und behalten sie für dreißig Tage. ",
    "Finnish": "Palvelu on maksuton. Emme käytä syötteitäsi kouluttamiseen, ja poistamme ne. ",
    "Hungarian": "Az adatait nem használjuk modelljeink tanítására, és harminc napig őrizzük meg. ",
    "Indonesian": "Kami tidak menggunakan masukan Anda untuk melatih model kami dan menghapusnya. ",
}
TIMES = 30


def page(text: str) -> bytes:
    return f"<!doctype html><html><head><title>Terms</title></head><body><p>{text}</p></body></html>".encode()


def outcome_of(body: bytes, expected: Expected) -> Outcome | None:
    doubt = find_doubt(body, expected)
    return None if doubt is None else doubt.outcome


@pytest.mark.fault("C20")
@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_c20_a_page_that_switches_to_another_language_is_not_taken_for_english(text: str) -> None:
    for now, before in ((page(text * TIMES), page(ENGLISH * TIMES)), ((text * TIMES).encode(), ENGLISH.encode() * 20)):
        expected = Expected(content_types=TYPES, good=before, min_share=0)
        assert Outcome.WRONG_LANGUAGE == outcome_of(now, expected)


KNOWN = ("Japanese", "Chinese", "Korean", "Russian", "Greek", "Polish", "Swedish", "German")


@pytest.mark.fault("C20")
@pytest.mark.parametrize("name", KNOWN)
def test_c20_at_the_first_look_a_script_or_a_known_language_is_told(name: str) -> None:
    assert Outcome.WRONG_LANGUAGE == outcome_of(page(OTHERS[name] * TIMES), Expected(content_types=TYPES))


@pytest.mark.fault("C20")
def test_c20_at_the_first_look_much_prose_without_a_common_word_is_of_another_language() -> None:
    starts = ("kättä", "sopim", "mipim", "sottä", "mittä", "käpim")
    words = [f"{start}{end}" for start in starts for end in "abcdefghijklmnopqrstuvwxyz"]
    doubt = find_other_language(" ".join(words * 2), None, Expected(content_types=TYPES))
    assert doubt is not None
    assert "expected 'en', hardly any of its commonest words is there" == doubt.detail


@pytest.mark.fault("C20")
def test_c20_a_page_in_a_language_of_other_letters_is_believed_until_it_switches_to_latin_ones() -> None:
    chinese, english = page(OTHERS["Chinese"] * TIMES), page(ENGLISH * TIMES)
    declared = Expected(content_types=TYPES, language="zh", good=chinese, min_share=0)
    assert (None, Outcome.WRONG_LANGUAGE) == (outcome_of(chinese, declared), outcome_of(english, declared))
    assert None is outcome_of(english, Expected(content_types=TYPES, language="zh"))


@pytest.mark.fault("C20")
@pytest.mark.parametrize(
    "text",
    [
        "curl -X POST https://api.acme.example/v1/chat -H 'Content-Type: application/json' -d '{\"model\": \"m\"}' "
        * 40,
        "| Maker 7 | Zero retention | ✕ No | US |\n" * 200,
        ENGLISH * 10 + OTHERS["Japanese"] * 5,
        ENGLISH * 10 + OTHERS["German"] * 4,
        "Français Español Português 日本語 한국어 Русский " * 4,
    ],
    ids=["code", "a table", "a quote in Japanese", "a quote in German", "a choice of languages"],
)
def test_code_tables_and_quotes_are_of_no_other_language(text: str) -> None:
    for before in (None, page(text)):
        assert None is outcome_of(page(text), Expected(content_types=TYPES, good=before))


def test_json_is_not_judged_by_its_language() -> None:
    body = ('{"données": "' + OTHERS["German"] * TIMES + OTHERS["Russian"] * TIMES + '"}').encode()
    assert None is outcome_of(body, Expected(content_types=("application/json",), good=body))


def test_real_documents_and_tables_are_in_the_language_that_is_declared(shared: Path) -> None:
    terms, upstream = shared / "data" / "terms", shared / "data" / "upstream"
    paths = [*terms.rglob("*.md"), *terms.rglob("*.txt"), *upstream.glob("*.mdx"), *(shared / "data/seed").glob("*.md")]
    paths += [*(ROOT / "data" / "recorded").rglob("*.md"), *(ROOT / "tests" / "pages" / "policy_table").glob("*.*")]
    texts = {path: read_page_text(path.read_bytes()).text for path in paths}
    assert len(texts) >= 150
    doubted = {
        path.name
        for path, text in texts.items()
        for before in (None, text, ENGLISH)
        if find_other_language(text, before, Expected(content_types=TYPES)) is not None
    }
    assert {"kimi-ai--privacy-policy.contrib.md"} == doubted  # declared to be in Chinese
