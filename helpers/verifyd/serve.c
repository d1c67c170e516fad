// SPDX-License-Identifier: GPL-2.0-only
/* From a request to a verdict: fetch what it pins, ask the engine, word the reply. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <capcert/loglist.h>
#include "helpers/verifyd/cache.h"
#include "helpers/verifyd/request.h"
#include "helpers/verifyd/serve.h"

#define STORES_MOST 64
#define STORES_BYTES (256u << 20)
#define DISTRUST_MOST 4
#define DISTRUST_BYTES (16u << 20)
#define POLICIES_MOST 64
#define POLICIES_BYTES (1u << 20)
#define EVIDENCE_MOST 64
#define EVIDENCE_BYTES (256u << 20)
#define PINS_MOST 64
#define PINS_BYTES (1u << 20)
#define LOGS_MOST 8
#define LOGS_BYTES (16u << 20)

/* The largest state the kernel can hold: CAPCERT_MAX_ANCHORS of CAPCERT_MAX_CERT. */
#define STATE_MAX (CAPCERT_MAX_ANCHORS * (CAPCERT_MAX_CERT + 128u))

struct policy {
	struct cc_policy parsed;
	size_t len;
	char text[CC_POLICY_TEXT_MAX];
};

struct server {
	struct server_ops ops;
	struct cache *stores;	/* by state digest */
	struct cache *distrust; /* by generation */
	struct cache *policies; /* by digest of the text */
	struct cache *pins;	/* the same */
	struct cache *evidence; /* by digest of all of a request's */
	struct cache *logs;	/* by state digest and time of creation */
};

static void drop_store(void *value)
{
	capcert_store_free(value);
}

static void drop_distrust(void *value)
{
	capcert_distrust_list_free(value);
}

static void drop_evidence(void *value)
{
	capcert_evidence_free(value);
}

static void drop_logs(void *value)
{
	capcert_loglist_free(value);
}

static void drop_pins(void *value)
{
	capcert_pins_free(value);
}

int server_new(const struct server_ops *ops, struct server **ret)
{
	struct server *server = calloc(1, sizeof(*server));

	if (!server)
		return -ENOMEM;
	server->ops = *ops;
	if (cache_new(STORES_MOST, STORES_BYTES, drop_store, &server->stores) < 0 ||
	    cache_new(DISTRUST_MOST, DISTRUST_BYTES, drop_distrust, &server->distrust) < 0 ||
	    cache_new(POLICIES_MOST, POLICIES_BYTES, free, &server->policies) < 0 ||
	    cache_new(PINS_MOST, PINS_BYTES, drop_pins, &server->pins) < 0 ||
	    cache_new(EVIDENCE_MOST, EVIDENCE_BYTES, drop_evidence, &server->evidence) < 0 ||
	    cache_new(LOGS_MOST, LOGS_BYTES, drop_logs, &server->logs) < 0) {
		server_free(server);
		return -ENOMEM;
	}
	*ret = server;
	return 0;
}

void server_free(struct server *server)
{
	if (!server)
		return;
	cache_free(server->stores);
	cache_free(server->distrust);
	cache_free(server->policies);
	cache_free(server->pins);
	cache_free(server->evidence);
	cache_free(server->logs);
	free(server);
}

/* The bytes of a state; free() them. */
static int fetch(const struct server *server, uint64_t id, uint32_t what, uint32_t index,
		 uint32_t len, uint8_t **ret)
{
	uint8_t *state;
	int r;

	if (len == 0 || len > STATE_MAX)
		return -EPROTO;
	state = malloc(len);
	if (!state)
		return -ENOMEM;
	r = server->ops.state(server->ops.ctx, id, what, index, state, len);
	if (r < 0) {
		free(state);
		return r;
	}
	*ret = state;
	return 0;
}

/* Is the state what the request names? The engine checks the content against that name. */
static bool names_store(const uint8_t *state, const struct capcert_agent_request *head)
{
	struct capcert_state_store s;

	if (head->store_len < sizeof(s))
		return false;
	memcpy(&s, state, sizeof(s));
	return memcmp(s.digest, head->store_digest, sizeof(s.digest)) == 0;
}

static bool names_distrust(const uint8_t *state, const struct capcert_agent_request *head)
{
	struct capcert_state_distrust s;

	if (head->distrust_len < sizeof(s))
		return false;
	memcpy(&s, state, sizeof(s));
	return s.generation == head->distrust_generation;
}

static int get_store(struct server *server, const struct request *request, struct cache_entry **ret)
{
	const struct capcert_agent_request *head = &request->head;
	capcert_store *store;
	uint8_t *state;
	int r;

	*ret = cache_get(server->stores, head->store_digest);
	if (*ret)
		return 0;
	r = fetch(server, head->id, CAPCERT_STATE_STORE, 0, head->store_len, &state);
	if (r < 0)
		return r;
	r = names_store(state, head) ? engine_store_from_state(state, head->store_len, &store)
				     : -EPROTO;
	free(state);
	if (r < 0)
		return r == -ENOMEM ? r : -EPROTO;
	*ret = cache_put(server->stores, head->store_digest, store, head->store_len);
	return *ret ? 0 : -ENOMEM;
}

static int get_distrust(struct server *server, const struct request *request,
			struct cache_entry **ret)
{
	const struct capcert_agent_request *head = &request->head;
	uint8_t key[CACHE_KEY] = { 0 };
	capcert_distrust_list *list;
	uint8_t *state;
	int r;

	memcpy(key, &head->distrust_generation, sizeof(head->distrust_generation));
	*ret = cache_get(server->distrust, key);
	if (*ret)
		return 0;
	r = fetch(server, head->id, CAPCERT_STATE_DISTRUST, 0, head->distrust_len, &state);
	if (r < 0)
		return r;
	r = names_distrust(state, head)
		    ? engine_distrust_from_state(state, head->distrust_len, &list)
		    : -EPROTO;
	free(state);
	if (r < 0)
		return r == -ENOMEM ? r : -EPROTO;
	*ret = cache_put(server->distrust, key, list, head->distrust_len);
	return *ret ? 0 : -ENOMEM;
}

static int make_policy(struct cc_span text, struct policy **ret)
{
	struct policy *policy = calloc(1, sizeof(*policy));
	struct cc_policy_error error;

	if (!policy)
		return -ENOMEM;
	memcpy(policy->text, text.p, text.n);
	policy->len = text.n;
	if (cc_policy_parse(policy->text, text.n, &policy->parsed, &error) < 0) {
		free(policy);
		return -EPROTO;
	}
	*ret = policy;
	return 0;
}

static int get_policy(struct server *server, const struct request *request,
		      struct cache_entry **ret)
{
	const uint8_t *digest = request->head.policy_digest;
	struct cc_span text = request->policy;
	struct policy *policy;
	int r;

	*ret = NULL;
	if (text.n == 0)
		return -EPROTO;
	*ret = cache_get(server->policies, digest);
	if (!*ret) {
		r = make_policy(text, &policy);
		if (r < 0)
			return r;
		*ret = cache_put(server->policies, digest, policy, sizeof(*policy));
		if (!*ret)
			return -ENOMEM;
	}
	/* A digest is only a name here: what is judged by is the text. */
	policy = cache_value(*ret);
	if (policy->len == text.n && memcmp(policy->text, text.p, text.n) == 0)
		return 0;
	cache_release(server->policies, *ret);
	*ret = NULL;
	return -EPROTO;
}

/* *@ret stays NULL for a request without pins. */
static int get_pins(struct server *server, const struct request *request, struct cache_entry **ret)
{
	const struct capcert_agent_request *head = &request->head;
	capcert_pins *pins;
	uint8_t *state;
	int r;

	if (head->pins_len == 0)
		return 0;
	*ret = cache_get(server->pins, head->pins_digest);
	if (*ret)
		return 0;
	r = fetch(server, head->id, CAPCERT_STATE_PINS, 0, head->pins_len, &state);
	if (r < 0)
		return r;
	r = engine_pins_from_state(state, head->pins_len, head->pins_digest, &pins);
	free(state);
	if (r < 0)
		return r == -ENOMEM ? r : -EPROTO;
	*ret = cache_put(server->pins, head->pins_digest, pins, head->pins_len);
	return *ret ? 0 : -ENOMEM;
}

static int add_evidence(struct server *server, const struct request *request, uint32_t index,
			capcert_evidence *evidence)
{
	const struct capcert_agent_evidence *e = &request->evidence[index];
	uint8_t *bytes;
	int r = fetch(server, request->head.id, CAPCERT_STATE_EVIDENCE, index, e->len, &bytes);

	if (r < 0)
		return r;
	r = engine_evidence_put(evidence, e->type, bytes, e->len, e->digest);
	free(bytes);
	return r;
}

/* Is the table what its digest, by which it is kept, says? Not an attack, but a mistake. */
static bool names_evidence(const struct request *request)
{
	uint8_t digest[32];

	engine_evidence_digest(request->evidence, request->head.evidence_count, digest);
	return memcmp(digest, request->head.evidence_digest, sizeof(digest)) == 0;
}

/* *@ret stays NULL for a request without evidence. */
static int get_evidence(struct server *server, const struct request *request,
			struct cache_entry **ret)
{
	const struct capcert_agent_request *head = &request->head;
	capcert_evidence *evidence;
	size_t bytes = 0;
	int r;

	if (head->evidence_count == 0)
		return 0;
	if (!names_evidence(request))
		return -EPROTO;
	*ret = cache_get(server->evidence, head->evidence_digest);
	if (*ret)
		return 0;
	r = capcert_evidence_new(&evidence);
	if (r < 0)
		return r;
	for (uint32_t i = 0; r == 0 && i < head->evidence_count; i++) {
		r = add_evidence(server, request, i, evidence);
		bytes += request->evidence[i].len;
	}
	if (r < 0) {
		capcert_evidence_free(evidence);
		return r;
	}
	*ret = cache_put(server->evidence, head->evidence_digest, evidence, bytes);
	return *ret ? 0 : -ENOMEM;
}

/* The system's store of logs as a list. One that holds something else is no list: no SCT counts. */
static int make_logs(const uint8_t *state, const struct capcert_agent_request *head,
		     capcert_loglist **ret)
{
	struct capcert_state_store s;
	capcert_store *store;
	int r;

	if (head->logs_len < sizeof(s))
		return -EPROTO;
	memcpy(&s, state, sizeof(s));
	if (memcmp(s.digest, head->logs_digest, sizeof(s.digest)) != 0 ||
	    s.created != head->logs_created)
		return -EPROTO;
	r = engine_store_from_state(state, head->logs_len, &store);
	if (r < 0)
		return r == -ENOMEM ? r : -EPROTO;
	r = capcert_loglist_from_store(store, s.created, ret, NULL);
	capcert_store_free(store);
	return r == 0 || r == -ENOMEM ? r : capcert_loglist_new(ret);
}

static int get_logs(struct server *server, const struct request *request, struct cache_entry **ret)
{
	const struct capcert_agent_request *head = &request->head;
	uint8_t key[CACHE_KEY], *state;
	capcert_loglist *list;
	int r;

	if (head->logs_len == 0)
		return 0;
	memcpy(key, head->logs_digest, sizeof(key));
	for (size_t i = 0; i < sizeof(head->logs_created); i++)
		key[i] ^= (uint8_t)((uint64_t)head->logs_created >> 8 * i);
	*ret = cache_get(server->logs, key);
	if (*ret)
		return 0;
	r = fetch(server, head->id, CAPCERT_STATE_CT_LOGS, 0, head->logs_len, &state);
	if (r < 0)
		return r;
	r = make_logs(state, head, &list);
	free(state);
	if (r < 0)
		return r;
	*ret = cache_put(server->logs, key, list, head->logs_len);
	return *ret ? 0 : -ENOMEM;
}

static int verify(struct server *server, const struct request *request, struct server_reply *reply)
{
	struct cache_entry *store = NULL, *distrust = NULL, *policy = NULL, *pins = NULL,
			   *evidence = NULL, *logs = NULL;
	struct engine_request ask = {
		.chain = request->items,
		.chain_count = request->head.item_count,
		.purpose = request->head.purpose,
		.name_type = request->head.name_type,
		.name = request->name,
		.time = request->head.time,
		.clock = request->head.clock,
	};
	int r = get_policy(server, request, &policy);

	if (r == 0)
		r = get_store(server, request, &store);
	if (r == 0)
		r = get_distrust(server, request, &distrust);
	if (r == 0)
		r = get_pins(server, request, &pins);
	if (r == 0)
		r = get_evidence(server, request, &evidence);
	if (r == 0)
		r = get_logs(server, request, &logs);
	if (r == 0) {
		const struct policy *p = cache_value(policy);

		if (pins)
			ask.pins = engine_pins(cache_value(pins));
		if (evidence)
			ask.evidence = cache_value(evidence);
		if (logs)
			ask.logs = cache_value(logs);

		r = engine_verify(&p->parsed, cache_value(store), cache_value(distrust), &ask,
				  &reply->head, reply->path);
	}
	cache_release(server->logs, logs);
	cache_release(server->evidence, evidence);
	cache_release(server->pins, pins);
	cache_release(server->distrust, distrust);
	cache_release(server->stores, store);
	cache_release(server->policies, policy);
	return r;
}

/* @r: what the engine says of a signature alone. */
static int word_sig(int r, struct server_reply *reply)
{
	if (r < 0 && r != -EOPNOTSUPP)
		return r;
	reply->head.valid = r == 1;
	reply->head.reason = r == 1   ? CAPCERT_REASON_NONE
			     : r == 0 ? CAPCERT_REASON_SIGNATURE_MISMATCH
				      : CAPCERT_REASON_WEAK_ALGORITHM;
	return 0;
}

/* Without a policy in the request, the kernel has judged algorithm and key before it asked. */
static int verify_sig(struct server *server, const struct request *request,
		      struct server_reply *reply)
{
	const struct cc_span *item = request->items;
	uint32_t scheme = request->head.scheme;
	struct cache_entry *entry;
	struct cc_cert cert;
	int ok, r;

	if (cc_cert_parse(item[0], &cert) != CC_CERT_OK)
		return -EPROTO;
	if (request->policy.n == 0)
		return word_sig(
			engine_verify_message(&cert, cc_scheme_from_tls(scheme), item[1], item[2]),
			reply);
	r = get_policy(server, request, &entry);
	if (r < 0)
		return r;
	r = engine_verify_sig(&((struct policy *)cache_value(entry))->parsed, &cert, scheme,
			      item[1], item[2], &ok, &reply->head.reason);
	cache_release(server->policies, entry);
	reply->head.valid = r == 0 && ok == 1;
	return r;
}

static int verify_digest(const struct request *request, struct server_reply *reply)
{
	const struct cc_span *item = request->items;
	struct cc_cert cert;

	if (cc_cert_parse(item[0], &cert) != CC_CERT_OK)
		return -EPROTO;
	return word_sig(engine_verify_digest(&cert, cc_scheme_from_tls(request->head.scheme),
					     item[1], item[2], true),
			reply);
}

static int answer(struct server *server, const struct request *request, struct server_reply *reply)
{
	switch (request->head.op) {
	case CAPCERT_AGENT_OP_VERIFY:
		return verify(server, request, reply);
	case CAPCERT_AGENT_OP_VERIFY_SIG:
		return verify_sig(server, request, reply);
	default:
		return verify_digest(request, reply);
	}
}

int serve(struct server *server, const uint8_t *bytes, size_t len, struct server_reply *ret)
{
	struct request request;
	int r = request_parse(bytes, len, &request);

	memset(ret, 0, sizeof(*ret));
	if (r < 0 && len < sizeof(request.head))
		return r;
	r = r < 0 ? -EPROTO : answer(server, &request, ret);
	if (r < 0) {
		/* Nothing of a verdict that was not finished. */
		memset(ret, 0, sizeof(*ret));
		ret->head.reason = CAPCERT_REASON_INTERNAL;
		ret->head.error = r;
	}
	ret->head.id = request.head.id;
	ret->head.clock = server->ops.clock(server->ops.ctx);
	ret->head.size =
		(uint32_t)(sizeof(ret->head) + ret->head.path_count * sizeof(ret->path[0]));
	return 0;
}
