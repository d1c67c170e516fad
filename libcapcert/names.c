// SPDX-License-Identifier: LGPL-2.1-or-later
/* Name matching after RFC 9525; mailboxes after RFC 5280 section 7.5. */
#include <errno.h>
#include "core/text.h"
#include "libcapcert/idna.h"
#include "libcapcert/names.h"

bool names_split_mailbox(struct cc_span mailbox, struct cc_span *ret_local,
			 struct cc_span *ret_domain)
{
	bool quoted = mailbox.n && mailbox.p[0] == '"', open = quoted;
	size_t i, at = 0;

	for (i = quoted ? 1 : 0; i < mailbox.n; i++) {
		if (open && mailbox.p[i] == '\\') {
			i++;
		} else if (mailbox.p[i] == '"') {
			if (!open)
				return false;
			open = false;
			if (i + 1 >= mailbox.n || mailbox.p[i + 1] != '@')
				return false;
		} else if (!open && mailbox.p[i] == '@') {
			if (at)
				return false;
			at = i;
		}
	}
	*ret_local = cc_span(mailbox.p, at);
	*ret_domain = cc_span(mailbox.p + at + 1, at ? mailbox.n - at - 1 : 0);
	return at != 0;
}

bool names_mailbox_valid(struct cc_span mailbox)
{
	struct cc_span local, domain;
	size_t i;

	if (!names_split_mailbox(mailbox, &local, &domain) || !cc_hostname_valid(domain))
		return false;
	for (i = 0; i < local.n; i++)
		if (local.p[i] < 0x20 || local.p[i] >= 0x7f ||
		    (local.p[i] == 0x20 && local.p[0] != '"'))
			return false;
	return true;
}

bool names_valid(uint32_t type, struct cc_span name)
{
	switch (type) {
	case CAPCERT_NAME_NONE:
		return name.n == 0;
	case CAPCERT_NAME_DNS:
		return cc_hostname_valid(name);
	case CAPCERT_NAME_IP:
		return name.n == 4 || name.n == 16;
	case CAPCERT_NAME_EMAIL:
		return names_mailbox_valid(name);
	default:
		return false;
	}
}

/* The host of @in, or that of its mailbox, as A-labels. The local part has
 * no such form: rfc822Name cannot hold it (RFC 9598 section 3). */
static int to_ascii(struct cc_span in, uint8_t buf[CAPCERT_MAX_NAME + IDNA_MAX],
		    struct cc_span *ret)
{
	struct cc_span local = { buf, 0 }, host = in;
	size_t i, n;
	int r;

	for (i = 0; i < in.n; i++)
		if (in.p[i] == '@') {
			local.n = i + 1;
			host = cc_span(in.p + local.n, in.n - local.n);
		}
	if (local.n > CAPCERT_MAX_NAME || !cc_ascii(cc_span(in.p, local.n)))
		return -EINVAL;
	r = idna_to_ascii(host, buf + local.n, &n);
	if (r < 0)
		return r;
	memcpy(buf, in.p, local.n);
	*ret = cc_span(buf, local.n + n);
	return 0;
}

static int parse_ascii(struct cc_span in, uint32_t *ret_type, uint8_t ret[CAPCERT_MAX_NAME],
		       uint32_t *ret_len)
{
	uint8_t ip[16];
	size_t n, i;

	if (in.n == 0 || in.n > CAPCERT_MAX_NAME)
		return -EINVAL;
	n = cc_ip_parse(in, ip);
	if (n) {
		memcpy(ret, ip, n);
		*ret_type = CAPCERT_NAME_IP;
		*ret_len = (uint32_t)n;
		return 0;
	}
	if (memchr(in.p, '@', in.n)) {
		if (!names_mailbox_valid(in))
			return -EINVAL;
		memcpy(ret, in.p, in.n);
		*ret_type = CAPCERT_NAME_EMAIL;
		*ret_len = (uint32_t)in.n;
		return 0;
	}
	if (!cc_hostname_valid(in))
		return -EINVAL;
	if (in.p[in.n - 1] == '.')
		in.n--;
	for (i = 0; i < in.n; i++)
		ret[i] = cc_ascii_lower(in.p[i]);
	*ret_type = CAPCERT_NAME_DNS;
	*ret_len = (uint32_t)in.n;
	return 0;
}

int names_parse(const char *text, uint32_t *ret_type, uint8_t ret[CAPCERT_MAX_NAME],
		uint32_t *ret_len)
{
	struct cc_span in = cc_span(text, strlen(text));
	uint8_t ascii[CAPCERT_MAX_NAME + IDNA_MAX];

	if (!cc_ascii(in)) {
		int r = to_ascii(in, ascii, &in);

		if (r < 0)
			return r;
	}
	return parse_ascii(in, ret_type, ret, ret_len);
}

/* The local part is compared as it is, the domain without case (RFC 5280 section 7.5). */
static bool mailbox_equal(struct cc_span a, struct cc_span b)
{
	struct cc_span al, ad, bl, bd;

	return names_split_mailbox(a, &al, &ad) && names_split_mailbox(b, &bl, &bd) &&
	       cc_span_equal(al, bl) && cc_ascii_equal(ad, bd);
}

bool names_match(const struct cc_cert *cert, uint32_t type, struct cc_span name)
{
	struct cc_span rest = cert->san;
	struct cc_general_name gn;

	if (type == CAPCERT_NAME_NONE)
		return true;
	while (cc_gn_next(&rest, &gn) == 1) {
		if (type == CAPCERT_NAME_DNS && gn.type == CC_GN_DNS &&
		    cc_hostname_match(gn.value, name))
			return true;
		if (type == CAPCERT_NAME_IP && gn.type == CC_GN_IP && cc_span_equal(gn.value, name))
			return true;
		if (type == CAPCERT_NAME_EMAIL && gn.type == CC_GN_EMAIL &&
		    mailbox_equal(gn.value, name))
			return true;
	}
	return false;
}
