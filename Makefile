# `make help` lists what there is. Needs Python 3.11 or newer, make and a network; nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# ENGINE=2026 runs everything on the second locked Neo4j line.
ifeq ($(ENGINE),2026)
export RINGSIGHT_ENGINE_LINE := 2026.08
endif
PYTEST_ARGS ?=
# Faults that `make test` tries too.
CHEAP_FAULTS := $(addprefix tests/unit/,test_full_disk.py test_clock_skew.py test_torn_files.py test_restore_killed.py)

.PHONY: help install demo test faults lint format bench fuzz audit docs clean

help: ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

install: $(STAMP) ## .venv with the ringsight command and everything for tests

$(STAMP): pyproject.toml service/web/package-lock.json
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Ringsight needs Python 3.11 or newer; run: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1,<27'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[kafka,redis,otel]' --group dev
	@touch $@

demo: install ## the whole product on simulated data: pages, API, Neo4j Browser
	@$(BIN)/ringsight demo

test: install ## all tests, on a real engine that they start and stop
	$(BIN)/python -m pytest $(PYTEST_ARGS)

faults: install ## workers killed 50 times, files cut at every byte, a full disk, wrong clocks, killed restores, no memory
	$(BIN)/python -m pytest -m faults $(PYTEST_ARGS)
	$(BIN)/python -m pytest $(CHEAP_FAULTS) $(PYTEST_ARGS)

lint: install ## ruff, mypy --strict, import-linter, and the files under docker/ by their schemas
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/yamllint --strict -d '{extends: relaxed, rules: {line-length: {max: 120}}}' docker
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker/compose.yaml
	$(BIN)/kubernetes-validate --strict --quiet docker/kubernetes.yaml
	$(BIN)/hadolint docker/Dockerfile

format: install ## ruff's fixes and layout
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install ## the benchmarks; each prints a table and a last line of JSON
	@for script in bench/ingest.py bench/detection.py bench/risk.py bench/quality.py; do \
	  echo "== $$script"; $(BIN)/python $$script || exit 1; done

fuzz: install ## random requests by the OpenAPI document, 1,000 for each operation, random events, hostile input
	FUZZ_EXAMPLES=1000 $(BIN)/python -m pytest tests/fuzz tests/unit/test_fuzz_events.py tests/hostile $(PYTEST_ARGS)

audit: install ## known holes in what is installed (pip-audit), risky code (bandit)
	@BIN=$(BIN) bash .ci/audit

docs: install ## pages that are made from the code (docs/settings.md)
	$(BIN)/python docs/make_settings.py

clean: ## what make install and the tests leave in this folder
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
