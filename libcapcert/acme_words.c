// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names of states and challenges, as RFC 8555 writes them. */
#include <string.h>
#include <capcert/acme.h>

const char *capcert_acme_status_name(uint32_t status)
{
	static const char *const names[] = {
		[CAPCERT_ACME_STATUS_UNKNOWN] = "unknown",
		[CAPCERT_ACME_PENDING] = "pending",
		[CAPCERT_ACME_READY] = "ready",
		[CAPCERT_ACME_PROCESSING] = "processing",
		[CAPCERT_ACME_VALID] = "valid",
		[CAPCERT_ACME_INVALID] = "invalid",
		[CAPCERT_ACME_DEACTIVATED] = "deactivated",
		[CAPCERT_ACME_EXPIRED] = "expired",
		[CAPCERT_ACME_REVOKED] = "revoked",
	};

	return status < sizeof(names) / sizeof(*names) ? names[status] : "unknown";
}

static const char *const challenges[CAPCERT_ACME_CHALLENGE_TYPES] = {
	[CAPCERT_ACME_HTTP_01] = "http-01",
	[CAPCERT_ACME_DNS_01] = "dns-01",
	[CAPCERT_ACME_TLS_ALPN_01] = "tls-alpn-01",
	[CAPCERT_ACME_DNS_PERSIST_01] = "dns-persist-01",
};

const char *capcert_acme_challenge_name(uint32_t type)
{
	return type < CAPCERT_ACME_CHALLENGE_TYPES ? challenges[type] : "?";
}

int capcert_acme_challenge_parse(const char *text)
{
	for (int i = 0; i < CAPCERT_ACME_CHALLENGE_TYPES; i++)
		if (!strcmp(text, challenges[i]))
			return i;
	return -1;
}
