// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reads certdata.txt, the source of NSS's built-in roots: lines of NAME TYPE VALUE, of which each
 * CKA_CLASS begins another object. Strict: what is not understood is an error with its line. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <capcert/nss_roots.h>
#include "core/span.h"
#include "core/text.h"

#define LABEL_MAX 256
#define OCTETS_MAX 65535
#define NAME_MAX_LEN 64

enum class {
	CLASS_NONE, /* before the first */
	CLASS_CERT,
	CLASS_TRUST,
	CLASS_OTHER, /* the list itself, CRLs: read and forgotten */
};

/* Attributes that matter; others are read and forgotten. */
enum attribute {
	A_CLASS,
	A_LABEL,
	A_VALUE,
	A_ISSUER,
	A_SERIAL,
	A_SHA1,
	A_SERVER_AFTER,
	A_EMAIL_AFTER,
	A_SERVER_AUTH,
	A_EMAIL,
	A_CODE,
	A_POLICY,
	A_COUNT
};

static const char *const attribute_names[A_COUNT] = {
	[A_CLASS] = "CKA_CLASS",
	[A_LABEL] = "CKA_LABEL",
	[A_VALUE] = "CKA_VALUE",
	[A_ISSUER] = "CKA_ISSUER",
	[A_SERIAL] = "CKA_SERIAL_NUMBER",
	[A_SHA1] = "CKA_CERT_SHA1_HASH",
	[A_SERVER_AFTER] = "CKA_NSS_SERVER_DISTRUST_AFTER",
	[A_EMAIL_AFTER] = "CKA_NSS_EMAIL_DISTRUST_AFTER",
	[A_SERVER_AUTH] = "CKA_TRUST_SERVER_AUTH",
	[A_EMAIL] = "CKA_TRUST_EMAIL_PROTECTION",
	[A_CODE] = "CKA_TRUST_CODE_SIGNING",
	[A_POLICY] = "CKA_NSS_MOZILLA_CA_POLICY",
};

struct reader {
	struct cc_span rest;
	size_t line; /* of what was taken last, from 1 */
	const char *error;
	capcert_nss_roots *list;
	enum class class;
	bool begun;    /* BEGINDATA was there */
	uint32_t seen; /* mask of enum attribute, in this object */
	struct capcert_nss_object object;
	char label[LABEL_MAX];
	uint8_t *octets[A_COUNT];
};

/* A word of a line. */
struct word {
	const char *p;
	size_t n;
};

static int refuse(struct reader *in, const char *error)
{
	in->error = error;
	return -EBADMSG;
}

static bool next_line(struct reader *in, struct word *ret)
{
	const uint8_t *end;

	if (!in->rest.n)
		return false;
	end = memchr(in->rest.p, '\n', in->rest.n);
	ret->p = (const char *)in->rest.p;
	ret->n = end ? (size_t)(end - in->rest.p) : in->rest.n;
	in->rest.p += ret->n + (end != NULL);
	in->rest.n -= ret->n + (end != NULL);
	if (ret->n && ret->p[ret->n - 1] == '\r')
		ret->n--;
	in->line++;
	return true;
}

static bool is(struct word w, const char *text)
{
	return cc_text_is(w.p, w.n, text);
}

/* The next word of @line, which moves behind it and the blanks that follow. */
static struct word take_word(struct word *line)
{
	struct word w = { line->p, 0 };

	while (w.n < line->n && line->p[w.n] != ' ' && line->p[w.n] != '\t')
		w.n++;
	line->p += w.n;
	line->n -= w.n;
	while (line->n && (*line->p == ' ' || *line->p == '\t')) {
		line->p++;
		line->n--;
	}
	return w;
}

static bool word_valid(struct word w)
{
	size_t i;

	for (i = 0; i < w.n; i++)
		if (!cc_ascii_digit((uint8_t)w.p[i]) && w.p[i] != '_' &&
		    !(w.p[i] >= 'A' && w.p[i] <= 'Z'))
			return false;
	return w.n && w.n <= NAME_MAX_LEN;
}

static enum attribute attribute_of(struct word name)
{
	int i;

	for (i = 0; i < A_COUNT; i++)
		if (is(name, attribute_names[i]))
			break;
	return (enum attribute)i;
}

/* ---- values ---- */

static int hex_digit(char c)
{
	if (cc_ascii_digit((uint8_t)c))
		return c - '0';
	c = (char)cc_ascii_lower((uint8_t)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Between quotes; \xHH is an octet. @ret may be NULL. */
static int read_text(struct reader *in, struct word value, char *ret)
{
	size_t i, n = 0;

	if (value.n < 2 || value.p[0] != '"' || value.p[value.n - 1] != '"')
		return refuse(in, "a UTF8 value is not between quotes");
	for (i = 1; i + 1 < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];

		if (c == '\\') {
			int high = -1, low = -1;

			if (i + 4 < value.n && value.p[i + 1] == 'x') {
				high = hex_digit(value.p[i + 2]);
				low = hex_digit(value.p[i + 3]);
			}
			if (high < 0 || low < 0)
				return refuse(in, "a backslash without xHH behind it");
			c = (unsigned char)(high << 4 | low);
			i += 3;
		} else if (c == '"') {
			return refuse(in, "a quote within a UTF8 value");
		}
		if (c < 0x20 || c == 0x7f)
			return refuse(in, "a control character in a UTF8 value");
		if (n + 1 >= LABEL_MAX)
			return refuse(in, "a UTF8 value is longer than 255 octets");
		if (ret)
			ret[n] = (char)c;
		n++;
	}
	if (ret)
		ret[n] = '\0';
	return 0;
}

/* \ooo\ooo… */
static int read_octal_line(struct reader *in, struct word line, uint8_t *buf, size_t *n)
{
	size_t i, k;

	if (line.n == 0 || line.n % 4)
		return refuse(in, "a line of octets is not \\ooo\\ooo and so on");
	for (i = 0; i < line.n; i += 4) {
		unsigned int c = 0;

		for (k = 1; k < 4; k++) {
			unsigned int d = (unsigned int)(line.p[i + k] - '0');

			if (d > 7)
				return refuse(in, "an octet has a digit that is not octal");
			c = c << 3 | d;
		}
		if (line.p[i] != '\\' || c > 255)
			return refuse(in, "an octet is not \\000 to \\377");
		if (*n >= OCTETS_MAX)
			return refuse(in, "a value is longer than 65535 octets");
		buf[(*n)++] = (uint8_t)c;
	}
	return 0;
}

static int read_octets(struct reader *in, uint8_t **ret, size_t *ret_len)
{
	uint8_t *buf = malloc(OCTETS_MAX), *fit;
	struct word line;
	size_t n = 0;
	int r = buf ? 0 : -ENOMEM;

	while (r == 0) {
		if (!next_line(in, &line)) {
			r = refuse(in, "the text ends within MULTILINE_OCTAL, before END");
			break;
		}
		if (is(line, "END"))
			break;
		r = read_octal_line(in, line, buf, &n);
	}
	if (r < 0) {
		free(buf);
		return r;
	}
	fit = realloc(buf, n ? n : 1);
	*ret = fit ? fit : buf;
	*ret_len = n;
	return 0;
}

static int read_trust(struct reader *in, struct word value, uint8_t *ret)
{
	uint32_t i;

	for (i = 1; i < CAPCERT_NSS_TRUST_COUNT; i++)
		if (is(value, capcert_nss_trust_name(i))) {
			*ret = (uint8_t)i;
			return 0;
		}
	return refuse(in, "an unknown CK_TRUST value");
}

static int read_bool(struct reader *in, struct word value, bool *ret)
{
	if (!is(value, "CK_TRUE") && !is(value, "CK_FALSE"))
		return refuse(in, "a CK_BBOOL is neither CK_TRUE nor CK_FALSE");
	*ret = is(value, "CK_TRUE");
	return 0;
}

/* ---- objects ---- */

static void forget_object(struct reader *in)
{
	size_t i;

	for (i = 0; i < A_COUNT; i++) {
		free(in->octets[i]);
		in->octets[i] = NULL;
	}
	in->object = (struct capcert_nss_object){ 0 };
	in->label[0] = '\0';
	in->class = CLASS_NONE;
	in->seen = 0;
}

/* What came before belongs to one object. */
static int flush(struct reader *in)
{
	int r = 0;

	if (in->class == CLASS_CERT || in->class == CLASS_TRUST) {
		in->object.trust = in->class == CLASS_TRUST;
		in->object.label = in->label;
		r = capcert_nss_roots_put(in->list, &in->object, &in->error);
		if (r < 0 && r != -ENOMEM) {
			in->line = in->object.line;
			r = -EBADMSG;
		}
	}
	forget_object(in);
	return r;
}

static int begin(struct reader *in, struct word type, struct word value)
{
	int r = flush(in);

	if (r < 0)
		return r;
	if (!is(type, "CK_OBJECT_CLASS") || !word_valid(value))
		return refuse(in, "CKA_CLASS is not CK_OBJECT_CLASS and a name");
	in->object.line = in->line;
	in->class = is(value, "CKO_CERTIFICATE") ? CLASS_CERT
		    : is(value, "CKO_NSS_TRUST") ? CLASS_TRUST
						 : CLASS_OTHER;
	return 0;
}

static struct capcert_bytes *bytes_of(struct reader *in, enum attribute a)
{
	switch (a) {
	case A_VALUE:
		return &in->object.value;
	case A_ISSUER:
		return &in->object.issuer;
	case A_SERIAL:
		return &in->object.serial;
	case A_SHA1:
		return &in->object.sha1;
	case A_SERVER_AFTER:
		return &in->object.server_distrust_after;
	case A_EMAIL_AFTER:
		return &in->object.email_distrust_after;
	default:
		return NULL;
	}
}

static uint8_t *trust_of(struct reader *in, enum attribute a)
{
	switch (a) {
	case A_SERVER_AUTH:
		return &in->object.server_auth;
	case A_EMAIL:
		return &in->object.email_protection;
	case A_CODE:
		return &in->object.code_signing;
	default:
		return NULL;
	}
}

static int take_octets(struct reader *in, enum attribute a)
{
	struct capcert_bytes *to = bytes_of(in, a);
	uint8_t *octets;
	size_t n;
	int r = read_octets(in, &octets, &n);

	if (r < 0)
		return r;
	if (!to) {
		free(octets);
		return a == A_COUNT ? 0 : refuse(in, "MULTILINE_OCTAL where it does not belong");
	}
	if (!n) {
		free(octets);
		return refuse(in, "MULTILINE_OCTAL without an octet");
	}
	in->octets[a] = octets;
	to->data = octets;
	to->len = n;
	return 0;
}

static int take_value(struct reader *in, enum attribute a, struct word type, struct word value)
{
	uint8_t trust;
	bool flag = false;
	int r;

	if (is(type, "UTF8")) {
		if (a != A_LABEL && a != A_COUNT)
			return refuse(in, "UTF8 where it does not belong");
		return read_text(in, value, a == A_LABEL ? in->label : NULL);
	}
	if (is(type, "CK_BBOOL")) {
		/* A distrust-after date that is not there is CK_FALSE. */
		r = read_bool(in, value, &flag);
		if (r < 0 || a == A_COUNT)
			return r;
		if (a == A_POLICY)
			in->object.mozilla_policy = flag;
		else if ((a != A_SERVER_AFTER && a != A_EMAIL_AFTER) || flag)
			return refuse(in, "CK_BBOOL where it does not belong");
		return 0;
	}
	if (is(type, "CK_TRUST")) {
		r = read_trust(in, value, &trust);
		if (r < 0 || a == A_COUNT)
			return r;
		if (!trust_of(in, a))
			return refuse(in, "CK_TRUST where it does not belong");
		*trust_of(in, a) = trust;
		return 0;
	}
	if (is(type, "CK_CERTIFICATE_TYPE"))
		return is(value, "CKC_X_509") ? 0 : refuse(in, "a certificate that is not X.509");
	return refuse(in, "an unknown type");
}

static int take_attribute(struct reader *in, struct word line)
{
	struct word name = take_word(&line), type = take_word(&line);
	enum attribute a = attribute_of(name);

	if (!word_valid(name) || !word_valid(type) || name.n < 4 || memcmp(name.p, "CKA_", 4))
		return refuse(in, "a line is no comment and not NAME TYPE VALUE");
	if (a == A_CLASS)
		return begin(in, type, line);
	if (in->class == CLASS_NONE)
		return refuse(in, "an attribute before the first CKA_CLASS");
	if (a != A_COUNT) {
		if (in->seen & 1u << a)
			return refuse(in, "an attribute stands in one object twice");
		in->seen |= 1u << a;
	}
	if (!is(type, "MULTILINE_OCTAL"))
		return take_value(in, a, type, line);
	if (line.n)
		return refuse(in, "something follows MULTILINE_OCTAL");
	return take_octets(in, a);
}

static int take_line(struct reader *in, struct word line)
{
	if (memchr(line.p, '\0', line.n))
		return refuse(in, "a NUL: this is no text");
	while (line.n && (line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\t'))
		line.n--;
	if (!line.n || *line.p == '#')
		return 0;
	if (in->begun)
		return take_attribute(in, line);
	if (is(line, "BEGINDATA")) {
		in->begun = true;
		return 0;
	}
	/* Old lists begin with one. */
	if (line.n > 6 && !memcmp(line.p, "CVS_ID", 6))
		return 0;
	return refuse(in, "no BEGINDATA before the first object: is this certdata.txt?");
}

static int read_all(struct reader *in)
{
	struct word line;
	int r = 0;

	while (r == 0 && next_line(in, &line))
		r = take_line(in, line);
	if (r == 0 && !in->begun)
		r = refuse(in, "no BEGINDATA: is this certdata.txt?");
	if (r == 0)
		r = flush(in);
	if (r == 0)
		r = capcert_nss_roots_finish(in->list, &in->line, &in->error);
	return r;
}

int capcert_nss_roots_parse(const char *text, size_t len, capcert_nss_roots **ret, size_t *ret_line,
			    const char **ret_error)
{
	struct reader in = { .rest = cc_span(text, len) };
	int r = capcert_nss_roots_new(&in.list);

	if (r < 0)
		return r;
	r = read_all(&in);
	forget_object(&in);
	if (r < 0) {
		capcert_nss_roots_free(in.list);
		if (r == -EBADMSG) {
			*ret_line = in.line ? in.line : 1;
			*ret_error = in.error;
		}
		return r;
	}
	*ret = in.list;
	return 0;
}
