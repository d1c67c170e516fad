// SPDX-License-Identifier: GPL-2.0-only
/* The kernel has checked rights and purposes already; whoever gets past it finds the same here. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <capcert/key.h>
#include <capcert/x509.h>
#include "helpers/common/request.h"
#include "helpers/keyd/serve.h"

static void say(const struct server *server, const char *what, const char *uri)
{
	char line[CAPCERT_MAX_KEY_URI + 200];

	if (!server->log)
		return;
	snprintf(line, sizeof(line), "%s: %s", uri, what);
	server->log(line);
}

static int refuse(const struct server *server, int error, const char *what, const char *uri)
{
	say(server, what, uri);
	return error;
}

/* What the vault says, as the kernel passes it on. Programs learn no more of a token's PIN than
 * that there is no token for them; the log knows it. */
static int vault_error(const struct server *server, int r, const char *uri)
{
	switch (r) {
	case -ENOENT:
	case -ESTALE:
		return refuse(server, -ENOKEY, "the token has no such key, or another one by now",
			      uri);
	case -ENOTUNIQ:
		return refuse(server, -EINVAL,
			      "matches more than one token or key; add serial or id", uri);
	case -EBADMSG:
		return refuse(server, -ENOKEY,
			      "the token has no public key or certificate with the key's id", uri);
	case -ENOKEY:
		return refuse(server, -ENODEV, "no PIN is known for its token", uri);
	case -EKEYREJECTED:
		return refuse(server, -ENODEV, "the PIN of its token is wrong", uri);
	case -EUSERS:
		return refuse(server, -ENODEV, "the PIN of its token is locked, or nearly", uri);
	default:
		return r;
	}
}

static int uri_of(const struct agent_bytes *item, char ret[CAPCERT_MAX_KEY_URI + 1])
{
	if (!item->n || item->n > CAPCERT_MAX_KEY_URI || memchr(item->p, '\0', item->n))
		return -EPROTO;
	memcpy(ret, item->p, item->n);
	ret[item->n] = '\0';
	return 0;
}

/* @none: what a missing record means: nobody has said what the key is for, or it was destroyed. */
static int record_of(const struct server *server, const uint8_t hash[32], const char *uri, int none,
		     struct capcert_key_record *ret)
{
	int r = capcert_key_record_read(server->records, hash, ret);

	if (r == -ENOENT)
		return refuse(server, none,
			      "no record says what it is for; capcert key import-uri makes one",
			      uri);
	if (r < 0)
		return refuse(server, -EACCES, "its record is damaged, or others may write it",
			      uri);
	return 0;
}

/* ---- KEY_OPEN ---- */

static int open_key(const struct server *server, const char *uri, uint32_t wanted,
		    const struct capcert_vault_key *key, struct capcert_agent_reply *reply)
{
	struct capcert_key_record record;
	struct capcert_agent_key head = { .size = sizeof(head) };
	uint8_t *data = (uint8_t *)(reply + 1);
	int r;

	if (!key->signs)
		return refuse(server, -EACCES, "does not sign (CKA_SIGN)", uri);
	if (!key->sensitive || key->extractable)
		return refuse(server, -EACCES,
			      "could leave its token: not sensitive, or extractable", uri);
	r = record_of(server, key->spki_hash, uri, -EACCES, &record);
	if (r < 0)
		return r;
	head.purposes = wanted & record.purposes;
	if (!head.purposes)
		return refuse(server, -EACCES, "is not for that purpose", uri);
	head.source = key->source;
	head.spki_len = (uint32_t)key->spki_len;
	head.created = record.created;
	memcpy(data, &head, sizeof(head));
	memcpy(data + sizeof(head), key->spki, key->spki_len);
	reply->data_len = (uint32_t)(sizeof(head) + key->spki_len);
	return 0;
}

static int answer_open(const struct server *server, const struct agent_request *request,
		       struct capcert_agent_reply *reply)
{
	char uri[CAPCERT_MAX_KEY_URI + 1];
	struct capcert_vault_key *key;
	int r;

	if (request->head.item_count != 1 || uri_of(&request->items[0], uri) < 0)
		return -EPROTO;
	key = malloc(sizeof(*key));
	if (!key)
		return -ENOMEM;
	r = capcert_vault_get(server->vault, uri, key);
	r = r < 0 ? vault_error(server, r, uri)
		  : open_key(server, uri, request->head.purpose, key, reply);
	free(key);
	return r;
}

/* ---- SIGN ---- */

/* May a key with this record sign this? */
static int permit(const struct server *server, const struct agent_request *request, const char *uri,
		  const struct capcert_key_record *record)
{
	const struct agent_bytes *data = &request->items[2];
	const char *why;

	if (!(record->purposes >> request->head.purpose & 1))
		return refuse(server, -EACCES, "is not for that purpose", uri);
	if (request->head.op == CAPCERT_AGENT_OP_SIGN_DIGEST)
		return capcert_key_takes_digests(record->purposes)
			       ? 0
			       : refuse(server, -EINVAL, "signs what it has seen, no digests", uri);
	why = capcert_key_refuses(request->head.purpose, request->head.scheme, data->p, data->n);
	return why ? refuse(server, -EACCES, why, uri) : 0;
}

static int answer_sign(const struct server *server, const struct agent_request *request,
		       struct capcert_agent_reply *reply)
{
	const struct agent_bytes *spki = &request->items[1], *data = &request->items[2];
	struct capcert_key_record record;
	char uri[CAPCERT_MAX_KEY_URI + 1];
	size_t len = CAPCERT_MAX_SIGNATURE;
	uint8_t hash[32];
	int r;

	if (request->head.item_count != 3 || uri_of(&request->items[0], uri) < 0 ||
	    request->head.purpose >= CAPCERT_KEY_PURPOSES || !spki->n || !data->n)
		return -EPROTO;
	capcert_hash(CAPCERT_HASH_SHA256, spki->p, spki->n, hash);
	r = record_of(server, hash, uri, -ENOKEY, &record);
	if (r == 0)
		r = permit(server, request, uri, &record);
	if (r < 0)
		return r;
	r = capcert_vault_sign(server->vault, uri, spki->p, spki->n, request->head.scheme,
			       request->head.op == CAPCERT_AGENT_OP_SIGN_DIGEST, data->p, data->n,
			       (uint8_t *)(reply + 1), &len);
	if (r < 0)
		return vault_error(server, r, uri);
	reply->data_len = (uint32_t)len;
	return 0;
}

int serve(const struct server *server, const uint8_t *bytes, size_t len,
	  struct capcert_agent_reply *reply)
{
	struct agent_request request;
	int r = agent_request_parse(bytes, len, &request);

	memset(reply, 0, sizeof(*reply));
	if (r < 0 && len < sizeof(request.head))
		return r;
	if (r < 0)
		r = -EPROTO;
	else if (request.head.op == CAPCERT_AGENT_OP_KEY_OPEN)
		r = answer_open(server, &request, reply);
	else if (request.head.op == CAPCERT_AGENT_OP_SIGN ||
		 request.head.op == CAPCERT_AGENT_OP_SIGN_DIGEST)
		r = answer_sign(server, &request, reply);
	else
		r = -EPROTO;
	reply->error = r;
	if (r < 0)
		reply->data_len = 0;
	reply->valid = 1;
	reply->reason = CAPCERT_REASON_NONE;
	reply->id = request.head.id;
	reply->size = (uint32_t)sizeof(*reply) + reply->data_len;
	return 0;
}
