# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The list of CT logs that is compiled in: a C table made of data/ct-logs.json.

INC += -I$(B)/gen

$(B)/gen/ct_logs.inc: data/ct-logs.json scripts/ct-logs-table
	@mkdir -p $(@D)
	scripts/ct-logs-table $< >$@.new && mv $@.new $@

$(B)/obj/libcapcert/loglist_bundled.o: $(B)/gen/ct_logs.inc
