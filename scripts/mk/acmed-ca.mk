# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# tests/acmed-ca/: an ACME CA for the tests that goes wrong as it is told.

ACMED_CA := $(B)/tests/acmed-ca

tests: $(ACMED_CA)
$(ACMED_CA): $(call obj,$(wildcard tests/acmed-ca/*.c)) $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIB_LIBS) -ljansson -lmicrohttpd -lresolv
