// SPDX-License-Identifier: GPL-2.0-only
/* An issue-value (RFC 8659 section 4.2), and the parameters that the draft gives it. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "helpers/acmed/dns_persist.h"

#define RECORD 4096

struct record {
	char text[RECORD];
	const char *issuer, *account, *policy, *until; /* NULL: not there */
};

static char *trim(char *text)
{
	size_t n;

	text += strspn(text, " \t");
	n = strlen(text);
	while (n && strchr(" \t", text[n - 1]))
		text[--n] = '\0';
	return text;
}

static bool take(struct record *r, char *word)
{
	const struct {
		const char *tag;
		const char **value;
	} known[] = {
		{ "accounturi", &r->account },
		{ "policy", &r->policy },
		{ "persistUntil", &r->until },
	};
	char *value = strchr(word, '=');

	if (!value)
		return false;
	*value++ = '\0';
	word = trim(word);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcasecmp(known[i].tag, word) != 0)
			continue;
		if (*known[i].value)
			return false; /* twice */
		*known[i].value = trim(value);
	}
	return *word; /* others mean nothing to us */
}

static bool parse(const char *text, struct record *r)
{
	char *rest, *word;
	size_t n = strlen(text);

	memset(r, 0, sizeof(*r));
	if (n >= sizeof(r->text))
		return false;
	memcpy(r->text, text, n + 1);
	rest = r->text;
	r->issuer = trim(strsep(&rest, ";"));
	while ((word = strsep(&rest, ";"))) {
		word = trim(word);
		if (!*word && !rest)
			break; /* a ';' at the end */
		if (!take(r, word))
			return false;
	}
	return *r->issuer && r->account;
}

/* Seconds since 1970. */
static bool lasts(const char *until, int64_t now)
{
	size_t n = strlen(until);

	return n && n <= 18 && strspn(until, "0123456789") == n && strtoll(until, NULL, 10) > now;
}

static bool same_issuer(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	n -= n && a[n - 1] == '.';
	m -= m && b[m - 1] == '.';
	return n == m && strncasecmp(a, b, n) == 0;
}

static bool wildcard(const struct record *r)
{
	return r->policy && strcasecmp(r->policy, "wildcard") == 0;
}

bool dns_persist_allows(const char *text, const char *wanted, int64_t now)
{
	struct record have, want;

	return parse(text, &have) && parse(wanted, &want) &&
	       same_issuer(have.issuer, want.issuer) && strcmp(have.account, want.account) == 0 &&
	       (!wildcard(&want) || wildcard(&have)) && (!have.until || lasts(have.until, now));
}
