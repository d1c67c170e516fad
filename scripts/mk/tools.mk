# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What the capcert command links beside the library.

TOOL_LIBS := -ljansson -lkeyutils -lseccomp

# It looks for this beside itself.
CURLRC := $(B)/share/capcert/curl/.curlrc
tools: $(CURLRC)
$(CURLRC): data/curl/.curlrc
	@install -D -m 644 $< $@

# What reads a daemon's answer and shows it, without the rest of the command.
ANSWER_SRC := tools/tls_status.c tools/ask.c tools/answer.c tools/out.c tools/text.c

$(B)/fuzz/fuzz_tls_status: $(patsubst %.c,$(B)/fuzz/obj/%.o,tests/fuzz/fuzz_tls_status.c $(ANSWER_SRC)) $(B)/fuzz/libcapcert.a
	$(FUZZ_CC) $(FUZZ_SAN) -fsanitize=fuzzer -o $@ $^ $(LIB_LIBS)
$(B)/replay/tls_status: $(call obj,tests/fuzz/fuzz_tls_status.c tests/fuzz/replay.c $(ANSWER_SRC)) $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) $(LIB_A) $(LIB_LIBS)
