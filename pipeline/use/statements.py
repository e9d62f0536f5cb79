"""What is said of one offering, claim by claim; what does not go together; how its policy came about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.catalog.products import names_other_product
from pipeline.catalog.reader import Catalog, OfferingTerms
from pipeline.catalog.statement_pairs import fold_words
from pipeline.catalog.terms_cues import ORDER, QUALIFIED, compile_cues
from pipeline.model import POLICY_TOPICS, Condition, DataKind, Grade, RetentionKind, Service, Topic

Facts = Mapping[str, object]

_ORDER: Final = compile_cues(ORDER)
_QUALIFIED: Final = compile_cues(QUALIFIED)

_CLAIMS = """
SELECT c.offering_id AS offering, c.topic, coalesce(c.value_text, 'unknown') AS value, c.condition, c.service, c.data,
       c.grade, c.verification, c.observed_at AS observed, c.first_observed_at AS since, c.ended_at AS ended,
       c.quote, c.locator, c.url, c.source_id AS source, c.capture_id AS capture, c.rule_id AS rule, c.basis,
       c.claim_id, c.is_current, coalesce(c.claim_id IN (
           p.retention_claim_id, p.training_claim_id, p.provider_retention_claim_id, p.provider_training_claim_id
       ), false) AS holds
FROM claims AS c JOIN policies AS p ON p.gateway_id = c.gateway_id AND p.offering_id = $offering
WHERE c.gateway_id = $gateway AND c.topic IN ('retention', 'training')
    AND (c.offering_id = $offering OR (c.offering_id = $provider AND c.url IS NOT NULL))
ORDER BY c.topic, c.url IS NOT NULL, holds DESC, c.is_current DESC, c.grade NULLS FIRST, c.condition NULLS FIRST,
         c.source_id, c.locator, c.claim_id
"""
_CONFLICTS = """
SELECT c.offering_id AS offering, c.topic, c.reason,
       c.ruling_source_id AS gateway_source, c.ruling_value AS gateway, c.ruling_quote AS gateway_quote,
       c.ruling_observed_at AS gateway_observed,
       c.other_source_id AS other_source, c.other_value AS other, c.other_quote, c.other_observed_at AS other_observed,
       c.other_url, c.other_verification
FROM conflicts AS c JOIN policies AS p USING (gateway_id, offering_id)
WHERE p.is_listed OR $all
ORDER BY c.offering_id, c.topic, c.other_url IS NULL, c.conflict_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """How one topic of an offering's policy came about.

    `stated` are the gateway's claims, `holding` the provider's that holds, `weighed` all others of the provider, each
    with why it does not decide; `conflicts` what does not go together.
    """

    topic: Topic
    stated: tuple[Facts, ...]
    holding: tuple[Facts, ...]
    weighed: tuple[tuple[Facts, str], ...]
    conflicts: tuple[Facts, ...]


def find_claims(catalog: Catalog, one: OfferingTerms) -> list[dict[str, object]]:
    """Return every claim on retention and training of an offering, those first that its policy rests on.

    A free tier is also spoken for by what its provider says of all its services.
    """
    bound: dict[str, object] = {"gateway": one.gateway_id, "offering": one.offering_id, "provider": one.provider_id}
    return catalog.rows(_CLAIMS, bound)


def find_conflicts(catalog: Catalog, *, with_delisted: bool = False) -> list[dict[str, object]]:
    """Return the pairs of claims that cannot both hold, by offering and topic; delisted offerings only where asked."""
    return catalog.rows(_CONFLICTS, {"all": with_delisted})


def explain(catalog: Catalog, one: OfferingTerms) -> tuple[Explanation, ...]:
    """Return how the policy of an offering came about, topic by topic."""
    claims = find_claims(catalog, one)
    conflicts = [row for row in find_conflicts(catalog, with_delisted=True) if row["offering"] == one.offering_id]
    return tuple(_explain_topic(topic, claims, conflicts, one.provider_name) for topic in POLICY_TOPICS)


def _explain_topic(topic: Topic, claims: Sequence[Facts], conflicts: Sequence[Facts], provider: str) -> Explanation:
    mine = [claim for claim in claims if claim["topic"] == topic]
    own = [claim for claim in mine if claim["url"] is not None]
    holding = tuple(claim for claim in own if claim["holds"])
    return Explanation(
        topic=topic,
        stated=tuple(claim for claim in mine if claim["url"] is None),
        holding=holding,
        weighed=tuple((one, why_not(one, provider, is_outdone=bool(holding))) for one in own if not one["holds"]),
        conflicts=tuple(row for row in conflicts if row["topic"] == topic),
    )


def why_not(claim: Facts, provider: str = "", *, is_outdone: bool = True) -> str:
    """Return why a claim of a provider's page does not decide its policy, in plain words; the first that is so.

    `provider` is its name, by which other products of its vendor are told; `is_outdone` says that another one decides.
    """
    is_of_another = names_other_product(str(claim["quote"]), str(claim["locator"]), (provider,), str(claim["url"]))
    words = fold_words(str(claim["quote"]))
    value = claim["value"] if "value" in claim else claim.get("value_text")  # as it is asked for here, or in its table
    is_qualified = value == RetentionKind.NONE and _QUALIFIED.search(words) is not None
    elsewhere = {Service.CONSUMER, Service.FREE, Service.BATCH, Service.FINE_TUNING}
    reasons = (
        (not claim["is_current"], "no longer stands"),
        (claim["grade"] == Grade.LIKELY, "is read with less certainty, and waits for review"),
        (claim["data"] != DataKind.PROMPTS_OUTPUTS, f"speaks of {_words(claim['data'])}, not of prompts and outputs"),
        (is_of_another, "speaks of another product"),
        (_ORDER.match(words) is not None, "is an order to whoever reads the page, and states nothing"),
        (is_qualified, "promises to keep nothing, and keeps something for a time in the same sentence"),
        (claim["condition"] == Condition.OPTION, "holds only where it is chosen or agreed"),
        (claim["condition"] == Condition.EXCEPTION, "is a carve-out from a rule"),
        (claim["service"] in elsewhere, f"speaks of the {_words(claim['service'])} service"),
        (not is_outdone, "tells what follows on feedback, on abuse, or on the end of a contract or an account"),
        (True, "speaks of the service less directly, or protects prompts as much or more"),
    )
    return next(reason for applies, reason in reasons if applies)


def _words(value: object) -> str:
    return str(value).replace("_", " ")
