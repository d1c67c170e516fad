# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# libcapcert-net.a: the part of the library that has a network (libcurl, opened when it is needed). Apart, so that the
# library itself and the helpers without a network never have it.

NET_OBJ := $(call obj,$(wildcard libcapcert/net/*.c))
NET_A   := $(B)/lib/libcapcert-net.a

lib: $(NET_A)
$(NET_A): $(NET_OBJ)
	@mkdir -p $(@D)
	rm -f $@
	ar rcs $@ $^

# The command speaks to logs; nothing else does yet. In front of the library, whose parts it uses.
$(B)/bin/capcert: $(NET_A)
$(B)/bin/capcert: LIB_LIBS := $(NET_A) $(LIB_A) $(LIB_LIBS)
