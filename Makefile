# Two commands do everything on a machine that has python3 (with venv) and make:
#   make demo    install into .venv and solve an AC optimal power flow
#   make test    install into .venv; lint, type check, tests

PYTHON ?= python3
BIN := .venv/bin
RUN_STAMP := .venv/.run-installed
DEV_STAMP := .venv/.dev-installed

.PHONY: help demo test lint types pytest benchmarks-small clean

help:
	@echo "targets: demo, test, lint, types, pytest, benchmarks-small, clean"

$(BIN)/python:
	$(PYTHON) -m venv .venv

# The stamps are renewed only when pyproject.toml changes: the installation is editable.
$(RUN_STAMP): pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -e '.[plots]'
	@touch $@

$(DEV_STAMP): pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -e '.[cyipopt,plots,tests,benchmarks]'
	@touch $@ $(RUN_STAMP)

demo: $(RUN_STAMP)
	$(BIN)/sparseopt solve ac_opf --set case=case1354 --plot out/ac_opf

test: lint types pytest

lint: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV_STAMP)
	$(BIN)/mypy

pytest: $(DEV_STAMP)
	$(BIN)/python -m pytest

benchmarks-small: $(DEV_STAMP)
	$(BIN)/python -m benchmarks --small

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache build out
