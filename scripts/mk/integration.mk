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

$(patsubst %.c,$(B)/%,$(wildcard tests/unit/test_verifyd_*.c)) $(call fuzzers,agent_*): $(call obj,$(VERIFYD_PURE))

# The keeper of keys without its device and its sandbox.
KEYD_PURE := helpers/keyd/serve.c helpers/keyd/pin.c helpers/common/request.c

$(patsubst %.c,$(B)/%,$(wildcard tests/unit/test_keyd_*.c)): $(call obj,$(KEYD_PURE))
