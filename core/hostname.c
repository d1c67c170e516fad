// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* DNS names in preferred syntax, and matching them (RFC 9525 section 6.3). */
#include "core/name.h"
#include "core/text.h"

static bool label_char(uint8_t c)
{
	c = cc_ascii_lower(c);
	return (c >= 'a' && c <= 'z') || cc_ascii_digit(c) || c == '-' || c == '_';
}

/* Labels of 1 to 63 characters, no hyphen at either end, the last one not all digits: such a
 * top-level domain cannot exist, and whatever ends in one is somebody's idea of an IPv4 address. */
static bool labels_valid(struct cc_span s)
{
	size_t start = 0, i;
	bool digits = true;

	if (s.n == 0 || s.n > 253)
		return false;
	for (i = 0; i <= s.n; i++) {
		if (i < s.n && s.p[i] != '.') {
			if (!label_char(s.p[i]))
				return false;
			digits = digits && cc_ascii_digit(s.p[i]);
			continue;
		}
		if (i == start || i - start > 63 || s.p[start] == '-' || s.p[i - 1] == '-')
			return false;
		if (i == s.n)
			return !digits;
		start = i + 1;
		digits = true;
	}
	return false;
}

static struct cc_span without_dot(struct cc_span host)
{
	if (host.n && host.p[host.n - 1] == '.')
		host.n--;
	return host;
}

bool cc_hostname_valid(struct cc_span host)
{
	return labels_valid(without_dot(host));
}

bool cc_hostname_match(struct cc_span pattern, struct cc_span host)
{
	host = without_dot(host);
	if (!labels_valid(host))
		return false;
	if (pattern.n > 2 && pattern.p[0] == '*' && pattern.p[1] == '.') {
		size_t i = 0;

		while (i < host.n && host.p[i] != '.')
			i++;
		if (i == host.n)
			return false;
		pattern = cc_span(pattern.p + 2, pattern.n - 2);
		host = cc_span(host.p + i + 1, host.n - i - 1);
	}
	return labels_valid(pattern) && cc_ascii_equal(pattern, host);
}
