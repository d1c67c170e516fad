# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# tests/fuzz/fuzz_*.c: libFuzzer programs (make SANITIZE=1 fuzz), and the same without it: $(B)/replay/NAME FILE... runs each file once.

FUZZ_BIN   := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
REPLAY_BIN := $(patsubst $(B)/fuzz/fuzz_%,$(B)/replay/%,$(FUZZ_BIN))

.PHONY: fuzz replay
fuzz: $(FUZZ_BIN)
replay: $(REPLAY_BIN)

$(B)/fuzz/fuzz_%: $(B)/obj/tests/fuzz/fuzz_%.o $(LIB_A)
	@mkdir -p $(@D)
	$(if $(SANITIZE),,$(error fuzzers want sanitizers: make SANITIZE=1 fuzz))
	$(CC) $(LDFLAGS_ALL) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(LIB_A) $(LIB_LIBS)

$(B)/replay/%: $(B)/obj/tests/fuzz/fuzz_%.o $(B)/obj/tests/fuzz/replay.o $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) $(LIB_A) $(LIB_LIBS)
