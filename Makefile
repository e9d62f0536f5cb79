PYTHON ?= python3
BIN := .venv/bin
LOCK := requirements.lock

.PHONY: help refresh test test-clients check lint format lock docs screenshots bench clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 14

.venv/.installed: $(LOCK) pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

refresh: .venv/.installed  ## fetch every source, build and publish the catalog, and write its report
	$(BIN)/provider-terms refresh
	$(BIN)/provider-terms report

test: .venv/.installed  ## run the tests
	$(BIN)/python -m pytest

# The oldest DuckDB that a catalog promises to be read by lies beside the environment, for two cannot be in one.
.venv/.installed-clients: .venv/.installed requirements-clients.lock requirements-duckdb-1.2.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-clients.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --upgrade --target .venv/duckdb-1.2 -r requirements-duckdb-1.2.lock
	touch $@

test-clients: .venv/.installed-clients  ## run the tests with programs of others: clients, readers of files, a browser
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

screenshots: .venv/.installed-clients  ## write pictures of the report to docs/pictures, with Debian's Chromium
	$(BIN)/python docs/screenshots.py data/catalog/current/report/index.html docs/pictures

clean:  ## remove the environment and the build caches, never the archive
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache

benchmarks/.venv/.installed:
	$(PYTHON) -m venv benchmarks/.venv
	benchmarks/.venv/bin/python -m pip install --quiet --disable-pip-version-check scrapy
	touch $@

bench: .venv/.installed benchmarks/.venv/.installed  ## measure beside named peers, in one run each
	$(BIN)/python benchmarks/refresh.py --peer benchmarks/.venv/bin/python
	$(BIN)/python benchmarks/reading.py
	$(BIN)/python benchmarks/route.py
	$(BIN)/python benchmarks/export.py
	$(BIN)/python benchmarks/api.py
	$(BIN)/python benchmarks/report.py
