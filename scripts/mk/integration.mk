# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# tests/integration/*.c: programs of the integration tests; test programs that link parts of a helper.

INTEGRATION_BIN := $(patsubst tests/integration/%.c,$(B)/tests/integration/%,$(wildcard tests/integration/*.c))

tests: $(INTEGRATION_BIN) $(B)/tests/bench/bench_tlsd # holds connections for tlsd_peers.sh

$(B)/tests/integration/%: $(B)/obj/tests/integration/%.o $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIB_LIBS) -ljansson -lkeyutils

# They talk to OpenSSL.
$(B)/tests/integration/tls_ciphers $(B)/tests/integration/tlsd_rotate: LIB_LIBS += -lssl -lcrypto

# The agent without its device and its sandbox.
VERIFYD_PURE := helpers/verifyd/serve.c helpers/verifyd/request.c helpers/verifyd/cache.c helpers/common/request.c

$(B)/tests/unit/test_verifyd_%: $(call obj,$(VERIFYD_PURE)) $(B)/obj/tests/unit/test_verifyd_%.o $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ -lcmocka $(LIB_LIBS)

$(B)/replay/agent_request: $(call obj,$(VERIFYD_PURE))
$(B)/fuzz/fuzz_agent_%: $(B)/fuzz/obj/tests/fuzz/fuzz_agent_%.o $(patsubst %.c,$(B)/fuzz/obj/%.o,$(VERIFYD_PURE)) \
		$(B)/fuzz/libcapcert.a
	$(FUZZ_CC) $(FUZZ_SAN) -fsanitize=fuzzer -o $@ $^ $(LIB_LIBS)

# The keeper of keys without its device and its sandbox.
KEYD_PURE := helpers/keyd/serve.c helpers/keyd/pin.c helpers/common/request.c

$(B)/tests/unit/test_keyd_%: $(call obj,$(KEYD_PURE)) $(B)/obj/tests/unit/test_keyd_%.o $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ -lcmocka $(LIB_LIBS)
