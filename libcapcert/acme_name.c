// SPDX-License-Identifier: LGPL-2.1-or-later
/* Identifiers of ACME orders (RFC 8555 section 7.1.3, RFC 8738). */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include "core/name.h"
#include "core/text.h"
#include "libcapcert/acme_name.h"
#include "libcapcert/idna.h"
#include "libcapcert/x509.h"

static int set_ip(struct acme_name *ret, struct cc_span value)
{
	ret->ip_len = cc_ip_parse(value, ret->ip);
	if (!ret->ip_len || !inet_ntop(ret->ip_len == 4 ? AF_INET : AF_INET6, ret->ip, ret->text,
				       sizeof(ret->text)))
		return -EINVAL;
	return 0;
}

static int set_dns(struct acme_name *ret, struct cc_span value)
{
	uint8_t host[IDNA_MAX];
	size_t n, at = 0;
	int r;

	if (value.n > 2 && !memcmp(value.p, "*.", 2)) {
		ret->wildcard = true;
		memcpy(ret->text, "*.", 2);
		at = 2;
		value = cc_span(value.p + 2, value.n - 2);
	}
	r = idna_to_ascii(value, host, &n);
	if (r < 0)
		return r;
	if (n && host[n - 1] == '.')
		n--;
	if (!cc_hostname_valid(cc_span(host, n)) || n + at >= sizeof(ret->text) || n + at > 253)
		return -EINVAL;
	for (size_t i = 0; i < n; i++)
		ret->text[at + i] = (char)cc_ascii_lower(host[i]);
	ret->text[at + n] = '\0';
	return 0;
}

int acme_name_set(struct acme_name *ret, uint32_t type, const char *value)
{
	struct cc_span in = cc_span(value, value ? strlen(value) : 0);

	memset(ret, 0, sizeof(*ret));
	ret->type = type;
	if (!in.n)
		return -EINVAL;
	if (type == CAPCERT_ACME_IP)
		return set_ip(ret, in);
	return type == CAPCERT_ACME_DNS ? set_dns(ret, in) : -EINVAL;
}

const char *acme_name_base(const struct acme_name *name)
{
	return name->text + (name->wildcard ? 2 : 0);
}

long acme_names_find(const struct acme_name *list, size_t count, const struct acme_name *name)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].type == name->type && !strcmp(list[i].text, name->text))
			return (long)i;
	return -1;
}

bool acme_names_same(const struct acme_name *a, size_t a_count, const struct acme_name *b,
		     size_t b_count)
{
	if (a_count != b_count)
		return false;
	for (size_t i = 0; i < a_count; i++)
		if (acme_names_find(b, b_count, &a[i]) < 0 || acme_names_find(a, i, &a[i]) >= 0)
			return false;
	return true;
}

/* One GeneralName as it is written in orders. */
static int of_general_name(const struct cc_general_name *gn, struct acme_name *ret)
{
	char text[INET6_ADDRSTRLEN > 256 ? INET6_ADDRSTRLEN : 256];

	if (gn->type == CC_GN_IP && (gn->value.n == 4 || gn->value.n == 16)) {
		if (!inet_ntop(gn->value.n == 4 ? AF_INET : AF_INET6, gn->value.p, text,
			       sizeof(text)))
			return -EBADMSG;
		return acme_name_set(ret, CAPCERT_ACME_IP, text);
	}
	if (gn->type != CC_GN_DNS || gn->value.n >= sizeof(text) ||
	    memchr(gn->value.p, 0, gn->value.n) || !cc_ascii(gn->value))
		return -EBADMSG;
	memcpy(text, gn->value.p, gn->value.n);
	text[gn->value.n] = '\0';
	return acme_name_set(ret, CAPCERT_ACME_DNS, text);
}

int acme_names_of_cert(const capcert_cert *cert, struct acme_name *ret, size_t cap,
		       size_t *ret_count)
{
	struct cc_span rest = cert->parsed.san;
	struct cc_general_name gn;
	size_t n = 0;
	int r;

	while ((r = cc_gn_next(&rest, &gn)) > 0) {
		if (n == cap)
			return -EBADMSG;
		r = of_general_name(&gn, &ret[n++]);
		if (r < 0)
			return r == -EINVAL ? -EBADMSG : r;
	}
	if (r < 0 || !n)
		return -EBADMSG;
	*ret_count = n;
	return 0;
}
