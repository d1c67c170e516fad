// SPDX-License-Identifier: GPL-2.0-only
/* Words into values and values into text. */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "tools/text.h"

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool text_hex(const char *text, size_t len, uint8_t *ret, size_t n)
{
	uint8_t out[64];
	size_t i = 0, done = 0;

	if (n > sizeof(out))
		return false;
	if (len >= 7 && !strncmp(text, "sha256:", 7))
		i = 7;
	for (; i + 1 < len && done < n; i += 2) {
		int high, low;

		if (done && text[i] == ':')
			i++;
		if (i + 1 >= len)
			return false;
		high = digit(text[i]);
		low = digit(text[i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[done++] = (uint8_t)(high << 4 | low);
	}
	if (done != n || i != len)
		return false;
	memcpy(ret, out, n);
	return true;
}

char *text_to_hex(const uint8_t *p, size_t n, char *buf)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < n; i++) {
		buf[2 * i] = digits[p[i] >> 4];
		buf[2 * i + 1] = digits[p[i] & 15];
	}
	buf[2 * n] = '\0';
	return buf;
}

bool text_number(const char *text, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		unsigned int d = (unsigned int)(*text - '0');

		if (d > 9 || value > (max - d) / 10)
			return false;
		value = value * 10 + d;
	}
	*ret = value;
	return true;
}

static bool civil_time(const char *text, int64_t *ret)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	unsigned int year, month, day, hour = 0, minute = 0, second = 0;
	int end = 0, leap;
	struct tm tm = { 0 };

	/* The widths are checked by the length: %u alone would take signs and blanks. */
	for (end = 0; text[end]; end++)
		if (!strchr("0123456789-:TZ", text[end]))
			return false;
	if (end == 10) {
		if (sscanf(text, "%4u-%2u-%2u", &year, &month, &day) != 3)
			return false;
	} else if (end != 20 || text[19] != 'Z' ||
		   sscanf(text, "%4u-%2u-%2uT%2u:%2u:%2u", &year, &month, &day, &hour, &minute,
			  &second) != 6) {
		return false;
	}
	leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	if (month < 1 || month > 12 || day < 1 ||
	    (int)day > days[month - 1] + (month == 2 && leap) || hour > 23 || minute > 59 ||
	    second > 59)
		return false;
	tm.tm_year = (int)year - 1900;
	tm.tm_mon = (int)month - 1;
	tm.tm_mday = (int)day;
	tm.tm_hour = (int)hour;
	tm.tm_min = (int)minute;
	tm.tm_sec = (int)second;
	*ret = timegm(&tm);
	return true;
}

bool text_time(const char *text, int64_t *ret, bool *ret_now)
{
	uint64_t seconds;

	*ret_now = !strcmp(text, "now");
	if (*ret_now) {
		*ret = time(NULL);
		return true;
	}
	if (text_number(text + (*text == '@'), INT64_MAX, &seconds)) {
		*ret = (int64_t)seconds;
		return true;
	}
	return civil_time(text, ret);
}

char *text_of_time(int64_t when, char *buf)
{
	struct tm tm;
	time_t t = when;

	if (!gmtime_r(&t, &tm) || tm.tm_year > 9999 - 1900 || tm.tm_year < -1900)
		snprintf(buf, 32, "@%lld", (long long)when);
	else
		strftime(buf, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return buf;
}

bool text_name_valid(const char *text, size_t len)
{
	bool letter = false;
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c >= 0x80 || (!isalnum(c) && !strchr("-_.", c)))
			return false;
		letter |= !isdigit(c);
	}
	return len && len < 64 && letter;
}

bool text_with(const char *text, struct text_with *ret)
{
	const char *equals = strchr(text, '='), *colon = strrchr(text, ':');

	if (!equals || !colon || colon <= equals + 1 || !colon[1] ||
	    !text_name_valid(text, (size_t)(equals - text)))
		return false;
	ret->name = text;
	ret->name_len = (size_t)(equals - text);
	ret->key = equals + 1;
	ret->key_len = (size_t)(colon - equals - 1);
	ret->rights = colon + 1;
	return true;
}

bool text_next(const char **rest, const char *seps, const char **ret, size_t *ret_len)
{
	if (!*rest)
		return false;
	*ret = *rest;
	*ret_len = strcspn(*rest, seps);
	*rest = (*rest)[*ret_len] ? *rest + *ret_len + 1 : NULL;
	return true;
}

char *text_escape(const char *in, size_t len, char *buf, size_t cap)
{
	size_t i, n = 0;

	for (i = 0; i < len && n + 5 < cap; i++) {
		unsigned char c = (unsigned char)in[i];

		if (c >= 0x20 && c < 0x7f && c != '\\')
			buf[n++] = (char)c;
		else
			n += (size_t)snprintf(buf + n, cap - n, "\\x%02x", c);
	}
	buf[n] = '\0';
	return buf;
}
