# Two commands do everything on a fresh Debian or Ubuntu: `make demo` and `make test`. `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help set-up demo test test-vm check lint types layers pure docs bench deb screenshots pictures vm-shell \
    lock clean

PYTHON := .venv/bin/python
# Network namespaces, polkit and containers need root; the virtual environment stays the caller's.
ROOT := $(if $(filter 0,$(shell id -u)),,sudo --preserve-env=CI,KEEP,PAGE_TEXT,FLEXNET_NO_VM)

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

set-up: ## install what development needs (distribution packages and .venv); done by the others by themselves
	@packaging/development/set-up

demo: set-up ## the main job, in a small world of its own: sign in with password and key, tunnel, a page behind it
	@$(ROOT) $(PYTHON) -m tests.demo

test: set-up ## all tests; FLEXNET_NO_VM=1 leaves out those in a machine with its own kernel
	@$(ROOT) packaging/development/run-tests

test-vm: set-up ## only the tests in a booted Debian with its own kernel: kernel WireGuard, the key on USB
	@$(ROOT) packaging/development/run-tests -m vm tests/vm

check: set-up lint types layers pure docs ## everything that needs no world: style, types, layers, pure parts, documents

lint:
	@.venv/bin/ruff format --check -q . && .venv/bin/ruff check -q .

types:
	@.venv/bin/mypy

layers:
	@.venv/bin/lint-imports

pure: ## the pure parts, each covered to the last branch by its own tests
	@packaging/development/check-pure

docs: ## documents against what they describe
	@$(PYTHON) -m pytest -q tests/unit/docs

bench: set-up ## the measures of docs/PERFORMANCE.md, into build/bench/
	@$(ROOT) $(PYTHON) -m tests.bench

deb: set-up ## the Debian packages for 12 and 13, into build/deb/
	@$(ROOT) packaging/deb/build bookworm trixie

handbook: set-up ## the members' handbook, HTML and PDF, into build/handbook/ (PROFILE=file for an operator's own)
	@$(PYTHON) packaging/handbook/build.py $(if $(PROFILE),--profile $(PROFILE))

screenshots: set-up ## every state of window and applet, German and English, light and dark, into build/screenshots/
	@po/compile && $(PYTHON) -m tests.bed.desktop.screenshots

pictures: set-up ## the same, and renew docs/pictures/ from them
	@po/compile && $(PYTHON) -m tests.bed.desktop.screenshots --keep

vm-shell: set-up ## a shell in a booted Debian 12 with its own kernel, as the tests use it
	@$(ROOT) $(PYTHON) -m tests.bed.vm

lock: ## renew the hash-locked lists of what development and the portal install from PyPI
	@for which in development portal; do \
	    uv pip compile --universal --python-version 3.11 --generate-hashes -q packaging/$$which/requirements.in \
	        -o packaging/$$which/requirements.txt --custom-compile-command "make lock" || exit 1; \
	done

clean: ## remove what was built
	@rm -rf build dist .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache flexnetd.egg-info
