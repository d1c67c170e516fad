# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# examples/*.c: programs to read, built by make and run by the tests.

EXAMPLE_BIN := $(patsubst examples/%.c,$(B)/examples/%,$(wildcard examples/*.c))

.PHONY: examples
examples: $(EXAMPLE_BIN)
user: examples

$(B)/examples/%: $(B)/obj/examples/%.o $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIB_LIBS)
