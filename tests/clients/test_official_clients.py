"""The official clients take what `route` writes. They are heavy: `.ci/run` installs them last, everyday runs do not.

OpenRouter's own SDK validates every object, and LiteLLM's Router loads every configuration and sends it on: to a server
of this test on the loopback interface, never to a gateway.
"""

import importlib
import json
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from made_up_offerings import draw_always_the_same
from shipped_catalog import shipped_data

from pipeline import Catalog, PolicyBasis, Requirement
from pipeline.errors import NotFoundError
from pipeline.model import Tier
from pipeline.use.route import find_slugs
from pipeline.use.route_gateways import export_litellm, export_openrouter

pytestmark = [pytest.mark.clients, pytest.mark.filterwarnings("ignore")]  # theirs, on import
DAYS = (date(2025, 5, 31), date(2025, 7, 31), date(2025, 12, 31), date(2026, 7, 31))
MANY = settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog.open(shipped_data(tmp_path_factory) / "catalog" / "current") as opened:
        yield opened


@pytest.fixture(scope="module")
def litellm() -> Any:  # noqa: ANN401 - not installed where types are checked
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # its prices come with it; it would ask the network
        patch.setenv("OPENROUTER_API_KEY", "none")
        yield importlib.import_module("litellm")


_PLACES = st.frozensets(st.sampled_from(["US", "EU", "CN", "SG"]), min_size=1, max_size=2)
_NAMES = ["openai", "google-vertex", "groq", "Azure"]
_DEMANDS: dict[str, st.SearchStrategy[Any]] = {
    "max_retention_days": st.sampled_from([0, 30, 1, 60]),
    "no_training": st.just(True),  # noqa: FBT003
    "tiers": st.sampled_from([frozenset({Tier.DEFAULT}), frozenset({Tier.FREE})]),
    "headquarters": _PLACES,
    "not_headquarters": _PLACES,
    "requires_terms_url": st.just(True),  # noqa: FBT003
    "providers": st.frozensets(st.sampled_from(_NAMES), min_size=1, max_size=2),
    "ignored": st.frozensets(st.sampled_from(_NAMES), min_size=1, max_size=2),
    "allows_paid_training": st.just(False),  # noqa: FBT003
    "allows_free_training": st.just(False),  # noqa: FBT003
}


@st.composite
def requirements(draw: st.DrawFn) -> Requirement:
    """Return a requirement of a few demands, which somebody in the recorded catalogs may well meet."""
    some = st.lists(st.sampled_from([*_DEMANDS]), unique=True, min_size=1, max_size=3)
    names = draw(some | st.sampled_from(["ignored", "providers", "max_retention_days"]).map(lambda name: [name]))
    return Requirement(
        reading=draw(st.sampled_from([PolicyBasis.GATEWAY, PolicyBasis.STRICTEST])),
        allows_unknown=draw(st.booleans()),
        **{name: draw(_DEMANDS[name]) for name in names},
    )


ASKED = st.tuples(requirements(), st.sampled_from(DAYS))


def object_of(catalog: Catalog, asked: Requirement, day: date) -> dict[str, object] | None:
    """Return the object of a requirement, None where nobody can be named and none is made."""
    try:
        return export_openrouter(catalog.route(asked, as_of=day), find_slugs(catalog)).body
    except NotFoundError:
        return None


@MANY
@given(asked=ASKED)
def test_the_openrouter_sdk_takes_the_object_of_any_requirement(
    catalog: Catalog, asked: tuple[Requirement, date]
) -> None:
    components = importlib.import_module("openrouter.components")
    if (body := object_of(catalog, *asked)) is None:
        reject()
    found = components.ProviderPreferences.model_validate(body, extra="forbid")
    assert body == found.model_dump(mode="json")
    named = {*_listed(body, "only"), *_listed(body, "ignore")}
    assert set() == named - known_slugs(components)


def test_the_requirements_make_objects_of_every_kind(catalog: Catalog) -> None:
    made = [body for asked in draw_always_the_same(ASKED, 200) if (body := object_of(catalog, *asked))]
    kinds = Counter(key for body in made for key in body)
    assert 120 < len(made)
    assert {"only", "ignore", "zdr", "data_collection", "allow_fallbacks"} == {
        kind for kind, count in kinds.items() if count > 4
    }


def _listed(body: dict[str, object], key: str) -> list[str]:
    value = body.get(key, [])
    assert isinstance(value, list)
    return value


def known_slugs(components: Any) -> set[str]:  # noqa: ANN401
    """Return the slugs that the SDK lists: those that it takes options for."""
    fields = components.ProviderOptions.model_fields
    return {field.alias or name for name, field in fields.items()}


def test_what_the_sdk_takes_is_not_everything() -> None:
    """Show that validating tells something: a key that is unknown, or a value of another kind, is refused."""
    components = importlib.import_module("openrouter.components")
    assert len(known_slugs(components)) > 80
    for wrong in ({"max_retention_days": 30}, {"only": "openai"}, {"zdr": "perhaps"}):
        with pytest.raises(ValueError, match="validation error"):
            components.ProviderPreferences.model_validate(wrong, extra="forbid")


class Recorder(BaseHTTPRequestHandler):
    """Answers a chat request and keeps its body."""

    bodies: list[dict[str, Any]]

    def do_POST(self) -> None:
        self.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        message = {"role": "assistant", "content": "hello"}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        answer = {
            "id": "1",
            "object": "chat.completion",
            "created": 1,
            "model": "x",
            "choices": [choice],
            "usage": usage,
        }
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def gateway() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A stand-in for the gateway's API, and the bodies of the requests that came."""
    bodies: list[dict[str, Any]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Mine", (Recorder,), {"bodies": bodies}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", bodies
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("models", [("*",), ("openai/gpt-4o", "anthropic/claude-sonnet-4")], ids=["all", "two"])
def test_litellms_router_loads_the_configuration_and_sends_the_object(
    catalog: Catalog,
    litellm: Any,  # noqa: ANN401
    gateway: tuple[str, list[dict[str, Any]]],
    models: tuple[str, ...],
) -> None:
    url, bodies = gateway
    decision = catalog.route(Requirement(max_retention_days=0, no_training=True))
    made = export_litellm(decision, find_slugs(catalog), models)
    entries = json.loads(json.dumps(made.body))["model_list"]
    router = litellm.Router(model_list=[_answered_by(entry, url) for entry in entries])
    asked = "openai/gpt-4o" if models == ("*",) else models[0]
    router.completion(f"openrouter/{asked}", [{"role": "user", "content": "hi"}])
    assert [export_openrouter(decision, find_slugs(catalog)).body] == [body["provider"] for body in bodies]
    assert [asked] == [body["model"] for body in bodies]


def test_a_caller_that_passes_something_else_of_its_own_does_not_lose_the_object(
    catalog: Catalog,
    litellm: Any,  # noqa: ANN401
    gateway: tuple[str, list[dict[str, Any]]],
) -> None:
    url, bodies = gateway
    made = export_litellm(catalog.route(Requirement(max_retention_days=0)), find_slugs(catalog))
    (entry,) = json.loads(json.dumps(made.body))["model_list"]
    router = litellm.Router(model_list=[_answered_by(entry, url)])
    router.completion("openrouter/x/y", [{"role": "user", "content": "hi"}], extra_body={"transforms": []})
    assert [entry["litellm_params"]["provider"]] == [body["provider"] for body in bodies]


def _answered_by(entry: dict[str, Any], url: str) -> dict[str, Any]:
    return {**entry, "litellm_params": {**entry["litellm_params"], "api_base": url}}


def test_litellms_router_loads_what_any_requirement_makes(catalog: Catalog, litellm: Any) -> None:  # noqa: ANN401
    asked = [
        Requirement(max_retention_days=days, no_training=flag, tiers=tiers)
        for days in (None, 0, 30)
        for flag in (False, True)
        for tiers in (None, frozenset({Tier.DEFAULT}))
    ]
    slugs = find_slugs(catalog)
    for one in asked:
        body = export_litellm(catalog.route(one), slugs).body
        router = litellm.Router(model_list=json.loads(json.dumps(body))["model_list"])
        assert ["openrouter/*"] == [entry["model_name"] for entry in router.model_list]


def test_no_client_is_asked_for_by_the_project_itself() -> None:
    root = Path(__file__).parent.parent.parent / "pipeline"
    texts = [path.read_text(encoding="utf-8") for path in root.rglob("*.py")]
    assert len(texts) > 50
    assert not any("import litellm" in text or "import openrouter" in text for text in texts)
