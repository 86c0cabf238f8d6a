# Two commands for a new user: `make demo` and `make test`. Each does all of its own set-up.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.ready-$(shell cat requirements-dev.lock pyproject.toml | cksum | cut -d' ' -f1)

.PHONY: help setup demo faults soak test kafka lint types contracts lock fuzz audit

help: ## show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## virtual environment with the locked dependencies, and .venv/bin/marqab

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "marqab needs Python 3.11 or newer, this is " + sys.version.split()[0] + ". Name another one: make setup PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --require-hashes --no-deps -r requirements-dev.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --no-deps --editable .
	@rm -f $(VENV)/.ready-*; touch $@

lock: ## resolve the dependencies anew (hashes, no addresses)
	$(BIN)/uv pip compile pyproject.toml --extra camel --extra full-text --generate-hashes --no-emit-index-url --universal --override lock-overrides.txt --custom-compile-command 'make lock' -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra camel --extra full-text --group dev --constraint requirements.lock --generate-hashes --no-emit-index-url --universal --override lock-overrides.txt --custom-compile-command 'make lock' -q -o requirements-dev.lock

demo: setup ## watch one incident from four local sources to its alerts (one minute, no network)
	@$(BIN)/marqab demo

kafka: setup ## Apache Kafka without Docker (Java 17 and Maven), until Ctrl-C
	@$(BIN)/python -m deploy.kafka.run

lint: setup ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup ## mypy --strict on the product
	$(BIN)/mypy

contracts: setup ## import contracts between the rooms
	$(BIN)/lint-imports

test: setup ## the whole test suite (faults apart)
	$(BIN)/pytest

faults: setup ## faults injected into real Kafka brokers and workers (some minutes; CI runs them after make test)
	$(BIN)/pytest tests/faults

soak: setup ## an hour of faults at 200 posts a second on three brokers; then every post and alert is counted
	$(BIN)/python -m benchmarks.soak $(SOAK)

fuzz: setup ## every reader fuzzed with coverage guidance, each for SECONDS=60
	$(BIN)/python -m tests.fuzz.run --seconds $(or $(SECONDS),60)

audit: setup ## bill of materials from the lock (CycloneDX), checked; known vulnerabilities where the network allows
	$(BIN)/python -m deploy.audit
