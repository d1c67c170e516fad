// SPDX-License-Identifier: LGPL-2.1-or-later
/* https URLs, and times, of servers that are not trusted. */
#include <stdio.h>
#include <string.h>
#include "core/name.h"
#include "core/text.h"
#include "core/time.h"
#include "libcapcert/acme_url.h"

#define YEAR (365 * 86400)

/* ---- URLs ---- */

static bool printable(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || (uint8_t)*text >= 0x7f || strchr("\"<>\\^`{|}#@", *text))
			return false;
	return true;
}

/* The host at *@at, which moves behind it. */
static bool take_host(const char **at, struct acme_url *ret)
{
	const char *p = *at, *end;
	uint8_t ip[16];
	size_t n;

	ret->literal = *p == '[';
	if (ret->literal) {
		end = strchr(++p, ']');
		n = end ? (size_t)(end - p) : 0;
		*at = end ? end + 1 : p;
	} else {
		n = strcspn(p, ":/?");
		*at = p + n;
	}
	if (!n || n >= sizeof(ret->host))
		return false;
	for (size_t i = 0; i < n; i++)
		ret->host[i] = (char)cc_ascii_lower((uint8_t)p[i]);
	ret->host[n] = '\0';
	if (ret->literal)
		return cc_ip_parse(cc_span(p, n), ip) == 16;
	return cc_ip_parse(cc_span(p, n), ip) == 4 || cc_hostname_valid(cc_span(p, n));
}

static bool take_port(const char **at, uint16_t *ret)
{
	uint32_t port = 0;
	int digits = 0;

	*ret = 443;
	if (**at != ':')
		return true;
	for ((*at)++; cc_ascii_digit((uint8_t) * *at) && digits < 6; (*at)++, digits++)
		port = port * 10 + (uint32_t)(**at - '0');
	if (!port || port > 65535)
		return false;
	*ret = (uint16_t)port;
	return true;
}

/* Segments that name another place than they seem to. */
static bool has_dots(const char *path)
{
	size_t n;

	for (; *path == '/'; path += n) {
		path++;
		n = strcspn(path, "/?");
		if ((n == 1 && path[0] == '.') || (n == 2 && path[0] == '.' && path[1] == '.'))
			return true;
	}
	return false;
}

bool acme_url_parse(const char *text, struct acme_url *ret, const char **ret_error)
{
	const char *at = text + 8;

	memset(ret, 0, sizeof(*ret));
	*ret_error = "is longer than 2048 octets";
	if (strlen(text) > ACME_URL_MAX)
		return false;
	*ret_error = "does not begin with https://";
	if (strlen(text) < 9 || !cc_text_is_nocase(text, 8, "https://"))
		return false;
	*ret_error = "has an octet that no URL has, a user, or a fragment";
	if (!printable(text))
		return false;
	*ret_error = "has no host name or address";
	if (!take_host(&at, ret))
		return false;
	*ret_error = "has no such port";
	if (!take_port(&at, &ret->port) || (*at && *at != '/' && *at != '?'))
		return false;
	*ret_error = "has a path with dots";
	if (has_dots(at))
		return false;
	ret->target = at;
	snprintf(ret->authority, sizeof(ret->authority), ret->literal ? "[%s]" : "%s", ret->host);
	if (ret->port != 443)
		snprintf(ret->authority + strlen(ret->authority),
			 sizeof(ret->authority) - strlen(ret->authority), ":%u", ret->port);
	*ret_error = NULL;
	return true;
}

/* ---- times ---- */

/* @n digits as a number; -1 when they are none. */
static int32_t digits(const char *p, int n)
{
	int32_t value = 0;

	for (; n; n--, p++) {
		if (!cc_ascii_digit((uint8_t)*p))
			return -1;
		value = value * 10 + (*p - '0');
	}
	return value;
}

static bool civil(int32_t year, int32_t month, int32_t day, const char *clock, int64_t *ret)
{
	int32_t h = digits(clock, 2), m = h < 0 || clock[2] != ':' ? -1 : digits(clock + 3, 2);
	int32_t s = m < 0 || clock[5] != ':' ? -1 : digits(clock + 6, 2);
	struct cc_civil c;

	if (year < 0 || month < 0 || day < 0 || s < 0)
		return false;
	if (s == 60)
		s = 59; /* a leap second, which there is no number for */
	c = (struct cc_civil){ year,	   (uint8_t)month, (uint8_t)day,
			       (uint8_t)h, (uint8_t)m,	   (uint8_t)s };
	return cc_time_from_civil(&c, ret);
}

/* "Z", "+01:00" */
static bool take_zone(const char *p, int64_t *time)
{
	int32_t h, m;

	if (*p == 'Z' || *p == 'z')
		return !p[1];
	if ((*p != '+' && *p != '-') || strlen(p) != 6 || p[3] != ':')
		return false;
	h = digits(p + 1, 2);
	m = digits(p + 4, 2);
	if (h < 0 || h > 23 || m < 0 || m > 59)
		return false;
	*time += (*p == '+' ? -60 : 60) * (h * 60 + m);
	return true;
}

bool acme_time_rfc3339(const char *text, int64_t *ret)
{
	const char *p = text + 19;
	int64_t time;

	if (strlen(text) < 20 || strlen(text) > 64 || text[4] != '-' || text[7] != '-' ||
	    (text[10] != 'T' && text[10] != 't') ||
	    !civil(digits(text, 4), digits(text + 5, 2), digits(text + 8, 2), text + 11, &time))
		return false;
	if (*p == '.') {
		if (!cc_ascii_digit((uint8_t)p[1]))
			return false;
		for (p++; cc_ascii_digit((uint8_t)*p);)
			p++;
	}
	if (!take_zone(p, &time))
		return false;
	*ret = time;
	return true;
}

/* IMF-fixdate, RFC 9110 section 5.6.7; the day of the week is not compared. */
static bool http_date(const char *p, int64_t *ret)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	if (strlen(p) != 29 || p[3] != ',' || p[4] != ' ' || p[7] != ' ' || p[11] != ' ' ||
	    p[16] != ' ' || strcmp(p + 25, " GMT"))
		return false;
	for (int32_t i = 0; i < 12; i++)
		if (!memcmp(months + 3 * i, p + 8, 3))
			return civil(digits(p + 12, 4), i + 1, digits(p + 5, 2), p + 17, ret);
	return false;
}

bool acme_time_retry(const char *text, int64_t now, int64_t *ret)
{
	size_t n = strlen(text);
	int64_t time;

	if (n && strspn(text, "0123456789") == n) {
		int64_t seconds = n > 8 ? YEAR : digits(text, (int)n);

		time = now + seconds;
	} else if (!http_date(text, &time)) {
		return false;
	}
	if (time < now)
		time = now;
	*ret = time > now + YEAR ? now + YEAR : time;
	return true;
}
