// SPDX-License-Identifier: GPL-2.0-only
/* Output for people and programs. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <capcert/capcert.h>
#include "tools/opt.h"
#include "tools/out.h"
#include "tools/text.h"

static struct {
	char command[64];
	bool json;
	bool colour;
} out;

void out_begin(const char *noun, const char *verb, bool json)
{
	snprintf(out.command, sizeof(out.command), "%s%s%s", noun, verb ? " " : "",
		 verb ? verb : "");
	out.json = json;
	out.colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
}

bool out_json(void)
{
	return out.json;
}

static void say(const char *format, va_list list, const char *more)
{
	fflush(stdout);
	fprintf(stderr, "capcert%s%s: ", *out.command ? " " : "", out.command);
	vfprintf(stderr, format, list);
	fprintf(stderr, "%s%s\n", more ? ": " : "", more ? more : "");
}

int fail(int status, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	say(format, list, NULL);
	va_end(list);
	return status;
}

int fail_errno(int error, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	say(format, list, capcert_strerror(error));
	va_end(list);
	return EXIT_TROUBLE;
}

void advise(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	fputs("  ", stderr);
	vfprintf(stderr, format, list);
	fputc('\n', stderr);
	va_end(list);
}

const char *out_good(void)
{
	return out.colour ? "\033[32m" : "";
}

const char *out_bad(void)
{
	return out.colour ? "\033[31m" : "";
}

const char *out_faint(void)
{
	return out.colour ? "\033[2m" : "";
}

const char *out_bold(void)
{
	return out.colour ? "\033[1m" : "";
}

const char *out_plain(void)
{
	return out.colour ? "\033[0m" : "";
}

void out_field(const char *label, const char *format, ...)
{
	va_list list;

	printf("  %s%-16s%s ", out_faint(), label, out_plain());
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	putchar('\n');
}

static int print(json_t *value, size_t flags)
{
	int r = value ? json_dumpf(value, stdout, flags) : -1;

	json_decref(value);
	if (r || putchar('\n') == EOF || fflush(stdout))
		return fail(EXIT_TROUBLE, "the answer could not be written");
	return EXIT_DONE;
}

int out_print_json(json_t *value)
{
	return print(value, JSON_INDENT(2));
}

int out_print_json_line(json_t *value)
{
	return print(value, JSON_COMPACT);
}

json_t *json_hex(const uint8_t *p, size_t n)
{
	char *text = malloc(2 * n + 1);
	json_t *value = NULL;

	if (text)
		value = json_string(text_to_hex(p, n, text));
	free(text);
	return value;
}

json_t *json_time(int64_t time)
{
	char text[32];

	return json_pack("{sIss}", "epoch", (json_int_t)time, "text", text_of_time(time, text));
}

json_t *json_text(const char *text)
{
	json_t *value;
	char *safe;
	size_t cap;

	if (!text)
		return json_null();
	value = json_string(text);
	if (value)
		return value;
	cap = strlen(text) * 4 + 8;
	safe = malloc(cap);
	if (safe)
		value = json_string(text_escape(text, strlen(text), safe, cap));
	free(safe);
	return value;
}

json_t *json_rights(uint64_t rights)
{
	json_t *list = json_array();
	unsigned int bit;
	char name[64];

	for (bit = 0; bit < 64; bit++)
		if (rights >> bit & 1 && capcert_rights_format(1ULL << bit, name, sizeof(name)))
			json_array_append_new(list, json_string(name));
	return list;
}

json_t *json_purposes(uint32_t mask)
{
	json_t *list = json_array();
	uint32_t i;

	for (i = 0; i < CAPCERT_PURPOSE_COUNT; i++)
		if (mask >> i & 1)
			json_array_append_new(list, json_string(capcert_purpose_name(i)));
	return list;
}

char *purposes_text(uint32_t mask, char *buf, size_t cap)
{
	size_t n = 0;
	uint32_t i;

	buf[0] = '\0';
	for (i = 0; i < CAPCERT_PURPOSE_COUNT && n < cap; i++)
		if (mask >> i & 1)
			n += (size_t)snprintf(buf + n, cap - n, "%s%s", n ? "," : "",
					      capcert_purpose_name(i));
	return buf;
}
