/* SPDX-License-Identifier: GPL-2.0-only */
/* Transactions signed by a shared key (RFC 8945). */
#ifndef HELPERS_ACMED_DNS_TSIG_H
#define HELPERS_ACMED_DNS_TSIG_H

#include "helpers/acmed/dns_message.h"

#define DNS_MAC 64

struct dns_key {
	struct dns_name name;
	uint32_t hash;		   /* CAPCERT_HASH_* */
	struct dns_name algorithm; /* its name on the wire */
	const uint8_t *secret;
	size_t secret_len;
};

struct dns_mac {
	size_t len;
	uint8_t data[DNS_MAC];
};

/** dns_tsig_algorithm() - "hmac-sha256", -sha384, -sha512. Return: CAPCERT_HASH_*, or 0: others are weak. */
uint32_t dns_tsig_algorithm(const char *text);

/** dns_key_set() - Return: whether @name and @algorithm are such. @secret is not copied. */
bool dns_key_set(struct dns_key *key, const char *name, const char *algorithm,
		 const uint8_t *secret, size_t secret_len);

/** dns_tsig_sign() - @m as of @now (seconds since 1970), a TSIG record at its end. */
void dns_tsig_sign(struct dns_message *m, const struct dns_key *key, int64_t now,
		   struct dns_mac *ret);

enum dns_tsig {
	DNS_TSIG_GOOD,
	DNS_TSIG_NONE,	  /* unsigned */
	DNS_TSIG_BAD,	  /* signed, by another key or wrongly */
	DNS_TSIG_LATE,	  /* good, but its time is not near @now */
	DNS_TSIG_BADSIG,  /* what the server says of our signature: not proved to be its word ... */
	DNS_TSIG_BADKEY,
	DNS_TSIG_BADTIME, /* ... and this is */
};

/** dns_tsig_check() - of an answer @data, which dns_reply_read() has read, to a message that was signed as @asked.
 *  @ret_time: of the server, with DNS_TSIG_BADTIME and DNS_TSIG_LATE. */
enum dns_tsig dns_tsig_check(const uint8_t *data, size_t len, const struct dns_key *key,
			     const struct dns_mac *asked, int64_t now, int64_t *ret_time);

#endif
