// SPDX-License-Identifier: GPL-2.0-only
/* One slot for each name that is being proved, from publish to withdraw. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <capcert/acme.h>
#include <capcert/slot.h>
#include "helpers/acmed/alpn.h"

/* Validity is nothing that a CA looks at; who finds a forgotten certificate sees how old it is. */
#define BEFORE_SECONDS 3600
#define AFTER_SECONDS 86400

struct shown {
	struct shown *next;
	char slot[CAPCERT_SLOT_NAME_SIZE];
	uint8_t digest[32];
};

struct alpn {
	int key, slots;
	const char *prefix;
	struct shown *shown;
	size_t count;
};

static struct capcert_acme_identifier identifier_of(const struct challenge *c)
{
	return (struct capcert_acme_identifier){ c->ip ? CAPCERT_ACME_IP : CAPCERT_ACME_DNS,
						 c->identifier };
}

int alpn_slot(const char *prefix, const struct challenge *c, char ret[CAPCERT_SLOT_NAME_SIZE])
{
	const struct capcert_acme_identifier identifier = identifier_of(c);
	char host[CAPCERT_ACME_ALPN_HOST];
	int r = capcert_acme_alpn_host(&identifier, host), n;

	if (r < 0)
		return r;
	n = snprintf(ret, CAPCERT_SLOT_NAME_SIZE, "%s%s", prefix, host);
	return n < 0 || n >= CAPCERT_SLOT_NAME_SIZE ? -ENAMETOOLONG : 0;
}

/* What a solver that was killed has left. */
static int clear(int slots)
{
	struct capcert_slot_entry *entries;
	size_t count;
	int r = capcert_slot_list(slots, &entries, &count, NULL);

	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < count; i++) {
		r = capcert_slot_delete(slots, entries[i].name, NULL, NULL);
		if (r == -ENOENT)
			r = 0;
	}
	free(entries);
	return r;
}

int alpn_new(int key, int slots, const char *prefix, struct alpn **ret)
{
	struct alpn *a = malloc(sizeof(*a));
	int r = a ? clear(slots) : -ENOMEM;

	if (r < 0) {
		free(a);
		return r;
	}
	*a = (struct alpn){ key, slots, prefix, NULL, 0 };
	*ret = a;
	return 0;
}

void alpn_free(struct alpn *a)
{
	if (!a)
		return;
	while (a->shown) {
		struct shown *s = a->shown;

		a->shown = s->next;
		capcert_slot_delete(a->slots, s->slot, NULL, NULL);
		free(s);
	}
	free(a);
}

static struct shown **find(struct alpn *a, const char *slot)
{
	struct shown **s = &a->shown;

	while (*s && strcmp((*s)->slot, slot) != 0)
		s = &(*s)->next;
	return s;
}

static int certificate(const struct alpn *a, const struct challenge *c, uint8_t **ret,
		       size_t *ret_len)
{
	int64_t now = (int64_t)time(NULL);
	struct capcert_acme_alpn alpn = { .key.fd = a->key,
					  .identifier = identifier_of(c),
					  .not_before = now - BEFORE_SECONDS,
					  .not_after = now + AFTER_SECONDS };

	memcpy(alpn.digest, c->digest, sizeof(alpn.digest));
	return capcert_acme_alpn_certificate(&alpn, ret, ret_len);
}

static int put(const struct alpn *a, const char *slot, const uint8_t *der, size_t len)
{
	const struct capcert_blob blob = { (uint64_t)(uintptr_t)der, (uint32_t)len, -1 };
	const struct capcert_slot_contents contents = { .chain = &blob,
							.chain_count = 1,
							.key_fd = a->key };

	return capcert_slot_put(a->slots, slot, &contents, NULL, NULL);
}

/* Return: @r. */
static int say(char *error, int r, const char *about, const char *what)
{
	snprintf(error, ALPN_ERROR, "%.150s: %s", about, what);
	return r;
}

static int show(struct alpn *a, struct shown *s, const struct challenge *c, char *error)
{
	uint8_t *der;
	size_t len;
	int r = certificate(a, c, &der, &len);

	if (r < 0)
		return say(error, r, "the key does not sign the certificate", capcert_strerror(r));
	r = put(a, s->slot, der, len);
	free(der);
	if (r < 0)
		return say(error, r, s->slot, capcert_strerror(r));
	memcpy(s->digest, c->digest, sizeof(s->digest));
	s->next = a->shown;
	a->shown = s;
	a->count++;
	return 0;
}

int alpn_publish(struct alpn *a, const struct challenge *c, char *error)
{
	struct shown *s;
	int r;

	if (!c->digest)
		return say(error, -EINVAL, c->identifier, "no digest to show");
	if (a->count >= ALPN_MOST)
		return say(error, -ENOSPC, c->identifier, "too many names are being proved");
	s = calloc(1, sizeof(*s));
	if (!s)
		return say(error, -ENOMEM, c->identifier, capcert_strerror(-ENOMEM));
	r = alpn_slot(a->prefix, c, s->slot);
	if (r < 0)
		say(error, r, c->identifier, "no name, or one too long for a slot: shorten prefix");
	else if (*find(a, s->slot))
		r = say(error, -EBUSY, c->identifier, "another order proves it at this moment");
	else
		r = show(a, s, c, error);
	if (r < 0)
		free(s);
	return r;
}

int alpn_withdraw(struct alpn *a, const struct challenge *c)
{
	char slot[CAPCERT_SLOT_NAME_SIZE];
	struct shown **where, *s;
	int r = alpn_slot(a->prefix, c, slot);

	if (r < 0)
		return r;
	where = find(a, slot);
	s = *where;
	if (!s || !c->digest || memcmp(s->digest, c->digest, sizeof(s->digest)) != 0)
		return -ENOENT;
	*where = s->next;
	a->count--;
	free(s);
	r = capcert_slot_delete(a->slots, slot, NULL, NULL);
	return r == -ENOENT ? 0 : r;
}
