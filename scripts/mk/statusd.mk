# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# capcert-statusd is the one helper that speaks http; its parts without a device are tested alone.

STATUSD_LIBS := $(shell $(PKGCONF) --libs libcurl)
$(B)/bin/capcert-statusd: LIB_LIBS += $(STATUSD_LIBS)

STATUSD_PURE := $(filter-out helpers/statusd/main.c helpers/statusd/walls.c,$(wildcard helpers/statusd/*.c)) \
	helpers/common/log.c helpers/common/request.c

$(B)/tests/unit/test_statusd_%: $(call obj,$(STATUSD_PURE)) $(B)/obj/tests/unit/test_statusd_%.o $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ -lcmocka $(LIB_LIBS) $(STATUSD_LIBS)
