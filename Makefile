GO       ?= go
FUZZTIME ?= 10m
TEMPL     = $(GO) tool -modfile=tools/go.mod templ
LINT      = $(GO) tool -modfile=tools/lint/go.mod golangci-lint
ASSETS    = internal/platform/ui/assets/build

.DEFAULT_GOAL := help
.PHONY: help demo test check conformance generate assets fmt lint vuln bench scale fuzz screenshots

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## start the demo on http://127.0.0.1:8006
	$(GO) run ./cmd/dean06 demo

test: ## run all tests (TEST_POSTGRES=postgres://... adds PostgreSQL, a Chromium the browser)
	$(GO) test ./...

check: ## what CI runs: everything, nothing skipped (installs PostgreSQL and Chromium with apt)
	.ci/run

conformance: ## test against programs of others (needs openssl, softhsm2, a C compiler, node, npm, libapache2-mod-auth-openidc)
	CGO_ENABLED=1 $(GO) test -vet=all -tags conformance -count=1 $$(grep -rlE '^//go:build .*conformance' --include='*_test.go' internal test | xargs -n1 dirname | sort -u | sed 's|^|./|')

generate: ## write the Go files of the pages from *.templ
	$(TEMPL) generate

assets: ## build the stylesheet and scripts again (needs Node; the built files are committed)
	cd $(ASSETS) && npm install --no-save --no-package-lock && npm run build

fmt: ## format Go and templ files
	$(LINT) fmt
	$(TEMPL) fmt .

lint: ## run the linters (the first build takes minutes)
	$(LINT) run ./...

vuln: ## look for known vulnerabilities in what the program calls (the first time takes minutes)
	tools/vuln/check

bench: ## measure import, pages, report, start, exchange, register and sign-ins; prints the machine and the figures
	$(GO) run ./test/load

scale: ## clean a file on Apache Spark and compare with one process, to the byte (needs Java 17, Python 3; installs PySpark, 500 MB)
	test/scale/run

fuzz: ## run each fuzz target for FUZZTIME (default 10m)
	@set -e; for dir in $$(grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -r -n1 dirname | sort -u); do \
		for name in $$(grep -hoE '^func Fuzz[A-Za-z0-9_]*' $$dir/*_test.go | cut -d' ' -f2); do \
			echo "== $$dir $$name, $(FUZZTIME)"; \
			$(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) $$dir; \
		done; \
	done

screenshots: ## walk the journeys in the browser and renew docs/screenshots
	UPDATE_SCREENSHOTS=1 $(GO) test -count=1 -v ./test/journeys/...
