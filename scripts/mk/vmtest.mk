# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# tests/vm/NAME.c are programs for the debug kernel, with their parts NAME_*.c; they share the kselftests' helpers.

VMTEST_BIN := $(patsubst tests/vm/%.c,$(B)/tests/vm/%,$(filter-out $(wildcard tests/vm/*_*.c),$(wildcard tests/vm/*.c)))

kselftest: $(VMTEST_BIN)

$(B)/obj/tests/vm/%.o: tests/vm/%.c | $(B)/kselftest
	@mkdir -p $(@D)
	$(CC) $(KSFT_CFLAGS) -c -o $@ $<

$(B)/tests/vm/race: $(call obj,$(wildcard tests/vm/race_*.c))
$(B)/tests/vm/%: $(B)/obj/tests/vm/%.o $(call obj,$(KSFT_HELP)) $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIB_LIBS) -lkeyutils
