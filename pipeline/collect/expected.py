"""What a source expects of its page, and why an answer is not believed to be it. Pure."""

from dataclasses import dataclass
from typing import Self

from pipeline.declarations import Source
from pipeline.model import Observation, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the source declares its page to be. `good` is its last good capture, None where there is none yet.

    `good_type` is the Content-Type that came with it.
    """

    content_types: tuple[str, ...]
    language: str = "en"
    min_share: float = 0.5
    anchors: tuple[str, ...] = ()
    good: bytes | None = None
    good_type: str | None = None

    @classmethod
    def of(cls, source: Source, body: bytes | None = None, good: Observation | None = None) -> Self:
        """Return what a source declares, beside its last good look and the capture that this left."""
        return cls(
            content_types=source.content_types,
            language=source.language,
            min_share=source.min_share,
            anchors=source.anchors,
            good=body,
            good_type=good.content_type if good is not None else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why an answer is not believed."""

    outcome: Outcome
    detail: str
