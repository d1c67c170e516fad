/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests to agents: bounded queues, deadlines, exactly one completion (docs/broker.md). */
#ifndef KMOD_BROKER_H
#define KMOD_BROKER_H

#include <linux/capcert_agent.h>
#include <linux/completion.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "core/span.h"

struct cc_distrust;
struct cc_evidence_set;
struct cc_pin_state;
struct cc_state;
struct cc_user;
struct file;

/* Per class, dispatched requests included; over a limit of all: EBUSY, of one user: EDQUOT. */
#define CC_BROKER_MAX_REQUESTS		1024
#define CC_BROKER_MAX_BYTES		(128u << 20)
#define CC_BROKER_USER_REQUESTS		64
#define CC_BROKER_USER_BYTES		(16u << 20)
#define CC_BROKER_MAX_DEATHS		8	/* agents that may die over one request: then EIO */
#define CC_BROKER_TIMEOUT_MS		10000
#define CC_BROKER_MAX_TIMEOUT_MS	60000
#define CC_BROKER_GRACE_MS		10000	/* that an agent may take to come back */

/* Largest request that any class can make: what an agent's buffer must hold. */
#define CC_BROKER_MAX_WIRE \
	(sizeof(struct capcert_agent_request) + CAPCERT_MAX_NAME + CAPCERT_MAX_POLICY_TEXT + \
	 CAPCERT_MAX_CERT + 1 + CAPCERT_MAX_MESSAGE + CAPCERT_MAX_SIGNATURE + 3 * 8)

/*
 * NEW -> QUEUED -> DISPATCHED -> DONE. An agent's death takes DISPATCHED back to QUEUED, or to
 * DONE with an error; the waiter takes QUEUED and DISPATCHED to GIVEN_UP. DONE and GIVEN_UP are
 * final: whoever gets there first has won. All of it under the lock of the class's queue.
 */
enum cc_request_step {
	CC_REQUEST_NEW,
	CC_REQUEST_QUEUED,
	CC_REQUEST_DISPATCHED,
	CC_REQUEST_DONE,
	CC_REQUEST_GIVEN_UP,
};

/* What happens to a request, for the trace event capcert_request. */
enum cc_trace_step {
	CC_TRACE_QUEUE = 1,
	CC_TRACE_DISPATCH,
	CC_TRACE_REQUEUE,
	CC_TRACE_DONE,
	CC_TRACE_GIVE_UP,
};

/**
 * struct cc_request - one question to one agent.
 *
 * The waiter holds a reference from cc_request_new() on, the list it is on (queue or agent)
 * another. What an agent reads (@wire) and may ask for (@store, @distrust, @pins) never changes
 * once cc_broker_call() has it. The answer is written by whoever moves @step to DONE; the waiter
 * reads it after that.
 */
struct cc_request {
	refcount_t refs;
	u32 class;			/* CAPCERT_CLASS_* */
	u32 wire_fill;			/* bytes of @wire that stand */
	u32 wire_size;
	struct capcert_agent_request *wire;
	struct cc_state *store;		/* reference or NULL */
	const struct cc_distrust *distrust;	/* reference or NULL */
	struct cc_pin_state *pins;	/* reference or NULL */
	struct cc_evidence_set *evidence;	/* reference or NULL */
	struct cc_state *logs;		/* the list of CT logs; reference or NULL */
	struct cc_user *user;		/* from cc_broker_call() on */

	struct completion done;
	struct list_head node;		/* queue's lock: on its list or on an agent's */
	enum cc_request_step step;	/* queue's lock */
	struct cc_agent_link *agent;	/* queue's lock: dispatched to */
	u32 deaths;			/* queue's lock */
	bool taken;			/* queue's lock: dispatched; after the call it stands */

	int error;			/* 0, or why there is no answer */
	void *data;			/* @reply.data_len bytes, kvfree(), or NULL */
	struct file *file;		/* that came with @data, sealed; counted, or NULL */
	struct capcert_agent_reply reply;
	struct capcert_path_entry path[CAPCERT_MAX_PATH];
};

/**
 * cc_request_new() - a request without items.
 * @op: CAPCERT_AGENT_OP_*. @name, @policy: copied in.
 * @items: sum over the items of cc_request_item_size().
 * Return: the request or ERR_PTR(-ENOMEM).
 */
struct cc_request *cc_request_new(u32 class, u32 op, struct cc_span name, struct cc_span policy,
				  size_t items);

/** cc_request_again() - the same question anew, with nothing pinned. ERR_PTR(-ENOMEM). */
struct cc_request *cc_request_again(const struct cc_request *old);

size_t cc_request_item_size(size_t len);

/** cc_request_item() - append an item of @len bytes. Return: where its bytes belong. */
u8 *cc_request_item(struct cc_request *request, u32 len);

/** cc_request_evidence() - the table of @set, behind the last item. */
void cc_request_evidence(struct cc_request *request, const struct cc_evidence_set *set);

/** cc_request_items() - the first item; cc_request_next() the one behind @item. */
struct cc_span cc_request_items(const struct cc_request *request);
struct cc_span cc_request_next(struct cc_span item);

void cc_request_put(struct cc_request *request);

/**
 * cc_broker_call() - queue a request and wait for its one completion.
 * @timeout_ms: 0 = CC_BROKER_TIMEOUT_MS.
 * Return: 0 with @request->reply, @path, @data filled (well-formed, but not believed); the agent's
 * own error; -EINVAL when @timeout_ms is over CC_BROKER_MAX_TIMEOUT_MS; -EBUSY, -EDQUOT when the
 * queue or the user's share is full; -ETIMEDOUT past the deadline; -EINTR on a fatal signal;
 * -EIO when the reply was malformed, or agents kept dying over it.
 */
int cc_broker_call(struct cc_request *request, u32 timeout_ms);

u32 cc_broker_agents(u32 class);

/** cc_broker_served() - is an agent connected, or was one until a moment ago? */
bool cc_broker_served(u32 class);

/** cc_broker_requests() - queued since the module was loaded. */
u64 cc_broker_requests(u32 class);
u64 cc_broker_pending(void);

/** struct cc_agent_link - one agent's fd, as the broker knows it. */
struct cc_agent_link {
	u32 class;			/* set by cc_broker_attach(), never again */
	struct list_head dispatched;	/* queue's lock, oldest first */
};

void cc_broker_attach(struct cc_agent_link *link, u32 class);

/** cc_broker_detach() - the fd is gone. Return: requests that it still owed an answer. */
u32 cc_broker_detach(struct cc_agent_link *link);

/** cc_broker_wait() - wait queue of a class; a reader sleeps there exclusively. */
struct wait_queue_head *cc_broker_wait(u32 class);
bool cc_broker_waiting(u32 class);

/**
 * cc_broker_take() - dispatch the oldest request to @link.
 * Return: with a reference for the reader, ERR_PTR(-EAGAIN) when none waits, ERR_PTR(-EMSGSIZE)
 * when it has more than @room bytes.
 */
struct cc_request *cc_broker_take(struct cc_agent_link *link, size_t room);

/** cc_broker_untake() - it could not be read after all: back to the head of the queue. */
void cc_broker_untake(struct cc_agent_link *link, struct cc_request *request);

/** cc_broker_find() - a request dispatched to @link, with a reference, or NULL. */
struct cc_request *cc_broker_find(struct cc_agent_link *link, u64 id);

/**
 * cc_broker_finish() - the one completion of a request dispatched to @link.
 * @error: 0 and @reply, a well-formed one with what follows it; or the waiter's error.
 * @file: that the data names, or NULL; the request takes a reference of its own.
 * Return: 0, -ENOENT when @id is not, or no longer, dispatched to @link, -ENOMEM when its data
 * could not be kept; then nothing has changed.
 */
int cc_broker_finish(struct cc_agent_link *link, u64 id, int error,
		     const struct capcert_agent_reply *reply, struct file *file);

void cc_broker_init(void);

#endif
