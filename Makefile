# Closer's commands. Each sets up what it needs in .venv first, and says so on standard error only.
PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install --constraint constraints.txt

.SILENT:
.PHONY: chat setup test test-slow check bench wheel drawings settings docs statements clean help
.DEFAULT_GOAL := help

help:
	echo "make chat    set up, and talk in this terminal (ARGS='--db file.db' and so on)"
	echo "make setup   set up, and no more: then .venv/bin/closer run serves Telegram and Discord"
	echo "make test    set up, and run the tests"
	echo "make test-slow  the tests that take minutes: every time zone over thirty years"
	echo "make check   set up, and check style, types, imports, dialogs, words, docs and the built package"
	echo "make bench   set up, and measure the speed beside others"
	echo "make docs    set up, and build the documentation as a site, into build/site"

$(VENV)/.base: pyproject.toml constraints.txt
	{ $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Closer needs Python 3.11 or newer: install it, then run make PYTHON=python3.11 (or newer)"; exit 1; }; \
	  echo "Setting up $(VENV), once ..." && $(PYTHON) -m venv $(VENV) && $(PIP) --editable .; } >&2
	touch $@

$(VENV)/.test: $(VENV)/.base
	$(PIP) --editable '.[test]' >&2
	touch $@

$(VENV)/.check: $(VENV)/.test
	$(PIP) --editable '.[test,check]' >&2
	touch $@

$(VENV)/.bench: $(VENV)/.base
	$(PIP) --editable '.[bench]' >&2
	touch $@

$(VENV)/.docs: $(VENV)/.base
	$(PIP) --editable '.[docs]' >&2
	touch $@

setup: $(VENV)/.base

chat: $(VENV)/.base
	exec $(BIN)/closer chat $(ARGS)

test: $(VENV)/.test
	$(BIN)/python -m pytest --cov --cov-report=term $(ARGS)

test-slow: $(VENV)/.test
	$(BIN)/python -m pytest -m slow $(ARGS)

check: $(VENV)/.check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache > $(VENV)/imports.txt || { cat $(VENV)/imports.txt; exit 1; }
	$(BIN)/closer check
	$(MAKE) --no-print-directory docs
	$(MAKE) --no-print-directory wheel

# The package as users get it: built, installed in an empty environment elsewhere, and talked to.
wheel: $(VENV)/.check
	$(BIN)/python tests/installed.py

drawings: $(VENV)/.base
	$(BIN)/closer draw > docs/dialogs.md

settings: $(VENV)/.base
	$(BIN)/python -m bot.settings_page > $(VENV)/settings.md
	mv $(VENV)/settings.md docs/settings.md

docs: $(VENV)/.docs settings
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# Needed after a change in storage/statements.py or storage/tables.py.
statements: $(VENV)/.base
	$(BIN)/python -m storage.generate

bench: $(VENV)/.bench
	$(BIN)/python -m bench $(ARGS)

clean:
	rm -rf $(VENV) build dist .coverage .hypothesis .mypy_cache .ruff_cache .pytest_cache
