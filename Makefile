# One command each: run the practice desk, test, check what CI checks, measure.
PYTHON ?= python3
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile --quiet --python-version 3.11 --universal --generate-hashes \
	--no-emit-index-url --no-header --no-annotate --extra practice
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: run test check bench bench-large torture mutants soak monkey screenshot lock clean
.DEFAULT_GOAL := run

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Nightdesk needs Python 3.11 or newer, as in: make PYTHON=python3.12 run"; exit 1; }
	$(PYTHON) -m venv .venv
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps --no-build-isolation --editable .
	touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	$(INSTALL) --require-hashes -r requirements-dev.lock
	touch $@

run: .venv/installed  ## open the practice desk
	$(BIN)/nightdesk practice

test: .venv/installed-dev
	$(BIN)/python -m pytest -n 2 tests

check: .venv/installed-dev  ## what CI runs: format, lint, types, imports, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright --level error
	PATH="$(CURDIR)/$(BIN):$$PATH" lint-imports
	$(BIN)/python -m pytest -n 2 tests

torture: .venv/installed-dev  ## kills, power cuts, broken disks and networks in full; TORTURE=0.1: a tenth
	$(BIN)/python -m tests.durability.torture $(or $(TORTURE),1)

mutants: .venv/installed-dev  ## promises broken on purpose, each of which a test has to notice
	$(BIN)/python -m tests.durability.mutants

soak: .venv/installed-dev  ## a long night in short: memory, files, threads and the log stay flat
	$(BIN)/python -m tests.durability.soak

monkey: .venv/installed-dev  ## random keys, and what must hold; SEED=n KEYS=k plays one again, PASTES=1000 pastes
	$(BIN)/python -m tests.pilot.monkey --minutes $(or $(MINUTES),10) \
		--seed $(or $(SEED),1) --keys $(or $(KEYS),0) --pastes $(or $(PASTES),0)

bench: .venv/installed-dev  ## speed, as ratios side by side in one run
	$(BIN)/python -m tests.bench

bench-large: .venv/installed-dev  ## the same with a million cases; making them takes some minutes
	$(BIN)/python -m tests.bench --cases 1000000

screenshot: .venv/installed-dev  ## the picture in the README, from the running program
	$(BIN)/python -m tests.screenshot docs/desk.svg

keys: .venv/installed  ## the pages of keys in docs, from the registry and the keymaps
	$(BIN)/nightdesk keys list --markdown --keymap desk > docs/keys.md
	$(BIN)/nightdesk keys list --markdown --keymap vim > docs/keys-vim.md
	$(BIN)/nightdesk keys list --markdown --keymap emacs > docs/keys-emacs.md

lock: .venv/installed-dev  ## renew the hashed locks (no address of a registry is written)
	$(INSTALL) uv
	$(COMPILE) -o requirements.lock pyproject.toml requirements-build.in
	$(COMPILE) --group dev -o requirements-dev.lock pyproject.toml requirements-build.in

clean:
	rm -rf .venv
