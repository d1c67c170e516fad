/* SPDX-License-Identifier: GPL-2.0-only */
/* What a daemon of ours answered: one object of JSON, whose texts are shown to people. Who answers may be somebody else, or
 * pass on what a peer said: no text of it reaches a terminal but as printable ASCII. */
#ifndef TOOLS_ANSWER_H
#define TOOLS_ANSWER_H

#include <jansson.h>

/** answer_read() - *@ret is an object of the caller's. Return: 0; -EBADMSG it is none, or has a name twice. */
int answer_read(const char *text, size_t len, json_t **ret);

/* Values that are not there, or are of another type, are 0 and "?". */
long long answer_number(const json_t *object, const char *name);
const char *answer_string(const json_t *object, const char *name);

/** answer_text() - a string's; what is not printable ASCII becomes \xHH in @value itself, which keeps it. */
const char *answer_text(json_t *value);

#endif
