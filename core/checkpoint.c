// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Checkpoints: text that can be read in one way only. */
#include "core/base64.h"
#include "core/checkpoint.h"
#include "core/text.h"

/* Take a line without its newline. False: none, or not ended. */
static bool take_line(struct cc_span *in, struct cc_span *ret)
{
	size_t n = 0;

	while (n < in->n && in->p[n] != '\n')
		n++;
	if (n == in->n)
		return false;
	*ret = cc_span(in->p, n);
	in->p += n + 1;
	in->n -= n + 1;
	return true;
}

static bool plain_text(struct cc_span text)
{
	struct cc_span line;

	while (text.n)
		if (!take_line(&text, &line) || !cc_utf8_line(line))
			return false;
	return true;
}

/* Decimal, no sign, no leading zeros, at most 2^63. */
static bool decimal(struct cc_span text, uint64_t *ret)
{
	uint64_t v = 0;
	size_t i;

	if (!text.n || text.n > 19 || (text.n > 1 && text.p[0] == '0'))
		return false;
	for (i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		v = v * 10 + text.p[i] - '0'; /* 19 digits stay below 2^64 */
	}
	*ret = v;
	return v <= 1ULL << 63;
}

/* Names of keys have neither blanks nor a plus sign. */
static bool name_valid(struct cc_span name)
{
	size_t i;

	for (i = 0; i < name.n; i++)
		if (name.p[i] == ' ' || name.p[i] == '+')
			return false;
	return name.n > 0;
}

int cc_note_signature_next(struct cc_span *lines, struct cc_note_signature *ret)
{
	static const uint8_t dash[] = { 0xe2, 0x80, 0x94, ' ' }; /* U+2014 */
	struct cc_span rest = *lines, line;
	size_t n;

	if (!rest.n)
		return 0;
	if (!take_line(&rest, &line) || line.n < sizeof(dash) ||
	    memcmp(line.p, dash, sizeof(dash)) != 0)
		return -1;
	line = cc_span(line.p + sizeof(dash), line.n - sizeof(dash));
	for (n = 0; n < line.n && line.p[n] != ' '; n++)
		;
	if (n == line.n)
		return -1;
	ret->name = cc_span(line.p, n);
	ret->base64 = cc_span(line.p + n + 1, line.n - n - 1);
	/* Four octets of key id and something behind them. */
	if (!name_valid(ret->name) || ret->base64.n < CC_BASE64_LEN(5) || ret->base64.n % 4)
		return -1;
	*lines = rest;
	return 1;
}

static bool signatures_valid(struct cc_span lines)
{
	struct cc_note_signature s;
	unsigned int count = 0;
	int r;

	while ((r = cc_note_signature_next(&lines, &s)) > 0)
		if (++count > CC_CHECKPOINT_SIGNATURES)
			return false;
	return r == 0 && count > 0;
}

/* The last empty line: what is signed may have more of them, signatures have none. */
static bool split(struct cc_span text, struct cc_checkpoint *ret)
{
	size_t at;

	for (at = text.n; at >= 2; at--)
		if (text.p[at - 1] == '\n' && text.p[at - 2] == '\n')
			break;
	if (at < 2)
		return false;
	ret->signed_text = cc_span(text.p, at - 1);
	ret->signatures = cc_span(text.p + at, text.n - at);
	return true;
}

bool cc_checkpoint_parse(struct cc_span text, struct cc_checkpoint *ret)
{
	struct cc_span rest, size, root, line;

	if (text.n > CC_CHECKPOINT_MAX || !plain_text(text) || !split(text, ret))
		return false;
	rest = ret->signed_text;
	if (!take_line(&rest, &ret->origin) || !ret->origin.n)
		return false;
	if (!take_line(&rest, &size) || !decimal(size, &ret->size))
		return false;
	if (!take_line(&rest, &root) ||
	    cc_base64_decode(root, ret->root, sizeof(ret->root)) != sizeof(ret->root))
		return false;
	ret->extensions = rest;
	while (rest.n)
		if (!take_line(&rest, &line) || !line.n)
			return false;
	return signatures_valid(ret->signatures);
}

bool cc_checkpoint_find(const struct cc_checkpoint *c, struct cc_span name, const uint8_t id[4],
			uint8_t buf[CC_NOTE_SIGNATURE_MAX], struct cc_span *ret)
{
	struct cc_span lines = c->signatures;
	struct cc_note_signature s;

	while (cc_note_signature_next(&lines, &s) > 0) {
		long n;

		if (!cc_span_equal(s.name, name))
			continue;
		n = cc_base64_decode(s.base64, buf, CC_NOTE_SIGNATURE_MAX);
		if (n <= 4 || memcmp(buf, id, 4))
			continue;
		*ret = cc_span(buf + 4, (size_t)n - 4);
		return true;
	}
	return false;
}

bool cc_rfc6962_note_signature(struct cc_span body, uint64_t *ret_timestamp,
			       struct cc_digitally_signed *ret)
{
	return cc_tls_uint(&body, 8, ret_timestamp) && cc_digitally_signed_get(&body, ret) &&
	       body.n == 0;
}
