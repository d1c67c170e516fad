# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# tests/fuzz/fuzz_*.c: libFuzzer programs over core/ and libcapcert/ compiled with the same sanitizers.

FUZZ_CC    ?= clang
FUZZ_SAN   := -fsanitize=address,undefined -fno-sanitize-recover=undefined
FUZZ_BIN   := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_OBJ   := $(patsubst %.c,$(B)/fuzz/obj/%.o,$(CORE_SRC) $(LIB_SRC))
FUZZ_CFLAGS = -std=gnu11 -D_GNU_SOURCE $(INC) -O1 -g -fno-omit-frame-pointer $(FUZZ_SAN) -MMD -MP $(LIB_CFLAGS) \
	-DCAPCERT_VERSION_STRING='"$(VERSION)"'

.PHONY: fuzz
fuzz: $(FUZZ_BIN)

$(B)/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link -c -o $@ $<

$(B)/fuzz/libcapcert.a: $(FUZZ_OBJ)
	@mkdir -p $(@D)
	rm -f $@
	ar rcs $@ $^

$(B)/fuzz/fuzz_%: $(B)/fuzz/obj/tests/fuzz/fuzz_%.o $(B)/fuzz/libcapcert.a
	$(FUZZ_CC) $(FUZZ_SAN) -fsanitize=fuzzer -o $@ $^ $(LIB_LIBS)

-include $(shell find $(B)/fuzz/obj -name '*.d' 2>/dev/null)

# The same programs without libFuzzer: $(B)/replay/NAME FILE... runs each file once.
REPLAY_BIN := $(patsubst tests/fuzz/fuzz_%.c,$(B)/replay/%,$(wildcard tests/fuzz/fuzz_*.c))

.PHONY: replay
replay: $(REPLAY_BIN)

$(B)/replay/%: $(B)/obj/tests/fuzz/fuzz_%.o $(B)/obj/tests/fuzz/replay.o $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) $(LIB_A) $(LIB_LIBS)
