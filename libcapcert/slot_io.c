// SPDX-License-Identifier: LGPL-2.1-or-later
/* Certificate slots: the calls of the kernel. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <capcert/slot.h>
#include "core/cert.h"
#include "libcapcert/device.h"

/* A value that grows between two calls makes the second buffers too small again. */
#define GET_TRIES 16
/* Enough for most: a chain of three, one OCSP response. */
#define GET_CHAIN 8192
#define GET_STAPLE 4096
#define GET_SCTS 2048
#define GET_MOST (CAPCERT_SLOT_MAX_CHAIN_BYTES + CAPCERT_SLOT_MAX_STAPLE + CAPCERT_SLOT_MAX_SCTS)

static uint64_t address(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

/* Length of a slot's name, as the kernel's struct has it. */
static int name_len(const char *name, uint32_t *ret)
{
	size_t n = name ? strlen(name) : 0;

	if (n == 0 || n >= CAPCERT_SLOT_NAME_SIZE)
		return -EINVAL;
	*ret = (uint32_t)n;
	return 0;
}

static int patterns_len(const char *patterns, uint32_t *ret)
{
	size_t n = patterns ? strlen(patterns) : 0;

	if (n > CAPCERT_SLOT_MAX_PATTERN_TEXT)
		return -EINVAL;
	*ret = (uint32_t)n;
	return 0;
}

static int put(int slots_fd, const char *name, struct capcert_slot_put *arg, const uint64_t *expect,
	       uint64_t *ret_version)
{
	int r = name_len(name, &arg->name_len);

	if (r < 0)
		return r;
	arg->size = sizeof(*arg);
	arg->name = address(name);
	if (expect) {
		arg->flags |= CAPCERT_SLOT_EXPECT;
		arg->expect = *expect;
	}
	r = handle_call(slots_fd, CAPCERT_SLOT_PUT, arg);
	if (r == 0 && ret_version)
		*ret_version = arg->version;
	return r;
}

int capcert_slot_put(int slots_fd, const char *name, const struct capcert_slot_contents *contents,
		     const uint64_t *expect, uint64_t *ret_version)
{
	struct capcert_slot_put arg = {
		.chain = address(contents->chain),
		.staple = address(contents->staple),
		.scts = address(contents->scts),
		.key_fd = contents->key_fd < 0 ? -1 : contents->key_fd,
	};

	if (contents->chain_count > CAPCERT_SLOT_MAX_CHAIN ||
	    contents->staple_len > CAPCERT_SLOT_MAX_STAPLE ||
	    contents->scts_len > CAPCERT_SLOT_MAX_SCTS)
		return -EMSGSIZE;
	arg.chain_count = (uint32_t)contents->chain_count;
	arg.staple_len = (uint32_t)contents->staple_len;
	arg.scts_len = (uint32_t)contents->scts_len;
	return put(slots_fd, name, &arg, expect, ret_version);
}

int capcert_slot_put_staple(int slots_fd, const char *name, const uint8_t *staple, size_t len,
			    const uint64_t *expect, uint64_t *ret_version)
{
	struct capcert_slot_put arg = {
		.flags = CAPCERT_SLOT_STAPLE,
		.staple = address(staple),
		.key_fd = -1,
	};

	if (len > CAPCERT_SLOT_MAX_STAPLE)
		return -EMSGSIZE;
	arg.staple_len = (uint32_t)len;
	return put(slots_fd, name, &arg, expect, ret_version);
}

/* The parts of a value lie behind it, in one piece of memory. */
static int value_spans(struct capcert_slot_value *value, const struct capcert_slot_get *arg,
		       const uint8_t *chain)
{
	struct cc_span rest = cc_span(chain, arg->chain_len);

	if (arg->chain_count == 0 || arg->chain_count > CAPCERT_SLOT_MAX_CHAIN)
		return -EPROTO;
	value->chain_count = arg->chain_count;
	for (size_t i = 0; i < value->chain_count; i++) {
		size_t n = cc_cert_size(rest);

		if (n == 0 || n > rest.n)
			return -EPROTO;
		value->chain[i] = (struct capcert_slot_der){ rest.p, n };
		rest.p += n;
		rest.n -= n;
	}
	return rest.n ? -EPROTO : 0;
}

static void value_facts(struct capcert_slot_value *value, const struct capcert_slot_get *arg)
{
	value->version = arg->version;
	value->time = arg->time;
	value->not_after = arg->not_after;
	value->staple_until = arg->staple_until;
	value->key_id = arg->key_id;
	value->key_fd = arg->flags & CAPCERT_SLOT_KEY ? arg->key_fd : -1;
	memcpy(value->leaf, arg->leaf, sizeof(value->leaf));
	value->staple_len = arg->staple_len;
	value->scts_len = arg->scts_len;
}

/* One call with the rooms that @arg has. -EMSGSIZE: they are set to what is needed. */
static int get_once(int slots_fd, struct capcert_slot_get *arg, struct capcert_slot_value **ret)
{
	const uint32_t chain = arg->chain_len, staple = arg->staple_len, scts = arg->scts_len;
	struct capcert_slot_value *value;
	uint8_t *data;
	int r;

	value = calloc(1, sizeof(*value) + (size_t)chain + staple + scts);
	if (!value)
		return -ENOMEM;
	data = (uint8_t *)(value + 1);
	arg->chain = address(data);
	arg->staple = address(data + chain);
	arg->scts = address(data + chain + staple);
	r = handle_call(slots_fd, CAPCERT_SLOT_GET, arg);
	if (r < 0) {
		free(value);
		return r;
	}
	value_facts(value, arg);
	if (arg->chain_len > chain || arg->staple_len > staple || arg->scts_len > scts)
		r = -EPROTO;
	else
		r = value_spans(value, arg, data);
	if (r < 0) {
		capcert_slot_value_free(value);
		return r;
	}
	value->staple = value->staple_len ? data + chain : NULL;
	value->scts = value->scts_len ? data + chain + staple : NULL;
	*ret = value;
	return 0;
}

int capcert_slot_get(int slots_fd, const char *name, uint32_t flags,
		     struct capcert_slot_value **ret)
{
	struct capcert_slot_get arg = {
		.size = sizeof(arg),
		.flags = flags,
		.name = address(name),
		.chain_len = GET_CHAIN,
		.staple_len = GET_STAPLE,
		.scts_len = GET_SCTS,
	};
	int r = name_len(name, &arg.name_len);

	if (r < 0)
		return r;
	if (flags & ~CAPCERT_SLOT_KEY)
		return -EINVAL;
	for (int tries = 0; tries < GET_TRIES; tries++) {
		const uint32_t before = arg.chain_len + arg.staple_len + arg.scts_len;

		r = get_once(slots_fd, &arg, ret);
		if (r != -EMSGSIZE)
			return r;
		/* No memory for an answer that makes no sense. */
		if ((uint64_t)arg.chain_len + arg.staple_len + arg.scts_len > GET_MOST ||
		    before == GET_MOST)
			return -EPROTO;
	}
	return -EAGAIN;
}

void capcert_slot_value_free(struct capcert_slot_value *value)
{
	if (value && value->key_fd >= 0)
		close(value->key_fd);
	free(value);
}

int capcert_slot_version(int slots_fd, const char *name, uint64_t *ret_version, int64_t *ret_time)
{
	struct capcert_slot_get arg = {
		.size = sizeof(arg),
		.flags = CAPCERT_SLOT_VERSION,
		.name = address(name),
	};
	int r = name_len(name, &arg.name_len);

	if (r == 0)
		r = handle_call(slots_fd, CAPCERT_SLOT_GET, &arg);
	if (r < 0)
		return r;
	*ret_version = arg.version;
	if (ret_time)
		*ret_time = arg.time;
	return 0;
}

int capcert_slot_list(int slots_fd, struct capcert_slot_entry **ret_entries, size_t *ret_count,
		      uint64_t *ret_version)
{
	const size_t page = CAPCERT_SLOT_LIST_MAX;
	struct capcert_slot_entry *entries = NULL, *more;
	struct capcert_slot_list arg;
	size_t count = 0;

	do {
		int r = -ENOMEM;

		more = reallocarray(entries, count + page, sizeof(*entries));
		if (more) {
			entries = more;
			arg = (struct capcert_slot_list){
				.size = sizeof(arg),
				.entry_size = sizeof(*entries),
				.buf = address(entries + count),
				.count = (uint32_t)page,
			};
			if (count) {
				entries[count - 1].name[CAPCERT_SLOT_NAME_SIZE - 1] = 0;
				arg.after = address(entries[count - 1].name);
				arg.after_len = (uint32_t)strlen(entries[count - 1].name);
			}
			r = handle_call(slots_fd, CAPCERT_SLOT_LIST, &arg);
		}
		if (r == 0 && (arg.count > page || count > CAPCERT_SLOT_MAX_SLOTS))
			r = -EPROTO;
		if (r < 0) {
			free(entries);
			return r;
		}
		count += arg.count;
	} while (arg.count == page);
	*ret_entries = entries;
	*ret_count = count;
	if (ret_version)
		*ret_version = arg.version;
	return 0;
}

int capcert_slot_delete(int slots_fd, const char *name, const uint64_t *expect,
			uint64_t *ret_version)
{
	struct capcert_slot_delete arg = { .size = sizeof(arg), .name = address(name) };
	int r = name_len(name, &arg.name_len);

	if (r < 0)
		return r;
	if (expect) {
		arg.flags = CAPCERT_SLOT_EXPECT;
		arg.expect = *expect;
	}
	r = handle_call(slots_fd, CAPCERT_SLOT_DELETE, &arg);
	if (r == 0 && ret_version)
		*ret_version = arg.version;
	return r;
}

int capcert_slot_watch(int slots_fd, const char *patterns, const uint64_t *from, int *ret_fd,
		       uint64_t *ret_version)
{
	struct capcert_slot_watch arg = { .size = sizeof(arg), .patterns = address(patterns) };
	int r = patterns_len(patterns, &arg.patterns_len);

	if (r < 0)
		return r;
	if (from) {
		arg.flags = CAPCERT_SLOT_FROM;
		arg.version = *from;
	}
	r = handle_call(slots_fd, CAPCERT_SLOT_WATCH, &arg);
	if (r < 0)
		return r;
	*ret_fd = arg.fd;
	if (ret_version)
		*ret_version = arg.version;
	return 0;
}

int capcert_slot_next(int watch_fd, struct capcert_slot_event *events, uint32_t *count)
{
	struct capcert_slot_next arg = {
		.size = sizeof(arg),
		.buf = address(events),
		.count = *count,
		.event_size = sizeof(*events),
	};
	int r = handle_call(watch_fd, CAPCERT_SLOT_NEXT, &arg);

	if (r == 0 && arg.count > *count)
		r = -EPROTO;
	if (r == 0)
		*count = arg.count;
	return r;
}

int capcert_slot_restrict(int slots_fd, uint64_t rights, const char *patterns, int pidfd,
			  int *ret_fd)
{
	struct capcert_slot_restrict arg = {
		.size = sizeof(arg),
		.flags = pidfd < 0 ? 0 : CAPCERT_RESTRICT_PIDFD,
		.rights = rights,
		.patterns = address(patterns),
		.pidfd = pidfd,
	};
	int r = patterns_len(patterns, &arg.patterns_len);

	if (r == 0)
		r = handle_call(slots_fd, CAPCERT_SLOT_RESTRICT, &arg);
	if (r == 0)
		*ret_fd = arg.fd;
	return r;
}
