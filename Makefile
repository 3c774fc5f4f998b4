# make run | make demo | make test | make lint | make requirements | make bench | make fresh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
export PORT
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
PIP = $(BIN)/python -m pip install --disable-pip-version-check
# One dot for each package, so that the wait is seen to move.
DOTS = awk '/^Collecting|^Downloading|^  Downloading|^Installing/ { printf "."; fflush() } END { print " done" }'

.PHONY: run demo fresh test lint requirements bench messages translations

run: $(VENV)/.runtime translations
	@$(BIN)/python -m flask --app app serve

# The service with a day being played on it: orders, drivers, messages. SPEED=1 is the pace of reality.
SPEED ?= 10
demo: $(VENV)/.runtime translations
	@$(BIN)/python -m flask --app app simulate --live default --with-server --speed $(SPEED) \
	  --cancel-share 0.05 --no-show-share 0.05

fresh:
	@rm -rf instance && echo "The database is gone; the next start makes a new one."
	@$(MAKE) --no-print-directory run

test: $(VENV)/.development translations
	@$(BIN)/python -m pytest -n auto $(ARGS)

lint: $(VENV)/.development
	@$(BIN)/ruff check .
	@$(BIN)/mypy

# Each rule of the published terms with the tests that prove it.
requirements: $(VENV)/.development
	@$(BIN)/python -m tests.requirements_report

bench: $(VENV)/.development translations
	@$(BIN)/python -m benchmarks

# Collect the texts of code and templates into the Slovene catalogue (English is the source language).
CATALOGUE := translations/sl/LC_MESSAGES/messages

messages: $(VENV)/.development
	@$(BIN)/pybabel -q extract -F translations/babel.cfg -k _l -k lazy_gettext --no-location --sort-output \
	  --project=plin-na-dom --version=0.1 --copyright-holder="The Plin na dom authors" --msgid-bugs-address= \
	  -o translations/messages.pot .
	@$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --omit-header -i translations/messages.pot -d translations -l sl

translations: $(CATALOGUE).mo

$(CATALOGUE).mo: $(CATALOGUE).po | $(VENV)/.runtime
	@$(BIN)/pybabel -q compile -i $< -o $@ -l sl

$(VENV)/bin/python:
	@echo "Making a Python environment in $(VENV) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PYTHON=/path/to/python3.11 make ...)."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "python3 -m venv failed: install the package python3-venv and run make again."; exit 1; }

$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	@echo "Installing what the service needs (about half a minute the first time) ..."
	@$(PIP) -r requirements.txt | $(DOTS)
	@touch $@

$(VENV)/.development: requirements-dev.txt requirements.txt | $(VENV)/bin/python
	@echo "Installing what the tests need ..."
	@$(PIP) -r requirements-dev.txt | $(DOTS)
	@touch $@ $(VENV)/.runtime
