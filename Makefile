.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
PORT ?= 8080
COLLECTIONS ?= ../shared/collections
CONNECTORS := $(notdir $(wildcard connectors/*))
BIN := .venv/bin
POETRY := .poetry/bin/poetry

# Poetry's own look-ups fail where a network has a mirror's simple index only, so Poetry is given
# the index that pip uses, and the certificates.
WITH_PIPS_INDEX = POETRY_PYPI_MIRROR_URL="$${POETRY_PYPI_MIRROR_URL:-$$(.poetry/bin/python scripts/pip_setting.py index-url)}" \
	REQUESTS_CA_BUNDLE="$${REQUESTS_CA_BUNDLE:-$$(.poetry/bin/python scripts/pip_setting.py cert)}"
export POETRY_VIRTUALENVS_IN_PROJECT := true
export POETRY_VIRTUALENVS_CREATE := true
export POETRY_NO_INTERACTION := 1
export POETRY_VIRTUALENVS_USE_POETRY_PYTHON := true
unexport VIRTUAL_ENV

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / { printf "  make %-22s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: install ## The whole story in the terminal; KEEP=1 leaves everything running
	@$(BIN)/python -m scripts.demo $(if $(KEEP),--keep)

.PHONY: demo-gateway
demo-gateway: install ## The gateway's story: the cohere SDK, consent, refresh, revocation
	@$(BIN)/python -m scripts.demo_gateway

.PHONY: test
test: install ## Every test; ARGS="-k slack" for some of them
	@PYTHONHASHSEED=0 $(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

.PHONY: bench-quality
bench-quality: install ## Do answers hold what was asked for? COLLECTIONS=…, QUESTIONS=… for a quick look
	@$(BIN)/python -m bench.quality --collections "$(COLLECTIONS)" $(if $(QUESTIONS),--questions "$(QUESTIONS)")

.PHONY: lint
lint: install ## Style (ruff) and types (mypy, strict)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

.PHONY: format
format: install ## Rewrite the code in the one style
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

.PHONY: run-%
run-%: install ## Start a connector or the gateway: run-gdrive, run-gateway; PORT, SANDBOX=1
	@$(BIN)/python -m scripts.run $* --port $(PORT) $(if $(SANDBOX),--sandbox)

.PHONY: run-sandbox
run-sandbox: install ## Start the stand-ins for Drive and Slack, and say who can be who
	@$(BIN)/python -m sandbox --port $(PORT)

.PHONY: register-%
register-%: install ## How to register: register-gdrive URL=https://…/search; SOURCE= of generic-rest
	@$(if $(SOURCE),GENERIC_REST_SOURCE="$(SOURCE)" )$(BIN)/python -m connector_sdk.register $* --url "$(URL)" $(if $(PLATFORM),--platform "$(PLATFORM)")

.PHONY: check-source
check-source: install ## Validate one source file of generic-rest: SOURCE=path.yaml
	@$(BIN)/python -m scripts.check_source "$(SOURCE)"

.PHONY: source-schema
source-schema: install ## Write the JSON Schema of source files, after their language has changed
	@$(BIN)/python -m scripts.source_schema

# As it was typed: neither make nor the shell reads what is in the query.
.PHONY: try-source
try-source: override export QUERY := $(value QUERY)
try-source: override export OPTIONS := $(value OPTIONS)
try-source: install ## What a source asks and finds: SOURCE=path.yaml QUERY="…" [FIXTURE=a.json,b.json] [OPTIONS={…}]
	@$(BIN)/python -m scripts.try_source "$(SOURCE)" "$$QUERY" --fixture "$(FIXTURE)" --options "$$OPTIONS"

.PHONY: catalogue
catalogue: install ## Write the tables of generic-rest's sources/README.md, after a source has changed
	@$(BIN)/python -m scripts.catalogue

.PHONY: image-%
image-%: ## Build the image of one connector: image-gdrive; TAG, BASE_IMAGE
	@$(PYTHON) -m scripts.image $* $(if $(TAG),--tag "$(TAG)")

.PHONY: check-images
check-images: install ## Build every image and run each read-only (Debian, as root)
	@$(BIN)/python -m scripts.image_check

.PHONY: deploy-%
deploy-%: ## Deploy to Cloud Run: deploy-gdrive PROJECT=… REGION=…; DRY_RUN=1, PUBLIC=1
	@$(PYTHON) -m scripts.deploy $* --project "$(PROJECT)" --region "$(REGION)" \
		--secrets "$(SECRETS)" --settings "$(SETTINGS)" $(if $(PUBLIC),--public) $(if $(DRY_RUN),--dry-run)

.PHONY: new-connector
new-connector: install ## Copy a connector as a template: new-connector NAME=acme FROM=slack
	@$(BIN)/python -m scripts.new_connector "$(NAME)" "$(FROM)"
	@$(MAKE) --no-print-directory lock install
	@$(BIN)/ruff format --quiet connectors/$(NAME)

.PHONY: install
install: .venv/.installed ## Everything into .venv, as the lock has it

.venv/.installed: poetry.lock pyproject.toml shared/pyproject.toml gateway/pyproject.toml $(wildcard connectors/*/pyproject.toml) | $(POETRY)
	@echo "Installing the dependencies into .venv (once) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it with PYTHON=")'
	@$(WITH_PIPS_INDEX) $(POETRY) install $(if $(CI),--with deploy --with real-servers) > .poetry/install.log 2>&1 || { cat .poetry/install.log; exit 1; }
	@touch $@

.PHONY: lock
lock: | $(POETRY) ## Write poetry.lock anew, after a pyproject.toml has changed
	@$(WITH_PIPS_INDEX) $(POETRY) lock

$(POETRY):
	@echo "Installing Poetry into .poetry (once) …"
	@$(PYTHON) -m venv .poetry
	@.poetry/bin/pip install --quiet --disable-pip-version-check poetry==2.5.1 poetry-plugin-pypi-mirror==0.6.5

.PHONY: clean
clean: ## Remove everything that was installed or built
	@rm -rf .venv .poetry build .pytest_cache .mypy_cache .ruff_cache
