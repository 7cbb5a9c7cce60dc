# Paths are relative throughout: the folder's own may hold a space.

PYTHON := .venv/bin/python
PIP := $(PYTHON) -m pip install --quiet --no-input --disable-pip-version-check
UV := scripts/uv-install
PYTEST := $(PYTHON) -m pytest
LOCK := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
ASSETS := portal/static/dist/manifest.json

# Images of Python often set it; then every server, worker and test process compiles every module anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run check test soak bench lock install-dev ready chromium clamd counterparts static types rewritten

help: ## List these
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

install: .venv/installed $(ASSETS) ## Bring what the portal needs, into this folder

run: install ## Serve the demo council; COUNCIL=dunmarra serves the other one
	@exec env $(if $(COUNCIL),PORTAL_COUNCIL='councils/$(COUNCIL)/council.toml') $(PYTHON) -m portal.cli demo run

check: types static ## Format, lint, types, import contracts, translations, unit tests: under a minute
	$(PYTEST) tests/unit tests/architecture -n 2

test: ## Every check there is, as in CI
	@$(MAKE) --no-print-directory --jobs=2 types static ready rewritten
	$(PYTEST) -n auto --dist worksteal --durations=10

soak: ready ## The tests on the system's PostgreSQL, then on the wheel's, and longer
	env -u PORTAL_DATABASE_URL SOAK=1 PORTAL_EMBEDDED=system $(PYTEST) -n auto --dist worksteal
	env -u PORTAL_DATABASE_URL SOAK=1 PORTAL_EMBEDDED=wheel $(PYTEST) -n auto --dist worksteal

bench: install ## Measure pages and the import against what they rest on; LINES=5000000 for as many lines
	$(PYTHON) -m benchmarks $(if $(LINES),--lines $(LINES) --imported $(LINES))

lock: install-dev ## Lock the dependencies that pyproject.toml names
	$(LOCK) pyproject.toml --group build -o requirements.lock
	$(LOCK) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	$(LOCK) --group node -o requirements-node.lock
	$(LOCK) --group install -o requirements-install.lock
	$(LOCK) tests/counterparts/invenio/requirements.in -o tests/counterparts/invenio/requirements.lock
	$(LOCK) tests/counterparts/invenio/build.in -o tests/counterparts/invenio/build.lock
	$(LOCK) tests/counterparts/pysip2/requirements.in -o tests/counterparts/pysip2/requirements.lock

static: install-dev
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m ruff check
	.venv/bin/lint-imports --no-cache
	$(PYTHON) -m portal.cli translations check

types: install-dev
	$(PYTHON) -m mypy

# Have pytest rewrite all assertions once and not in each worker. What is wrong with a test is said when it runs.
rewritten: install-dev install
	@$(PYTEST) --collect-only --quiet >/dev/null || true

install-dev: .venv/installed-dev

ready: install-dev install chromium clamd counterparts

chromium: install-dev
	@scripts/chromium

# after Chromium, since the system installs one thing at a time
clamd: | chromium
	@scripts/clamd

counterparts: install-dev
	@scripts/counterparts

.venv/installed: pyproject.toml requirements.lock requirements-install.lock
	@scripts/venv
	@echo "Installing Python packages"
	@$(PIP) --require-hashes -r requirements-install.lock
	@$(UV) --require-hashes -r requirements.lock
	@$(UV) --no-deps --no-build-isolation -e .
	@touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	@echo "Installing Python packages for development"
	@$(UV) --require-hashes -r requirements-dev.lock
	@touch $@

node_modules/.package-lock.json: package-lock.json .npmrc | .venv/installed
	@echo "Installing front-end packages"
	@scripts/with-node npm ci --silent
	@touch $@

$(ASSETS): node_modules/.package-lock.json package.json $(shell find frontend -type f)
	@echo "Building assets"
	@scripts/with-node npm run --silent build
	@touch $@
