# Everything below sets itself up: a machine with python3 (3.11 or newer) and make is enough.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready

.PHONY: demo test test-all lint format bench clean help

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(READY) ## the main job on two cheap tasks: 8 to 17 minutes on 2 cores, ends with a page
	$(PY) -m harness run --suite cartpole,ball_balance --seeds 3 --out runs/demo

test: $(READY) ## the test suite
	$(PY) -m pytest -n auto --dist worksteal -m "not slow"

test-all: $(READY) ## the test suite with its slow tests
	$(PY) -m pytest -n auto --dist worksteal

lint: $(READY) ## formatting, lint, types, file lengths
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	@git ls-files '*.py' | xargs awk '\
		FNR == 1 { most = FILENAME ~ /^(harness|suites|reports|baselines)\// ? 300 : 400 } \
		FNR > most { print FILENAME ": more than " most " lines"; bad = 1; nextfile } END { exit bad }'

format: $(READY) ## put the code into its format
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

bench: $(READY) ## speed, measured: engine, env step, start of a trial, orchestration, PPO against Stable-Baselines3
	$(PY) -m pip install --quiet --constraint constraints.txt --editable '.[dev,bench]'
	$(PY) -m pytest benchmarks --benchmark-only -o python_files='bench_*.py' -o python_functions='bench_*' -o timeout=3600

clean: ## remove the environment and caches (runs stay)
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build *.egg-info

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@
