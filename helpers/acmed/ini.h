/* SPDX-License-Identifier: GPL-2.0-only */
/* The form of a configuration file: "[kind name]", "key = value", and lines that begin with '#'. No quotes,
 * no escapes, no continued lines: what stands there is what it says. */
#ifndef HELPERS_ACMED_INI_H
#define HELPERS_ACMED_INI_H

#include <stddef.h>

#define INI_LINE 4096 /* octets of one line at most */
#define INI_WORD 63   /* of a section's kind and name, and of a key */

/** Where something stands. */
struct ini_place {
	const char *file; /* as the caller named it */
	unsigned int line; /* from 1 */
};

/** What is told, line by line. Texts are good until the call returns. Each returns 0, or -EINVAL when it has
 *  said what is wrong: that ends the reading. */
struct ini_ops {
	/* @name: "" for "[kind]". */
	int (*section)(void *ctx, const struct ini_place *at, const char *kind, const char *name);
	/* After a section; @value has one octet or more, and no blanks around it. */
	int (*pair)(void *ctx, const struct ini_place *at, const char *key, const char *value);
	/* @what: one line for people. */
	void (*wrong)(void *ctx, const struct ini_place *at, const char *what);
	void *ctx;
};

/** ini_read() - @len octets of the file @file. UTF-8 is let through in values; control characters but tabs
 *  are not. Return: 0, -EINVAL. */
int ini_read(const char *file, const char *text, size_t len, const struct ini_ops *ops);

#endif
