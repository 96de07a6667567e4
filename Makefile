# `make run` and `make test` need Python 3.11 or newer and nothing else: they install the rest into .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test test-deep mutants audit check fmt messages bench chaos chaos-table container-steps image lock page screenshots gallery
.DEFAULT_GOAL := run
# Where it is set, every process of every test would compile all that it imports again.
unexport PYTHONDONTWRITEBYTECODE

run: .venv/run
	$(BIN)/winsome playground

# Six processes on two cores: half of a conversation is waiting, and with more of them its time limits are missed.
test: .venv/dev
	$(BIN)/pytest -n 6 --dist loadgroup $(ARGS)

# By hand, before an issue is resolved: docs/testing.md says how long it took. Tests that measure seconds run last, one at
# a time; pytest exits with 5 if ARGS selects none of them.
test-deep: .venv/dev
	$(BIN)/pytest --deep -n 6 --dist loadgroup -m "not alone" $(ARGS)
	$(BIN)/pytest --deep -n 0 -m alone $(ARGS) || test $$? -eq 5

# Which small changes of the code the suite does not notice; DEEP=1 tries those in every deployment too.
mutants: .venv/dev
	$(BIN)/python -m tests.mutants $(if $(N),-n $(N)) $(if $(SEED),--seed $(SEED)) $(if $(DEEP),--deep)

# What runs in production, as an SBOM in sbom.cdx.json, and what PyPI knows to be wrong with it.
audit: .venv/dev
	$(BIN)/python -m tests.audit

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(MAKE) test

fmt: .venv/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Tries each step of the Dockerfile in a folder, without a container engine (see docs/running.md).
container-steps: .venv/dev
	RUN_CONTAINER_STEPS=1 $(BIN)/pytest tests/project -k steps_make

# Builds the image and tries it. docker, podman or buildah: the first that works.
image: .venv/dev
	RUN_IMAGE=1 $(BIN)/pytest -n 0 -s tests/project/test_image.py

# Collects the messages of the views for translators; a test fails when the file is out of date.
messages: .venv/dev
	$(BIN)/pybabel -q extract --omit-header --sort-by-file --add-location=file -o bot/locales/winsome.pot bot/views

page:
	cd playground/page && npm ci && npm run build

# The roundups of example weeks, as text and as pictures: read them aloud.
gallery: .venv/dev
	$(BIN)/python -m tests.gallery

screenshots: .venv/dev
	$(BIN)/python -m tests.browser.screenshots

bench: .venv/dev
	$(BIN)/python -m tests.bench $(ROWS)

# One scenario or all of them, on one database or both. At its usual size each takes up to about 15 minutes.
chaos: .venv/dev
	$(BIN)/python -m tests.chaos $(ROW) $(if $(DB),--db $(DB)) $(if $(SEED),--seed $(SEED)) $(if $(SIZE),--size $(SIZE))

chaos-table: .venv/dev
	@$(BIN)/python -m tests.chaos --table

COMPILE = $(BIN)/uv pip compile -q --universal --generate-hashes --no-annotate --no-header
lock: .venv/dev
	$(COMPILE) pyproject.toml -o requirements/run.txt
	$(COMPILE) --group build -c requirements/run.txt -o requirements/build.txt
	$(COMPILE) pyproject.toml --group build --group dev -c requirements/run.txt -c requirements/build.txt -o requirements/dev.txt

.venv/run: requirements/run.txt requirements/build.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt -r requirements/build.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $@

.venv/dev: requirements/dev.txt .venv/run
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@
