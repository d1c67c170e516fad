/* SPDX-License-Identifier: GPL-2.0-only */
/* What a command says: results to stdout for people or as JSON, errors with a way out to stderr. */
#ifndef TOOLS_OUT_H
#define TOOLS_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

/** out_begin() - remember who is speaking ("trust add") and how. */
void out_begin(const char *noun, const char *verb, bool json);
bool out_json(void);

/** "capcert trust add: ..." to stderr. Return: @status, for `return fail(...)`. */
int fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** fail_errno() - the same with the library's text for @error (negative), EXIT_TROUBLE. */
int fail_errno(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** A second line: what to do next. */
void advise(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Colours, empty strings when stdout is no terminal or NO_COLOR is set. */
const char *out_good(void);
const char *out_bad(void);
const char *out_faint(void);
const char *out_bold(void);
const char *out_plain(void);

/** One field for people: "  label      value", continued lines under the value. */
void out_field(const char *label, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Prints and releases @value. Return: EXIT_DONE or EXIT_TROUBLE. */
int out_print_json(json_t *value);
/** One line, for streams. */
int out_print_json_line(json_t *value);

json_t *json_hex(const uint8_t *p, size_t n);
json_t *json_time(int64_t time);     /* {"epoch": n, "text": "..."} */
json_t *json_text(const char *text); /* null for NULL; bytes that are no UTF-8 are escaped */
json_t *json_rights(uint64_t rights);
json_t *json_purposes(uint32_t mask);
/** "tlsServerAuth,emailSmime" into @buf, which is returned. */
char *purposes_text(uint32_t mask, char *buf, size_t cap);

#endif
