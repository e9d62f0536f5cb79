"""A policy in TOML: what it means, and that every fault is told with its path."""

import pytest

from pipeline.catalog.requirement import PolicyBasis
from pipeline.errors import UsageError
from pipeline.use.policy import find_lines, read_policy

WHOLE = """
[require]
max_retention_days = 30
no_training = true
headquarters = ["US", "EU"]
basis = "gateway"

[[providers]]
name = "anthropic"

[[providers]]
name = "google-vertex"
tier = "default"
require = { max_retention_days = 0, no_training = false }

[[exceptions]]
provider = "anthropic"
waive = ["headquarters"]
reason = "moved"
owner = "privacy@example.com"
expires_on = 2027-01-31
"""


def test_a_provider_has_to_meet_the_defaults_and_what_stands_beside_it() -> None:
    policy = read_policy(WHOLE, "policy.toml")
    anthropic, vertex = (one.require.over(policy.require).as_requirement() for one in policy.providers)
    assert (30, True, frozenset({"US", "EU"})) == (
        anthropic.max_retention_days,
        anthropic.no_training,
        anthropic.headquarters,
    )
    assert (0, False, PolicyBasis.GATEWAY) == (vertex.max_retention_days, vertex.no_training, vertex.reading)


def test_what_is_waived_asks_nothing() -> None:
    policy = read_policy(WHOLE, "policy.toml")
    eased = policy.require.without(policy.exceptions[0].waive).as_requirement()
    assert (None, 30) == (eased.headquarters, eased.max_retention_days)


def test_the_lines_of_providers_and_exceptions_are_found() -> None:
    assert {("providers", 0): 8, ("providers", 1): 11, ("exceptions", 0): 16} == find_lines(WHOLE)


def _changed(old: str, new: str) -> str:
    assert old in WHOLE
    return WHOLE.replace(old, new)


FAULTS = [
    ("[require", "not valid TOML"),
    ("a = " * 3, "not valid TOML"),
    ("", "require: Field required; providers: Field required"),
    (_changed("no_training = true", "no_traning = true"), "require.no_traning: no such key"),
    (_changed("max_retention_days = 30", 'max_retention_days = "30"'), "require.max_retention_days: "),
    (_changed("max_retention_days = 30", "max_retention_days = -1"), "require.max_retention_days: "),
    (_changed("max_retention_days = 30", "max_retention_days = true"), "require.max_retention_days: "),
    (_changed('["US", "EU"]', '["UK"]'), "require.headquarters: 'UK' is not a country.*write GB"),
    (_changed('["US", "EU"]', "[]"), "require.headquarters: "),
    (_changed('basis = "gateway"', 'basis = "mine"'), "require.basis: "),
    (_changed('tier = "default"', 'tier = "gold"'), r"providers\[1\].tier: "),
    (_changed("no_training = false", "x = 1"), r"providers\[1\].require.x: no such key"),
    (_changed('"google-vertex"', '"anthropic"').replace('tier = "default"\n', ""), "'anthropic' stands there 2 times"),
    (_changed('provider = "anthropic"', 'provider = "groq"'), r"exceptions\[0\].provider: 'groq' is not among"),
    (_changed('owner = "privacy@example.com"\n', ""), r"exceptions\[0\].owner: Field required"),
    (_changed('reason = "moved"', 'reason = " "'), r"exceptions\[0\].reason: "),
    (_changed("expires_on = 2027-01-31", 'expires_on = "soon"'), r"exceptions\[0\].expires_on: "),
    (_changed('waive = ["headquarters"]\n', ""), r"exceptions\[0\]: expected `waive`"),
    (_changed('waive = ["headquarters"]', 'waive = ["everything"]'), r"exceptions\[0\].waive\[0\]: "),
]


@pytest.mark.parametrize(("text", "message"), FAULTS, ids=[message for _, message in FAULTS])
def test_a_fault_is_told_with_its_path_in_one_line(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=f"^policy.toml: .*{message}") as raised:
        read_policy(text, "policy.toml")
    assert 1 == len(str(raised.value).splitlines())
