# The verbs of this repository. CI calls the same ones.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet

# Most tests wait for real servers most of the time, so several run at once, each process with a Valkey of its own.
PYTEST := $(BIN)/python -m pytest -q -n 4 -m "not kill and not browser"

.DEFAULT_GOAL := help
.PHONY: help demo test check lint covered kill browser picture bench lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/run.stamp: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/run.stamp

demo: $(VENV)/run.stamp ## the bot, an Okta org and a Slack workspace on this machine, with a page to talk in
	$(BIN)/python -m bot demo $(ARGS)

test: $(VENV)/dev.stamp ## the tests
	$(PYTEST) $(ARGS)

check: lint ## all that must hold before a change lands: format, lint, imports, types, tests, coverage
	$(PYTEST) --cov --cov-report=
	$(MAKE) covered

lint: $(VENV)/dev.stamp ## format, lint, imports and types alone
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy

covered: $(VENV)/dev.stamp # whether the last tests, run with --cov, left nothing untested where nothing may be
	$(BIN)/coverage report --include='bot/policy.py,bot/flow.py,bot/inputs.py,okta/*' --fail-under=100

kill: $(VENV)/dev.stamp ## tests that kill real processes at every point of a write
	$(BIN)/python -m pytest -m kill $(ARGS)

browser: $(VENV)/dev.stamp ## tests that drive the demo's page in Chromium (Debian: apt-get install chromium)
	$(BIN)/python -m pytest -m browser $(ARGS)

picture: $(VENV)/dev.stamp ## take the README's picture of the demo anew (needs Chromium too)
	$(BIN)/python -m tests.browser.picture

bench: $(VENV)/dev.stamp ## the measurements, each against a baseline in the same run
	$(BIN)/python -m bench.ack
	$(BIN)/python -m bench.click
	$(BIN)/python -m bench.start
	$(BIN)/python -m bench.decide
	$(BIN)/python -m bench.okta_client
	$(BIN)/python -m bench.okta_shared

lock: ## renew the locks: two from pyproject.toml, and the SDK's that is measured against (needs uv)
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras --quiet --upgrade -o requirements.lock
	uv pip compile pyproject.toml --group build --group dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras --quiet --upgrade -o requirements-dev.lock
	echo 'okta==3.4.*' | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --upgrade -o bench/okta-sdk.lock

clean: ## remove what the other verbs made
	rm -rf $(VENV) .venv-okta-sdk .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage
