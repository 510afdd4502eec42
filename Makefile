# Two commands bring you through: `make run` and `make test`. Everything they do works without make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all:
# A stamp bears the digest of what is installed: a changed pin installs again, a checkout does not.
RUNTIME := $(VENV)/.runtime-$(shell cksum < requirements.txt | cut -d ' ' -f 1)
DEVELOP := $(VENV)/.develop-$(shell cat requirements.txt requirements-dev.txt | cksum | cut -d ' ' -f 1)
PYTEST := $(BIN)/python -m pytest
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
# What a real portal would have; nothing listens there, the checks only read the settings.
PRODUCTION = SECRET_KEY=lint-lint-lint-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH \
	SITE_URL=https://account.example.org DATA_DIR=$$folder

.PHONY: run test test-services lint bench requirements clean
.DEFAULT_GOAL := run

run: $(RUNTIME)
	@exec $(BIN)/python manage.py quickstart

test: $(DEVELOP)
	@$(if $(CHROMIUM),:,echo; echo "!!! Chromium is NOT here: the browser tests will be SKIPPED. (sudo apt install chromium)"; echo)
	@env -u DATABASE_URL -u CACHE_URL -u BROKER_URL $(PYTEST) --junit-xml test-results/embedded.xml $(ARGS)

test-services: $(DEVELOP)
	@for name in DATABASE_URL CACHE_URL BROKER_URL; do \
		if [ -z "$$(printenv $$name)" ]; then \
			echo "$$name is not set. Example: DATABASE_URL=postgres://me:secret@127.0.0.1/acsr" \
				"CACHE_URL=redis://127.0.0.1:6379/1 BROKER_URL=redis://127.0.0.1:6379/2 make test-services"; \
			exit 2; \
		fi; \
	done
	@ACSR_SERVICES=1 $(PYTEST) --junit-xml test-results/services.xml $(ARGS)

lint: $(DEVELOP)
	@set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; export $(PRODUCTION); set -x; \
	$(BIN)/ruff check .; \
	$(BIN)/ruff format --check .; \
	$(BIN)/lint-imports; \
	$(BIN)/mypy .; \
	$(BIN)/python manage.py makemigrations --check --dry-run; \
	$(BIN)/python manage.py check --deploy --fail-level WARNING; \
	$(BIN)/djlint templates --lint --quiet; \
	$(BIN)/python tools/check_lengths.py

bench: $(DEVELOP)
	@$(BIN)/python tools/bench_answers.py $(ARGS)
	@$(BIN)/python tools/bench_activity.py

requirements: $(BIN)/python
	$(BIN)/python tools/lock_requirements.py

clean:
	rm -rf $(VENV) data test-results .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(RUNTIME): | $(BIN)/python
	@echo "Installing what the portal needs (once) ..."
	@$(PIP) -r requirements.txt
	@rm -f $(VENV)/.runtime-* && touch $@

$(DEVELOP): $(RUNTIME)
	@echo "Installing what tests and lint need (once) ..."
	@$(PIP) -r requirements.txt -r requirements-dev.txt
	@rm -f $(VENV)/.develop-* && touch $@

# Debian splits venv from Python, and without it Python only fails with a long story.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python cannot make environments here. Do: sudo apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
