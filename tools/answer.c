// SPDX-License-Identifier: GPL-2.0-only

#include <errno.h>
#include <stdlib.h>
#include "tools/answer.h"
#include "tools/text.h"

#define NOTHING "?"

int answer_read(const char *text, size_t len, json_t **ret)
{
	json_t *all = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(all)) {
		*ret = all;
		return 0;
	}
	json_decref(all);
	return -EBADMSG;
}

long long answer_number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* A backslash stays one, so that doing this twice is doing it once. */
static bool is_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	return true;
}

const char *answer_text(json_t *value)
{
	const char *text = json_string_value(value);
	size_t len = json_string_length(value), cap = 4 * len + 8;
	char *plain;
	int r;

	if (!text)
		return NOTHING;
	if (is_plain(text, len))
		return text;
	plain = malloc(cap);
	r = plain ? json_string_set(value, text_escape(text, len, plain, cap)) : -1;
	free(plain);
	return r ? NOTHING : json_string_value(value);
}

const char *answer_string(const json_t *object, const char *name)
{
	return answer_text(json_object_get(object, name));
}
