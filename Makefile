# make help lists the targets.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

GO ?= go
FUZZTIME ?= 60s

# Compiled once into the checkout, with the version in its name so that a new one replaces it.
LINT_VERSION := v2.15.0
GOLANGCI_LINT ?= .bin/golangci-lint-$(LINT_VERSION)

.PHONY: help
help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build the static binary dist/cimwatch.
	CGO_ENABLED=0 $(GO) build -trimpath -o dist/ ./cmd/cimwatch

.PHONY: test
test: tools ## Run all tests with the race detector; V=1 names each test.
	$(GO) test -race -json ./... | $(GO) run ./internal/testreport $(if $(V),-v)

.PHONY: check
check: format modules vet lint rules reference test ## Run everything a change must pass.

.PHONY: bench
bench: ## Measure the goals of docs/performance.md.
	@GO="$(GO)" .ci/bench

.PHONY: bench-quick
bench-quick: ## Measure the same in less than 50 s, less exactly.
	@GO="$(GO)" .ci/bench quick

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME (60s).
	GO="$(GO)" FUZZTIME="$(FUZZTIME)" .ci/fuzz

.PHONY: docs
docs: ## Write docs/cli.md from the commands.
	$(GO) test ./internal/cli -run '^TestReference$$' -update

# The parts of check, in the order of their cost.

.PHONY: format
format:
	@files=$$(gofmt -l .); test -z "$$files" || { echo "gofmt would change:"; echo "$$files"; exit 1; }

.PHONY: modules
modules:
	$(GO) mod tidy -diff

.PHONY: vet
vet:
	$(GO) vet ./...

.PHONY: lint
lint: $(GOLANGCI_LINT)
	$(GOLANGCI_LINT) run ./...

.PHONY: rules
rules:
	$(GO) test ./internal/importrules

.PHONY: reference
reference:
	$(GO) test ./internal/cli -run '^TestReference$$'

.bin/golangci-lint-$(LINT_VERSION):
	GOBIN="$(CURDIR)/.bin" $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv .bin/golangci-lint $@

.PHONY: tools
tools:
	@.ci/install-tools
