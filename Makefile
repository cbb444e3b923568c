# `make demo` and `make test` set everything up in .venv and run; nothing else needs to be installed but Python 3.11+.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint bench clean

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,eval,train]'
	touch $@

demo: .venv/installed
	mkdir -p demo-output
	$(BIN)/sentikit update-captions examples/demo/captions.json --tags examples/demo/tags.jsonl \
		--rewriter spacy-lemma -o demo-output/captions.json --force --show 8

test: .venv/installed
	$(BIN)/python -m pytest

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# DATA=FOLDER adds the benchmarks on real captions.
bench: .venv/installed
	$(BIN)/python -m benchmarks startup
	$(BIN)/python -m benchmarks tag_files
	$(BIN)/python -m benchmarks beam_search
ifdef DATA
	$(BIN)/python -m benchmarks update_captions $(DATA)
	$(BIN)/python -m benchmarks spacy_lemma $(DATA)
	$(BIN)/python -m benchmarks round_trip $(DATA) --split test
endif

clean:
	rm -rf .venv demo-output build dist *.egg-info
