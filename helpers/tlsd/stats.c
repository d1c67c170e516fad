// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stddef.h>
#include "helpers/tlsd/stats.h"

#define LINES_PER_SECOND 20

static const char *const names[STATS_REFUSALS] = {
	[STATS_TIMEOUT] = "timeout",
	[STATS_NO_TLS] = "no-tls",
	[STATS_NOTHING_COMMON] = "nothing-in-common",
	[STATS_NO_SLOT] = "no-slot",
	[STATS_NO_CERTIFICATE] = "no-certificate",
	[STATS_REFUSED] = "certificate-refused",
	[STATS_ALERT] = "alert",
	[STATS_CLOSED] = "closed",
	[STATS_TOO_MUCH] = "too-much",
	[STATS_OWN_SIDE] = "own-side",
};

const char *stats_refusal_name(enum stats_refusal refusal)
{
	return (unsigned int)refusal < STATS_REFUSALS ? names[refusal] : "?";
}

enum stats_refusal stats_refusal_of(int error)
{
	switch (-error) {
	case ETIMEDOUT:
		return STATS_TIMEOUT;
	case EPROTO:
	case EBADMSG:
		return STATS_NO_TLS;
	case EPROTONOSUPPORT:
		return STATS_NOTHING_COMMON;
	case ENOENT:
		return STATS_NO_SLOT;
	case ENOKEY:
		return STATS_NO_CERTIFICATE;
	case EKEYREJECTED:
		return STATS_REFUSED;
	case ECONNABORTED:
		return STATS_ALERT;
	case ECONNRESET:
	case EPIPE:
		return STATS_CLOSED;
	case EMSGSIZE:
		return STATS_TOO_MUCH;
	default:
		return STATS_OWN_SIDE;
	}
}

bool stats_log_failure(struct stats *s, int64_t now_ms, uint64_t *ret_left_out)
{
	int64_t second = now_ms / 1000, last = atomic_load(&s->log_second);

	*ret_left_out = 0;
	if (second != last && atomic_compare_exchange_strong(&s->log_second, &last, second))
		atomic_store(&s->log_count, 0);
	if (atomic_fetch_add(&s->log_count, 1) >= LINES_PER_SECOND) {
		atomic_fetch_add(&s->log_left_out, 1);
		return false;
	}
	*ret_left_out = atomic_exchange(&s->log_left_out, 0);
	return true;
}

const char *stats_word(const char *text, char *buf, size_t cap)
{
	size_t n = 0;

	if (!text || !*text)
		text = "-";
	for (; *text && n + 1 < cap; text++, n++)
		buf[n] = *text > ' ' && *text < 0x7f && *text != '"' && *text != '\\' ? *text : '?';
	buf[n] = '\0';
	return buf;
}
