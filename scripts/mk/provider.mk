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
		$(NO_UNDEFINED) $(LDFLAGS_ALL) -o $@ $(PROVIDER_OBJ) $(LIB_A) $(LIB_LIBS)

# The provider over keys in memory: all of it but what asks the kernel.
PROVIDER_PURE := $(filter-out $(addprefix pkcs11/provider/,source.c facts.c keyring.c slots.c),$(PROVIDER_SRC))

$(B)/tests/unit/test_provider $(B)/tests/unit/test_provider_sign: $(call obj,$(PROVIDER_PURE)) | $(PROVIDER_SO)
$(call fuzzers,digest_info): $(call obj,pkcs11/provider/digest_info.c pkcs11/provider/ecdsa.c)
