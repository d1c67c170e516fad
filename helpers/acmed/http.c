// SPDX-License-Identifier: GPL-2.0-only
/* The head of a request. */
#include <stdbool.h>
#include <string.h>
#include "helpers/acmed/http.h"

static const char token_octets[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				   "0123456789-_";

/* All lines end in CRLF, and all octets between are harmless. */
static bool clean(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c == '\r') {
			if (i + 1 < n && p[i + 1] != '\n')
				return false;
		} else if (c == '\n') {
			if (!i || p[i - 1] != '\r')
				return false;
		} else if ((c < ' ' && c != '\t') || c > '~') {
			return false;
		}
	}
	return true;
}

/* A field is a name, a colon, a value: the lines behind the first. */
static bool fields_ok(const char *p, const char *end)
{
	static const char name[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				   "0123456789!#$%&'*+-.^_`|~";

	while (p < end) {
		const char *line = memchr(p, '\r', (size_t)(end - p));
		size_t n = 0;

		while (p + n < line && strchr(name, p[n]))
			n++;
		if (!n || p[n] != ':')
			return false;
		p = line + 2;
	}
	return true;
}

static void take_token(const char *path, size_t n, char ret[HTTP_TOKEN + 1])
{
	const size_t prefix = sizeof(HTTP_PATH) - 1;

	ret[0] = '\0';
	if (n <= prefix || n - prefix > HTTP_TOKEN || memcmp(path, HTTP_PATH, prefix) != 0)
		return;
	for (size_t i = prefix; i < n; i++)
		if (!strchr(token_octets, path[i]))
			return;
	memcpy(ret, path + prefix, n - prefix);
	ret[n - prefix] = '\0';
}

/* "GET /path HTTP/1.1" */
static enum http_found first_line(const char *line, size_t n, char ret_token[HTTP_TOKEN + 1])
{
	const char *path = memchr(line, ' ', n), *version;
	size_t method = path ? (size_t)(path - line) : 0, left;

	if (!method)
		return HTTP_BAD;
	path++;
	left = n - method - 1;
	version = memchr(path, ' ', left);
	if (!version || version == path || *path == '\t')
		return HTTP_BAD;
	left -= (size_t)(version - path);
	if (left != 9 || (memcmp(version, " HTTP/1.1", 9) != 0 && memcmp(version, " HTTP/1.0", 9)))
		return HTTP_BAD;
	take_token(path, (size_t)(version - path), ret_token);
	if (method == 3 && memcmp(line, "GET", 3) == 0)
		return HTTP_GET;
	return method == 4 && memcmp(line, "HEAD", 4) == 0 ? HTTP_HEAD_ONLY : HTTP_OTHER;
}

enum http_found http_parse(const char *head, size_t len, char ret_token[HTTP_TOKEN + 1])
{
	const char *end = memmem(head, len, "\r\n\r\n", 4);
	size_t n = end ? (size_t)(end - head) + 2 : len;
	const char *line;

	ret_token[0] = '\0';
	if (n > HTTP_HEAD - 2 || !clean(head, n))
		return HTTP_BAD;
	if (!end)
		return HTTP_MORE;
	line = memchr(head, '\r', n);
	if (!fields_ok(line + 2, head + n))
		return HTTP_BAD;
	return first_line(head, (size_t)(line - head), ret_token);
}
