# `make demo` and `make test` are all a newcomer needs; both make their own .venv first.
PYTHON ?= python3
PYTHONS ?= 3.10 3.11 3.12 3.13
PYTHON312 ?= python3.12
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# PyAirbyte sends usage data and asks the registry unless told not to.
export AIRBYTE_OFFLINE_MODE := 1
export DO_NOT_TRACK := 1
# What Python compiles is kept: uv installs source alone.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test tests test-all bench qa lint types reference views lock clean

demo: $(VENV)/.installed
	@$(BIN)/python scripts/demo.py

# Side by side: some tests wait for an answer more than they compute.
test: $(VENV)/.installed
	@$(MAKE) --jobs=3 lint types tests

tests: $(VENV)/.installed .venv-dbt/.installed
	$(BIN)/python -m pytest --numprocesses auto --dist loadgroup

# The same tests on every supported Python that this machine has, each in an environment of its own.
test-all:
	@for version in $(PYTHONS); do \
		if command -v python$$version >/dev/null && python$$version -c "" 2>/dev/null; then \
			$(MAKE) test PYTHON=python$$version VENV=.venv-$$version || exit 1; \
		else \
			echo "Python $$version is not on this machine: left out."; \
		fi; \
	done

# Airbyte's own checks of a connector. They need Python 3.12 and an environment of their own.
qa: .venv-qa/.installed
	.venv-qa/bin/python scripts/qa.py

.venv-qa/.installed:
	$(PYTHON312) -m venv .venv-qa
	.venv-qa/bin/python -m pip install --quiet airbyte-internal-ops==0.132.0
	@touch $@

bench: $(VENV)/.installed
	$(BIN)/python -m benchmarks

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m manifest_lint manifests/*.yaml integration_tests/*_provider.yaml

types: $(VENV)/.installed
	$(BIN)/mypy

# What a manifest may say, written from the settings; and the streams, written from the manifests.
reference: $(VENV)/.installed
	$(BIN)/python scripts/manifest_reference.py
	$(BIN)/python scripts/stream_tables.py

# The models of the dbt package as plain views. Those for PostgreSQL need its server (Debian's package postgresql).
views: .venv-dbt/.installed
	.venv-dbt/bin/python -m scripts.views

# The lock pins every package, so that the same commit installs the same versions everywhere. uv installs them in a few
# seconds; where it is not to be had, pip does the same in minutes.
$(VENV)/.installed: pyproject.toml requirements.lock
	@echo "Installing into $(VENV) ..."
	$(PYTHON) -m venv $(VENV)
	($(BIN)/python -m pip install --quiet --constraint requirements.lock uv && \
		$(BIN)/uv pip sync --quiet --python $(BIN)/python requirements.lock) || \
		$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

# dbt has an environment of its own: what it brings along is not the connector's.
.venv-dbt/.installed: dbt/requirements.lock | $(VENV)/.installed
	@echo "Installing into .venv-dbt ..."
	$(PYTHON) -m venv .venv-dbt
	$(BIN)/uv pip sync --quiet --python .venv-dbt/bin/python dbt/requirements.lock || \
		.venv-dbt/bin/python -m pip install --quiet --requirement dbt/requirements.lock
	@touch $@

lock: $(VENV)/.installed
	$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --all-extras --no-header --no-annotate \
		pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --no-header --no-annotate \
		dbt/requirements.in --output-file dbt/requirements.lock
	$(BIN)/uv tool run poetry lock

clean:
	rm -rf $(VENV) .venv-* .demo build dist
