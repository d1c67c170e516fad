// SPDX-License-Identifier: GPL-2.0-only
/* A request to an agent: its wire form, what it pins, its reference count. */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/broker.h"
#include "kmod/distrust.h"
#include "kmod/evidence.h"
#include "kmod/pins.h"
#include "kmod/store.h"
#include "kmod/user.h"

size_t cc_request_item_size(size_t len)
{
	return sizeof(u32) + ALIGN(len, 4);
}

static struct cc_request *request_alloc(u32 class, size_t size)
{
	struct cc_request *request;

	if (size > CC_BROKER_MAX_WIRE)
		return ERR_PTR(-EMSGSIZE);
	/* The answer is not cleared: its one writer fills it. */
	request = kmalloc(sizeof(*request), GFP_KERNEL_ACCOUNT);
	if (!request)
		return ERR_PTR(-ENOMEM);
	memset(request, 0, offsetof(struct cc_request, reply));
	request->wire = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (!request->wire) {
		kfree(request);
		return ERR_PTR(-ENOMEM);
	}
	refcount_set(&request->refs, 1);
	request->class = class;
	request->wire_size = size;
	request->step = CC_REQUEST_NEW;
	init_completion(&request->done);
	INIT_LIST_HEAD(&request->node);
	return request;
}

/* @len bytes with zeros up to the next multiple of 4. */
static u8 *request_room(struct cc_request *request, size_t len)
{
	u8 *at = (u8 *)request->wire + request->wire_fill;

	memset(at + len, 0, ALIGN(len, 4) - len);
	request->wire_fill += ALIGN(len, 4);
	return at;
}

struct cc_request *cc_request_new(u32 class, u32 op, struct cc_span name, struct cc_span policy,
				  size_t items)
{
	size_t size = sizeof(struct capcert_agent_request) + ALIGN(name.n, 4) +
		      ALIGN(policy.n, 4) + items;
	struct cc_request *request = request_alloc(class, size);

	if (IS_ERR(request))
		return request;
	memset(request->wire, 0, sizeof(*request->wire));
	request->wire_fill = sizeof(*request->wire);
	request->wire->size = size;
	request->wire->op = op;
	request->wire->name_len = name.n;
	request->wire->policy_len = policy.n;
	if (name.n)
		memcpy(request_room(request, name.n), name.p, name.n);
	if (policy.n)
		memcpy(request_room(request, policy.n), policy.p, policy.n);
	return request;
}

struct cc_request *cc_request_again(const struct cc_request *old)
{
	struct cc_request *request = request_alloc(old->class, old->wire_size);

	if (IS_ERR(request))
		return request;
	memcpy(request->wire, old->wire, old->wire_size);
	request->wire_fill = old->wire_fill;
	return request;
}

u8 *cc_request_item(struct cc_request *request, u32 len)
{
	if (WARN_ON_ONCE(request->wire_fill + cc_request_item_size(len) > request->wire_size))
		return NULL;
	memcpy(request_room(request, sizeof(len)), &len, sizeof(len));
	request->wire->item_count++;
	return request_room(request, len);
}

void cc_request_evidence(struct cc_request *request, const struct cc_evidence_set *set)
{
	const size_t size = set->count * sizeof(struct capcert_agent_evidence);
	struct capcert_agent_evidence *out;
	u32 i;

	if (WARN_ON_ONCE(request->wire_fill + size > request->wire_size))
		return;
	out = (struct capcert_agent_evidence *)request_room(request, size);
	for (i = 0; i < set->count; i++) {
		out[i].type = set->item[i]->type;
		out[i].len = set->item[i]->len;
		memcpy(out[i].digest, set->item[i]->digest, sizeof(out[i].digest));
	}
	request->wire->evidence_count = set->count;
	memcpy(request->wire->evidence_digest, set->digest, sizeof(set->digest));
}

static struct cc_span request_item_at(const u8 *at)
{
	u32 len;

	memcpy(&len, at, sizeof(len));
	return cc_span(at + sizeof(len), len);
}

struct cc_span cc_request_items(const struct cc_request *request)
{
	return request_item_at((const u8 *)(request->wire + 1) +
			       ALIGN(request->wire->name_len, 4) +
			       ALIGN(request->wire->policy_len, 4));
}

struct cc_span cc_request_next(struct cc_span item)
{
	return request_item_at(item.p + ALIGN(item.n, 4));
}

void cc_request_put(struct cc_request *request)
{
	if (IS_ERR_OR_NULL(request) || !refcount_dec_and_test(&request->refs))
		return;
	cc_state_put(request->store);
	cc_distrust_put(request->distrust);
	cc_pin_state_put(request->pins);
	cc_evidence_set_put(request->evidence);
	cc_state_put(request->logs);
	cc_user_put(request->user);
	kvfree(request->data);
	if (request->file)
		fput(request->file);
	kvfree(request->wire);
	kfree(request);
}
