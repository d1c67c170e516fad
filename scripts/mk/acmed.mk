# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# capcert-acmed: what it remembers lies in SQLite; its parts without handles and walls are tested alone.

ACMED_LIBS := $(shell $(PKGCONF) --libs sqlite3) -ljansson -lresolv # the wire format of the DNS, by the C library
$(B)/bin/capcert-acmed: LIB_LIBS += $(ACMED_LIBS)

ACMED_PURE := $(filter-out helpers/acmed/main.c,$(wildcard helpers/acmed/*.c)) \
	$(wildcard helpers/common/*.c)

ACMED_TEST := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/test_acmed_*.c)) $(call fuzzers,acmed_*)
$(ACMED_TEST): $(call obj,$(ACMED_PURE))
$(ACMED_TEST): LIB_LIBS += $(ACMED_LIBS) -lseccomp

# A solver alone, for tests/integration/acmed_dns.sh.
$(B)/tests/integration/acmed_solver: $(B)/obj/tests/integration/acmed_solver.o $(call obj,$(ACMED_PURE)) $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIB_LIBS) $(ACMED_LIBS) -lseccomp

$(B)/tests/integration/acmed_alpn: $(call obj,helpers/acmed/alpn.c) $(B)/obj/tests/integration/acmed_alpn.o $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIB_LIBS)
