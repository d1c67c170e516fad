# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Builds everything under build/; the source tree stays clean. `make help` lists the targets.

VERSION := 0.1.0
ABI     := 0
B       ?= build
CC      ?= cc
NO_UNDEFINED := -Wl,-z,defs # in a shared object
LLD     := -fuse-ld=lld -Wl,--threads=1 # for some two hundred static programs that are for testing alone: a fifth quicker than ld

# make SANITIZE=1: by clang, with address and undefined-behaviour sanitizers and libFuzzer's counters, into a folder of its own. What
# is compiled once serves the compiler's warnings, the unit tests and the fuzzers.
ifdef SANITIZE
SAN     := -fsanitize=address,undefined -fno-sanitize-recover=undefined
B       := build/sanitized
CC      := clang
OPT     := -O1 -g1 -fno-omit-frame-pointer
CFLAGS  := $(SAN) -fsanitize=fuzzer-no-link -U_FORTIFY_SOURCE
LDFLAGS := $(SAN) $(LLD)
NO_UNDEFINED := # their runtime is in programs only
endif

PKGCONF ?= pkg-config
PREFIX  ?= /usr/local
DESTDIR ?=

WARN    := -Wall -Wextra -Wconversion -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes \
           -Wno-unused-parameter -Werror
OPT     ?= -O2 -g
HARDEN  := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIC
INC     := -I. -Iinclude -Iinclude/uapi
CFLAGS_ALL = -std=gnu11 -D_GNU_SOURCE $(INC) $(WARN) $(OPT) $(HARDEN) -fvisibility=hidden -MMD -MP \
             $(CFLAGS) -DCAPCERT_VERSION_STRING='"$(VERSION)"'
LDFLAGS_ALL = -Wl,-z,relro,-z,now -Wl,--as-needed $(LDFLAGS)

LIB_PKGS    := gnutls nettle hogweed libpsl libidn2 jansson p11-kit-1
LIB_CFLAGS  := $(shell $(PKGCONF) --cflags $(LIB_PKGS))
LIB_LIBS    := $(shell $(PKGCONF) --libs $(LIB_PKGS)) -lgmp -lunistring -lpthread

# Every folder is found by wildcard: a new file needs no edit here.
CORE_SRC   := $(wildcard core/*.c)
LIB_SRC    := $(wildcard libcapcert/*.c pkcs11/consumer/*.c)
COMMON_SRC := $(wildcard helpers/common/*.c)
TOOL_SRC   := $(wildcard tools/*.c)
HELPERS    := $(filter-out common,$(notdir $(patsubst %/,%,$(wildcard helpers/*/))))

obj = $(patsubst %.c,$(B)/obj/%.o,$(1))
# The fuzzers NAMES (with a * perhaps), and the same programs without libFuzzer.
fuzzers = $(foreach f,$(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard $(1:%=tests/fuzz/fuzz_%.c))),$(B)/fuzz/fuzz_$(f) $(B)/replay/$(f))
CORE_OBJ   := $(call obj,$(CORE_SRC))
LIB_OBJ    := $(call obj,$(LIB_SRC))
COMMON_OBJ := $(call obj,$(COMMON_SRC))
TOOL_OBJ   := $(call obj,$(TOOL_SRC))

LIB_A  := $(B)/lib/libcapcert.a
LIB_SO := $(B)/lib/libcapcert.so.$(ABI)

.PHONY: all user lib tools helpers deps format tests bench bench-programs install uninstall clean help
all: user module
user: lib tools helpers

-include $(wildcard scripts/mk/*.mk)

lib: $(LIB_A) $(LIB_SO)
tools: $(if $(TOOL_SRC),$(B)/bin/capcert)
helpers: $(patsubst %,$(B)/bin/capcert-%,$(foreach h,$(HELPERS),$(if $(wildcard helpers/$(h)/*.c),$(h))))

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) $(if $(filter core/%,$<),,$(LIB_CFLAGS)) -c -o $@ $<

$(LIB_A): $(CORE_OBJ) $(LIB_OBJ)
	@mkdir -p $(@D)
	rm -f $@
	ar rcs $@ $^

$(LIB_SO): $(CORE_OBJ) $(LIB_OBJ) libcapcert/libcapcert.map
	@mkdir -p $(@D)
	$(CC) -shared -Wl,-soname,libcapcert.so.$(ABI) -Wl,--version-script=libcapcert/libcapcert.map \
		$(NO_UNDEFINED) $(LDFLAGS_ALL) -o $@ $(CORE_OBJ) $(LIB_OBJ) $(LIB_LIBS)
	ln -sf libcapcert.so.$(ABI) $(B)/lib/libcapcert.so

# Tools and helpers link the static library: one file, and the sandbox needs no loader after start.
$(B)/bin/capcert: $(TOOL_OBJ) $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIB_LIBS) $(TOOL_LIBS)

define helper_rule
$(B)/bin/capcert-$(1): $$(call obj,$$(wildcard helpers/$(1)/*.c)) $$(COMMON_OBJ) $$(LIB_A)
	@mkdir -p $$(@D)
	$$(CC) $$(LDFLAGS_ALL) -o $$@ $$^ $$(LIB_LIBS) -lseccomp
endef
$(foreach h,$(HELPERS),$(eval $(call helper_rule,$(h))))

# Tests: unit/test_*.c are cmocka programs, fuzz/fuzz_*.c libFuzzer targets, kselftest/*.c TAP programs. What one of them needs
# besides is said where its subject is, as further prerequisites and LIB_LIBS.
UNIT_BIN  := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))
BENCH_BIN := $(patsubst tests/bench/%.c,$(B)/tests/bench/%,$(wildcard tests/bench/bench_*.c))

$(B)/tests/unit/%: $(B)/obj/tests/unit/%.o $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) $(LIB_A) -lcmocka $(LIB_LIBS)
$(B)/tests/bench/%: $(B)/obj/tests/bench/%.o $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIB_LIBS) -lcrypto

tests: $(UNIT_BIN)
bench-programs: $(BENCH_BIN)
bench:
	scripts/bench

clean:
	rm -rf $(B)

deps:
	@bash -c '. scripts/lib.sh && need_pkgs'

format:
	@git ls-files 'core/*.c' 'libcapcert/*.c' 'helpers/*.c' 'tools/*.c' 'tests/*.c' 'pkcs11/*.c' | \
		grep -vE '^tests/(kselftest/|differential/grammar\.c)' | xargs clang-format -i

help:
	@echo "make deps       install the Debian packages that building and testing need"
	@echo "make            userspace and module into $(B)/"
	@echo "make user       library, tools, helpers"
	@echo "make dev        the module in the development profile, into $(B)/kmod-dev"
	@echo "make module     $(B)/kmod/capcert.ko  (KDIR=/path/to/kernel/headers); module-debug, module-6.12 for the guest"
	@echo "make tests      unit and conformance programs; scripts/test runs everything"
	@echo "make SANITIZE=1 tests fuzz   the same and the fuzzers by clang with sanitizers, into build/sanitized"
	@echo "make bench      ratios against peers, table and $(B)/bench.json"
	@echo "make install    PREFIX=$(PREFIX) DESTDIR=; make uninstall removes the same files"

.SECONDARY:
-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
