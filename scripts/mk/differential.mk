# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# tests/differential/: one program that links the peers beside the library.

DIFF_OBJ := $(call obj,$(wildcard tests/differential/*.c))

tests: $(B)/tests/differential

$(B)/tests/differential: $(DIFF_OBJ) $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIB_LIBS) -lcrypto -ljansson
