# Tapedeck. Needs python3 (3.11 or later), make and git; everything else goes into .venv, exactly as locked.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
POSTGRES := pg_virtualenv -t env DATABASE_URL=postgresql:///postgres
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml
# A file of tests stays in one process: some share a server or a demo that takes seconds to start. In the
# order of their names: those of the browser, which take minutes, come first and never last. They wait for it
# most of the time: one process more than there are processors, four at most.
PROCESSES := $(shell $(PYTHON) -c 'import os; print(min(4, (os.cpu_count() or 1) + 1))')
PYTEST := $(PY) -m pytest --numprocesses=$(PROCESSES) --dist=loadfile --no-loadscope-reorder
CHECKS := check-format check-lint check-types check-contracts check-migrations check-system check-templates
# Both tiers for a short pass; with seeds the simulated one alone, whose seeds are quick, unless TIER=real.
TIERS := $(or $(TIER),$(if $(SEEDS)$(filter all none,$(CASE)),simulated,simulated real))
SIMULATED := $(PY) -m tests.faults $(if $(SEEDS),--seeds $(SEEDS)) $(if $(CASE),--case $(CASE))
REAL := $(PY) -m tests.faults.real $(CASE) $(if $(SEEDS),--seeds $(SEEDS),--short)

# Where bytecode is not kept, each of the many processes that are started compiles the whole product anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo run test test-postgres faults bench check lock clean screenshots $(CHECKS)

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

demo: $(STAMP) ## Show everything at work against simulated providers
	$(PY) manage.py demo

run: $(STAMP) ## Serve the console: migrates, then web, worker and watchdog
	$(PY) manage.py serve

test: $(STAMP) ## Run the whole suite once, with the coverage gates
	$(PYTEST) --cov --cov-report=term:skip-covered
	$(PY) -m coverage report --include='recordings/providers/**,recordings/sync/**' --fail-under=100

test-postgres: $(STAMP) ## Run the whole suite on a throw-away PostgreSQL
	@command -v pg_virtualenv >/dev/null || { \
	  echo "pg_virtualenv is missing. On Debian and Ubuntu: apt-get install postgresql"; exit 1; }
	@# Only what pytest says is shown, so that its summary comes last.
	@# Nothing of it need survive a power cut: the disk is not waited for.
	pg_virtualenv -t -o fsync=off -o full_page_writes=off env DATABASE_URL=postgresql:///postgres \
	  sh -c '$(PYTEST) >&3' 3>&1 >/dev/null

faults: $(STAMP) ## Inject faults from seeds: a short pass of all, or SEEDS=a..b CASE=F3 TIER=real DB=postgres
	$(if $(filter simulated,$(TIERS)),$(if $(filter postgres,$(DB)),$(POSTGRES)) $(SIMULATED))
	$(if $(filter real,$(TIERS)),$(if $(filter postgres,$(DB)),$(POSTGRES)) $(REAL))

bench: $(STAMP) ## Measure beside limits and peers: all, or ONLY="P12 P13" QUICK=1 DB=postgres
	$(if $(filter postgres,$(DB)),pg_virtualenv -t env DATABASE_URL=postgresql:///postgres) \
	  $(PY) -m tests.bench $(ONLY) $(if $(QUICK),--quick)

check: $(STAMP) ## Check what can be seen without running: format, lint, types, contracts, migrations
	@$(MAKE) --no-print-directory --jobs=2 --keep-going --output-sync=target $(CHECKS)

check-format: $(STAMP)
	$(PY) -m ruff format --check .

check-lint: $(STAMP)
	$(PY) -m ruff check .

check-types: $(STAMP)
	$(PY) -m mypy

check-contracts: $(STAMP)
	$(BIN)/lint-imports --no-logo

check-migrations: $(STAMP)
	DJANGO_SETTINGS_MODULE=tests.settings $(PY) manage.py makemigrations --check --dry-run

check-system: $(STAMP)
	DJANGO_SETTINGS_MODULE=tests.settings $(PY) manage.py check

check-templates: $(STAMP)
	git ls-files -z --cached --others --exclude-standard -- 'templates/*.html' | xargs -0 -r $(BIN)/djade --check --target-version 5.2

screenshots: $(STAMP) ## Take a picture of every page, wide and narrow, light and dark: ONLY=now,account
	$(PY) -m pytest -q -n 0 tests/dashboard/screenshots.py
	@echo "They are in var/screenshots."

lock: $(STAMP) ## Compile the lock files anew from pyproject.toml
	$(UV_COMPILE) --output-file requirements.txt
	$(UV_COMPILE) --extra postgres --extra waveform --group dev --output-file requirements-dev.txt

clean: ## Remove the environment and the caches; the data folder stays
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov

# Made anew when the locks change. The stamp is the last thing written, so that a broken install is not taken for one.
$(STAMP): requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tapedeck needs Python 3.11 or later")'
	$(PYTHON) -m venv --clear $(VENV)
	$(PY) -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $(STAMP)
