// SPDX-License-Identifier: LGPL-2.1-or-later
/* Answers in JSON: objects, each name once, values of the type asked for. */

#include <stdlib.h>
#include <string.h>
#include "core/base64.h"
#include "libcapcert/net/client.h"

int json_of(capcert_ctclient *c, struct http_answer *answer, json_t **ret)
{
	json_error_t error;
	json_t *v =
		json_loadb((const char *)answer->body, answer->len, JSON_REJECT_DUPLICATES, &error);

	free(answer->body);
	answer->body = NULL;
	if (!v)
		return client_fault(c, CAPCERT_CT_MALFORMED_ENTRY,
				    "malformed JSON: %s, at octet %d", error.text, error.position);
	if (!json_is_object(v)) {
		json_decref(v);
		return client_malformed(c, "JSON: no object");
	}
	*ret = v;
	return 0;
}

int client_get_json(capcert_ctclient *c, const char *path, size_t max, json_t **ret)
{
	struct http_answer answer;
	int r = client_get(c, path, "application/json", max, &answer);

	return r ? r : json_of(c, &answer, ret);
}

bool json_number(const json_t *object, const char *name, uint64_t *ret)
{
	const json_t *v = json_object_get(object, name);

	if (!json_is_integer(v) || json_integer_value(v) < 0)
		return false;
	*ret = (uint64_t)json_integer_value(v);
	return true;
}

long json_octets(const json_t *text, uint8_t **ret)
{
	size_t n = json_string_length(text);
	uint8_t *octets;
	long len;

	if (!json_is_string(text))
		return -1;
	octets = malloc(n ? n : 1);
	if (!octets)
		return -1;
	len = cc_base64_decode(cc_span(json_string_value(text), n), octets, n);
	if (len < 0)
		free(octets);
	else
		*ret = octets;
	return len;
}

bool json_fixed(const json_t *text, uint8_t *ret, size_t n)
{
	return json_is_string(text) &&
	       cc_base64_decode(cc_span(json_string_value(text), json_string_length(text)), ret,
				n) == (long)n;
}
