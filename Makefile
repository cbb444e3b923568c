# `make demo` and `make test` set everything up in .venv and run; nothing else needs to be installed but Python 3.11+.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test faults lint docs bench bundled-models clean

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,eval,train]'
	touch $@

demo: .venv/installed
	mkdir -p demo-output
	@echo "--- plain captions"
	$(BIN)/sentikit caption examples/demo/images --combiner none
	@echo "--- captions with feeling"
	$(BIN)/sentikit caption examples/demo/images
	@echo "--- what the photographs show: adjective-noun pairs"
	$(BIN)/sentikit tag examples/demo/images --top-k 5
	@echo "--- where the model looked for each word: demo-output/astronaut.png"
	$(BIN)/sentikit caption examples/demo/images/astronaut.jpg --explain demo-output/astronaut.png --force
	@echo "--- people's captions, updated from their photographs: demo-output/captions.json"
	$(BIN)/sentikit update-captions examples/demo/captions.json -o demo-output/captions.json --force --show 8

# One test process a core; HYPOTHESIS_PROFILE=thorough tries many more examples.
test: .venv/installed
	$(BIN)/python -m pytest -n auto --dist worksteal

# 200 killed and continued runs and 100,000 hostile files; KILLS=N and CASES=N for fewer or more.
KILLS ?= 200
CASES ?= 100000
faults: .venv/installed
	cd tests && PYTHONPATH=.. ../$(BIN)/python -m faults --kills $(KILLS) --cases $(CASES)

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Makes docs/commands.md and the README's picture.
docs: .venv/installed
	$(BIN)/python -m scripts.docs.commands
	$(BIN)/python -m scripts.docs.picture

# DATA=FOLDER adds the benchmarks on real captions.
bench: .venv/installed
	$(BIN)/python -m scripts.benchmarks startup
	$(BIN)/python -m scripts.benchmarks tag_files
	$(BIN)/python -m scripts.benchmarks beam_search
	$(BIN)/python -m scripts.benchmarks shared_encoder
ifdef DATA
	$(BIN)/python -m scripts.benchmarks update_captions $(DATA)
	$(BIN)/python -m scripts.benchmarks spacy_lemma $(DATA)
	$(BIN)/python -m scripts.benchmarks round_trip $(DATA) --split test
endif

# Trains the bundled weights anew, for some hours: DATA=FOLDER, OUT=FOLDER (runs/bundled).
OUT ?= runs/bundled
bundled-models: .venv/installed
	PATH="$(CURDIR)/$(BIN):$$PATH" bash scripts/bundled/train.sh $(DATA) $(OUT)
	PATH="$(CURDIR)/$(BIN):$$PATH" bash scripts/bundled/measure.sh $(DATA) $(OUT) $(OUT)/pack

clean:
	rm -rf .venv demo-output build dist *.egg-info
