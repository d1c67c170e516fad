// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What `capcert tls status` is answered: whatever it is, people are shown lines of printable ASCII, and programs JSON that
 * reads as the same again. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tools/answer.h"
#include "tools/out.h"
#include "tools/tls_status.h"

#define NOW 1795824000 /* seconds since 1970 */

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What one of the two says on stdout; malloc()ed. */
static char *said(const json_t *people, json_t *programs)
{
	FILE *usual = stdout;
	char *text = NULL;
	size_t n = 0;

	stdout = open_memstream(&text, &n);
	CHECK(stdout);
	if (people)
		tls_status_show(people, NOW);
	else
		CHECK(out_print_json(programs) == 0);
	CHECK(fclose(stdout) == 0 && text && strlen(text) == n);
	stdout = usual;
	return text;
}

static void check_people(const char *text)
{
	CHECK(strncmp(text, "capcert-tlsd ", 13) == 0);
	for (; *text; text++)
		CHECK(*text == '\n' || (*text >= ' ' && *text <= '~'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *all = NULL, *again;
	char *text;

	if (answer_read((const char *)data, size, &all)) {
		CHECK(!all);
		return 0;
	}
	text = said(NULL, json_incref(all));
	CHECK(answer_read(text, strlen(text), &again) == 0 && json_equal(all, again));
	json_decref(again);
	free(text);
	text = said(all, NULL);
	check_people(text);
	free(text);
	json_decref(all);
	return 0;
}
