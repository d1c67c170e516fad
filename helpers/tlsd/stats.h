/* SPDX-License-Identifier: GPL-2.0-only */
/* What has happened since the start, counted by any thread, and the lines of the log about it. */
#ifndef HELPERS_TLSD_STATS_H
#define HELPERS_TLSD_STATS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Why a handshake was not finished. */
enum stats_refusal {
	STATS_TIMEOUT,	      /* it took too long */
	STATS_NO_TLS,	      /* not TLS, or wrong */
	STATS_NOTHING_COMMON, /* no version, cipher or protocol in common */
	STATS_NO_SLOT,	      /* no certificate for the name asked for */
	STATS_NO_CERTIFICATE, /* the client has to have one, and sent none */
	STATS_REFUSED,	      /* the peer's certificate is refused */
	STATS_ALERT,	      /* the peer ended it by an alert */
	STATS_CLOSED,	      /* the peer went */
	STATS_TOO_MUCH,	      /* more octets than a handshake may have */
	STATS_OWN_SIDE,	      /* one's own key or staple was not to be had */
	STATS_REFUSALS,
};

struct stats {
	_Atomic uint64_t accepted;
	_Atomic uint64_t open;
	_Atomic uint64_t over_limit;   /* closed unseen: too many */
	_Atomic uint64_t not_accepted; /* accept(2) failed: fds, memory */
	_Atomic uint64_t handshakes;
	_Atomic uint64_t resumed;
	_Atomic uint64_t acme; /* of the handshakes: with CAs that validate */
	_Atomic uint64_t refused[STATS_REFUSALS];
	_Atomic uint64_t no_backend; /* could not be reached */
	_Atomic uint64_t idle;	     /* ended for being silent */
	_Atomic uint64_t octets[2];  /* from clients, to clients */
	/* Lines about failures in this second, and those left out since the last one. */
	_Atomic int64_t log_second;
	_Atomic uint32_t log_count;
	_Atomic uint64_t log_left_out;
};

static inline void stats_add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static inline uint64_t stats_get(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit((_Atomic uint64_t *)(uintptr_t)counter, memory_order_relaxed);
}

/** stats_refusal_of() - which of them an -errno of capcert_tls_handshake() is. */
enum stats_refusal stats_refusal_of(int error);
const char *stats_refusal_name(enum stats_refusal refusal);

/** stats_log_failure() - may a line about a failure be written? At most 20 in a second of @now_ms.
 *  @ret_left_out: those that were not, since the last one that was. */
bool stats_log_failure(struct stats *stats, int64_t now_ms, uint64_t *ret_left_out);

/** stats_word() - @text from outside as a word of a log line: printable ASCII without space, quotes and
 *  backslash; others are '?'. "-" for none. Return: @buf. */
const char *stats_word(const char *text, char *buf, size_t cap);

#endif
