# The front door. Every command does its own set-up: `tools/setup.sh` installs the Debian packages
# that are missing, CMake presets do the rest, and everything is built under build/.

DIR ?= .
OUT ?= build/archive/$(notdir $(abspath $(DIR)))
PREFIX ?= /usr/local
STORAGE ?=
SEEDS ?= 1000000
SEED ?=
LIMITS ?=
PORT ?= 8080
SECONDS ?= 600
ENGINES ?=
MINUTES ?= 60

.PHONY: help demo test simulate chaos soak bench format tidy install clean

help:
	@echo 'make demo [DIR=…] [OUT=…]   archive a directory with background jobs, watched in a browser'
	@echo 'make test                   everything that must hold, sanitizers included'
	@echo 'make chaos [SECONDS=…] [SEED=…] [ENGINES=…]'
	@echo '                            processes killed, engines ended, connections cut, disks filled'
	@echo 'make soak [MINUTES=…] [SEED=…]'
	@echo '                            lets the fuzzers search'
	@echo 'make simulate [SEEDS=N]     a million runs of whole systems with faults; SEED=N tells one'
	@echo 'make bench [STORAGE=URL]    measure, beside the floor of the raw engine'
	@echo 'make install [PREFIX=…]     library, headers, CMake package and the portfire command'
	@echo 'make format                 lay out all C++ files'
	@echo 'make tidy                   clang-tidy over library, command and examples'
	@echo 'make clean                  remove build/'

demo:
	@tools/setup.sh demo
	@cmake --preset demo >/dev/null
	@cmake --build --preset demo --target archive
	@out="$(OUT)"; name=$$(basename "$$(realpath -- "$(DIR)")"); \
	  build/demo/bin/archive "$(DIR)" "$${out:-build/archive/$$name}" --dashboard "$(PORT)"

test:
	@tools/setup.sh test
	@tools/test.sh

chaos:
	@tools/setup.sh test
	@cmake --preset dev >/dev/null
	@cmake --build --preset dev --target chaos
	@build/dev/bin/chaos $(ENGINES) --seconds $(SECONDS) $(addprefix --seed ,$(SEED))

soak:
	@tools/setup.sh test
	@SEED="$(SEED)" tools/fuzz.sh $(MINUTES)

simulate:
	@tools/setup.sh test
	@cmake --preset release -D PORTFIRE_TESTS=ON -D PORTFIRE_DASHBOARD_UI=OFF >/dev/null
	@cmake --build --preset release --target simulate
	@build/release/bin/simulate \
	  $(if $(SEED),--seed $(SEED) $(LIMITS),--seeds $(SEEDS) --threads $$(nproc))

bench:
	@tools/setup.sh bench
	@cmake --preset release -D PORTFIRE_TESTS=OFF -D PORTFIRE_DASHBOARD_UI=OFF >/dev/null
	@cmake --build --preset release --target portfire_cli
	@tools/bench.sh build/release/bin/portfire $(STORAGE)

install:
	@tools/setup.sh install
	@cmake --preset release -D PORTFIRE_TESTS=ON -D PORTFIRE_DASHBOARD_UI=ON >/dev/null
	@cmake --build --preset release --target installables
	@cmake --install build/release --prefix "$(PREFIX)"

format:
	@tools/setup.sh format
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format-19 -i

tidy:
	@tools/setup.sh tidy
	@cmake --workflow --preset tidy

clean:
	@rm -rf build
