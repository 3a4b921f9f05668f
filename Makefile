.DEFAULT_GOAL := help
BIN ?= /opt/stack/minova-test/test-venv/bin
PYTEST = $(BIN)/python -m pytest --quiet

help: ## this list
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

test: ## all tests, on a machine with nothing installed (as root)
	./devstack/run_tests.sh

test-all: ## every campaign too, in parts; goes on where it was (as root)
	./devstack/run_tests.sh --all

unit: ## seconds, without any server
	$(PYTEST) tests/unit

functional: ## real RabbitMQ, SQLite and MariaDB, libvirt's test driver
	$(PYTEST) tests/functional

e2e: ## stack.sh and QEMU guests (as root)
	$(PYTEST) tests/e2e

format: ## ruff's format
	$(BIN)/ruff format .

lint: ## every check of the code
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell README.md CONTRIBUTING.md docs etc minova tests benchmarks devstack
	shellcheck --external-sources devstack/*.sh devstack/lib/*
	PATH=$(BIN):$$PATH etc/minova/check_samples.sh

samples: ## write etc/minova/minova.conf and policy.yaml anew
	PATH=$(BIN):$$PATH etc/minova/check_samples.sh --write

chaos: ## two minutes of load and faults, on servers of its own (as root)
	$(BIN)/python benchmarks/chaos.py

bench: ## how long a pause takes on the running stack (as root)
	/opt/stack/venv/bin/python benchmarks/pause.py

scale: ## what 200 hosts and 20,000 servers cost, on servers of its own (as root)
	$(BIN)/python benchmarks/scale.py

.PHONY: help test test-all unit functional e2e format lint samples bench chaos scale
