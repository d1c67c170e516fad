# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# tests/demo/*.c: the small programs of the demonstration.

DEMO_BIN := $(patsubst tests/demo/%.c,$(B)/tests/demo/%,$(wildcard tests/demo/*.c))

.PHONY: demo-programs
demo-programs: $(DEMO_BIN)
tests: $(DEMO_BIN)

$(B)/tests/demo/%: $(B)/obj/tests/demo/%.o $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIB_LIBS) -lkeyutils
