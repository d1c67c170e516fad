// SPDX-License-Identifier: GPL-2.0-only
/* Texts one after the other, each with its end. */
#include <stdlib.h>
#include <string.h>
#include <capcert/x509.h>
#include "helpers/acmed/recipe.h"

static int by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

void recipe_of(const struct conf *c, size_t index, const uint8_t key[32], uint8_t ret[32])
{
	const struct conf_cert *cert = &c->certs[index];
	const char *names[CONF_NAMES + 3];
	static char text[(CONF_NAMES + 8) * 600];
	size_t n = 0;

	for (size_t i = 0; i < cert->name_count; i++)
		names[i] = cert->names[i].text;
	/* Their order in the configuration is nobody's business. */
	qsort(names, cert->name_count, sizeof(names[0]), by_text);
	names[cert->name_count] = c->cas[cert->ca].directory;
	names[cert->name_count + 1] = cert->profile ? cert->profile : "";
	names[cert->name_count + 2] = cert->must_staple ? "must-staple" : "";
	memcpy(text, key, 32);
	n = 32;
	for (size_t i = 0; i < cert->name_count + 3; i++) {
		size_t one = strnlen(names[i], 599);

		memcpy(text + n, names[i], one);
		text[n + one] = '\0';
		n += one + 1;
	}
	capcert_hash(CAPCERT_HASH_SHA256, text, n, ret);
}
