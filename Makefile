# make demo    see it: sets everything up and starts JupyterLab on the first notebook (CHECK=1: only executes it)
# make test    every check there is, on what this sets up by itself
# make bench   the measurements of docs/performance.md
# make clean   removes what the build and these targets made

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
PORT ?= 8888
NOTEBOOK ?= notebooks/01_ms_raster.ipynb
CHECK ?=

DEMO := .venv-demo
DEV := .venv-dev
E2E := .venv-e2e
SOURCES := $(shell find dsa110_vis -name '*.py' -not -path '*/static/*' -not -path '*/labextension/*')
FRONTEND := $(shell find labextension -type f -not -path '*/node_modules/*' -not -path '*/lib/*' -not -path '*/.yarn/*' \
	-not -path '*/ui-tests/*' -not -name '*.tsbuildinfo')

.PHONY: demo test bench clean lint types unit notebooks frontend package browser chromium wsclean python

.DEFAULT_GOAL := help
.PHONY: help
help:
	@sed -n 's/^# make/make/p' Makefile

python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || {
	echo "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=/path/to/python3.12 ..." >&2; exit 1; }

# ---- the demonstration -----------------------------------------------------------------------------------------------

$(DEMO)/.done: pyproject.toml $(SOURCES) $(FRONTEND) | python
	test -x $(DEMO)/bin/python || $(PYTHON) -m venv $(DEMO)
	$(DEMO)/bin/python -m pip install --quiet --upgrade pip
	$(DEMO)/bin/python -m pip install --quiet '.[lab,casa]'
	touch $@

demo: $(DEMO)/.done
	export PATH="$$PWD/$(DEMO)/bin:$$PATH"
	echo "Demonstration data: $$(dsa110-vis demo ngc5921)"
	if [ -n '$(CHECK)' ]; then
		python -m jupyter execute --timeout=600 --output="$$(mktemp -d)/executed.ipynb" $(NOTEBOOK)
		echo "The demonstration notebook ran."
	else
		echo "JupyterLab: http://localhost:$(PORT)/lab/tree/$(NOTEBOOK) (with the token that it prints)"
		exec jupyter lab --port=$(PORT) --port-retries=20 $$([ "$$(id -u)" = 0 ] && echo --allow-root) $(NOTEBOOK)
	fi

# ---- the tests -------------------------------------------------------------------------------------------------------

$(DEV)/.done: pyproject.toml labextension/package.json labextension/yarn.lock | python
	test -x $(DEV)/bin/python || $(PYTHON) -m venv $(DEV)
	$(DEV)/bin/python -m pip install --quiet --upgrade pip
	PATH="$$PWD/$(DEV)/bin:$$PATH" $(DEV)/bin/python -m pip install --quiet --editable '.[dev,casa,bench]'
	touch $@

labextension/node_modules/.done: labextension/package.json labextension/yarn.lock | $(DEV)/.done
	export PATH="$$PWD/$(DEV)/bin:$$PATH"
	cd labextension
	jlpm install --immutable
	touch node_modules/.done

dsa110_vis/static/mask-draw.js: $(FRONTEND) labextension/node_modules/.done
	export PATH="$$PWD/$(DEV)/bin:$$PATH"
	cd labextension
	jlpm build:prod
	touch ../$@

lint: $(DEV)/.done labextension/node_modules/.done
	export PATH="$$PWD/$(DEV)/bin:$$PATH"
	ruff check .
	ruff format --check .
	interrogate --quiet dsa110_vis
	cd labextension && jlpm lint:check

types: $(DEV)/.done labextension/node_modules/.done
	export PATH="$$PWD/$(DEV)/bin:$$PATH"
	mypy
	cd labextension && jlpm typecheck

# Hypothesis draws the same examples every time here, so that a change fails for what it does; plain pytest explores.
unit: $(DEV)/.done dsa110_vis/static/mask-draw.js wsclean
	PATH="$$PWD/$(DEV)/bin:$$PATH" python -m pytest tests --ignore=tests/packaging --ignore=tests/benchmarks \
		--hypothesis-profile=ci --durations=15

notebooks: $(DEV)/.done dsa110_vis/static/mask-draw.js
	PATH="$$PWD/$(DEV)/bin:$$PATH" python -m pytest --nbval-lax --nbval-current-env --nbval-cell-timeout=300 \
		--nbval-sanitize-with tests/nbval_sanitize.cfg -p no:cacheprovider notebooks

frontend: labextension/node_modules/.done
	export PATH="$$PWD/$(DEV)/bin:$$PATH"
	cd labextension && jlpm test

# The wheel, and the wheel made from the source archive with no Node to be found: both hold the same files.
package: $(DEV)/.done dsa110_vis/static/mask-draw.js
	export PATH="$$PWD/$(DEV)/bin:$$PATH"
	rm -rf dist && python -m build --outdir dist . > /dev/null
	python -m pytest tests/packaging -q

$(E2E)/.done: package
	test -x $(E2E)/bin/python || $(PYTHON) -m venv $(E2E)
	$(E2E)/bin/python -m pip install --quiet --upgrade pip
	wheel=$$(ls dist/*.whl)
	$(E2E)/bin/python -m pip install --quiet "$$wheel[lab]"
	$(E2E)/bin/python -m pip install --quiet --force-reinstall --no-deps "$$wheel"
	touch $@

# Debian's packages: Chromium for the browser tests, WSClean for reading what the simulator writes.
chromium:
	@command -v chromium > /dev/null && exit 0
	if [ "$$(id -u)" != 0 ]; then
		echo "The browser tests need Chromium: install it (Debian: apt-get install chromium), or run make as root." >&2
		exit 1
	fi
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium > /dev/null

wsclean:
	@if command -v wsclean > /dev/null || [ "$$(id -u)" != 0 ]; then exit 0; fi
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y wsclean > /dev/null

browser: $(E2E)/.done chromium
	export PATH="$$PWD/$(DEV)/bin:$$PATH"
	export DSA110_VIS_E2E_PYTHON="$$PWD/$(E2E)/bin/python"
	export DSA110_VIS_E2E_MS="$$(dsa110-vis demo ngc5921)"
	cd labextension/ui-tests
	npm ci --silent
	npx playwright test

test: lint types unit frontend notebooks package browser
	@echo "All checks passed."

# ---- the measurements ------------------------------------------------------------------------------------------------

bench: $(DEV)/.done wsclean
	PATH="$$PWD/$(DEV)/bin:$$PATH" python tests/benchmarks/bench.py

clean:
	rm -rf $(DEMO) $(DEV) $(E2E) dist build dsa110_vis/labextension dsa110_vis/static labextension/lib labextension/node_modules \
		labextension/ui-tests/node_modules labextension/ui-tests/test-results labextension/*.tsbuildinfo
