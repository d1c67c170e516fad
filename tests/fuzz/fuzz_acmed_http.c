// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Requests to the http-01 responder, and messages between the daemon's parts. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "helpers/acmed/http.h"
#include "helpers/acmed/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct wire w;
	struct challenge c;
	char token[HTTP_TOKEN + 1], want[HTTP_TOKEN + 64];
	enum http_found found = http_parse((const char *)data, size, token);

	if (found == HTTP_GET && token[0]) {
		size_t n = strlen(token);

		/* A token that is found stands in the first line, as it is. */
		memcpy(want, "GET " HTTP_PATH, sizeof("GET " HTTP_PATH));
		strcat(want, token);
		strcat(want, " HTTP/1.");
		if (memcmp(data, want, strlen(want)) != 0 || strpbrk(token, "./%?") ||
		    n > HTTP_TOKEN)
			abort();
	}
	if (size > sizeof(w.data))
		return 0;
	wire_begin(&w, WIRE_PUBLISH);
	memcpy(w.data, data, size);
	w.len = size;
	if (wire_get_challenge(&w, &c) &&
	    strlen(c.identifier) + strlen(c.token) + strlen(c.key_authorization) + strlen(c.text) >
		    size)
		abort();
	return 0;
}
