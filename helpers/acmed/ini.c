// SPDX-License-Identifier: GPL-2.0-only
/* Lines of an INI file. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include "helpers/acmed/ini.h"

struct reader {
	const struct ini_ops *ops;
	struct ini_place at;
	bool inside; /* a section has begun */
};

static int wrong(struct reader *r, const char *what)
{
	r->ops->wrong(r->ops->ctx, &r->at, what);
	return -EINVAL;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Without the blanks around it, in place. */
static char *trim(char *text)
{
	size_t n;

	while (blank(*text))
		text++;
	n = strlen(text);
	while (n && blank(text[n - 1]))
		text[--n] = '\0';
	return text;
}

static bool word(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-*@";
	size_t n = strlen(text);

	return n && n <= INI_WORD && strspn(text, allowed) == n;
}

static int section(struct reader *r, char *line)
{
	size_t n = strlen(line);
	char *kind, *name;

	if (line[n - 1] != ']')
		return wrong(r, "the section's ']' is missing at the end of the line");
	line[n - 1] = '\0';
	kind = trim(line + 1);
	name = kind + strcspn(kind, " \t");
	if (*name) {
		*name++ = '\0';
		name = trim(name);
	}
	if (!word(kind) || (*name && !word(name)))
		return wrong(r, "a section is [kind] or [kind name]; names have letters, digits "
				"and . _ - * @, 63 at most");
	r->inside = true;
	return r->ops->section(r->ops->ctx, &r->at, kind, name);
}

static int pair(struct reader *r, char *line)
{
	char *value = strchr(line, '=');
	char *key;

	if (!value)
		return wrong(r, "neither [section] nor key = value; comments begin with #");
	*value++ = '\0';
	key = trim(line);
	value = trim(value);
	if (!word(key))
		return wrong(r, "no key in front of the '='");
	if (!*value)
		return wrong(r, "a key without a value: give one, or remove the line");
	if (!r->inside)
		return wrong(r, "a key before the first [section]");
	return r->ops->pair(r->ops->ctx, &r->at, key, value);
}

static int one_line(struct reader *r, const char *text, size_t len)
{
	char line[INI_LINE + 1], *p;

	if (len > INI_LINE)
		return wrong(r, "the line is longer than 4096 octets");
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)text[i] < ' ' && !blank(text[i])) || text[i] == 0x7f)
			return wrong(r, "a control character");
	memcpy(line, text, len);
	line[len] = '\0';
	p = trim(line);
	if (!*p || *p == '#')
		return 0;
	return *p == '[' ? section(r, p) : pair(r, p);
}

int ini_read(const char *file, const char *text, size_t len, const struct ini_ops *ops)
{
	struct reader r = { .ops = ops, .at = { file, 0 } };
	int error = 0;

	while (len && !error) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;

		r.at.line++;
		error = one_line(&r, text, n);
		n += end != NULL;
		text += n;
		len -= n;
	}
	return error;
}
