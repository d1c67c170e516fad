# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# tests/acme/: the ACME client of the library against CAs, for tests/integration/acme.sh and the benches.

ACME_CLIENT := $(B)/tests/acme_client

tests: $(ACME_CLIENT)
$(ACME_CLIENT): $(call obj,$(wildcard tests/acme/*.c)) $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIB_LIBS)
