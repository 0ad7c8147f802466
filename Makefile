# `make lab` and `make test` do all their own set-up. `make help` lists the rest.
# PIP_FLAGS goes to `pip install` (the README says when a Linux user wants it), LAB_FLAGS to JupyterLab.
SHELL := /bin/bash
PYTHON ?= python3
PIP_FLAGS ?=
LAB_FLAGS ?=
VENV := .venv
PY := $(VENV)/bin/python
PIP = $(PY) -m pip install --disable-pip-version-check $(PIP_FLAGS) -c constraints.txt
BOOKS = $(wildcard notebooks solutions)
NBVAL = --nbval --nbval-current-env --nbval-cell-timeout 120
# each file stays in one process; the browser's tests measure time, so they run by themselves
PROCESSES = -n auto --maxprocesses 4
PARALLEL = $(PROCESSES) --dist loadfile
CPUS = default $(shell grep -q -w avx2 /proc/cpuinfo 2>/dev/null && echo avx2) \
       $(shell grep -q -w avx512f /proc/cpuinfo 2>/dev/null && echo avx512)
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help lab reset test test-all variants lint notebooks exercises results clean

help:  ## list the commands
	@grep -E '^[a-z-]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*## /\t/' | expand -t 12

lab: $(VENV)/.lab  ## open JupyterLab on your own copy of the course
	$(PY) -m tools.lab -- $(LAB_FLAGS)

reset: $(VENV)/.lab  ## a fresh copy of one file: make reset NAME=4.1_autoencoder.ipynb
	$(PY) -m tools.lab --reset "$(NAME)"

test: $(VENV)/.dev lint  ## style, types, unit tests, and every notebook run and compared
	$(PY) -m pytest $(PARALLEL) $(NBVAL) -m "not slow" tests $(BOOKS) --ignore=tests/browser \
	  --cov=anomalylab --cov-report= --cov-fail-under=0
	$(PY) -m pytest -m "not slow" tests/browser --cov=anomalylab --cov-append --cov-report=term

test-all: $(VENV)/.dev  ## what takes longer: slow tests, same bytes twice, other CPUs and threads
	$(PY) -m pytest $(PROCESSES) -m slow tests
	$(PY) -m tools.notebooks --check
	$(MAKE) variants

variants: $(VENV)/.dev  ## the same text on other CPU capabilities and thread counts
	@set -e; for cpu in $(CPUS); do echo "== ATEN_CPU_CAPABILITY=$$cpu"; \
	  ATEN_CPU_CAPABILITY=$$cpu $(PY) -m pytest -q $(PARALLEL) $(NBVAL) $(BOOKS); done
	@echo "== 2 threads (make test has run with one)"
	@ANOMALYLAB_THREADS=2 OMP_NUM_THREADS=2 $(PY) -m pytest -q $(PARALLEL) $(NBVAL) $(BOOKS)

lint: $(VENV)/.dev  ## style and types of code and notebooks
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	$(PY) -m tools.sizes
	@if [ -n "$$(find $(BOOKS) -name '*.ipynb' -print -quit)" ]; then \
	  echo "$(PY) -m nbqa mypy $(BOOKS)"; $(PY) -m nbqa mypy $(BOOKS); fi

notebooks: $(VENV)/.dev  ## run every notebook in place and write it in its normal form
	$(PY) -m tools.notebooks
	$(PY) -m tools.minutes notebooks

exercises: $(VENV)/.dev  ## make exercises/ from solutions/
	$(PY) -m tools.minutes solutions
	$(PY) -m tools.exercises

results: $(VENV)/.dev  ## compute the tables of many runs again, about ten minutes
	$(PY) -m tools.results

clean:  ## remove the environment and caches (never my-course/)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .coverage build *.egg-info

$(PY):
	$(PYTHON) -m venv $(VENV)

$(VENV)/.lab: pyproject.toml constraints.txt | $(PY)
	$(PIP) -e '.[further]'
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(PY)
	$(PIP) -e '.[further,dev]'
	touch $(VENV)/.lab $@
