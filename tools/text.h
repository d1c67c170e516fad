/* SPDX-License-Identifier: GPL-2.0-only */
/* Words of a command line into values, and values into text. No I/O, no state. */
#ifndef TOOLS_TEXT_H
#define TOOLS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Hex digits, colons between octets allowed, an optional "sha256:" in front; exactly @n octets. */
bool text_hex(const char *text, size_t len, uint8_t *ret, size_t n);

/** @n octets into 2 * @n + 1 characters at @buf, which is returned. */
char *text_to_hex(const uint8_t *p, size_t n, char *buf);

/** "now" (*@ret_now), seconds since 1970 with or without '@', or "2017-04-17T15:08:36Z",
 *  "2017-04-17". UTC. */
bool text_time(const char *text, int64_t *ret, bool *ret_now);

/** "2026-01-31T23:59:59Z"; @buf has 32 bytes and is returned. */
char *text_of_time(int64_t time, char *buf);

/** A decimal number without sign, at most @max. */
bool text_number(const char *text, uint64_t max, uint64_t *ret);

/** A handle's name: letters, digits, '-', '_', '.', not only digits, at most 63 characters. */
bool text_name_valid(const char *text, size_t len);

/** "NAME=KEY:RIGHTS": the last colon ends KEY, so that KEY may be type:description. */
struct text_with {
	const char *name, *key, *rights;
	size_t name_len, key_len;
};
bool text_with(const char *text, struct text_with *ret);

/** The next part of a list with the separators @seps; false at the end. */
bool text_next(const char **rest, const char *seps, const char **ret, size_t *ret_len);

/** Bytes outside printable ASCII, and backslashes, as \xHH; cut at @cap - 1. Returns @buf. */
char *text_escape(const char *in, size_t len, char *buf, size_t cap);

#endif
