# Targets: demo, test, check, bench, properties, kills, validator, docs, lock. Each sets up what it needs in .venv/.
PYTHON ?= python3
PYTHON312 ?= python3.12
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help demo test check bench properties kills validator docs lock

help: ## Say what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 8

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "apportion needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install -q --require-hashes -r requirements.txt
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(BIN)/python -m pip install -q --require-hashes -r requirements-dev.txt
	@touch $@

demo: $(VENV)/.installed ## Generate the sample company, load, run, and print statements and the proof
	$(BIN)/apportion demo demo-project $(ARGS)

test: $(VENV)/.installed-dev ## Run all tests
	$(BIN)/python -m pytest -n auto $(ARGS)

check: $(VENV)/.installed-dev ## Lint, types, import layers, docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/build.py --check

bench: $(VENV)/.installed-dev ## Measure us beside DuckDB, pandas and cloud-cost-allocation
	$(BIN)/python bench/run.py $(ARGS)

properties: $(VENV)/.installed-dev ## A long run of random allocations: a million pools, a thousand projects
	$(BIN)/python tests/properties/long_run.py $(ARGS)

kills: $(VENV)/.installed-dev ## Two hundred kills at random moments of load, run, close and post
	$(BIN)/python tests/kills/long_run.py $(ARGS)

validator: $(VENV)/validator/.installed ## The FOCUS validator, for one of the tests (needs Python 3.12)

$(VENV)/validator/.installed: | $(BIN)/python
	$(PYTHON312) -m venv $(VENV)/validator
	$(VENV)/validator/bin/python -m pip install -q 'focus-validator==2.2.1' 'pyarrow<19'
	@touch $@

docs: $(VENV)/.installed ## Write the generated reference pages (commands, findings)
	$(BIN)/python docs/build.py

lock: ## Pin dependencies anew, with hashes and without index URLs (needs uv)
	uv pip compile pyproject.toml requirements-build.in --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements-dev.txt \
	  --group dev --extra ecb --extra postgres --extra s3 --extra spark --extra statements
	uv pip compile pyproject.toml requirements-build.in --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements.txt \
	  -c requirements-dev.txt
