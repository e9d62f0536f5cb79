"""Which rows of which table belong to some offerings, and which of them can be told as of an earlier day. SQL only.

A catalog keeps its history whole and of the rest the newest state, so some tables cannot be told as they stood.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_OFFERED = "$all OR (gateway_id, offering_id) IN (SELECT (unnest($gateways::VARCHAR[]), unnest($offerings::VARCHAR[])))"
# What a provider's pages say is said of the provider, and holds for each tier of it.
_SAID_OF_PROVIDER = (
    "url IS NOT NULL AND "
    "(gateway_id, offering_id) IN (SELECT (unnest($gateways::VARCHAR[]), unnest($providers::VARCHAR[])))"
)
_SOURCE = "gateway_id IS NOT NULL OR list_has_any(provider_ids, $providers::VARCHAR[])"

# The rows of a table that concern the chosen offerings. What names no offering concerns all of them.
CHOSEN: Final[Mapping[str, str]] = {
    **dict.fromkeys(("providers", "policies", "policy_history", "provider_policy_history"), _OFFERED),
    **dict.fromkeys(("attribute_history", "conflicts", "zdr_endpoints"), _OFFERED),
    "claims": f"{_OFFERED} OR ({_SAID_OF_PROVIDER})",
    "changes": f"{_OFFERED} OR offering_id IS NULL",
    "quarantine": f"{_OFFERED} OR offering_id IS NULL",
    "sources": f"$all OR {_SOURCE}",
    "observations": f"$all OR source_id IN (SELECT source_id FROM sources WHERE {_SOURCE})",  # noqa: S608 - ours
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How a table is told as of a moment: the rows that it had then, columns told otherwise, and columns left out.

    A column told otherwise may be empty where the published one never is.
    """

    held: str = ""
    shown: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()


_INTERVALS: Final = Told(
    held="valid_from <= $moment::TIMESTAMP",
    shown={"valid_to": "CASE WHEN valid_to <= $moment::TIMESTAMP THEN valid_to END AS valid_to"},
)
_ENDED: Final = "coalesce(ended_at, CASE WHEN NOT is_current THEN observed_at END)"
# The newest capture with a claim is the one on record. Where it came after the moment, so may its wording have.
_IS_LATER: Final = """
(capture_id IS NOT NULL AND capture_id NOT IN (
    SELECT capture_id FROM observations WHERE capture_id IS NOT NULL AND observed_at <= $moment::TIMESTAMP
))"""
_WORDING: Final = ("text", "quote", "locator", "capture_id")
TOLD: Final[Mapping[str, Told]] = {
    "claims": Told(
        held=f"first_observed_at <= $moment::TIMESTAMP AND ({_ENDED} IS NULL OR {_ENDED} > $moment::TIMESTAMP)",
        shown={name: f"CASE WHEN NOT {_IS_LATER} THEN {name} END AS {name}" for name in _WORDING},
        without=("observed_at", "is_current", "verification", "ended_at"),
    ),
    "policy_history": _INTERVALS,
    "provider_policy_history": _INTERVALS,
    "attribute_history": _INTERVALS,
    "changes": Told(held="changed_at <= $moment::TIMESTAMP"),
    "observations": Told(held="observed_at <= $moment::TIMESTAMP"),
    "quarantine": Told(held="observed_at <= $moment::TIMESTAMP", without=("is_current",)),
}
NOT_TOLD: Final[Mapping[str, str]] = {
    "providers": "provider_terms tells who they were",
    "policies": "provider_terms tells what held",
    "conflicts": "its newest state alone is kept; `agreement` in provider_terms tells what differed",
}
# What `provider_terms` tells of some offerings only.
PARTLY_TOLD: Final = frozenset({"evidence_count", "last_verified_at"})
# A statement that no longer stands, was last seen before the moment, and of which nothing says when it went.
UNSURE: Final = f"""
SELECT count(*) AS rows FROM claims
WHERE first_observed_at <= $moment::TIMESTAMP AND NOT is_current AND ended_at IS NULL
    AND observed_at <= $moment::TIMESTAMP AND ({CHOSEN["claims"]})
"""  # noqa: S608 - names of ours
# A claim that is told without the words and the place that are on record of it.
PLACELESS: Final = f"""
SELECT count(*) AS rows FROM claims WHERE ({CHOSEN["claims"]}) AND ({TOLD["claims"].held}) AND {_IS_LATER}
"""  # noqa: S608 - names of ours
