// SPDX-License-Identifier: LGPL-2.1-or-later
/* One answer of an HTTP/1.1 server: head, body by length, in chunks, or until the end. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "core/text.h"
#include "libcapcert/http_response.h"

static int bad(struct http_response *r, const char *why)
{
	r->error = why;
	return -EBADMSG;
}

static int too_long(struct http_response *r, const char *why)
{
	r->error = why;
	return -EMSGSIZE;
}

void http_response_start(struct http_response *r, bool head_only, size_t max)
{
	memset(r, 0, offsetof(struct http_response, head));
	r->head[0] = '\0';
	r->line_len = 0;
	r->head_only = head_only;
	r->max = max;
}

void http_response_clear(struct http_response *r)
{
	free(r->body);
	http_response_start(r, false, 0);
}

bool http_response_idle(const struct http_response *r)
{
	return r->state == HTTP_IN_HEAD && !r->head_len && !r->spent;
}

/* ---- the head ---- */

/* RFC 9110 section 5.6.2. */
static bool token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || cc_ascii_digit((uint8_t)c) ||
	       (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* The line at *@at, cut off at its CR LF. NULL: it has an octet that no line has. */
static char *next_line(char **at)
{
	char *line = *at, *p = line;

	while (*p != '\r') {
		uint8_t c = (uint8_t)*p++;

		if ((c < ' ' && c != '\t') || c >= 0x7f)
			return NULL;
	}
	if (p[1] != '\n')
		return NULL;
	*p = '\0';
	*at = p + 2;
	return line;
}

/* "HTTP/1.1 200 OK" */
static int take_status(struct http_response *r, const char *line)
{
	if (strncmp(line, "HTTP/1.", 7) || (line[7] != '0' && line[7] != '1') || line[8] != ' ')
		return bad(r, "no status line of HTTP/1.1");
	for (int i = 9; i < 12; i++)
		if (!cc_ascii_digit((uint8_t)line[i]))
			return bad(r, "a status that is no number of three digits");
	if (line[12] && line[12] != ' ')
		return bad(r, "a status that is no number of three digits");
	r->status = (uint32_t)(line[9] - '0') * 100 + (uint32_t)(line[10] - '0') * 10 +
		    (uint32_t)(line[11] - '0');
	r->close = line[7] == '0';
	if (r->status < 100 || r->status > 599)
		return bad(r, "a status below 100 or above 599");
	return 0;
}

static int take_length(struct http_response *r, const char *value)
{
	uint64_t n = 0;

	if (r->fixed || !*value || strlen(value) > 15)
		return bad(r, "a Content-Length twice, or none");
	for (; *value; value++) {
		if (!cc_ascii_digit((uint8_t)*value))
			return bad(r, "a Content-Length that is no number");
		n = n * 10 + (uint64_t)(*value - '0');
	}
	r->fixed = true;
	r->left = n;
	return 0;
}

static int take_coding(struct http_response *r, const char *value)
{
	if (r->chunked || !cc_text_is_nocase(value, strlen(value), "chunked"))
		return bad(r, "a Transfer-Encoding other than chunked");
	r->chunked = true;
	return 0;
}

static int take_once(struct http_response *r, const char **field, const char *value)
{
	if (*field)
		return bad(r, "a field twice that must be there once");
	*field = value;
	return 0;
}

/* Is @word one of the members of the list @value? */
static bool list_has(const char *value, const char *word)
{
	while (*value) {
		size_t n, end;

		value += strspn(value, " \t,");
		n = strcspn(value, ",");
		for (end = n; end && (value[end - 1] == ' ' || value[end - 1] == '\t'); end--)
			;
		if (cc_text_is_nocase(value, end, word))
			return true;
		value += n;
	}
	return false;
}

static int take_field(struct http_response *r, const char *name, const char *value)
{
	const size_t n = strlen(name);

	if (cc_text_is_nocase(name, n, "content-length"))
		return take_length(r, value);
	if (cc_text_is_nocase(name, n, "transfer-encoding"))
		return take_coding(r, value);
	if (cc_text_is_nocase(name, n, "content-encoding") &&
	    !cc_text_is_nocase(value, strlen(value), "identity"))
		return bad(r, "a Content-Encoding, which was not asked for");
	if (cc_text_is_nocase(name, n, "connection")) {
		r->close |= list_has(value, "close");
		return 0;
	}
	if (cc_text_is_nocase(name, n, "content-type"))
		return take_once(r, &r->type, value);
	if (cc_text_is_nocase(name, n, "location"))
		return take_once(r, &r->location, value);
	if (cc_text_is_nocase(name, n, "replay-nonce"))
		return take_once(r, &r->nonce, value);
	if (cc_text_is_nocase(name, n, "retry-after"))
		return take_once(r, &r->retry_after, value);
	if (cc_text_is_nocase(name, n, "link")) {
		if (r->link_count == HTTP_LINKS_MAX)
			return too_long(r, "more than 32 links");
		r->links[r->link_count++] = value;
	}
	return 0;
}

/* "Name: value" into its halves. */
static int split_field(struct http_response *r, char *line, char **ret_value)
{
	char *p = line, *end;

	while (token_char(*p))
		p++;
	if (p == line || *p != ':')
		return bad(r, "a field without a name and colon");
	*p++ = '\0';
	p += strspn(p, " \t");
	for (end = p + strlen(p); end > p && (end[-1] == ' ' || end[-1] == '\t'); end--)
		;
	*end = '\0';
	*ret_value = p;
	return 0;
}

static int parse_head(struct http_response *r)
{
	char *at = r->head, *line = next_line(&at), *value;
	int e = line ? take_status(r, line) : bad(r, "a control character in the head");

	while (e == 0) {
		line = next_line(&at);
		if (!line)
			return bad(r, "a control character in the head");
		if (!*line)
			return 0;
		e = split_field(r, line, &value);
		if (e == 0)
			e = take_field(r, line, value);
	}
	return e;
}

/* RFC 9112 section 6.3. */
static int choose_body(struct http_response *r)
{
	if (r->chunked && r->fixed)
		return bad(r, "both Content-Length and Transfer-Encoding");
	if (r->head_only || r->status == 204 || r->status == 304) {
		r->state = HTTP_DONE;
		return 1;
	}
	if (r->chunked) {
		r->state = HTTP_IN_SIZE;
		return 0;
	}
	if (!r->fixed) {
		r->state = HTTP_UNTIL_CLOSE;
		r->close = true;
		return 0;
	}
	if (r->left > r->max)
		return too_long(r, "a body longer than the limit");
	r->state = r->left ? HTTP_IN_BODY : HTTP_DONE;
	return r->left ? 0 : 1;
}

/* An interim answer (1xx) is gone; what follows is the next head. */
static int drop_interim(struct http_response *r)
{
	size_t spent = r->spent + r->head_len;
	uint32_t interim = r->interim + 1;

	if (r->status == 101 || interim > HTTP_INTERIM_MAX)
		return bad(r, "another protocol, or too many interim answers");
	http_response_start(r, r->head_only, r->max);
	r->spent = spent;
	r->interim = interim;
	return 0;
}

static int feed_head(struct http_response *r, uint8_t c)
{
	int e;

	if (r->spent + r->head_len >= HTTP_HEAD_MAX)
		return too_long(r, "a head longer than 16 KiB");
	if (!c)
		return bad(r, "a control character in the head");
	r->head[r->head_len++] = (char)c;
	r->head[r->head_len] = '\0';
	/* What does not begin as an answer need not be read to the end. */
	if (r->head_len <= 7 && memcmp(r->head, "HTTP/1.", r->head_len))
		return bad(r, "no status line of HTTP/1.1");
	if (c == '\n' && (r->head_len < 2 || r->head[r->head_len - 2] != '\r'))
		return bad(r, "a line that ends without CR LF");
	if (r->head_len < 4 || memcmp(r->head + r->head_len - 4, "\r\n\r\n", 4))
		return 0;
	e = parse_head(r);
	if (e < 0)
		return e;
	return r->status < 200 ? drop_interim(r) : choose_body(r);
}

/* ---- the body ---- */

static int put_body(struct http_response *r, const uint8_t *p, size_t n)
{
	size_t room = r->room;
	uint8_t *grown;

	if (n > r->max - r->body_len)
		return too_long(r, "a body longer than the limit");
	if (r->body_len + n + 1 > room) {
		room = room ? room * 2 : 2048;
		if (room < r->body_len + n + 1)
			room = r->body_len + n + 1;
		grown = realloc(r->body, room);
		if (!grown)
			return -ENOMEM;
		r->body = grown;
		r->room = room;
	}
	memcpy(r->body + r->body_len, p, n);
	r->body_len += n;
	r->body[r->body_len] = 0;
	return 0;
}

/* Of a chunk's size, or the trailer: one line, which counts as head. Return: 1 it is whole. */
static int feed_line(struct http_response *r, uint8_t c)
{
	if (r->spent + r->head_len + r->line_len >= HTTP_HEAD_MAX ||
	    r->line_len + 1 >= sizeof(r->line))
		return too_long(r, "a line between chunks that is too long");
	if (c == '\n') {
		if (!r->line_len || r->line[r->line_len - 1] != '\r')
			return bad(r, "a line that ends without CR LF");
		r->line[r->line_len - 1] = '\0';
		r->spent += r->line_len + 1;
		r->line_len = 0;
		return 1;
	}
	if ((r->line_len && r->line[r->line_len - 1] == '\r') ||
	    (c < ' ' && c != '\t' && c != '\r') || c >= 0x7f)
		return bad(r, "a control character between chunks");
	r->line[r->line_len++] = (char)c;
	return 0;
}

/* RFC 9112 section 7.1; extensions are passed over. */
static int take_size(struct http_response *r)
{
	const char *p = r->line;
	uint64_t n = 0;

	for (; *p && *p != ';' && *p != ' ' && *p != '\t'; p++) {
		const char *digits = "0123456789abcdef", *d;

		d = strchr(digits, cc_ascii_lower((uint8_t)*p));
		if (!d || p - r->line >= 8)
			return bad(r, "a chunk without a size");
		n = n << 4 | (uint64_t)(d - digits);
	}
	if (p == r->line)
		return bad(r, "a chunk without a size");
	p += strspn(p, " \t");
	if (*p && *p != ';')
		return bad(r, "a chunk without a size");
	if (n > r->max - r->body_len)
		return too_long(r, "a body longer than the limit");
	r->left = n;
	r->state = n ? HTTP_IN_CHUNK : HTTP_IN_TRAILER;
	return 0;
}

/* What stands in the trailer does not count; that it is one does. */
static int take_trailer(struct http_response *r)
{
	char *value;

	if (*r->line)
		return split_field(r, r->line, &value);
	r->state = HTTP_DONE;
	return 1;
}

static int feed_octet(struct http_response *r, uint8_t c)
{
	int e;

	switch (r->state) {
	case HTTP_IN_HEAD:
		return feed_head(r, c);
	case HTTP_IN_SIZE:
		e = feed_line(r, c);
		return e == 1 ? take_size(r) : e;
	case HTTP_BEHIND_CHUNK:
		e = feed_line(r, c);
		if (e == 1 && *r->line)
			return bad(r, "a chunk longer than its size");
		if (e == 1)
			r->state = HTTP_IN_SIZE;
		return e == 1 ? 0 : e;
	default:
		e = feed_line(r, c);
		return e == 1 ? take_trailer(r) : e;
	}
}

/* As much of the body as is there at once. */
static int feed_body(struct http_response *r, struct cc_span in, size_t *ret_used)
{
	size_t n = in.n;
	int e;

	if (r->state != HTTP_UNTIL_CLOSE && n > r->left)
		n = (size_t)r->left;
	e = put_body(r, in.p, n);
	if (e < 0)
		return e;
	*ret_used = n;
	if (r->state == HTTP_UNTIL_CLOSE)
		return 0;
	r->left -= n;
	if (r->left)
		return 0;
	r->state = r->state == HTTP_IN_BODY ? HTTP_DONE : HTTP_BEHIND_CHUNK;
	return r->state == HTTP_DONE;
}

int http_response_feed(struct http_response *r, struct cc_span in, size_t *ret_used)
{
	size_t used = 0, n;
	int e = r->state == HTTP_DONE;

	while (e == 0 && used < in.n) {
		n = 1;
		if (r->state == HTTP_IN_BODY || r->state == HTTP_IN_CHUNK ||
		    r->state == HTTP_UNTIL_CLOSE)
			e = feed_body(r, cc_span(in.p + used, in.n - used), &n);
		else
			e = feed_octet(r, in.p[used]);
		if (e >= 0)
			used += n;
	}
	if (e >= 0)
		*ret_used = used;
	return e;
}

int http_response_end(struct http_response *r)
{
	if (r->state == HTTP_DONE)
		return 1;
	if (r->state != HTTP_UNTIL_CLOSE)
		return bad(r, "it ends in the middle");
	r->state = HTTP_DONE;
	return 1;
}

/* ---- what stands in it ---- */

bool http_response_is(const struct http_response *r, const char *type)
{
	size_t n = r->type ? strcspn(r->type, "; \t") : 0;

	return n && cc_text_is_nocase(r->type, n, type);
}

/* Behind a quoted text, or a token; NULL when it does not end. @ret: without the quotes. */
static const char *parameter_value(const char *p, struct cc_span *ret)
{
	const char *start = p;

	if (*p != '"') {
		while (token_char(*p))
			p++;
		*ret = cc_span(start, (size_t)(p - start));
		return p;
	}
	for (p = ++start; *p != '"'; p++)
		if (!*p || *p == '\\')
			return NULL;
	*ret = cc_span(start, (size_t)(p - start));
	return p + 1;
}

/* Is @rel among the relations, which blanks divide? */
static bool relation_has(struct cc_span value, const char *rel)
{
	size_t i = 0, start;

	while (i < value.n) {
		start = i;
		while (i < value.n && value.p[i] != ' ')
			i++;
		if (cc_text_is_nocase((const char *)value.p + start, i - start, rel))
			return true;
		i++;
	}
	return false;
}

/* One link-value off *@at, which moves behind it and its comma. Return: does it have @rel? */
static bool next_link(const char **at, const char *rel, struct cc_span *ret_target)
{
	const char *p = *at, *end = strchr(p, '>');
	bool found = false, first = true;

	*at = "";
	if (*p != '<' || !end)
		return false;
	*ret_target = cc_span(p + 1, (size_t)(end - p) - 1);
	for (p = end + 1;;) {
		const char *name;
		struct cc_span value = { 0 };
		size_t n;

		p += strspn(p, " \t");
		if (*p != ';')
			break;
		p++;
		p += strspn(p, " \t");
		for (name = p; token_char(*p); p++)
			;
		n = (size_t)(p - name);
		p += strspn(p, " \t");
		if (*p == '=') {
			p++;
			p += strspn(p, " \t");
			p = parameter_value(p, &value);
			if (!p)
				return false;
		}
		/* RFC 8288 section 3.3: only the first counts. */
		if (first && cc_text_is_nocase(name, n, "rel")) {
			found = relation_has(value, rel);
			first = false;
		}
	}
	if (*p && *p != ',')
		return false;
	p += strspn(p, ", \t");
	*at = p;
	return found;
}

int http_response_link(const struct http_response *r, const char *rel, size_t nth, char *ret,
		       size_t cap)
{
	struct cc_span target = { 0 };

	for (size_t i = 0; i < r->link_count; i++) {
		const char *at = r->links[i];

		while (*at) {
			if (!next_link(&at, rel, &target) || nth--)
				continue;
			if (target.n >= cap)
				return -EMSGSIZE;
			memcpy(ret, target.p, target.n);
			ret[target.n] = '\0';
			return (int)target.n;
		}
	}
	return 0;
}
