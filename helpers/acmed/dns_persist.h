/* SPDX-License-Identifier: GPL-2.0-only */
/* Records of draft-ietf-acme-dns-persist: "issuer; accounturi=...; policy=wildcard; persistUntil=...". */
#ifndef HELPERS_ACMED_DNS_PERSIST_H
#define HELPERS_ACMED_DNS_PERSIST_H

#include <stdbool.h>
#include <stdint.h>

/** dns_persist_allows() - @text lets the CA and the account of @wanted, which is of the same form, issue at @now,
 *  wildcards if @wanted says so. What is malformed allows nothing. */
bool dns_persist_allows(const char *text, const char *wanted, int64_t now);

#endif
