.DEFAULT_GOAL := help
# EXTRAS=dev,libvirt,mysqlclient is for the measurements. It builds against the machine's
# libvirt and MariaDB library.
VENV ?= .venv
PYTHON ?= python3
EXTRAS ?= dev
BIN = $(VENV)/bin

help: ## this list
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

venv: ## a Python environment for lint and unit: no root, no libvirt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip --disable-pip-version-check install --quiet --constraint constraints.txt \
		--editable '.[$(EXTRAS)]'

test: ## all tests, on a machine with nothing installed (as root)
	./devstack/run_tests.sh

test-all: ## every campaign too, in parts; resumes where it stopped (as root)
	./devstack/run_tests.sh --all

unit: ## unit tests: seconds, without a server
	$(BIN)/python -m pytest --quiet tests/unit

functional: ## tests with RabbitMQ, SQLite, MariaDB, libvirt's test driver (as root)
	./devstack/run_tests.sh tests/functional

e2e: ## tests with stack.sh and QEMU guests (as root)
	./devstack/run_tests.sh tests/e2e

format: ## format the code with ruff
	$(BIN)/ruff format .

lint: ## every check of the code
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell README.md CONTRIBUTING.md docs etc minova tests benchmarks devstack
	$(BIN)/proselint --config .proselintrc.json check README.md CONTRIBUTING.md docs releasenotes
	$(BIN)/shellcheck --external-sources devstack/*.sh devstack/lib/*
	PATH="$(abspath $(BIN)):$$PATH" etc/minova/check_samples.sh

samples: ## update etc/minova/minova.conf and policy.yaml
	PATH="$(abspath $(BIN)):$$PATH" etc/minova/check_samples.sh --write

captures: ## update the output of commands in README and docs
	$(BIN)/python docs/capture_trace.py --write
	$(BIN)/python docs/capture_waterfall.py --write
	$(BIN)/python docs/capture_watch.py --write
	$(BIN)/python docs/capture_doctor.py --write
	$(BIN)/python benchmarks/plot.py docs/growth.json docs/growth.svg

tutorial: ## run docs/tutorial.md on the running stack, update its output (as root)
	$(PYTHON) docs/typed.py docs/tutorial.md --write

chaos: ## two minutes of load and faults, on separate servers (as root)
	$(BIN)/python benchmarks/chaos.py

bench: ## speed, compared with hypervisor and web server alone (as root)
	$(BIN)/python benchmarks/bench.py

shares: ## which library's code takes the CPU of a pause (as root)
	$(BIN)/python benchmarks/shares.py

floor: ## a pause without minova, by its libraries alone (as root)
	$(BIN)/python benchmarks/floor.py

scale: ## cost of 200 hosts and 20,000 servers, on separate servers (as root)
	$(BIN)/python benchmarks/scale.py

soak: ## whether 100,000 pauses and unpauses leave anything behind (as root)
	$(BIN)/python benchmarks/soak.py

growth: ## how pause, show and list grow with servers and clients (as root)
	$(BIN)/python benchmarks/growth.py --json docs/growth.json
	$(BIN)/python benchmarks/plot.py docs/growth.json docs/growth.svg

.PHONY: help venv test test-all unit functional e2e format lint samples captures tutorial bench shares floor chaos scale growth soak
