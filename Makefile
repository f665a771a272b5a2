# make play   composes a new piece: MIDI, audio, piano roll        (light install, no torch)
# make check  runs the checks that take seconds: style, types, imports, figures
# make test   runs every check and test, as CI does                (installs torch and the rest)
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: play test check tests clean

play: $(VENV)/.light
	@mkdir -p composed
	@echo "Composing a new piece into composed/ ..."
	@$(BIN)/componium compose -o composed

test: check tests

check: $(VENV)/.full
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports
	$(BIN)/python docs/ledger.py --check

tests: $(VENV)/.full
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist worksteal

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@echo "Making $(VENV) ..."
	$(PYTHON) -m venv $(VENV)

$(VENV)/.light: $(VENV)/bin/python pyproject.toml
	@echo "Installing Componium into $(VENV); its libraries are downloaded, once ..."
	$(BIN)/python -m pip install --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.full: $(VENV)/.light pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[all,dev]'
	@touch $@

clean:
	rm -rf $(VENV) composed
