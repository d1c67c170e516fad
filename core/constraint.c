// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Name constraints: is one name within one base (RFC 5280 section 4.2.1.10)? */
#include "core/name.h"
#include "core/text.h"

/* @base equals @name, or @name ends in "." and @base. */
static bool same_or_below(struct cc_span name, struct cc_span base)
{
	if (name.n > base.n) {
		size_t cut = name.n - base.n;

		if (name.p[cut - 1] != '.')
			return false;
		name = cc_span(name.p + cut, base.n);
	}
	return cc_ascii_equal(name, base);
}

/* A host as constraints see it: no trailing dot, which no certificate may contain. */
static bool plain_host(struct cc_span s)
{
	return s.n && s.p[s.n - 1] != '.' && cc_hostname_valid(s);
}

int cc_dns_within(struct cc_span name, struct cc_span base)
{
	struct cc_span tail = name;

	/* A wildcard label is a label: what its names have in common decides. */
	if (name.n > 2 && name.p[0] == '*' && name.p[1] == '.')
		tail = cc_span(name.p + 2, name.n - 2);
	if (!plain_host(tail) || (base.n && !plain_host(base)))
		return -1;
	return base.n == 0 || same_or_below(name, base);
}

/* A base of a mailbox or URI host: "host" is that host, ".domain" every host below it. */
static int host_within(struct cc_span host, struct cc_span base)
{
	if (base.n && base.p[0] == '.') {
		struct cc_span domain = cc_span(base.p + 1, base.n - 1);

		if (!plain_host(domain))
			return -1;
		return host.n > base.n && same_or_below(host, domain);
	}
	if (!plain_host(base))
		return -1;
	return cc_ascii_equal(host, base);
}

/* Splits local@host at the last '@' (a quoted local part may hold one). */
static bool split_mailbox(struct cc_span s, struct cc_span *ret_local, struct cc_span *ret_host)
{
	size_t i;

	for (i = s.n; i > 0; i--) {
		if (s.p[i - 1] != '@')
			continue;
		*ret_local = cc_span(s.p, i - 1);
		*ret_host = cc_span(s.p + i, s.n - i);
		return i > 1 && plain_host(*ret_host);
	}
	return false;
}

static bool has_at(struct cc_span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] == '@')
			return true;
	return false;
}

int cc_email_within(struct cc_span mailbox, struct cc_span base)
{
	struct cc_span local, host, base_local, base_host;

	if (!split_mailbox(mailbox, &local, &host))
		return -1;
	if (base.n == 0)
		return 1;
	if (!has_at(base))
		return host_within(host, base);
	if (!split_mailbox(base, &base_local, &base_host))
		return -1;
	/* The local part is case-sensitive (section 7.5). */
	return cc_span_equal(local, base_local) && cc_ascii_equal(host, base_host);
}

/* The host of "scheme://[user@]host[:port][/...]". */
static bool uri_host(struct cc_span s, struct cc_span *ret)
{
	size_t i = 0, start, end;

	while (i < s.n && s.p[i] != ':' && s.p[i] != '/' && s.p[i] != '?' && s.p[i] != '#')
		i++;
	if (i == 0 || s.n - i < 3 || s.p[i] != ':' || s.p[i + 1] != '/' || s.p[i + 2] != '/')
		return false;
	start = i + 3;
	for (end = start; end < s.n; end++)
		if (s.p[end] == '/' || s.p[end] == '?' || s.p[end] == '#' || s.p[end] == '\\')
			break;
	for (i = start; i < end; i++)
		if (s.p[i] == '@')
			start = i + 1;
	for (i = start; i < end && s.p[i] != ':'; i++)
		;
	*ret = cc_span(s.p + start, i - start);
	return plain_host(*ret);
}

int cc_uri_within(struct cc_span uri, struct cc_span base)
{
	struct cc_span host;

	/* "URIs that do not include an authority with a host name" must be rejected. */
	if (!uri_host(uri, &host))
		return -1;
	if (base.n == 0)
		return 1;
	return host_within(host, base);
}

/* Ones, then zeros: CIDR style (RFC 4632), as section 4.2.1.10 says. */
static bool mask_valid(const uint8_t *mask, size_t n)
{
	bool ended = false;
	size_t i;

	for (i = 0; i < n; i++) {
		uint8_t inverse = (uint8_t)~mask[i];

		if (ended && mask[i])
			return false;
		if (inverse & (inverse + 1))
			return false;
		ended = mask[i] != 0xff;
	}
	return true;
}

int cc_ip_within(struct cc_span ip, struct cc_span base_and_mask)
{
	size_t half = base_and_mask.n / 2, i;
	const uint8_t *base = base_and_mask.p, *mask = base + half;

	if ((ip.n != 4 && ip.n != 16) || (base_and_mask.n != 8 && base_and_mask.n != 32) ||
	    !mask_valid(mask, half))
		return -1;
	if (ip.n != half)
		return 0;
	for (i = 0; i < half; i++)
		if ((ip.p[i] ^ base[i]) & mask[i])
			return 0;
	return 1;
}
