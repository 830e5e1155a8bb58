# The front door. Every target installs the Debian packages it lacks and says so.

BUILD  ?= build
JOBS   ?=
PREFIX ?= /usr/local
comma  := ,
NINJA   = ninja -C $(1) $(if $(JOBS),-j $(JOBS)) --quiet
MESON   = test -f $(1)/build.ninja || meson setup $(1) $(2) >$(1).log 2>&1 || { cat $(1).log; rm -rf $(1); exit 1; }; rm -f $(1).log

.PHONY: all run test bench fuzz lint install clean

all:
	@tools/packages build
	@CC=$${CC:-gcc} && export CC && $(call MESON,$(BUILD),-Dtests=false -Dbench=false)
	@$(call NINJA,$(BUILD)) ferrite
	@echo "built $(BUILD)/ferrite"

run: all
	@tools/packages run
	@tools/run $(BUILD)/ferrite

test:
	@tools/packages build test
	@tests/run

bench:
	@tools/packages build test bench
	@CC=gcc && export CC && $(call MESON,build-bench,-Dbuildtype=release)
	@meson setup --reconfigure build-bench >/dev/null
	@$(call NINJA,build-bench)
	@bench/run build-bench

fuzz:
	@tools/packages build fuzz
	@CC=clang && export CC && $(call MESON,build-fuzz,-Dfuzz=true -Dtests=false -Dbench=false -Db_sanitize=address$(comma)undefined -Db_lundef=false)
	@meson setup --reconfigure build-fuzz >/dev/null
	@$(call NINJA,build-fuzz)
	@tests/fuzz/run build-fuzz

lint:
	@tools/packages build test
	@node tests/lint/run.mjs

install: all
	@meson configure $(BUILD) -Dprefix=$(PREFIX)
	@meson install -C $(BUILD) --quiet
	@echo "installed $(PREFIX)/bin/ferrite"

clean:
	rm -rf build build-gcc build-clang build-asan build-tsan build-bench build-fuzz
