# Every target does its own set-up; nothing is needed but git, make and Python >= 3.11.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# The locks are whole. To resolve them again would ask for releases that they do not pin: before
# 23.3 pip takes the newest `name` where another package wants `name[extra]`.
PINNED := $(PIP) install --no-deps --require-hashes

.DEFAULT_GOAL := help
.PHONY: help setup dev run demo test coverage mutation crashes replicas soak bench check format browser lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.setup  ## install what the bot needs into .venv
dev: .venv/.dev  ## the same, and what tests and checks need

.venv/.setup: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@$(PINNED) -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.setup requirements-dev.lock
	@$(PINNED) -r requirements-dev.lock
	@touch $@

.venv/.mutation: .venv/.dev requirements-mutation.lock
	@$(PINNED) -r requirements-mutation.lock
	@touch $@

run: setup  ## run the bot with the settings of .env
	@exec $(BIN)/python -m bot run

demo: setup  ## the bot against a sandbox of SpotSMS and Telegram, in a web page
	@exec $(BIN)/python -m bot.sandbox

# Tests are compiled once, not by every process of every run.
test coverage soak: export PYTHONDONTWRITEBYTECODE :=
TIMED = $(shell grep -rl --include="*.py" "mark\.timing" tests)

test: dev  ## the test suite, less the long runs
	@$(BIN)/python -m pytest -m "not browser and not timing and not soak" -n 3 --dist worksteal
	@$(BIN)/python -m pytest -m "timing and not soak" $(TIMED)

coverage: dev  ## quick tests, PostgreSQL's where only it has the code; less than 95 % of branches fails
	@$(BIN)/python -m pytest -m "not browser and not timing and not soak and not postgres" \
		-n 2 --dist worksteal --ignore-glob="*sandbox_*" \
		tests/unit tests/integration tests/simulation/test_faults.py \
		--cov --cov-report= --cov-fail-under=0
	@$(BIN)/python -m pytest -m "not timing and postgres" -n 2 --cov --cov-append \
		tests/integration/moving tests/integration/reconcile tests/integration/replicas \
		tests/integration/watching

mutation: .venv/.mutation  ## change the domain in every small way; tests must notice (tests/mutation.md)
	@rm -rf mutants
	@CI=true nice $(BIN)/mutmut run --max-children $(or $(CHILDREN),1) >/dev/null
	@$(BIN)/mutmut results
	@$(BIN)/mutmut export-cicd-stats >/dev/null && cat mutants/mutmut-cicd-stats.json

crashes: dev  ## kill the real process CYCLES times (default 2000) under load
	@$(BIN)/python -m tests.crashes.loop --cycles $(or $(CYCLES),2000)

replicas: dev  ## load two replicas MINUTES long (default 3) and kill one every 20 seconds
	@$(BIN)/python -m tests.replicas --minutes $(or $(MINUTES),3) --kill-every 20

soak: dev  ## hunt planted bugs, simulate SEEDS storms (default 30), crash at every await of every walk
	@$(BIN)/python -m pytest -m "soak and not timing" -n 2
	@$(BIN)/python -m pytest -m "soak and timing" $(TIMED)
	@$(BIN)/python -m tests.simulation --seeds $(or $(SEEDS),30) --jobs $(or $(JOBS),2) --walks

bench: dev  ## measure the bot beside its alternatives, in 10 minutes (tests/bench/RESULTS.md)
	@$(BIN)/python -m tests.bench

browser: dev  ## the walk through the demo page in a headless Chromium
	@$(BIN)/python -m pytest -m browser

check: dev  ## linters, types, layers
	@$(BIN)/ruff format --check bot tests deploy
	@$(BIN)/ruff check bot tests deploy
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: dev  ## format the code
	@$(BIN)/ruff format bot tests deploy
	@$(BIN)/ruff check --fix bot tests deploy

LOCK = uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links

lock:  ## pin the newest versions that pyproject.toml allows (needs uv)
	$(LOCK) --extra build --extra fast pyproject.toml -o requirements.lock
	$(LOCK) --extra build --extra fast --extra dev -c requirements.lock pyproject.toml \
		-o requirements-dev.lock
	$(LOCK) --group mutation -c requirements-dev.lock -o requirements-mutation.lock

clean:  ## remove everything that was installed or made, but no data
	rm -rf .venv build mutants .*_cache .coverage* .hypothesis *.egg-info
	find bot deploy tests -name __pycache__ -prune -exec rm -rf {} +
