# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# tests/ctlogd/: a Certificate Transparency log for the tests.

CTLOGD := $(B)/tests/ctlogd

tests: $(CTLOGD)
$(CTLOGD): $(call obj,$(wildcard tests/ctlogd/*.c)) $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIB_LIBS) -ljansson -lmicrohttpd
$(B)/tests/integration/sct_validate $(B)/tests/integration/sct_vectors: LIB_LIBS += -lcrypto
