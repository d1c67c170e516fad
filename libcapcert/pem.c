// SPDX-License-Identifier: LGPL-2.1-or-later
/* PEM reader and writer (RFC 7468). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <nettle/base64.h>
#include "core/cert.h"
#include "libcapcert/pem.h"

#define BEGIN "-----BEGIN "
#define END "-----END "
#define DASHES "-----"
#define LINE_MAX_IN 76
#define LINE_OUT 64
#define LINE_BYTES (LINE_OUT / 4 * 3)
#define LABEL_MAX 64

struct text {
	const char *p, *end;
};

static struct text text_of(const char *s)
{
	return (struct text){ s, s + strlen(s) };
}

/* Not of none at all, which may have no address. */
static struct text text_in(struct cc_span s)
{
	const char *p = (const char *)s.p;

	return (struct text){ p, p + s.n };
}

static size_t left(struct text t)
{
	return (size_t)(t.end - t.p);
}

static bool begins(struct text t, const char *with)
{
	size_t n = strlen(with);

	return left(t) >= n && memcmp(t.p, with, n) == 0;
}

static bool equal(struct text a, struct text b)
{
	return left(a) == left(b) && memcmp(a.p, b.p, left(a)) == 0;
}

/* Take one line: without its end and without blanks before that. */
static struct text take_line(struct text *rest)
{
	struct text line = { rest->p, rest->p };

	while (rest->p < rest->end && *rest->p != '\n' && *rest->p != '\r')
		rest->p++;
	line.end = rest->p;
	if (rest->p < rest->end) {
		bool cr = *rest->p == '\r';

		rest->p++;
		if (cr && rest->p < rest->end && *rest->p == '\n')
			rest->p++;
	}
	while (line.end > line.p && (line.end[-1] == ' ' || line.end[-1] == '\t'))
		line.end--;
	return line;
}

/* The label of a boundary line, false when the line is no such boundary. */
static bool boundary(struct text line, const char *kind, struct text *ret_label)
{
	size_t head = strlen(kind), tail = strlen(DASHES);
	struct text label;

	if (!begins(line, kind) || left(line) < head + tail)
		return false;
	label = (struct text){ line.p + head, line.end - tail };
	if (memcmp(label.end, DASHES, tail) != 0 || left(label) > LABEL_MAX)
		return false;
	for (const char *p = label.p; p < label.end; p++)
		if (*p < 0x20 || *p > 0x7e || *p == '-')
			return false;
	*ret_label = label;
	return true;
}

/* The next place that looks like the begin of a block, or the end of the text. */
static const char *find_begin(struct text t)
{
	const char *p = left(t) ? memmem(t.p, left(t), BEGIN, strlen(BEGIN)) : NULL;

	return p ? p : t.end;
}

static bool line_start(const char *p, const char *start)
{
	static const char bom[] = { '\xef', '\xbb', '\xbf' };

	if (p == start || p[-1] == '\n' || p[-1] == '\r')
		return true;
	return p - start == sizeof(bom) && memcmp(start, bom, sizeof(bom)) == 0;
}

/* Everything up to the end boundary of @label; *rest moves behind it. */
static const char *take_body(struct text *rest, struct text label, struct text *ret_body)
{
	const char *start = rest->p;
	struct text found;

	while (rest->p < rest->end) {
		const char *before = rest->p;
		struct text line = take_line(rest);

		if (begins(line, BEGIN))
			return "a PEM block begins inside another";
		if (!begins(line, END))
			continue;
		if (!boundary(line, END, &found) || !equal(found, label))
			return "a PEM block ends under another name than it begins";
		*ret_body = (struct text){ start, before };
		return NULL;
	}
	return "a PEM block has no end";
}

/* nettle passes over blanks; RFC 7468 lines have none inside. */
static bool base64_line(struct text line)
{
	if (left(line) == 0 || left(line) > LINE_MAX_IN)
		return false;
	for (const char *p = line.p; p < line.end; p++)
		if (!((*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') ||
		      (*p >= '0' && *p <= '9') || *p == '+' || *p == '/' || *p == '='))
			return false;
	return true;
}

static int decode(struct text body, size_t max, uint8_t **ret, size_t *ret_len,
		  const char **ret_error)
{
	const char *too_large = max == CC_CERT_MAX ? "a PEM block is larger than 65535 bytes"
						   : "a PEM block is too large";
	struct base64_decode_ctx ctx;
	size_t total = 0, n;
	uint8_t *out;

	/* A line end for each line, and room for blanks: twice the largest body is plenty. */
	if (left(body) > 2 * BASE64_ENCODE_RAW_LENGTH(max)) {
		*ret_error = too_large;
		return -EBADMSG;
	}
	out = malloc(BASE64_DECODE_LENGTH(left(body)) + 1);
	if (!out)
		return -ENOMEM;
	*ret_error = "a PEM line is not 1 to 76 base64 characters";
	base64_decode_init(&ctx);
	while (body.p < body.end) {
		struct text line = take_line(&body);

		n = BASE64_DECODE_LENGTH(left(line));
		if (!base64_line(line) ||
		    !base64_decode_update(&ctx, &n, out + total, left(line), line.p))
			goto bad;
		total += n;
	}
	*ret_error = "a PEM block is empty or its base64 ends early";
	if (total == 0 || !base64_decode_final(&ctx))
		goto bad;
	*ret_error = too_large;
	if (total > max)
		goto bad;
	*ret = out;
	*ret_len = total;
	return 1;
bad:
	free(out);
	return -EBADMSG;
}

int pem_next(struct cc_span *rest, const char *label, uint8_t **ret_der, size_t *ret_len,
	     const char **ret_error)
{
	return pem_next_of(rest, label, CC_CERT_MAX, ret_der, ret_len, ret_error);
}

int pem_next_of(struct cc_span *rest, const char *label, size_t max, uint8_t **ret_der,
		size_t *ret_len, const char **ret_error)
{
	struct text all, t, name, body;
	int r = 0;

	if (!rest->n)
		return 0;
	all = t = text_in(*rest);
	while (r == 0) {
		const char *begin = find_begin(t);

		t.p = begin;
		if (begin == t.end)
			break;
		r = -EBADMSG;
		if (!line_start(begin, all.p) || !boundary(take_line(&t), BEGIN, &name)) {
			*ret_error = "a PEM boundary is malformed or not on a line of its own";
			t.p = begin + strlen(BEGIN);
			break;
		}
		begin = t.p;
		*ret_error = take_body(&t, name, &body);
		if (*ret_error)
			t.p = begin;
		else if (equal(name, text_of(label)))
			r = decode(body, max, ret_der, ret_len, ret_error);
		else
			r = 0;
	}
	*rest = cc_span(t.p, left(t));
	return r;
}

bool pem_found(struct cc_span text)
{
	return text.n && find_begin(text_in(text)) != text_in(text).end;
}

int pem_write(const char *label, struct cc_span der, char **ret_text, size_t *ret_len)
{
	size_t lines = (der.n + LINE_BYTES - 1) / LINE_BYTES;
	size_t cap = BASE64_ENCODE_RAW_LENGTH(der.n) + lines + 2 * strlen(label) +
		     strlen(BEGIN END DASHES DASHES "\n\n") + 1;
	char *text = malloc(cap), *p = text;

	if (!text)
		return -ENOMEM;
	p = stpcpy(stpcpy(stpcpy(p, BEGIN), label), DASHES "\n");
	while (der.n) {
		size_t n = der.n < LINE_BYTES ? der.n : LINE_BYTES;

		base64_encode_raw(p, n, der.p);
		p += BASE64_ENCODE_RAW_LENGTH(n);
		*p++ = '\n';
		der = cc_span(der.p + n, der.n - n);
	}
	p = stpcpy(stpcpy(stpcpy(p, END), label), DASHES "\n");
	*ret_text = text;
	*ret_len = (size_t)(p - text);
	return 0;
}
