// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a name server answers the ACME daemon's solvers: reading it, its signature, records of dns-persist-01. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "helpers/acmed/dns_persist.h"
#include "helpers/acmed/dns_tsig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int text(void *ctx, const char *t)
{
	if (strlen(t) >= DNS_TEXT)
		abort();
	dns_persist_allows(t, "ca.example; accounturi=https://ca.example/1", 0);
	return 0;
}

static int name(void *ctx, const struct dns_name *n)
{
	char buf[DNS_NAME_TEXT];

	if (!n->len || n->len > DNS_NAME || n->wire[n->len - 1])
		abort();
	return !*dns_name_text(n, buf);
}

static int octets(void *ctx, const uint8_t *value)
{
	*(uint8_t *)ctx ^= value[3];
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dns_message asked, update;
	static const uint8_t secret[32] = "a secret of thirty-two octets..";
	struct dns_mac mac = { .len = 32 };
	struct dns_name own, zone, found;
	struct dns_reply r;
	struct dns_key key;
	uint8_t sum = 0;
	int64_t t;

	dns_name_parse("_acme-challenge.example.org", &own);
	dns_name_parse("example.org", &zone);
	dns_key_set(&key, "acme", "hmac-sha256", secret, sizeof(secret));
	dns_question(&asked, 0x3031, &own, ns_t_txt, false);
	dns_update(&update, 0x3031, &zone, &own, "text", 60, true);
	if (dns_reply_read(data, size, &asked, &r) == DNS_READ) {
		dns_reply_texts(&r, &own, text, NULL);
		dns_reply_names(&r, &own, ns_t_cname, name, NULL);
		dns_reply_names(&r, &own, ns_t_ns, name, NULL);
		dns_reply_addresses(&r, &own, ns_t_a, octets, &sum);
		dns_reply_addresses(&r, &own, ns_t_aaaa, octets, &sum);
		if (dns_reply_zone(&r, &own, &found) && !dns_name_within(&own, &found))
			abort();
	}
	dns_reply_read(data, size, &update, &r);
	/* Nobody makes a signature by chance. */
	if (size >= NS_HFIXEDSZ && dns_tsig_check(data, size, &key, &mac, 0, &t) == DNS_TSIG_GOOD)
		abort();
	return 0;
}
