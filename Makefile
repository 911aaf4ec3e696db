# make up     an environment of its own, then a proven, seeded OpenMeter on this machine
# make test   the tests
# make check  all that CI checks: format, lint, types, import contracts, tests

PYTHON ?= python3
VENV   ?= .venv
# Light, and the same everywhere. BACKEND=compose takes the real stack, with gigabytes of images.
BACKEND ?= embedded
BIN     = $(VENV)/bin
# The lock also binds what pip builds with, so that a new release of a dependency cannot break anything here.
PIP     = PIP_CONSTRAINT=$(CURDIR)/constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet

.PHONY: up test check ledger docs assets lock clean

up: $(VENV)/.installed
	@$(BIN)/devkit up --backend $(BACKEND) --offline --seed ai-tokens --smoke

test: $(VENV)/.installed-for-work
	$(BIN)/python -m pytest -n 4

check: $(VENV)/.installed-for-work
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 4

# Raises the ledger of replays to what the embedded server answers today.
ledger: $(VENV)/.installed-for-work
	$(BIN)/python -m tests.fidelity.ledger --update

# Writes the figures of docs/embedded-limits.md from the ledger.
docs: $(VENV)/.installed-for-work
	$(BIN)/python -m tests.fidelity.limits_page

# Makes the picture of the README from a real run. Look at it before you commit it.
assets: $(VENV)/.installed
	$(BIN)/python -m tests.pictures.up

# Takes the newest versions of everything into the lock. Look at the difference before you commit it.
lock:
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet '.[test,lint]' hatchling editables
	build/lock/bin/python -m pip freeze --exclude openmeter-devkit > constraints.txt

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "devkit needs Python 3.11 or later; name one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "this Python cannot make virtual environments; on Debian: apt-get install python3-venv" >&2; exit 4; }

$(VENV)/.installed: $(BIN)/python pyproject.toml constraints.txt
	@echo "installing devkit into $(VENV)"
	@$(PIP) --editable .
	@touch $@

$(VENV)/.installed-for-work: $(BIN)/python pyproject.toml constraints.txt
	@$(PIP) --editable '.[test,lint]'
	@touch $(VENV)/.installed $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
