/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests to agents: bounded queues, deadlines, exactly one completion. docs/broker.md is the text. */
#ifndef KMOD_BROKER_H
#define KMOD_BROKER_H

#include <linux/capcert_agent.h>
#include <linux/completion.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/wait.h>

#include "core/span.h"

struct cc_agent;
struct cc_distrust;
struct cc_state;

#define CC_BROKER_CLASSES	(CAPCERT_CLASS_STATUS + 1)
#define CC_BROKER_MAX_QUEUED	1024	/* requests per class, queued and dispatched: EBUSY */
#define CC_BROKER_MAX_PER_USER	64	/* of them one user's: EDQUOT */
#define CC_BROKER_MAX_DEATHS	8	/* agents that may die over one request: then EIO */
#define CC_BROKER_TIMEOUT_MS	10000
#define CC_BROKER_MAX_TIMEOUT_MS 60000

/* QUEUED -> DISPATCHED -> DONE; back to QUEUED when an agent dies; any -> GIVEN_UP by the waiter. */
enum cc_request_state {
	CC_REQUEST_NEW,
	CC_REQUEST_QUEUED,
	CC_REQUEST_DISPATCHED,
	CC_REQUEST_DONE,
	CC_REQUEST_GIVEN_UP,
};

/**
 * struct cc_request - one question to one agent.
 *
 * The waiter holds a reference from cc_request_new() on; whoever has it on a list (queue or
 * agent) holds another. What an agent reads (@wire) and what it may ask for (@store, @distrust)
 * never changes after cc_broker_call(). The answer belongs to whoever moves @state to DONE
 * and, after @done, to the waiter.
 */
struct cc_request {
	refcount_t refs;
	u32 class;			/* CAPCERT_CLASS_* */
	u64 id;				/* never reused */
	kuid_t uid;
	struct capcert_agent_request *wire;
	const struct cc_state *store;	/* reference or NULL */
	const struct cc_distrust *distrust;	/* reference or NULL */

	struct completion done;
	struct list_head node;		/* queue's lock: on its list or an agent's */
	enum cc_request_state state;	/* queue's lock */
	struct cc_agent *agent;		/* queue's lock: dispatched to */
	u32 deaths;			/* queue's lock */

	int error;			/* 0, or why there is no answer */
	struct capcert_agent_reply reply;
	struct capcert_path_entry path[CAPCERT_MAX_PATH];
};

/** struct cc_part - an item of a request: @len bytes that cc_request_item() tells where to put. */

/**
 * cc_request_new() - an empty request with room for its wire form.
 * @class: CAPCERT_CLASS_*; @op: CAPCERT_AGENT_OP_*.
 * @name, @policy: copied in.
 * @items: sum over the items of cc_request_item_size().
 */
struct cc_request *cc_request_new(u32 class, u32 op, struct cc_span name, struct cc_span policy,
				  size_t items);
size_t cc_request_item_size(size_t len);

/** cc_request_item() - append an item of @len bytes: where its bytes belong. */
u8 *cc_request_item(struct cc_request *request, u32 len);

void cc_request_put(struct cc_request *request);

/**
 * cc_broker_call() - queue a request and wait for its one completion.
 * @timeout_ms: 0 = CC_BROKER_TIMEOUT_MS; more than CC_BROKER_MAX_TIMEOUT_MS: -EINVAL.
 * Return: 0 with @request->reply and @path filled; the agent's own error; -EBUSY, -EDQUOT when
 * full; -ETIMEDOUT past the deadline; -EINTR on a fatal signal; -EIO when the agent's reply was
 * malformed, or it died over a signature.
 */
int cc_broker_call(struct cc_request *request, u32 timeout_ms);

/** The agent's side: see agent.c. */
struct cc_agent_link {
	u32 class;			/* 0 before HELLO */
	struct list_head dispatched;	/* queue's lock */
};

u32 cc_broker_agents(u32 class);
u64 cc_broker_pending(void);

int cc_broker_init(void);
void cc_broker_exit(void);

#endif
