# Drumbeat. `make` alone tells what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A new lock or project file has another name here, so that it is installed and an old one is not.
STAMP := $(VENV)/.installed-$(shell cat pyproject.toml requirements-dev.lock | cksum | cut -d' ' -f1)

.PHONY: help
help:  ## Tell what there is
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

.PHONY: install
install: $(STAMP)  ## Install what the lock names into .venv

.PHONY: demo
demo: $(STAMP)  ## Play the sample programme on a fast clock (SPEED=days a second, DEMO_ONCE=1 to end after it)
	@exec $(BIN)/drumbeat demo $(if $(SPEED),--speed $(SPEED)) $(if $(filter-out 0,$(DEMO_ONCE)),--once)

.PHONY: rehearse
rehearse: $(STAMP)  ## Play the sample's whole edition on skipped time, and hold it against the oracle
	@$(BIN)/drumbeat rehearse wider --out var/rehearsal
	@$(BIN)/python -m tests.rehearsal.compared var/rehearsal

.PHONY: up
up: $(STAMP)  ## Run a programme on the real clock, its data in var/live
	@exec $(BIN)/drumbeat up

.PHONY: test
test: lint  ## Lint, check types and imports, run all tests side by side (JOBS=0: one after another)
	$(BIN)/pytest -n $(or $(JOBS),auto --maxprocesses 4) --dist worksteal

.PHONY: check
check: lint  ## Lint, check types and imports, run the tests of the house
	$(BIN)/pytest -q tests/house

.PHONY: soak
soak: $(STAMP)  ## Kill parts at random through the sample's year (KILLS=50, SPEED=days a second), play random casts (CASTS=200)
	@failed=0; \
	$(BIN)/python -m tests.soak.kills --seed 1 $(if $(KILLS),--kills $(KILLS)) $(if $(SPEED),--speed $(SPEED)) || failed=1; \
	$(BIN)/python -m tests.oracle.soak $(if $(CASTS),--casts $(CASTS)) || failed=1; \
	exit $$failed

.PHONY: lint
lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

.PHONY: format
format: $(STAMP)  ## Put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: migration
migration: $(STAMP)  ## Write the schema's next revision from the tables (MESSAGE="what for")
	$(BIN)/python -m storage.migrations.write $(if $(MESSAGE),"$(MESSAGE)",--anew)

.PHONY: lock
lock:  ## Renew the three locks (for maintainers; needs uv, which it installs aside)
	@.ci/lock

.PHONY: clean
clean:  ## Remove what was installed and built; the data in var/ stays
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

.PHONY: python
python:
	@$(PYTHON) -c '' 2>/dev/null || { echo "Drumbeat needs Python 3.11 or later, and '$(PYTHON)' does not run: apt-get install python3, or make PYTHON=/path/to/python." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Drumbeat needs Python 3.11 or later, and '$(PYTHON)' is $$($(PYTHON) -c 'import platform; print(platform.python_version())'): name a later one with make PYTHON=/path/to/python." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Drumbeat needs Python's venv module, which '$(PYTHON)' lacks: apt-get install python3-venv." >&2; exit 1; }

$(STAMP): | python
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what requirements-dev.lock names into $(VENV) (half a minute the first time)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-dev.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.installed-*
	@touch $@
