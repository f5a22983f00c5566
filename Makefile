# Everything one does with this repository. `make` alone lists it.
# ARGS are passed to the program: make run ARGS="--profile /tmp/li"

VERSION ?= 0.1.0
LDFLAGS := -s -w -X roundtable/app/config.version=$(VERSION)
TAGS := desktop,production
ifeq ($(shell uname -s),Linux)
TAGS := $(TAGS),webkit2_41
endif
SCREEN := $(shell find frontend/src frontend/public frontend/index.html frontend/vite.config.ts frontend/package-lock.json -type f 2>/dev/null | grep -v '\.test\.')

.DEFAULT_GOAL := help
.PHONY: help run headless relay cluster test lint bench gen e2e window fuzz build windows app icons deps clean bin/roundtable bin/roundtable-headless

help: ## list what there is
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## ?(.*)/  make \1\t\2/' | expand -t 18

run: ## install what is missing, build, open the app (without a display: for a browser)
	@build/run.sh $(ARGS)

headless: ## the same app for a browser on this machine; prints its address
	@build/deps.sh headless
	@$(MAKE) --no-print-directory bin/roundtable-headless
	@bin/roundtable-headless $(ARGS)

test: ## everything that must hold: formats, lints, tests, fuzzing, builds, browser, window
	@build/deps.sh test
	@go run ./build/check

lint: ## formats, vet for three systems, staticcheck, generated code, screen lint
	@build/deps.sh test
	@go run ./build/check lint

e2e: ## the screen in a browser, over real processes
	@build/deps.sh test
	@go run ./build/check e2e

window: ## the Wails window in a virtual display; keeps docs/images/wails-window.png
	@build/deps.sh test
	@go run ./build/check -picture docs/images/wails-window.png window

fuzz: ## every decoder for a minute each
	@go run ./build/check -fuzztime 1m fuzz

bench: ## the figures of docs/BENCHMARKS.md, over real processes
	@build/deps.sh headless
	@$(MAKE) --no-print-directory bin/roundtable-headless
	@bin/roundtable-bench $(ARGS)
	@case " $(ARGS) " in "  "|*" screen "*) cd frontend && npx vitest run --config vitest.bench.config.ts;; esac
	@[ -n "$(ARGS)" ] || $(MAKE) --no-print-directory cluster

cluster: ## the figures of a relay's NATS cluster: three nodes on this machine
	@go test -run '^$$' -bench Cluster -benchtime 1x ./backend/relay/engine/nats | \
		awk '/^BenchmarkCluster/ { for (i = 3; i < NF; i += 2) if ($$(i+1) !~ /op$$/) { n = $$(i+1); gsub(/[-\/]/, "_", n); if (n !~ /^relay/) n = "relay_nats_" n; print "figure", n, $$i } }'

gen: ## both sides of the door from backend/api/proto
	@build/deps.sh headless
	cd frontend && npm run --silent gen

build: ## the screen and every program, into bin/
	@build/deps.sh run
	@$(MAKE) --no-print-directory bin/roundtable bin/roundtable-headless

relay: ## the relay alone, into bin/roundtable-relay: static, without the screen
	CGO_ENABLED=0 go build -trimpath -ldflags "$(LDFLAGS)" -o bin/roundtable-relay ./app/cmd/relay

windows: frontend/dist/index.html ## the Windows program, from any system
	go run ./build/windows/resources -version $(VERSION)
	CGO_ENABLED=0 GOOS=windows GOARCH=amd64 go build -trimpath -tags desktop,production -ldflags "$(LDFLAGS) -H windowsgui" -o bin/roundtable.exe .

app: bin/roundtable ## Roundtable.app, on macOS
	mkdir -p bin/Roundtable.app/Contents/MacOS bin/Roundtable.app/Contents/Resources
	cp bin/roundtable bin/Roundtable.app/Contents/MacOS/
	cp build/darwin/Info.plist bin/Roundtable.app/Contents/
	cp build/darwin/icon.icns bin/Roundtable.app/Contents/Resources/
	codesign --force --sign - --entitlements build/darwin/entitlements.plist bin/Roundtable.app

icons: ## the icons from the mark
	go run ./build/icons/draw

deps: ## install what is missing for everything here
	@build/deps.sh test

clean: ## remove what was built
	rm -rf bin frontend/dist/assets frontend/dist/index.html *.syso

frontend/dist/index.html: $(SCREEN)
	npm --prefix frontend exec -- vite build frontend --logLevel warn
	@touch $@

bin/roundtable: frontend/dist/index.html
	go build -trimpath -tags $(TAGS) -ldflags "$(LDFLAGS)" -o $@ .

bin/roundtable-headless: frontend/dist/index.html
	@for folder in app/cmd/*; do \
		echo go build -o bin/roundtable-$$(basename $$folder) ./$$folder; \
		go build -trimpath -ldflags "$(LDFLAGS)" -o bin/roundtable-$$(basename $$folder) ./$$folder || exit 1; \
	done
