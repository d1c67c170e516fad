# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# tests/kselftest/*_test.c are TAP programs for the guest; the other files there are linked into each of them.

KSFT_HELP := $(filter-out %_test.c,$(wildcard tests/kselftest/*.c))
KSFT_BIN  := $(patsubst tests/kselftest/%.c,$(B)/tests/kselftest/%,$(wildcard tests/kselftest/*_test.c))

# The harness is the kernel's own, from Debian's linux-source; its macros are not ours to warn about.
KSFT_CFLAGS = -std=gnu11 -D_GNU_SOURCE -I. -Iinclude -Iinclude/uapi -Itests/kselftest -isystem $(B)/kselftest \
	-Wall -Wextra -Werror -Wno-misleading-indentation -Wno-unused-parameter -Wno-missing-field-initializers \
	-Wno-unused-function -Wno-unused-variable $(OPT) -MMD -MP $(LIB_CFLAGS) $(CFLAGS)

.PHONY: kselftest
kselftest: $(KSFT_BIN)

$(B)/kselftest:
	@mkdir -p $(B)
	tools=$$(scripts/kernel tools) && ln -sfn $$tools/tools/testing/selftests $@

$(B)/obj/tests/kselftest/%.o: tests/kselftest/%.c | $(B)/kselftest
	@mkdir -p $(@D)
	$(CC) $(KSFT_CFLAGS) -c -o $@ $<

$(B)/tests/kselftest/%: $(B)/obj/tests/kselftest/%.o $(call obj,$(KSFT_HELP)) $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIB_LIBS) -lkeyutils
