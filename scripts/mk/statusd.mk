# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# capcert-statusd is the one helper that speaks http; its parts without a device are tested alone.

STATUSD_LIBS := $(shell $(PKGCONF) --libs libcurl)
$(B)/bin/capcert-statusd: LIB_LIBS += $(STATUSD_LIBS)

STATUSD_PURE := $(filter-out helpers/statusd/main.c helpers/statusd/walls.c helpers/statusd/probe.c,$(wildcard helpers/statusd/*.c)) \
	helpers/common/log.c helpers/common/request.c

$(B)/tests/unit/test_statusd_%: $(call obj,$(STATUSD_PURE)) $(B)/obj/tests/unit/test_statusd_%.o $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ -lcmocka $(LIB_LIBS) $(STATUSD_LIBS)

# Those that play the network themselves (tests/unit/fake_fetcher.h): without fetch.c, without libcurl.
STATUSD_OFFLINE := $(filter-out helpers/statusd/fetch.c,$(STATUSD_PURE))

$(B)/tests/unit/test_statusd_serve: $(call obj,$(STATUSD_OFFLINE)) $(B)/obj/tests/unit/test_statusd_serve.o $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -Wl,--wrap=write -o $@ $^ -lcmocka $(LIB_LIBS)

# By name: for a pattern, make would take the general rule whenever a file here is new.
STATUSD_FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_statusd_*.c))

$(STATUSD_FUZZ:%=$(B)/fuzz/fuzz_%): $(B)/fuzz/fuzz_%: $(B)/fuzz/obj/tests/fuzz/fuzz_%.o $(patsubst %.c,$(B)/fuzz/obj/%.o,$(STATUSD_OFFLINE)) \
		$(B)/fuzz/libcapcert.a
	$(FUZZ_CC) $(FUZZ_SAN) -fsanitize=fuzzer -Wl,--wrap=write -o $@ $^ -lcmocka $(LIB_LIBS)
$(STATUSD_FUZZ:%=$(B)/replay/%): $(B)/replay/%: $(B)/obj/tests/fuzz/fuzz_%.o $(B)/obj/tests/fuzz/replay.o $(call obj,$(STATUSD_OFFLINE)) $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -Wl,--wrap=write -o $@ $^ -lcmocka $(LIB_LIBS)
