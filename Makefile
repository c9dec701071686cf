# The habits. Each sets itself up; a second run finds everything in place.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c

# The newest Python from 3.11 on that really runs.
PYTHON ?= $(shell for each in python3.14 python3.13 python3.12 python3.11 python3; do \
  $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
BIN := .venv/bin
SAM := .venv-sam/bin/sam
SECURITY := .venv-security/bin
export SAM_CLI_TELEMETRY := 0

.PHONY: help demo test attackers check bench faults build deploy e2e clean
help: ## say what there is
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/ready ## play ten days of a small shop's customers, on this machine, with the clock turned forward
	@$(BIN)/rapport simulate events/stories/ten-days.yaml

test: .venv/ready ## every test
	@$(BIN)/pytest -n auto --dist worksteal

attackers: .venv/ready ## forged links, bad input and odd hours at full size, and functions with too few permissions: a quarter of an hour
	@$(BIN)/pytest -n auto --dist worksteal tests/attackers --full
	@$(BIN)/python -m proof.permissions

check: .venv/ready .venv-sam/ready .venv-security/ready ## style, types, the stack, its security and the content
	@echo "ruff"; $(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check .
	@echo "mypy --strict"; $(BIN)/mypy --no-error-summary
	@echo "sam validate --lint"; $(SAM) validate --lint --region us-east-1 >/dev/null
	@echo "cfn-lint on the rendered template"; $(BIN)/python -m local.render && $(BIN)/cfn-lint .rapport/rendered.json
	@echo "checkov on the rendered template"; $(SECURITY)/checkov -f .rapport/without-bots-words.json
	@echo "bandit"; $(SECURITY)/bandit --quiet --recursive layers/rapport functions local
	@# The instruments start processes, plant mistakes in code, and leave much to chance, all by their own words.
	@$(SECURITY)/bandit --quiet --recursive --skip B101,B102,B112,B307,B311,B404,B603,B607 proof
	@echo "content"; $(BIN)/rapport check
	@echo "chatbot"; $(BIN)/rapport bot lint

bench: .venv/ready .venv-sam/ready .venv-bench/ready ## how fast it is, against its aims (python -m proof.bench --check: what got slower since)
	@$(BIN)/python -m proof.bench

faults: .venv/ready ## customers' days under faults, every call x every fault, and the mistakes that this must catch
	@$(BIN)/python -m proof.faults --long
	@$(BIN)/python -m proof.faults --planted

build: .venv-sam/ready ## what Lambda gets: Python 3.13 on arm64, built with whatever Python is here
	@PATH="$(CURDIR)/.venv-sam/bin:$$PATH" $(SAM) build

deploy: .venv/ready build ## into the AWS account that your credentials open
	@$(BIN)/rapport check && $(BIN)/rapport bot lint
	@$(SAM) deploy --guided
	@$(BIN)/python -m local.sms_logs

e2e: .venv/ready .venv-sam/ready .venv-emulator/ready ## deploy to an emulator of AWS and see messages arrive
	@echo "Building, deploying, and seeing messages arrive: about a minute."
	@PATH="$(CURDIR)/.venv-sam/bin:$$PATH" $(BIN)/pytest -p no:xdist tests/e2e

clean: ## forget what was set up and built
	rm -rf .venv .venv-sam .venv-security .venv-emulator .venv-bench .aws-sam .mypy_cache .pytest_cache .ruff_cache .hypothesis

# make_venv: folder, requirements file, what for
define make_venv
	@test -n "$(PYTHON)" || { echo "Rapport needs Python 3.11 or newer; none was found as python3."; exit 1; }
	@echo "Setting up $(1): $(3), with $$($(PYTHON) --version). Once; about a minute."
	@$(PYTHON) -m venv --clear $(1) || { echo "This Python has no venv; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(1)/bin/python -m pip install --disable-pip-version-check --requirement $(2) \
	  | awk '/^Collecting/ {printf "."; fflush()} /^Installing/ {printf " installing"; fflush()} END {print ""}'
endef

.venv/ready: requirements/dev.txt layers/dependencies/requirements.txt pyproject.toml
	$(call make_venv,.venv,requirements/dev.txt,everything that runs on this machine)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv-sam/ready: requirements/sam.txt
	$(call make_venv,.venv-sam,requirements/sam.txt,the SAM CLI)
	@touch $@

.venv-security/ready: requirements/security.txt
	$(call make_venv,.venv-security,requirements/security.txt,what looks for insecure code and templates)
	@touch $@

.venv-emulator/ready: requirements/emulator.txt
	$(call make_venv,.venv-emulator,requirements/emulator.txt,an emulator of AWS)
	@touch $@

.venv-bench/ready: requirements/bench.txt
	$(call make_venv,.venv-bench,requirements/bench.txt,Lambda's runtime for Python)
	@touch $@
