# make demo: from a fresh clone to a plan and a report; make test: all that needs no ERPNext site.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH ?= $(HOME)/frappe-bench
SITE ?= test.localhost

.PHONY: demo test test-site lint bench-chain clean

demo: $(VENV)/.installed
	$(BIN)/sentia-ops demo

test: $(VENV)/.tested lint
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: $(VENV)/.tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

# The rest, on a real ERPNext site: make test-site BENCH=<bench> SITE=<site>. The site is written to: never use your own.
test-site:
	.ci/site-tests "$(BENCH)" "$(SITE)"

bench-chain: $(VENV)/.tested
	$(BIN)/python benchmarks/chain.py

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Sentia Ops needs Python 3.10 or newer; name one with make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.tested: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) demo-lake report.html
