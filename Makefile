# Two commands matter: `make demo` and `make test`. Both build .venv when it is missing.
# Needs Python 3.11 or later, make and pip; nothing else.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

# Containers often forbid it; then each process that the tests start compiles all sources again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test test-long test-faults check format bench docs messages pictures lock clean

demo: .venv/runtime
	@if [ -t 0 ] && [ -t 1 ]; then $(BIN)/plan-assistant demo; else $(BIN)/plan-assistant demo --no-ui; fi

test: .venv/dev
	$(BIN)/python -m pytest --least-examples=20000 --numprocesses=auto --dist=worksteal

test-long: .venv/dev
	HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest --least-examples=1000000 --numprocesses=auto --dist=worksteal

test-faults: .venv/dev
	FAULT_ROUNDS=500 $(BIN)/python -m pytest tests/faults

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/messages.py --check
	$(BIN)/python tools/reference.py --check

format: .venv/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/bench
	$(BIN)/python bench/run.py

messages: .venv/dev
	$(BIN)/python tools/messages.py

pictures: .venv/dev
	$(BIN)/python tools/pictures.py

docs: .venv/dev
	$(BIN)/python tools/reference.py

# Names, versions and hashes only; the address of an index never enters a lock file.
lock: .venv/dev
	$(PIP) install --quiet pip-tools
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/python -m piptools compile --quiet --strip-extras --generate-hashes --allow-unsafe \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file lock/runtime.txt lock/runtime.in pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/python -m piptools compile --quiet --strip-extras --generate-hashes --allow-unsafe \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file lock/dev.txt lock/dev.in lock/runtime.txt
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/python -m piptools compile --quiet --strip-extras --generate-hashes --allow-unsafe \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file lock/bench.txt lock/bench.in lock/runtime.txt

.venv/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "plan-assistant needs Python 3.11 or later: set PYTHON=...")'
	$(PYTHON) -m venv .venv
	touch $@

.venv/runtime: .venv/python lock/runtime.txt pyproject.toml
	$(PIP) install --quiet --require-hashes -r lock/runtime.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# The libraries that the benches compare with; nothing else needs them.
.venv/bench: .venv/dev lock/bench.txt
	$(PIP) install --quiet --require-hashes -r lock/bench.txt
	touch $@

.venv/dev: .venv/runtime lock/dev.txt
	$(PIP) install --quiet --require-hashes -r lock/dev.txt
	touch $@

clean:
	rm -rf .venv dist demo-output .mypy_cache .ruff_cache .pytest_cache .hypothesis
