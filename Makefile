# The project's commands. Building itself is CMake's (CMakePresets.json); what is fetched or built once lies in
# $(LOTSE_CACHE), outside the checkout. LOTSE_TORCH=DIR uses another libtorch, LOTSE_TORCH=none builds the CLI alone.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build
.PHONY: build quickstart test bench bench-train soak fuzz gpu-bundle format lint cluster-up cluster-down packages configure

export LOTSE_CACHE ?= $(HOME)/.cache/lotse
export CCACHE_DIR ?= $(LOTSE_CACHE)/ccache
# Most tests wait most of their time, so six share two cores; those that compute say so (lotse_test_computes). The test
# cluster is one small node: on more cores they are no more.
tests_at_once = 6
torch = $${LOTSE_TORCH-$$(.ci/torch)}

packages:
	@.ci/packages packages.txt

configure: packages
	@torch="$(torch)"; [ "$$torch" != none ] || torch=; mkdir -p build; \
	echo "lotse: configuring"; LOTSE_TORCH=$$torch cmake --preset dev $(CONFIGURE) >build/configure.log 2>build/notices.log \
	  || { cat build/configure.log build/notices.log; exit 1; }; \
	grep SKIPPED build/notices.log || true

build: CONFIGURE = -DBUILD_TESTING=OFF
build: configure ## the two programs, in build/bin
	@echo "lotse: building"; ninja -C build

quickstart: build ## train, export, detect and serve, on this machine
	@examples/quickstart/run

test: CONFIGURE = -DBUILD_TESTING=ON
test: packages-cluster packages-fuzz configure ## every test, the real Kubernetes included where the machine allows it
	@echo "lotse: building with tests"; ninja -C build
	@echo "lotse: testing"; ctest --preset dev -j$(tests_at_once)

.PHONY: packages-cluster packages-fuzz packages-lint
packages-lint:
	@.ci/packages packages-lint.txt

packages-cluster:
	@.ci/packages packages-cluster.txt

packages-fuzz:
	@.ci/packages packages-fuzz.txt

bench: build ## side by side with Ultralytics: start to first detection, warm predictions
	@tests/bench/run

bench-train: build ## side by side with Ultralytics: training, about an hour
	@tests/bench/train_vs_ultralytics/run

soak: packages-cluster packages-fuzz build ## what takes longer than `make test` allows
	@tests/soak/run

gpu-bundle: packages ## build/gpu: what a rented GPU machine needs to run tests/gpu/lease
	@.ci/gpu-bundle

fuzz: packages packages-fuzz ## a million inputs to each reader of foreign bytes
	@tests/fuzz/run $(or $(RUNS),1000000)

format: packages-lint
	@git ls-files '*.h' '*.cpp' | xargs clang-format-16 -i

lint: CONFIGURE = -DBUILD_TESTING=ON
lint: packages-lint configure ## formatting and clang-tidy, for who changes the code
	@.ci/lint

cluster-up: packages-cluster
	@tests/cluster/up

cluster-down:
	@tests/cluster/down
