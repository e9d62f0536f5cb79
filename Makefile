PYTHON ?= python3
BIN := .venv/bin
LOCK := requirements.lock

.PHONY: help refresh test test-clients check lint format lock docs bench clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 14

.venv/.installed: $(LOCK) pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

refresh: .venv/.installed  ## fetch every source, build and publish the catalog
	$(BIN)/provider-terms refresh

test: .venv/.installed  ## run the tests
	$(BIN)/python -m pytest

.venv/.installed-clients: .venv/.installed requirements-clients.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-clients.lock
	touch $@

test-clients: .venv/.installed-clients  ## run the tests against the official clients of gateways
	$(BIN)/python -m pytest -m clients

check: .venv/.installed  ## lint, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/.installed  ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/.installed  ## pin every dependency anew (needs uv on the PATH)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade --extra dev pyproject.toml -o $(LOCK)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade --extra dev --extra clients pyproject.toml -o requirements-clients.lock

docs: .venv/.installed  ## write the generated documents anew
	$(BIN)/python -m schemas.dictionary > docs/data-dictionary.md
	$(BIN)/python tests/fault_index.py > docs/faults.md

clean:  ## remove the environment and the build caches, never the archive
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache

benchmarks/.venv/.installed:
	$(PYTHON) -m venv benchmarks/.venv
	benchmarks/.venv/bin/python -m pip install --quiet --disable-pip-version-check scrapy
	touch $@

bench: .venv/.installed benchmarks/.venv/.installed  ## measure beside named peers, in one run each
	$(BIN)/python benchmarks/refresh.py --peer benchmarks/.venv/bin/python
	$(BIN)/python benchmarks/route.py
