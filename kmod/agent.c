// SPDX-License-Identifier: GPL-2.0-only
/* /dev/capcert-agent: where helpers read requests and write replies. */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "kmod/agent.h"
#include "kmod/audit.h"
#include "kmod/broker.h"
#include "kmod/clock.h"
#include "kmod/dispatch.h"
#include "kmod/distrust.h"
#include "kmod/evidence.h"
#include "kmod/object.h"
#include "kmod/pins.h"
#include "kmod/reply.h"
#include "kmod/store.h"
#include "kmod/uaccess.h"

struct agent {
	struct mutex hello;		/* one HELLO at a time */
	struct cc_agent_link link;
	u64 id;				/* in the audit trail */
};

static const char *const agent_class_names[] = {
	[CAPCERT_CLASS_VERIFY] = "verify",
	[CAPCERT_CLASS_SIGN] = "sign",
	[CAPCERT_CLASS_STATUS] = "status",
};

static void agent_audit(const struct agent *agent, int error, const char *what, u64 request)
{
	char text[64];
	int n = scnprintf(text, sizeof(text), "%s %s", agent_class_names[agent->link.class], what);
	struct cc_audit_event event = CC_AUDIT_EVENT(CAPCERT_AUDIT_AGENT, .error = error,
						     .object_id = agent->id, .other_id = request,
						     .text = text, .text_len = n);

	cc_audit(&event);
}

/* CAPCERT_CLASS_*, 0 before HELLO. */
static u32 agent_class(const struct agent *agent)
{
	/* Pairs with the release in cc_broker_attach(). */
	return smp_load_acquire(&agent->link.class);
}

static int agent_open(struct inode *inode, struct file *file)
{
	struct agent *agent;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	agent = kzalloc(sizeof(*agent), GFP_KERNEL_ACCOUNT);
	if (!agent)
		return -ENOMEM;
	mutex_init(&agent->hello);
	agent->id = cc_object_new_id();
	file->private_data = agent;
	return nonseekable_open(inode, file);
}

static int agent_release(struct inode *inode, struct file *file)
{
	struct agent *agent = file->private_data;
	u32 owed;

	if (agent->link.class) {
		owed = cc_broker_detach(&agent->link);
		agent_audit(agent, 0, owed ? "gone with requests open" : "gone", 0);
	}
	mutex_destroy(&agent->hello);
	kfree(agent);
	return 0;
}

/* EINVAL: no such class; EPROTO: another ABI; EISCONN: said already. */
int cc_agent_hello_ioctl(struct cc_call *call, void *arg)
{
	struct agent *agent = call->file->private_data;
	struct capcert_agent_hello *hello = arg;
	int ret = 0;

	if (hello->class < CAPCERT_CLASS_VERIFY || hello->class > CAPCERT_CLASS_STATUS ||
	    hello->clock > CAPCERT_CLOCK_ATTESTED)
		return -EINVAL;
	if (hello->abi != CAPCERT_ABI_VERSION)
		return -EPROTO;
	mutex_lock(&agent->hello);
	if (agent->link.class)
		ret = -EISCONN;
	else
		cc_broker_attach(&agent->link, hello->class);
	mutex_unlock(&agent->hello);
	if (ret)
		return ret;
	if (hello->class == CAPCERT_CLASS_VERIFY)
		cc_clock_report(hello->clock);
	hello->max_request = CC_BROKER_MAX_WIRE;
	agent_audit(agent, 0, "hello", 0);
	return 0;
}

static int agent_state_store(struct capcert_agent_state *state, const struct cc_state *store)
{
	size_t size = cc_state_wire_size(store);
	void *buf;
	int ret;

	if (size > state->len) {
		state->ret_len = size;
		return -EMSGSIZE;
	}
	buf = kvzalloc(size, GFP_KERNEL_ACCOUNT);
	if (!buf)
		return -ENOMEM;
	cc_state_serialise(store, buf);
	ret = cc_user_out_sized(state->buf, state->len, buf, size, &state->ret_len);
	kvfree(buf);
	return ret;
}

/* ENOENT: not dispatched to this fd; ENODATA: it pins no such state. */
int cc_agent_state_ioctl(struct cc_call *call, void *arg)
{
	struct agent *agent = call->file->private_data;
	struct capcert_agent_state *state = arg;
	struct cc_request *request;
	struct cc_span wire;
	int ret;

	if (state->what < CAPCERT_STATE_STORE || state->what > CAPCERT_STATE_CT_LOGS ||
	    (state->index && state->what != CAPCERT_STATE_EVIDENCE))
		return -EINVAL;
	if (!agent_class(agent))
		return -ENOTCONN;
	request = cc_broker_find(&agent->link, state->id);
	if (!request)
		return -ENOENT;
	if (state->what == CAPCERT_STATE_STORE && request->store) {
		ret = agent_state_store(state, request->store);
	} else if (state->what == CAPCERT_STATE_CT_LOGS && request->logs) {
		ret = agent_state_store(state, request->logs);
	} else if (state->what == CAPCERT_STATE_DISTRUST && request->distrust) {
		wire = cc_distrust_wire(request->distrust);
		ret = cc_user_out_sized(state->buf, state->len, wire.p, wire.n, &state->ret_len);
	} else if (state->what == CAPCERT_STATE_PINS && request->pins) {
		ret = cc_user_out_sized(state->buf, state->len, request->pins->text,
					request->pins->text_len, &state->ret_len);
	} else if (state->what == CAPCERT_STATE_EVIDENCE && request->evidence &&
		   state->index < request->evidence->count) {
		ret = cc_evidence_out(request->evidence->item[state->index], state->buf,
				      state->len, &state->ret_len);
	} else {
		ret = -ENODATA;
	}
	cc_request_put(request);
	return ret;
}

static struct cc_request *agent_take(struct agent *agent, size_t room, bool wait)
{
	u32 class = agent->link.class;
	struct cc_request *request;
	int ret;

	for (;;) {
		request = cc_broker_take(&agent->link, room);
		if (PTR_ERR_OR_ZERO(request) != -EAGAIN || !wait)
			break;
		ret = wait_event_interruptible_exclusive(*cc_broker_wait(class),
							 cc_broker_waiting(class));
		if (ret)
			return ERR_PTR(ret);
	}
	return request;
}

static ssize_t agent_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct agent *agent = file->private_data;
	struct cc_request *request;
	ssize_t ret;
	u32 class;

	class = agent_class(agent);
	if (!class)
		return -ENOTCONN;
	request = agent_take(agent, count, !(file->f_flags & O_NONBLOCK));
	if (IS_ERR(request)) {
		ret = PTR_ERR(request);
	} else {
		ret = cc_user_out((uintptr_t)buf, request->wire, request->wire->size);
		if (ret)
			cc_broker_untake(&agent->link, request);
		else
			ret = request->wire->size;
		cc_request_put(request);
	}
	/* Who was woken for a request and could not take it passes the wakeup on. */
	if (ret < 0 && ret != -EAGAIN && cc_broker_waiting(class))
		wake_up_interruptible(cc_broker_wait(class));
	return ret;
}

/* A reply that is none fails the request it names, and is refused. */
static ssize_t agent_refuse(struct agent *agent, u64 id, int error)
{
	int ret = cc_broker_finish(&agent->link, id, -EIO, NULL, NULL);

	if (!ret)
		ret = error;
	agent_audit(agent, ret, "malformed reply", id);
	return ret;
}

static ssize_t agent_reply(struct agent *agent, const struct capcert_agent_reply *reply,
			   size_t count)
{
	const u32 class = agent->link.class;
	struct file *file;
	int ret;

	if (!cc_reply_form(reply, count, class))
		return agent_refuse(agent, reply->id, -EINVAL);
	ret = cc_reply_file(reply, class, &file);
	if (ret)
		return agent_refuse(agent, reply->id, ret);
	ret = cc_broker_finish(&agent->link, reply->id, reply->error, reply, file);
	if (file)
		fput(file);
	if (!ret && class == CAPCERT_CLASS_VERIFY)
		cc_clock_report(reply->clock);
	return ret;
}

static ssize_t agent_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	struct agent *agent = file->private_data;
	struct capcert_agent_reply *reply;
	ssize_t ret;

	if (!agent_class(agent))
		return -ENOTCONN;
	/* Bytes that can't be a reply still name the request that they fail. */
	if (count < offsetofend(struct capcert_agent_reply, id))
		return -EINVAL;
	reply = cc_user_in((uintptr_t)buf, min_t(size_t, count, CC_REPLY_MAX), CC_REPLY_MAX);
	if (IS_ERR(reply))
		return PTR_ERR(reply);
	ret = agent_reply(agent, reply, count);
	kvfree(reply);
	return ret ?: (ssize_t)count;
}

static __poll_t agent_poll(struct file *file, struct poll_table_struct *wait)
{
	struct agent *agent = file->private_data;
	u32 class = agent_class(agent);

	if (!class)
		return EPOLLERR;
	poll_wait(file, cc_broker_wait(class), wait);
	return EPOLLOUT | EPOLLWRNORM | (cc_broker_waiting(class) ? EPOLLIN | EPOLLRDNORM : 0);
}

static const struct file_operations agent_fops = {
	.owner = THIS_MODULE,
	.open = agent_open,
	.release = agent_release,
	.read = agent_read,
	.write = agent_write,
	.poll = agent_poll,
	.unlocked_ioctl = cc_dispatch_agent,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice agent_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "capcert-agent",
	.fops = &agent_fops,
	.mode = 0600,
};

int cc_agent_init(void)
{
	return misc_register(&agent_device);
}

void cc_agent_exit(void)
{
	misc_deregister(&agent_device);
}
