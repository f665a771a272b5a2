# make play   composes a new piece (MIDI, audio, piano roll), then serves the studio  (light install, no torch)
#             ONCE=1 make play ends after the piece
# make check  runs the checks that take seconds: style, types, imports, figures, the front end
# make test   runs every check and test, as CI does                                   (installs torch and the rest)
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Node comes with the environment; what npm runs looks for it on the path.
NPM := cd frontend && PATH="$(abspath $(BIN)):$$PATH" npm
PAGE := $(shell find frontend -name node_modules -prune -o -name tests -prune -o -type f -print)

.PHONY: play test check tests page-tests clean

play: $(VENV)/.light
	@mkdir -p composed
	@echo "Composing a new piece into composed/ ..."
	@$(BIN)/componium compose -o composed
	@$(if $(ONCE),:,$(BIN)/componium studio)

test: check tests page-tests

check: $(VENV)/.full frontend/node_modules/.package-lock.json
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports
	$(BIN)/python docs/ledger.py --check
	$(NPM) run --silent check

tests: $(VENV)/.full frontend/node_modules/.package-lock.json
	$(NPM) run --silent test
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist worksteal --ignore tests/studio

# The page in a browser: after all others, since it waits for sound and pictures.
page-tests: $(VENV)/.full
	$(BIN)/pytest --numprocesses auto --maxprocesses 2 --dist loadfile tests/studio

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@echo "Making $(VENV) ..."
	$(PYTHON) -m venv $(VENV)

# Installing builds the page, if it is not there yet (hatch_build.py).
$(VENV)/.light: $(VENV)/bin/python pyproject.toml hatch_build.py $(PAGE)
	@echo "Installing Componium into $(VENV); its libraries are downloaded, once ..."
	$(BIN)/python -m pip install --disable-pip-version-check --editable '.[studio]'
	@touch $@

$(VENV)/.full: $(VENV)/.light constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[all,dev]'
	@touch $@

frontend/node_modules/.package-lock.json: frontend/package.json frontend/package-lock.json | $(VENV)/.full
	$(NPM) ci --no-audit --no-fund

clean:
	rm -rf $(VENV) composed frontend/node_modules src/componium/web/built
