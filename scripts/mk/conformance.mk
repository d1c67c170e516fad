# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# tests/conformance/: one program per suite, and `chain` for any other; suite*.c are linked into each.

CONF_HELP := $(filter tests/conformance/suite%,$(wildcard tests/conformance/*.c))
CONF_SRC  := $(filter-out $(CONF_HELP),$(wildcard tests/conformance/*.c))
CONF_BIN  := $(patsubst tests/conformance/%.c,$(B)/tests/%,$(CONF_SRC))

# SCTs are held against those that OpenSSL judges.
$(B)/tests/scts: CONF_LIBS := -lcrypto

.PHONY: conformance-programs
conformance-programs: $(CONF_BIN)
tests: $(CONF_BIN)

$(CONF_BIN): $(B)/tests/%: $(B)/obj/tests/conformance/%.o $(call obj,$(CONF_HELP)) $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIB_LIBS) -ljansson -llzma $(CONF_LIBS)
