# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# capcert-acmed: what it remembers lies in SQLite; its parts without handles and walls are tested alone.

ACMED_LIBS := $(shell $(PKGCONF) --libs sqlite3) -ljansson -lresolv # the wire format of the DNS, by the C library
$(B)/bin/capcert-acmed: LIB_LIBS += $(ACMED_LIBS)

ACMED_PURE := $(filter-out helpers/acmed/main.c,$(wildcard helpers/acmed/*.c)) \
	$(wildcard helpers/common/*.c)

# By name: for a pattern, make would take the general rule whenever a file here is new.
ACMED_TEST := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_acmed_*.c))
ACMED_FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_acmed_*.c))

$(ACMED_TEST:%=$(B)/tests/unit/%): $(B)/tests/unit/%: $(B)/obj/tests/unit/%.o $(call obj,$(ACMED_PURE)) $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ -lcmocka $(LIB_LIBS) $(ACMED_LIBS) -lseccomp

$(ACMED_FUZZ:%=$(B)/fuzz/fuzz_%): $(B)/fuzz/fuzz_%: $(B)/fuzz/obj/tests/fuzz/fuzz_%.o $(patsubst %.c,$(B)/fuzz/obj/%.o,$(ACMED_PURE)) \
		$(B)/fuzz/libcapcert.a
	$(FUZZ_CC) $(FUZZ_SAN) -fsanitize=fuzzer -o $@ $^ $(LIB_LIBS) $(ACMED_LIBS) -lseccomp
$(ACMED_FUZZ:%=$(B)/replay/%): $(B)/replay/%: $(B)/obj/tests/fuzz/fuzz_%.o $(B)/obj/tests/fuzz/replay.o $(call obj,$(ACMED_PURE)) $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) $(LIB_A) $(LIB_LIBS) $(ACMED_LIBS) -lseccomp

# A solver alone, for tests/integration/acmed_dns.sh.
$(B)/tests/integration/acmed_solver: $(B)/obj/tests/integration/acmed_solver.o $(call obj,$(ACMED_PURE)) $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIB_LIBS) $(ACMED_LIBS) -lseccomp

$(B)/tests/integration/acmed_alpn: $(call obj,helpers/acmed/alpn.c) $(B)/obj/tests/integration/acmed_alpn.o $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIB_LIBS)
