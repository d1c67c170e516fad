// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Rights and kinds by number and by name, all from the one list in rights.h. */
#include "core/rights.h"
#include "core/text.h"

uint64_t cc_rights_of_kind(uint32_t kind)
{
	switch (kind) {
#define X(nr, name, text, type, rights) \
	case nr:                        \
		return rights;
		CC_KINDS(X)
#undef X
	default:
		return 0;
	}
}

const char *cc_right_name(unsigned int bit)
{
	switch (bit) {
#define X(nr, name, meaning) \
	case nr:             \
		return #name;
		CC_RIGHTS(X)
#undef X
	default:
		return NULL;
	}
}

const char *cc_kind_name(uint32_t kind)
{
	switch (kind) {
#define X(nr, name, text, type, rights) \
	case nr:                        \
		return text;
		CC_KINDS(X)
#undef X
	default:
		return NULL;
	}
}

const char *cc_kind_key_type(uint32_t kind)
{
	switch (kind) {
#define X(nr, name, text, type, rights) \
	case nr:                        \
		return type;
		CC_KINDS(X)
#undef X
	default:
		return NULL;
	}
}

size_t cc_rights_format(uint64_t rights, char *buf, size_t cap)
{
	struct cc_text t = cc_text(buf, cap);
	unsigned int bit;

	for (bit = 0; bit < 64; bit++) {
		const char *name = cc_right_name(bit);

		if (!(rights >> bit & 1))
			continue;
		if (t.n)
			cc_text_char(&t, '+');
		/* A bit without a name is shown, never hidden. */
		if (name) {
			cc_text_put(&t, name);
		} else {
			cc_text_char(&t, '#');
			cc_text_number(&t, bit);
		}
	}
	if (!rights)
		cc_text_char(&t, '-');
	return cc_text_end(&t);
}

static uint64_t right_by_name(const char *p, size_t n)
{
	unsigned int bit;

	for (bit = 0; bit < 64; bit++) {
		const char *name = cc_right_name(bit);

		if (name && cc_text_is_nocase(p, n, name))
			return 1ULL << bit;
	}
	return 0;
}

int cc_rights_parse(const char *text, size_t len, uint32_t kind, uint64_t *ret_rights)
{
	uint64_t rights = 0, one;
	size_t start = 0, i;

	if (len == 1 && text[0] == '-') {
		*ret_rights = 0;
		return 0;
	}
	for (i = 0; i <= len; i++) {
		if (i < len && text[i] != '+')
			continue;
		if (cc_text_is_nocase(text + start, i - start, "ALL"))
			one = cc_rights_of_kind(kind);
		else
			one = right_by_name(text + start, i - start);
		if (!one)
			return -1;
		rights |= one;
		start = i + 1;
	}
	*ret_rights = rights;
	return 0;
}
