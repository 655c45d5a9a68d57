# `make` lists the targets. Everything happens in .venv, which is made when it is first needed.
PYTHON ?= python3.11
BIN := .venv/bin
# Compiled once here, or else by each of Flink's Python workers at its start, at 18 s of one core.
UV := $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python
LOCK := $(BIN)/uv pip compile --quiet $(UPGRADE) --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-annotate --custom-compile-command 'make lock' pyproject.toml

# Hundreds of processes load this project: each would compile it anew, at a second of one core,
# where this variable is set, or where the user that a server runs as may not write here.
export PYTHONDONTWRITEBYTECODE :=
COMPILE := @$(BIN)/python -m compileall -q jobs producers pycturestream udfs

SHELL := bash
.SHELLFLAGS := -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run check test servers test-slow benchmark benchmark-gpu lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/run | java ## start the whole system on sample cameras, until Ctrl-C; OPEN=1 opens the live page
	$(COMPILE)
	@$(BIN)/pycturestream demo $(if $(OPEN),--open)

check: .venv/development ## format, lint, imports, types, unit tests, pages in a browser
	$(COMPILE)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pytest --quiet --numprocesses 2 --randomly-seed 1 -m 'not slow' \
		tests/unit tests/simulation tests/browser

test: .venv/development | java ## everything but the slow tests: what continuous integration runs
	@# Side by side: while one waits for something, the other has the processor.
	@$(MAKE) --no-print-directory --jobs 2 marked-check marked-servers

servers: .venv/development | java ## tests on real servers, but the slow ones
	$(COMPILE)
	$(BIN)/pytest tests --ignore=tests/unit --ignore=tests/simulation --ignore=tests/browser \
		--numprocesses 2 --dist loadfile --no-loadscope-reorder -m 'not slow' --randomly-seed 1 \
		--durations=20 --durations-min=5

.PHONY: marked-check marked-servers
marked-check marked-servers: marked-%:
	@$(MAKE) --no-print-directory $* 2>&1 | (trap '' INT; sed --unbuffered 's/^/$*: /')

test-slow: .venv/development | java ## the slow tests, and new examples and another order for the others
	$(COMPILE)
	$(BIN)/pytest tests -m slow
	$(BIN)/pytest --quiet --numprocesses 2 --hypothesis-profile explore --histories 100 \
		tests/unit tests/simulation
	$(BIN)/pytest --quiet --hypothesis-profile explore tests/integration/test_reporting.py \
		tests/integration/test_searching.py tests/integration/test_stores_redis.py

benchmark: .venv/development | java ## throughput and latency on this machine; OPTIONS=--quick
	$(COMPILE)
	$(BIN)/python -m benchmarks $(OPTIONS)

benchmark-gpu: .venv/development ## detection alone, on a GPU if there is one; no network, no servers
	$(BIN)/python -m benchmarks --only detectors $(OPTIONS)

lock: .venv/development ## pin what pyproject.toml names; UPGRADE=--upgrade takes the newest
	$(LOCK) --output-file requirements.txt
	$(LOCK) --group development --constraint requirements.txt \
		--output-file requirements-development.txt
	sed -i '/^uv==/,$$d' requirements-bootstrap.txt
	$(LOCK) --extra gpu --no-emit-package tensorflow-cpu --constraint requirements.txt \
		--python-platform x86_64-manylinux_2_28 --output-file requirements-gpu.txt
	awk '/^uv==/ {found = 1} found {print} found && !/\\$$/ {exit}' requirements-development.txt \
		>> requirements-bootstrap.txt

clean: ## stop the stack; delete its data, caches and builds, but not .venv and downloads
	@if [ -x $(BIN)/pycturestream ]; then $(BIN)/pycturestream down --wipe; fi
	rm -rf build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

# --- .venv: one stamp a stage, so that a second run costs nothing -------------------------------

# pip would take ten times as long as uv; it installs uv alone.
.venv/uv: requirements-bootstrap.txt
	@command -v $(PYTHON) > /dev/null || { \
		echo "error: no $(PYTHON) on PATH: install Python 3.11 (Debian: apt-get install" \
			"python3.11-venv), or name yours with PYTHON=" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { \
		echo "error: $(PYTHON) can't make .venv (Debian: apt-get install python3.11-venv)" >&2; \
		exit 1; }
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-bootstrap.txt
	@touch $@

.venv/run: .venv/uv requirements.txt pyproject.toml
	$(UV) --require-hashes --requirement requirements.txt
	$(UV) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/development: .venv/run requirements-development.txt
	$(UV) --require-hashes --requirement requirements-development.txt
	@touch $@

.PHONY: java
java:
	@for tool in java mvn; do command -v $$tool > /dev/null || { \
		echo "error: no $$tool on PATH: install JDK 17 and Maven (Debian: apt-get install" \
			"openjdk-17-jdk-headless maven)" >&2; exit 1; }; done
