# `make lab` and `make test` do all their own set-up. `make help` lists the rest.
# PIP_FLAGS goes to `pip install` (the README says when a Linux user wants it), LAB_FLAGS to JupyterLab.
SHELL := /bin/bash
PYTHON ?= python3
PIP_FLAGS ?=
LAB_FLAGS ?=
VENV := .venv
PY := $(VENV)/bin/python
INSTALL = -m pip install --disable-pip-version-check $(PIP_FLAGS) -c constraints.txt
BOOKS = $(wildcard notebooks solutions)
NBVAL = --nbval --nbval-current-env --nbval-cell-timeout 300
# each file stays in one process, the notebooks come first since they are the longest;
# the browser's tests measure time, so they run by themselves
PROCESSES = -n auto --maxprocesses 4
PARALLEL = $(PROCESSES) --dist loadfile --no-loadscope-reorder
# the oldest CPU capability of PyTorch, with two threads (everything else runs with one)
# threads that wait sleep, or they take the processor from those that work
VARIANT = ATEN_CPU_CAPABILITY=default OMP_NUM_THREADS=2 OMP_WAIT_POLICY=PASSIVE ANOMALYLAB_THREADS=2
# $(call part,name,command) runs a command and prints the time it took
part = @echo "== $(1)"; SECONDS=0; $(2) \
  && printf '== %s: %d min %02d s\n' '$(1)' $$((SECONDS / 60)) $$((SECONDS % 60))
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help lab reset test test-all lint variants alone notebooks exercises results clean

help:  ## list the commands
	@grep -E '^[a-z-]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*## /\t/' | expand -t 12

lab: $(VENV)/.lab  ## open JupyterLab on your own copy of the course
	$(PY) -m tools.lab -- $(LAB_FLAGS)

reset: $(VENV)/.lab  ## a fresh copy of one file: make reset NAME=4.1_autoencoder.ipynb
	$(PY) -m tools.lab --reset "$(NAME)"

test: $(VENV)/.dev  ## style, types, unit tests, and every notebook run and compared
	$(call part,lint,$(MAKE) --no-print-directory lint)
	$(call part,tests and notebooks,$(PY) -m pytest $(PARALLEL) $(NBVAL) -m "not slow" \
	  $(BOOKS) tests --ignore=tests/browser --durations=15 \
	  --cov=anomalylab --cov-report= --cov-fail-under=0)
	$(call part,browser,$(PY) -m pytest -m "not slow" tests/browser \
	  --cov=anomalylab --cov-append --cov-report=term)

test-all: $(VENV)/.dev  ## what takes longer: slow tests, another CPU and two threads, no extras
	$(call part,slow tests,$(PY) -m pytest $(PROCESSES) -m slow tests)
	$(call part,variant,$(MAKE) --no-print-directory variants)
	$(call part,package alone,$(MAKE) --no-print-directory alone)

variants: $(VENV)/.dev  ## every notebook again, on the oldest CPU capability with two threads: the same texts and pictures
	$(VARIANT) $(PY) -m tools.notebooks --check

alone: $(PY)  ## install the package without extras elsewhere, and use it there
	@set -e; room=$$(mktemp -d); trap 'rm -rf "$$room" build' EXIT; rm -rf build; \
	  $(PY) -m venv "$$room"; "$$room/bin/python" $(INSTALL) .; \
	  "$$room/bin/python" tests/library_alone.py

lint: $(VENV)/.dev  ## style and types of code and notebooks
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	$(PY) -m tools.sizes
	@if [ -n "$$(find $(BOOKS) -name '*.ipynb' -print -quit)" ]; then \
	  echo "$(PY) -m nbqa mypy $(BOOKS)"; $(PY) -m nbqa mypy $(BOOKS) --allow-untyped-defs --allow-incomplete-defs --disable-error-code var-annotated; fi

notebooks: $(VENV)/.dev  ## run every notebook in place and write it in its normal form
	$(PY) -m tools.notebooks
	$(PY) -m tools.minutes notebooks

exercises: $(VENV)/.dev  ## make exercises/ from solutions/
	$(PY) -m tools.minutes solutions
	$(PY) -m tools.exercises

results: $(VENV)/.dev  ## compute the tables of many runs again, about 25 minutes
	$(PY) -m tools.results

clean:  ## remove the environment and caches (never my-course/)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .coverage build *.egg-info

$(PY):
	$(PYTHON) -m venv $(VENV)

$(VENV)/.lab: pyproject.toml constraints.txt | $(PY)
	$(PY) $(INSTALL) -e '.[course]'
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(PY)
	$(call part,installation,$(PY) $(INSTALL) -e '.[dev]')
	touch $(VENV)/.lab $@
