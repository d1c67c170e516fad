// SPDX-License-Identifier: LGPL-2.1-or-later
/* Words and lists of TLS configs. */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <capcert/tls_config.h>
#include "core/alpn.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const role_names[] = {
	[CAPCERT_TLS_SERVER] = "server",
	[CAPCERT_TLS_CLIENT] = "client",
};

static const char *const policy_names[] = {
	[CAPCERT_TLS_MODERN] = "modern",
	[CAPCERT_TLS_INTERMEDIATE] = "intermediate",
	[CAPCERT_TLS_LEGACY] = "legacy",
};

static const char *const version_names[] = {
	[CAPCERT_TLS_12] = "1.2",
	[CAPCERT_TLS_13] = "1.3",
};

static const char *const auth_names[] = {
	[CAPCERT_TLS_AUTH_NONE] = "none",
	[CAPCERT_TLS_AUTH_OPTIONAL] = "optional",
	[CAPCERT_TLS_AUTH_REQUIRED] = "required",
};

static const char *const part_names[] = {
	[CAPCERT_TLS_PART_SLOTS] = "slots",	  [CAPCERT_TLS_PART_KEY] = "key",
	[CAPCERT_TLS_PART_VERIFIER] = "verifier", [CAPCERT_TLS_PART_STORE] = "store",
	[CAPCERT_TLS_PART_PINS] = "pins",
};

static const char *name_of(const char *const *names, size_t count, uint32_t number)
{
	return number < count && names[number] ? names[number] : "?";
}

static int number_of(const char *const *names, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(names[i], text) == 0)
			return (int)i;
	return -1;
}

const char *capcert_tls_role_name(uint32_t role)
{
	return name_of(role_names, COUNT(role_names), role);
}

const char *capcert_tls_policy_name(uint32_t policy)
{
	return name_of(policy_names, COUNT(policy_names), policy);
}

int capcert_tls_policy_parse(const char *text)
{
	return number_of(policy_names, COUNT(policy_names), text);
}

const char *capcert_tls_version_name(uint32_t version)
{
	return name_of(version_names, COUNT(version_names), version);
}

int capcert_tls_version_parse(const char *text)
{
	return number_of(version_names, COUNT(version_names), text);
}

const char *capcert_tls_auth_name(uint32_t auth)
{
	return name_of(auth_names, COUNT(auth_names), auth);
}

int capcert_tls_auth_parse(const char *text)
{
	return number_of(auth_names, COUNT(auth_names), text);
}

const char *capcert_tls_part_name(uint32_t part)
{
	return name_of(part_names, COUNT(part_names), part);
}

int capcert_tls_alpn(const char *names, uint8_t *ret, size_t *len)
{
	size_t total = strlen(names) + 1, at = 0;

	if (total > *len)
		return -EMSGSIZE;
	/* Every comma, and what is before the first name, becomes an octet of length. */
	while (at < total) {
		size_t n = strcspn(names + at, ",");

		if (n == 0 || n > 255)
			return -EINVAL;
		ret[at] = (uint8_t)n;
		memcpy(ret + at + 1, names + at, n);
		at += n + 1;
	}
	if (!cc_alpn_valid(cc_span(ret, total)))
		return -EINVAL;
	*len = total;
	return 0;
}
