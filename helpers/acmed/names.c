// SPDX-License-Identifier: GPL-2.0-only
/* The names of a certificate: DNS names (RFC 5890, A-labels) and addresses (RFC 8738). */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "helpers/acmed/conf.h"

#define NAME_MOST 253
#define LABEL_MOST 63

static bool label_ok(const char *p, size_t n)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	return n && n <= LABEL_MOST && strspn(p, allowed) >= n && p[0] != '-' && p[n - 1] != '-';
}

/* Two labels at least; what looks like an IPv4 address is none. */
static bool dns_ok(const char *p)
{
	size_t labels = 0, n = strlen(p);
	bool digits = true;

	if (n > NAME_MOST)
		return false;
	for (;; p += n + 1) {
		n = strcspn(p, ".");
		if (!label_ok(p, n))
			return false;
		labels++;
		digits = strspn(p, "0123456789") == n;
		if (!p[n])
			return labels >= 2 && !digits;
	}
}

/* Return: NULL, or what is wrong. @text: changed. */
static const char *one_name(char *text, struct conf_name *ret)
{
	unsigned char address[16];
	char canonical[INET6_ADDRSTRLEN];
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;

	for (char *p = text; *p; p++) {
		if ((unsigned char)*p >= 0x80)
			return "a name that is not ASCII: write it as A-labels (xn--...), as idn2 "
			       "prints them";
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	}
	ret->ip = inet_pton(family, text, address) == 1;
	if (ret->ip && inet_ntop(family, address, canonical, sizeof(canonical)))
		ret->text = strdup(canonical);
	else if (dns_ok(strncmp(text, "*.", 2) == 0 ? text + 2 : text))
		ret->text = strdup(text);
	else
		return "neither a DNS name with two labels or more nor an address";
	return ret->text ? NULL : "there is no memory";
}

static const char *add_name(struct conf_cert *cert, char *text)
{
	struct conf_name name = { 0 }, *more;
	const char *error;

	if (cert->name_count == CONF_NAMES)
		return "more than 100 names";
	error = one_name(text, &name);
	if (error)
		return error;
	for (size_t i = 0; i < cert->name_count; i++) {
		if (strcmp(cert->names[i].text, name.text) == 0) {
			free(name.text);
			return "a name that is there twice";
		}
	}
	more = reallocarray(cert->names, cert->name_count + 1, sizeof(*more));
	if (!more) {
		free(name.text);
		return "there is no memory";
	}
	cert->names = more;
	cert->names[cert->name_count++] = name;
	return NULL;
}

const char *conf_names_parse(const char *text, struct conf_cert *cert)
{
	char *copy = strdup(text), *rest = copy, *word;
	const char *error = copy ? NULL : "there is no memory";

	while (!error && (word = strsep(&rest, ","))) {
		size_t n;

		word += strspn(word, " \t");
		n = strcspn(word, " \t");
		if (word[n + strspn(word + n, " \t")])
			error = "a blank within a name: commas go between names";
		word[n] = '\0';
		if (!error)
			error = n ? add_name(cert, word) : "nothing between two commas";
	}
	free(copy);
	return error;
}
