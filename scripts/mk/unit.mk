# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# tests/unit/test_memory.c lets the library's allocations fail, one after another.

$(B)/tests/unit/test_memory $(B)/tests/unit/test_status_memory $(B)/tests/unit/test_loglist_memory $(B)/tests/unit/test_roots_memory: LDFLAGS_ALL += $(foreach f,malloc calloc realloc reallocarray,-Wl,--wrap=$(f))
# tests/unit/test_clock.c speaks for the kernel about clocks.
$(B)/tests/unit/test_clock: LDFLAGS_ALL += -Wl,--wrap=adjtimex,--wrap=open
# tests/unit/test_subject_hash.c asks OpenSSL.
$(B)/tests/unit/test_subject_hash: LIB_LIBS += -lcrypto
# tests/unit/test_tls*.c tell the time, for certificates and staples.
$(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(filter-out tests/unit/test_tlsd_%,$(wildcard tests/unit/test_tls*.c))): LDFLAGS_ALL += -Wl,--wrap=time
# tests/bench/bench_tls.c has OpenSSL at the other end.
$(B)/tests/bench/bench_tls $(B)/tests/bench/bench_tlsd: LIB_LIBS += -lssl
