# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# capcert-tlsd without handles and walls: what its unit tests and tests/integration/tlsd_soft.c link.

TLSD_PURE := $(filter-out helpers/tlsd/main.c helpers/tlsd/walls.c helpers/tlsd/probe.c helpers/tlsd/setup.c,$(wildcard helpers/tlsd/*.c)) \
	helpers/common/log.c helpers/common/service.c

$(B)/tests/unit/test_tlsd_%: $(call obj,$(TLSD_PURE)) $(B)/obj/tests/unit/test_tlsd_%.o $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ -lcmocka $(LIB_LIBS) -ljansson

$(B)/tests/unit/test_tlsd_relay: LDFLAGS_ALL += -Wl,--wrap=time

$(B)/tests/integration/tlsd_soft: $(call obj,$(TLSD_PURE)) $(B)/obj/tests/integration/tlsd_soft.o $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIB_LIBS)

TLSD_FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_tlsd_*.c))

$(TLSD_FUZZ:%=$(B)/fuzz/fuzz_%): $(B)/fuzz/fuzz_%: $(B)/fuzz/obj/tests/fuzz/fuzz_%.o $(patsubst %.c,$(B)/fuzz/obj/%.o,$(TLSD_PURE)) \
		$(B)/fuzz/libcapcert.a
	$(FUZZ_CC) $(FUZZ_SAN) -fsanitize=fuzzer -o $@ $^ $(LIB_LIBS)
$(TLSD_FUZZ:%=$(B)/replay/%): $(B)/replay/%: $(B)/obj/tests/fuzz/fuzz_%.o $(B)/obj/tests/fuzz/replay.o $(call obj,$(TLSD_PURE)) $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) $(LIB_A) $(LIB_LIBS)
