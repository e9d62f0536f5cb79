"""OpenRouter's documented list of zero-retention endpoints to raw endpoints. Pure: bytes in, endpoints out, no I/O.

Standing in the list is the statement. The list carries no slug: an endpoint is joined to its provider later, by
`provider_name` and the head of `tag`.
"""

from collections.abc import Mapping

from pipeline.model import Json, Parsed, RawEndpoint, Refusal
from pipeline.parse.json_document import Audit, FieldError, Record, find_name, load_records

_READ = frozenset({"provider_name", "tag", "model_id", "model_name", "quantization", "context_length"})
_IGNORED = frozenset(
    {
        "latency_last_30m",
        "max_completion_tokens",
        "max_prompt_tokens",
        "name",
        "pricing",
        "status",
        "supported_parameters",
        "supports_implicit_caching",
        "supports_voice_cloning",
        "throughput_last_30m",
    }
)
_IGNORED_PREFIX = "uptime_"  # one field for each span of time
_MAX_CONTEXT_LENGTH = 2**63 - 1  # what an integer column holds


def parse(body: bytes, _content_type: str | None = None) -> Parsed:
    """Return the listed endpoints; one that stands twice is kept once, and its repetitions are refused.

    A repetition takes nothing from what the list says, since membership is all that it states; so it does not fail
    the list, as a provider with two policies would. Raises ParseError for bytes that are not the list,
    SelectorError for an empty list.
    """
    audit = Audit()
    records = load_records(body, audit)
    endpoints: dict[tuple[str, str], RawEndpoint] = {}
    refusals: list[Refusal] = []
    for index, value in enumerate(records):
        try:
            endpoint = _read_endpoint(value, f"/data/{index}", audit)
            _check_new(endpoint, endpoints)
            endpoints[endpoint.tag, endpoint.model_id] = endpoint
        except FieldError as error:
            refusals.append(_refuse(value, f"/data/{index}", error))
    signals = audit.signals(len(records))
    kept = tuple(endpoints.values())
    return Parsed(row_count=len(records), endpoints=kept, refusals=tuple(refusals), signals=signals)


def _read_endpoint(value: Json, locator: str, audit: Audit) -> RawEndpoint:
    """Return the endpoint; raise FieldError if a field that is read is missing or has an impossible type."""
    record = Record.of(value, locator)
    endpoint = RawEndpoint(
        provider_name=record.pop_name("provider_name"),
        tag=record.pop_name("tag"),
        model_id=record.pop_name("model_id"),
        model_name=record.pop_text("model_name"),
        quantization=record.pop_text("quantization"),
        context_length=_pop_context_length(record),
        locator=locator,
        raw=_whitelisted(value),
    )
    uptimes = {key for key in record.rest() if key.startswith(_IGNORED_PREFIX)}
    audit.note_unknown(record, _IGNORED | uptimes)
    return endpoint


def _pop_context_length(record: Record) -> int | None:
    value = record.pop("context_length", ("integer", "null"))
    if not isinstance(value, int):
        return None
    if not 0 <= value <= _MAX_CONTEXT_LENGTH:
        raise FieldError("context_length is out of range")
    return value


def _check_new(endpoint: RawEndpoint, known: Mapping[tuple[str, str], RawEndpoint]) -> None:
    first = known.get((endpoint.tag, endpoint.model_id))
    if first is not None:
        raise FieldError(f"duplicate of {first.locator}")


def _refuse(value: Json, locator: str, error: FieldError) -> Refusal:
    name = find_name(value, "provider_name")
    return Refusal(stage="parse", reason=str(error), raw=_whitelisted(value), locator=locator, name=name)


def _whitelisted(value: Json) -> Json:
    """Return a copy with the fields that are read and no others."""
    return {key: item for key, item in value.items() if key in _READ} if isinstance(value, dict) else value
