# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# capcert-tlsd without handles and walls: what its unit tests and tests/integration/tlsd_soft.c link.

TLSD_PURE := $(filter-out helpers/tlsd/main.c helpers/tlsd/walls.c helpers/tlsd/probe.c helpers/tlsd/setup.c,$(wildcard helpers/tlsd/*.c)) \
	helpers/common/log.c helpers/common/service.c

TLSD_TEST := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/test_tlsd_*.c)) $(call fuzzers,tlsd_*)
$(TLSD_TEST): $(call obj,$(TLSD_PURE))
$(TLSD_TEST): LIB_LIBS += -ljansson
$(B)/tests/unit/test_tlsd_relay: LDFLAGS_ALL += -Wl,--wrap=time

$(B)/tests/integration/tlsd_soft: $(call obj,$(TLSD_PURE)) $(B)/obj/tests/integration/tlsd_soft.o $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIB_LIBS)
