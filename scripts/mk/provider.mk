# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# pkcs11/provider/: the PKCS#11 module over handles. It exports one symbol, and brings the library along inside.

PROVIDER_SRC := $(wildcard pkcs11/provider/*.c)
PROVIDER_OBJ := $(call obj,$(PROVIDER_SRC))
PROVIDER_SO  := $(B)/lib/libcapcert-pkcs11.so

.PHONY: provider
provider: $(PROVIDER_SO)
user: provider

$(PROVIDER_SO): $(PROVIDER_OBJ) $(LIB_A) pkcs11/provider/provider.map
	@mkdir -p $(@D)
	$(CC) -shared -Wl,-soname,$(notdir $@) -Wl,--version-script=pkcs11/provider/provider.map \
		-Wl,-z,defs $(LDFLAGS_ALL) -o $@ $(PROVIDER_OBJ) $(LIB_A) $(LIB_LIBS)
