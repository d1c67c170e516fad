// SPDX-License-Identifier: GPL-2.0-only
/* Requests to agents: bounded queues, deadlines, exactly one completion (docs/broker.md). */
#include <linux/atomic.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "kmod/broker.h"
#include "kmod/trace.h"
#include "kmod/user.h"

#define BROKER_CLASSES	(CAPCERT_CLASS_STATUS + 1)

struct broker_queue {
	spinlock_t lock;		/* all below but @wait, and the requests' steps and lists */
	struct list_head waiting;	/* oldest first */
	u32 agents;
	u32 pending;			/* queued and dispatched */
	u64 bytes;			/* of their wire forms */
	u64 requests;			/* queued ever */
	unsigned long gone;		/* jiffies when the last agent left; 0 = none did */
	wait_queue_head_t wait;		/* agents that read or poll */
};

static struct broker_queue broker_queues[BROKER_CLASSES];
static atomic64_t broker_ids = ATOMIC64_INIT(0);

static void broker_trace(const struct cc_request *request, enum cc_trace_step step, int error)
{
	trace_capcert_request(request->wire->id, request->wire->op,
			      from_kuid(&init_user_ns, request->user->uid), step, error);
}

/* Under the queue's lock: what the limits say about one more. */
static int broker_room(const struct broker_queue *queue, const struct cc_request *request)
{
	const struct cc_user *user = request->user;

	if (queue->pending >= CC_BROKER_MAX_REQUESTS ||
	    queue->bytes + request->wire_size > CC_BROKER_MAX_BYTES)
		return -EBUSY;
	if (user->pending[request->class] >= CC_BROKER_USER_REQUESTS ||
	    user->pending_bytes[request->class] + request->wire_size > CC_BROKER_USER_BYTES)
		return -EDQUOT;
	return 0;
}

/* Under the queue's lock. */
static void broker_charge(struct broker_queue *queue, struct cc_request *request)
{
	queue->bytes += request->wire_size;
	request->user->pending_bytes[request->class] += request->wire_size;
	request->user->pending[request->class]++;
	WRITE_ONCE(queue->requests, queue->requests + 1);
	WRITE_ONCE(queue->pending, queue->pending + 1);
}

static void broker_uncharge(struct broker_queue *queue, struct cc_request *request)
{
	queue->bytes -= request->wire_size;
	request->user->pending_bytes[request->class] -= request->wire_size;
	request->user->pending[request->class]--;
	WRITE_ONCE(queue->pending, queue->pending - 1);
}

static int broker_enqueue(struct broker_queue *queue, struct cc_request *request)
{
	int ret;

	request->user = cc_user_get(current_uid());
	if (!request->user)
		return -ENOMEM;
	request->wire->id = atomic64_inc_return(&broker_ids);
	spin_lock(&queue->lock);
	ret = broker_room(queue, request);
	if (!ret) {
		broker_charge(queue, request);
		refcount_inc(&request->refs);	/* the list's */
		request->step = CC_REQUEST_QUEUED;
		list_add_tail(&request->node, &queue->waiting);
	}
	spin_unlock(&queue->lock);
	broker_trace(request, CC_TRACE_QUEUE, ret);
	if (!ret)
		wake_up_interruptible(&queue->wait);
	return ret;
}

int cc_broker_call(struct cc_request *request, u32 timeout_ms)
{
	struct broker_queue *queue = &broker_queues[request->class];
	bool given_up = false;
	long left;
	int ret;

	if (timeout_ms > CC_BROKER_MAX_TIMEOUT_MS || WARN_ON_ONCE(request->step != CC_REQUEST_NEW))
		return -EINVAL;
	ret = broker_enqueue(queue, request);
	if (ret)
		return ret;
	/* The jiffy under way is not a whole one: not sooner than was asked for. */
	left = msecs_to_jiffies(timeout_ms ?: CC_BROKER_TIMEOUT_MS) + 1;
	left = wait_for_completion_killable_timeout(&request->done, left);

	spin_lock(&queue->lock);
	if (request->step == CC_REQUEST_DONE) {
		ret = request->error;
	} else {
		ret = left ? -EINTR : -ETIMEDOUT;
		request->step = CC_REQUEST_GIVEN_UP;
		request->agent = NULL;
		list_del_init(&request->node);
		given_up = true;
	}
	broker_uncharge(queue, request);
	spin_unlock(&queue->lock);
	if (given_up) {
		broker_trace(request, CC_TRACE_GIVE_UP, ret);
		cc_request_put(request);	/* the list's */
	}
	return ret;
}

u32 cc_broker_agents(u32 class)
{
	return READ_ONCE(broker_queues[class].agents);
}

bool cc_broker_served(u32 class)
{
	struct broker_queue *queue = &broker_queues[class];
	const unsigned long grace = msecs_to_jiffies(CC_BROKER_GRACE_MS);
	bool served;

	spin_lock(&queue->lock);
	served = queue->agents || (queue->gone && time_before(jiffies, queue->gone + grace));
	spin_unlock(&queue->lock);
	return served;
}

u64 cc_broker_requests(u32 class)
{
	return READ_ONCE(broker_queues[class].requests);
}

u64 cc_broker_pending(void)
{
	u64 sum = 0;
	int i;

	for (i = 0; i < BROKER_CLASSES; i++)
		sum += READ_ONCE(broker_queues[i].pending);
	return sum;
}

void cc_broker_attach(struct cc_agent_link *link, u32 class)
{
	struct broker_queue *queue = &broker_queues[class];

	INIT_LIST_HEAD(&link->dispatched);
	spin_lock(&queue->lock);
	WRITE_ONCE(queue->agents, queue->agents + 1);
	spin_unlock(&queue->lock);
	/* Pairs with the acquire in whoever finds the class set: the list is ready by then. */
	smp_store_release(&link->class, class);
}

/* Under the queue's lock: from the agent's list, with its answer, to @done; reference and all. */
static void broker_settle(struct cc_request *request, int error, struct list_head *done)
{
	request->step = CC_REQUEST_DONE;
	request->agent = NULL;
	request->error = error;
	list_move_tail(&request->node, done);
}

/* After the lock: wake the waiters, give back the lists' references. */
static void broker_complete(struct list_head *done)
{
	struct cc_request *request, *next;

	list_for_each_entry_safe(request, next, done, node) {
		list_del_init(&request->node);
		broker_trace(request, CC_TRACE_DONE, request->error);
		complete(&request->done);
		cc_request_put(request);
	}
}

/* Never sign twice: what a dead agent did with a SIGN request is not known. */
static bool broker_may_repeat(const struct cc_request *request)
{
	return request->class != CAPCERT_CLASS_SIGN && request->deaths < CC_BROKER_MAX_DEATHS;
}

u32 cc_broker_detach(struct cc_agent_link *link)
{
	struct broker_queue *queue = &broker_queues[link->class];
	struct cc_request *request, *next;
	LIST_HEAD(done);
	u32 n = 0;

	spin_lock(&queue->lock);
	WRITE_ONCE(queue->agents, queue->agents - 1);
	queue->gone = jiffies ?: 1;
	/* Backwards to the head, one by one: the oldest stays the oldest. */
	list_for_each_entry_safe_reverse(request, next, &link->dispatched, node) {
		n++;
		request->deaths++;
		if (!broker_may_repeat(request)) {
			broker_settle(request, -EIO, &done);
			continue;
		}
		request->step = CC_REQUEST_QUEUED;
		request->agent = NULL;
		list_move(&request->node, &queue->waiting);
		broker_trace(request, CC_TRACE_REQUEUE, 0);
	}
	spin_unlock(&queue->lock);
	broker_complete(&done);
	if (n)
		wake_up_interruptible_all(&queue->wait);
	return n;
}

struct wait_queue_head *cc_broker_wait(u32 class)
{
	return &broker_queues[class].wait;
}

/* Without the lock: for wait conditions, cc_broker_take() decides. */
bool cc_broker_waiting(u32 class)
{
	return !list_empty(&broker_queues[class].waiting);
}

struct cc_request *cc_broker_take(struct cc_agent_link *link, size_t room)
{
	struct broker_queue *queue = &broker_queues[link->class];
	struct cc_request *request;

	spin_lock(&queue->lock);
	request = list_first_entry_or_null(&queue->waiting, struct cc_request, node);
	if (!request) {
		request = ERR_PTR(-EAGAIN);
	} else if (request->wire->size > room) {
		request = ERR_PTR(-EMSGSIZE);
	} else {
		refcount_inc(&request->refs);
		request->step = CC_REQUEST_DISPATCHED;
		request->taken = true;
		request->agent = link;
		list_move_tail(&request->node, &link->dispatched);
		broker_trace(request, CC_TRACE_DISPATCH, 0);
	}
	spin_unlock(&queue->lock);
	return request;
}

void cc_broker_untake(struct cc_agent_link *link, struct cc_request *request)
{
	struct broker_queue *queue = &broker_queues[link->class];

	spin_lock(&queue->lock);
	if (request->step == CC_REQUEST_DISPATCHED && request->agent == link) {
		request->step = CC_REQUEST_QUEUED;
		request->taken = false;
		request->agent = NULL;
		list_move(&request->node, &queue->waiting);
		broker_trace(request, CC_TRACE_REQUEUE, 0);
	}
	spin_unlock(&queue->lock);
}

/* Under the queue's lock. */
static struct cc_request *broker_lookup(struct cc_agent_link *link, u64 id)
{
	struct cc_request *request;

	list_for_each_entry(request, &link->dispatched, node)
		if (request->wire->id == id)
			return request;
	return NULL;
}

struct cc_request *cc_broker_find(struct cc_agent_link *link, u64 id)
{
	struct broker_queue *queue = &broker_queues[link->class];
	struct cc_request *request;

	spin_lock(&queue->lock);
	request = broker_lookup(link, id);
	if (request)
		refcount_inc(&request->refs);
	spin_unlock(&queue->lock);
	return request;
}

/* Under the queue's lock: @data becomes the request's. */
static void broker_answer(struct cc_request *request, const struct capcert_agent_reply *reply,
			  void **data, struct file *file)
{
	request->reply = *reply;
	memcpy(request->path, reply + 1, reply->path_count * sizeof(request->path[0]));
	swap(request->data, *data);
	if (file)
		request->file = get_file(file);
}

int cc_broker_finish(struct cc_agent_link *link, u64 id, int error,
		     const struct capcert_agent_reply *reply, struct file *file)
{
	struct broker_queue *queue = &broker_queues[link->class];
	struct cc_request *request;
	void *data = NULL;
	LIST_HEAD(done);

	if (!error && reply->data_len) {
		data = kvmalloc(reply->data_len, GFP_KERNEL_ACCOUNT);
		if (!data)
			return -ENOMEM;
		memcpy(data, reply + 1, reply->data_len);
	}
	spin_lock(&queue->lock);
	request = broker_lookup(link, id);
	if (request) {
		if (!error)
			broker_answer(request, reply, &data, file);
		broker_settle(request, error, &done);
	}
	spin_unlock(&queue->lock);
	kvfree(data);
	if (!request)
		return -ENOENT;
	broker_complete(&done);
	return 0;
}

void cc_broker_init(void)
{
	int i;

	for (i = 0; i < BROKER_CLASSES; i++) {
		spin_lock_init(&broker_queues[i].lock);
		INIT_LIST_HEAD(&broker_queues[i].waiting);
		init_waitqueue_head(&broker_queues[i].wait);
	}
}
