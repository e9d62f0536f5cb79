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


LINES = [
    ("# \u2028 \x0c\n[[providers]]", {("providers", 0): 2}),
    ("[[ \"providers\" ]]\r\n[['exceptions']]\r\n", {("providers", 0): 1, ("exceptions", 0): 2}),
    ('[["providers]]\n[[providersx]]\n# [[providers]]', {}),
    ('a = """\n[[providers]]\n\\"""\n[[providers]]\n"""""\n[[providers]] # """', {("providers", 0): 6}),
    ("a = '''\n[[providers]]\n'''\nb = \"'''\" # it's\n[[exceptions]]", {("exceptions", 0): 5}),
]


@pytest.mark.parametrize(("text", "expected"), LINES, ids=range(len(LINES)))
def test_a_line_ends_where_toml_ends_it_and_a_name_may_be_quoted(
    text: str, expected: dict[tuple[str, int], int]
) -> None:
    assert expected == find_lines(text)


def test_two_entries_of_one_provider_are_two_where_each_has_its_tier() -> None:
    text = _changed('"google-vertex"', '"anthropic"').replace(
        'name = "anthropic"\n', 'name = "anthropic"\ntier = "free"\n', 1
    )
    assert ["free", "default"] == [one.tier for one in read_policy(text, "policy.toml").providers]


def _changed(old: str, new: str) -> str:
    assert old in WHOLE
    return WHOLE.replace(old, new)


FAULTS = [
    ("[require", "not valid TOML"),
    ("a = " * 3, "not valid TOML"),
    ("", "require: is missing; providers: is missing"),
    (_changed("no_training = true", "no_traning = true"), "require.no_traning: no such key"),
    (
        _changed("max_retention_days = 30", 'max_retention_days = "30"'),
        "require.max_retention_days: expected a whole number$",
    ),
    (_changed("max_retention_days = 30", "max_retention_days = -1"), "require.max_retention_days: expected .* from 0$"),
    (_changed("max_retention_days = 30", "max_retention_days = 99999"), "max_retention_days: expected .* up to 36500$"),
    (_changed("max_retention_days = 30", "max_retention_days = true"), "max_retention_days: expected a whole number$"),
    (_changed("no_training = true", "no_training = 1"), "require.no_training: expected true or false$"),
    ("require = 3", "require: expected a table; providers: is missing$"),
    ("providers = []\n[require]", "providers: expected a list with something in it$"),
    ("providers = 3\n[require]", "providers: expected a list$"),
    ("providers = [3]\n[require]", r"providers\[0\]: expected a table$"),
    (_changed('name = "anthropic"', "name = 3"), r"providers\[0\].name: expected a text$"),
    (_changed('name = "anthropic"', 'name = ""'), r"providers\[0\].name: expected a text with something in it$"),
    (_changed('name = "anthropic"', f'name = "{"a" * 201}"'), r"providers\[0\].name: .* at most 200 characters$"),
    (_changed('["US", "EU"]', '["UK"]'), "require.headquarters: 'UK' is not a country.*write GB"),
    (_changed('["US", "EU"]', "[]"), "require.headquarters: expected a list with something in it$"),
    (_changed('basis = "gateway"', 'basis = "mine"'), "require.basis: expected 'gateway', 'provider' or 'strictest'$"),
    (_changed('tier = "default"', 'tier = "gold"'), r"providers\[1\].tier: expected 'default' or 'free'$"),
    (_changed("no_training = false", "x = 1"), r"providers\[1\].require.x: no such key"),
    (_changed('"google-vertex"', '"anthropic"').replace('tier = "default"\n', ""), "'anthropic' stands there 2 times"),
    (_changed('"google-vertex"', '"Anthropic"'), "providers: 'Anthropic' stands there 2 times; keep one, or give each"),
    (_changed('provider = "anthropic"', 'provider = "groq"'), r"exceptions\[0\].provider: 'groq' is not among"),
    (_changed('owner = "privacy@example.com"\n', ""), r"exceptions\[0\].owner: is missing"),
    (_changed('reason = "moved"', 'reason = " "'), r"exceptions\[0\].reason: "),
    (
        _changed("expires_on = 2027-01-31", 'expires_on = "soon"'),
        r"exceptions\[0\].expires_on: expected a day, without",
    ),
    (_changed("2027-01-31", "2027-01-31T10:00:00Z"), r"exceptions\[0\].expires_on: expected a day, without"),
    (_changed('waive = ["headquarters"]\n', ""), r"exceptions\[0\]: expected `waive`"),
    (_changed('waive = ["headquarters"]', 'waive = ["everything"]'), r"exceptions\[0\].waive\[0\]: "),
]


@pytest.mark.parametrize(("text", "message"), FAULTS, ids=[message for _, message in FAULTS])
def test_a_fault_is_told_with_its_path_in_one_line(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=f"^policy.toml: .*{message}") as raised:
        read_policy(text, "policy.toml")
    assert 1 == len(str(raised.value).splitlines())
