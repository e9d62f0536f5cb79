"""Scores statements read from terms pages against labels made by hand. Pure: rows and texts in, figures out."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Row: TypeAlias = Mapping[str, Any]
_Span: TypeAlias = tuple[int, int]
_Fact: TypeAlias = tuple[str, str, int | None]

TOPICS: Final = ("retention", "training")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How well a reader did on one topic, or on both. A share of nothing is 1."""

    claims: int
    core_labels: int
    precision: float  # claims of which the quote overlaps a label of the same value
    recall: float  # core labels that a claim of the same value overlaps
    f1: float
    place_precision: float  # claims of which the quote overlaps a label, whatever its value
    fact_precision: float  # of the distinct (topic, value, days) of each document
    fact_recall: float
    fact_f1: float
    doc_f1: float  # the mean over documents


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The figures by topic ("retention", "training", "all"), and what could not be scored."""

    figures: Mapping[str, Figures]
    documents: int
    unquoted: int  # claims whose quote is not in their document
    ignored: int  # claims of documents without a label


@dataclass(frozen=True, slots=True)
class _Placed:
    """A claim or a label, and where in its document the words stand."""

    fact: _Fact
    is_core: bool
    spans: tuple[_Span, ...]

    @property
    def topic(self) -> str:
        return self.fact[0]

    def overlaps(self, other: "_Placed") -> bool:
        """Tell whether the common part is at least half of the shorter quote, in any of their places."""
        return any(_is_overlap(one, two) for one in self.spans for two in other.spans)

    def is_same(self, other: "_Placed") -> bool:
        return self.fact == other.fact and self.overlaps(other)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The claims and labels of one document."""

    claims: tuple[_Placed, ...]
    labels: tuple[_Placed, ...]

    @property
    def core(self) -> tuple[_Placed, ...]:
        return tuple(label for label in self.labels if label.is_core)

    def of(self, topic: str) -> "_Sheet":
        return _Sheet(
            tuple(one for one in self.claims if one.topic == topic),
            tuple(one for one in self.labels if one.topic == topic),
        )


def score(claims: Iterable[Row], labels: Sequence[Row], read_text: Callable[[str], str]) -> Scores:
    """Return how claims stand against labels; `read_text` gives the text of a document by its name."""
    docs = sorted({str(row["doc"]) for row in labels})
    texts = {doc: _folded(read_text(doc)) for doc in docs}
    made = [row for row in claims if row["topic"] in TOPICS]
    known = [row for row in made if row["doc"] in texts]
    claims_of, labels_of = _by_doc(known, texts), _by_doc([row for row in labels if row["topic"] in TOPICS], texts)
    sheets = [_Sheet(tuple(claims_of[doc]), tuple(labels_of[doc])) for doc in docs]
    return Scores(
        figures={
            **{topic: _figures([sheet.of(topic) for sheet in sheets]) for topic in TOPICS},
            "all": _figures(sheets),
        },
        documents=len(docs),
        unquoted=sum(not claim.spans for sheet in sheets for claim in sheet.claims),
        ignored=len(made) - len(known),
    )


def _by_doc(rows: Iterable[Row], texts: Mapping[str, str]) -> defaultdict[str, list[_Placed]]:
    placed: defaultdict[str, list[_Placed]] = defaultdict(list)
    for row in rows:
        doc = str(row["doc"])
        days = row.get("days") if row["value"] == "period" else None
        fact = (str(row["topic"]), str(row["value"]), days)
        placed[doc].append(_Placed(fact, bool(row.get("core")), tuple(_find_all(_folded(row["quote"]), texts[doc]))))
    return placed


def _figures(sheets: Sequence[_Sheet]) -> Figures:
    claims = [(claim, sheet) for sheet in sheets for claim in sheet.claims]
    core = [(label, sheet) for sheet in sheets for label in sheet.core]
    right = sum(any(claim.is_same(label) for label in sheet.labels) for claim, sheet in claims)
    placed = sum(
        any(claim.topic == label.topic and claim.overlaps(label) for label in sheet.labels) for claim, sheet in claims
    )
    found = sum(any(claim.is_same(label) for claim in sheet.claims) for label, sheet in core)
    facts = [_FactCount.of(sheet) for sheet in sheets]
    precision, recall = _share(right, len(claims)), _share(found, len(core))
    fact_precision = _share(sum(one.right for one in facts), sum(one.made for one in facts))
    fact_recall = _share(sum(one.found for one in facts), sum(one.core for one in facts))
    return Figures(
        claims=len(claims),
        core_labels=len(core),
        precision=round(precision, 3),
        recall=round(recall, 3),
        f1=round(_f1(precision, recall), 3),
        place_precision=round(_share(placed, len(claims)), 3),
        fact_precision=round(fact_precision, 3),
        fact_recall=round(fact_recall, 3),
        fact_f1=round(_f1(fact_precision, fact_recall), 3),
        doc_f1=round(_share(sum(one.f1 for one in facts), len(facts)), 3),
    )


@dataclass(frozen=True, slots=True)
class _FactCount:
    """How many facts of one document were made, are right, should be found and were found."""

    made: int
    right: int
    core: int
    found: int

    @classmethod
    def of(cls, sheet: _Sheet) -> "_FactCount":
        made = {claim.fact for claim in sheet.claims}
        allowed, core = {label.fact for label in sheet.labels}, {label.fact for label in sheet.core}
        return cls(len(made), len(made & allowed), len(core), len(made & core))

    @property
    def f1(self) -> float:
        return _f1(_share(self.right, self.made), _share(self.found, self.core))


def _folded(text: str) -> str:
    return " ".join(text.split())


def _find_all(quote: str, text: str) -> Iterable[_Span]:
    start = text.find(quote) if quote else -1
    while start >= 0:
        yield start, start + len(quote)
        start = text.find(quote, start + 1)


def _is_overlap(one: _Span, other: _Span) -> bool:
    common = min(one[1], other[1]) - max(one[0], other[0])
    return common > 0 and 2 * common >= min(one[1] - one[0], other[1] - other[0])


def _share(part: float, whole: int) -> float:
    return part / whole if whole else 1.0


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
