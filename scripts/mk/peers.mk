# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# tests/peers/*.c: the program that judges what other projects' suites were translated into.

PEERS_BIN := $(patsubst tests/peers/%.c,$(B)/tests/peers/%,$(wildcard tests/peers/*.c))

tests: $(PEERS_BIN)

$(B)/tests/peers/%: $(B)/obj/tests/peers/%.o $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIB_LIBS) -ljansson
