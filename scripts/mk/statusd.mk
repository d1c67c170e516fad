# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# capcert-statusd is the one helper that speaks http; its parts without a device are tested alone.

STATUSD_LIBS := $(shell $(PKGCONF) --libs libcurl)
$(B)/bin/capcert-statusd: LIB_LIBS += $(STATUSD_LIBS)

STATUSD_PURE := $(filter-out helpers/statusd/main.c helpers/statusd/walls.c helpers/statusd/probe.c,$(wildcard helpers/statusd/*.c)) \
	helpers/common/log.c helpers/common/request.c

# Those that play the network themselves (tests/unit/fake_fetcher.h): without fetch.c, without libcurl.
STATUSD_OFFLINE := $(filter-out helpers/statusd/fetch.c,$(STATUSD_PURE))
STATUSD_PLAYED  := $(B)/tests/unit/test_statusd_serve $(call fuzzers,statusd_*)
STATUSD_TEST    := $(filter-out $(STATUSD_PLAYED),$(patsubst %.c,$(B)/%,$(wildcard tests/unit/test_statusd_*.c)))

$(STATUSD_TEST): $(call obj,$(STATUSD_PURE))
$(STATUSD_TEST): LIB_LIBS += $(STATUSD_LIBS)
$(STATUSD_PLAYED): $(call obj,$(STATUSD_OFFLINE))
$(STATUSD_PLAYED): LDFLAGS_ALL += -Wl,--wrap=write
$(STATUSD_PLAYED): LIB_LIBS += -lcmocka
