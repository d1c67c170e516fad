// SPDX-License-Identifier: LGPL-2.1-or-later
/* The table of sessions. A handle is the place in it and how often that was used: one that was closed is
 * not another one's afterwards. */
#include <stdlib.h>
#include "pkcs11/provider/session.h"

#define PLACE_BITS 12 /* SESSION_MOST */
#define USES_MASK 0x7ffffu

_Static_assert(SESSION_MOST == 1 << PLACE_BITS, "places");

static struct session *table[SESSION_MOST];
static uint32_t uses[SESSION_MOST];

struct session *session_open(CK_FLAGS flags)
{
	struct session *s;
	size_t i = 0;

	while (i < SESSION_MOST && table[i])
		i++;
	s = i < SESSION_MOST ? calloc(1, sizeof(*s)) : NULL;
	if (!s)
		return NULL;
	uses[i] = (uses[i] + 1) & USES_MASK;
	if (!uses[i])
		uses[i] = 1;
	s->handle = (CK_SESSION_HANDLE)uses[i] << PLACE_BITS | i;
	s->flags = flags;
	table[i] = s;
	return s;
}

struct session *session_find(CK_SESSION_HANDLE handle)
{
	struct session *s = table[handle & (SESSION_MOST - 1)];

	return s && s->handle == handle ? s : NULL;
}

void session_end_search(struct session *s)
{
	free(s->found);
	s->found = NULL;
	s->found_count = 0;
	s->given = 0;
	s->searching = false;
}

void operation_free(struct operation *op)
{
	if (!op)
		return;
	object_unref(op->key);
	free(op->message);
	free(op);
}

void session_close(struct session *s)
{
	table[s->handle & (SESSION_MOST - 1)] = NULL;
	session_end_search(s);
	operation_free(s->operation);
	free(s);
}

void session_close_all(void)
{
	for (size_t i = 0; i < SESSION_MOST; i++)
		if (table[i])
			session_close(table[i]);
}

size_t session_count(bool rw_only)
{
	size_t n = 0;

	for (size_t i = 0; i < SESSION_MOST; i++)
		n += table[i] && (!rw_only || table[i]->flags & CKF_RW_SESSION);
	return n;
}
