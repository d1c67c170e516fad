// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One chain in a file: lines of words, then certificates as PEM, so that other tools read it too. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include "tests/differential/differential.h"

static void write_pem(FILE *to, struct cc_span der)
{
	size_t i;

	fprintf(to, "-----BEGIN CERTIFICATE-----\n");
	for (i = 0; i < der.n; i += 48) {
		unsigned char line[80];

		EVP_EncodeBlock(line, der.p + i, (int)(der.n - i < 48 ? der.n - i : 48));
		fprintf(to, "%s\n", line);
	}
	fprintf(to, "-----END CERTIFICATE-----\n");
}

bool case_write(const struct diff_case *c, FILE *to)
{
	static const char *const truths[] = { "unknown", "must-fail", "must-pass" };
	uint32_t i;

	fprintf(to, "name %s\ntime %lld\nprofile %s\npolicies %d %d\ntruth %s %s\n",
		c->name ? c->name : "-", (long long)c->time, c->webpki ? "webpki" : "rfc5280",
		c->policies, c->explicit_policy, truths[c->truth], c->section ? c->section : "");
	for (i = 0; i < c->label_count; i++)
		fprintf(to, "label %s\n", c->labels[i]);
	for (i = 0; i < c->presented; i++) {
		fprintf(to, "presented\n");
		write_pem(to, c->der[c->order[i]]);
	}
	for (i = 0; i < c->count; i++) {
		if (!c->spec[i].anchor)
			continue;
		fprintf(to, "anchor\n");
		write_pem(to, c->der[i]);
	}
	return !ferror(to);
}

/* Up to the END line; the octets, or nothing. */
static struct cc_span read_pem(FILE *from)
{
	static unsigned char text[1 << 16];
	unsigned char der[1 << 16];
	size_t used = 0;
	char line[256];
	int n;

	while (fgets(line, sizeof(line), from) && strncmp(line, "-----END", 8)) {
		size_t len = strcspn(line, "\r\n");

		if (line[0] == '-')
			continue;
		if (used + len >= sizeof(text))
			return cc_span(NULL, 0);
		memcpy(text + used, line, len);
		used += len;
	}
	n = EVP_DecodeBlock(der, text, (int)used);
	if (n < 0)
		return cc_span(NULL, 0);
	n -= (used > 0 && text[used - 1] == '=') + (used > 1 && text[used - 2] == '=');
	return make_copy(cc_span(der, (size_t)n), 0);
}

static void read_truth(struct diff_case *c, const char *rest)
{
	c->truth = !strncmp(rest, "must-fail", 9)   ? MUST_FAIL
		   : !strncmp(rest, "must-pass", 9) ? MUST_PASS
						    : UNKNOWN;
	c->section = make_text("%s", strchr(rest, ' ') ? strchr(rest, ' ') + 1 : "");
}

bool case_read(struct diff_case *c, FILE *from)
{
	char line[1024];

	memset(c, 0, sizeof(*c));
	while (fgets(line, sizeof(line), from) && c->count < DIFF_CERTS) {
		char *rest = strchr(line, ' ');

		line[strcspn(line, "\r\n")] = '\0';
		if (!strcmp(line, "presented") || !strcmp(line, "anchor")) {
			c->spec[c->count].anchor = line[0] == 'a';
			if (line[0] == 'p')
				c->order[c->presented++] = c->count;
			c->der[c->count++] = read_pem(from);
		} else if (line[0] == '#' || !rest) {
			continue;
		} else if (!strncmp(line, "name ", 5)) {
			c->name = strcmp(rest + 1, "-") ? make_text("%s", rest + 1) : NULL;
		} else if (!strncmp(line, "time ", 5)) {
			c->time = strtoll(rest + 1, NULL, 10);
		} else if (!strncmp(line, "profile ", 8)) {
			c->webpki = !strcmp(rest + 1, "webpki");
		} else if (!strncmp(line, "policies ", 9)) {
			c->policies = rest[1] == '1';
			c->explicit_policy = rest[2] && rest[3] == '1';
		} else if (!strncmp(line, "truth ", 6)) {
			read_truth(c, rest + 1);
		} else if (!strncmp(line, "label ", 6)) {
			case_label(c, make_text("%s", rest + 1));
		}
	}
	return c->presented != 0;
}
