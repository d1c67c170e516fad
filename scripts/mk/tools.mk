# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What the capcert command links beside the library.

TOOL_LIBS := -ljansson -lkeyutils -lseccomp

# It looks for this beside itself.
CURLRC := $(B)/share/capcert/curl/.curlrc
tools: $(CURLRC)
$(CURLRC): data/curl/.curlrc
	@install -D -m 644 $< $@

# What reads a daemon's answer and shows it, without the rest of the command.
$(call fuzzers,tls_status): $(call obj,tools/tls_status.c tools/ask.c tools/answer.c tools/out.c tools/text.c)
