/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The status agent's side of the wire, as the module would have it: requests, and what it asks of a reply. */
#ifndef TESTS_UNIT_STATUS_WIRE_H
#define TESTS_UNIT_STATUS_WIRE_H

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/capcert_agent.h>

#define STATUS_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

struct status_request {
	union {
		struct capcert_agent_request head;
		uint8_t bytes[1 << 16];
	};
};

struct status_reply {
	struct capcert_agent_reply head;
	struct capcert_agent_status status;
	uint8_t bytes[CAPCERT_AGENT_MAX_DATA];
};

static inline void status_begin(struct status_request *q, uint64_t id, uint32_t want)
{
	memset(q, 0, sizeof(*q));
	q->head.size = sizeof(q->head);
	q->head.op = CAPCERT_AGENT_OP_STATUS;
	q->head.id = id;
	q->head.purpose = want;
}

static inline void status_item(struct status_request *q, const void *p, size_t n)
{
	uint32_t len = (uint32_t)n;

	memcpy(q->bytes + q->head.size, &len, sizeof(len));
	memcpy(q->bytes + q->head.size + 4, p, n);
	q->head.size += (uint32_t)(4 + ((n + 3) & ~(size_t)3));
	q->head.item_count++;
}

static inline bool status_file_form(int fd)
{
	struct stat st;

	return fcntl(fd, F_GET_SEALS) == STATUS_SEALS && fstat(fd, &st) == 0 && st.st_size > 0 &&
	       st.st_size <= CAPCERT_MAX_EVIDENCE_BYTES;
}

/* What kmod/reply.c asks of the data. */
static inline bool status_data_form(const struct status_reply *r)
{
	const struct capcert_agent_status *s = &r->status;
	bool bytes = r->head.data_len > sizeof(*s);

	if (r->head.data_len < sizeof(*s) || s->size != sizeof(*s) || s->reserved || s->fd < -1 ||
	    s->flags & ~CAPCERT_AGENT_STATUS_KEPT || s->fetched < 0)
		return false;
	if (s->type == CAPCERT_EVIDENCE_UNREACHABLE)
		return s->status == CAPCERT_OCSP_RESPONDER_UNREACHABLE && !bytes && s->fd == -1;
	if (s->type != CAPCERT_EVIDENCE_OCSP && s->type != CAPCERT_EVIDENCE_CRL)
		return false;
	return s->status <= CAPCERT_OCSP_REVOKED && bytes == (s->fd == -1) &&
	       s->this_update <= s->until && (bytes || status_file_form(s->fd));
}

/* And of all of a reply of @len bytes. */
static inline bool status_reply_form(const struct status_reply *r, size_t len)
{
	const struct capcert_agent_reply *h = &r->head;
	const char *nul = memchr(h->detail, 0, sizeof(h->detail));

	if (len < sizeof(*h) || h->size != len || h->path_count || h->reserved || h->flags ||
	    h->data_len > CAPCERT_AGENT_MAX_DATA || len != sizeof(*h) + h->data_len || !nul)
		return false;
	for (const char *p = h->detail; p < nul; p++)
		if (*p < 0x20 || *p > 0x7e)
			return false;
	for (; nul < h->detail + sizeof(h->detail); nul++)
		if (*nul)
			return false;
	if (h->error)
		return h->error < 0 && h->error > -512 && !h->data_len && !h->valid;
	return h->valid == 1 && h->reason == CAPCERT_REASON_NONE && status_data_form(r);
}

/* Replies as the module takes them: in write() itself, when the file that they name is still open. Link with
 * -Wl,--wrap=write. */
#define STATUS_REPLIES 1100

static struct {
	int fd; /* the device */
	size_t count;
	struct status_reply *reply[STATUS_REPLIES]; /* its @status.fd is ours */
	size_t len[STATUS_REPLIES];
} status_taken;

ssize_t __real_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);

ssize_t __wrap_write(int fd, const void *p, size_t n)
{
	struct status_reply *reply;

	if (fd != status_taken.fd)
		return __real_write(fd, p, n);
	if (status_taken.count == STATUS_REPLIES)
		abort();
	reply = calloc(1, n > sizeof(*reply) ? n : sizeof(*reply));
	if (!reply)
		abort();
	memcpy(reply, p, n);
	reply->status.fd = reply->status.fd > 0 && reply->head.data_len ?
				   fcntl(reply->status.fd, F_DUPFD_CLOEXEC, 3) :
				   reply->status.fd;
	status_taken.reply[status_taken.count] = reply;
	status_taken.len[status_taken.count++] = n;
	return (ssize_t)n;
}

static inline void status_forget(void)
{
	while (status_taken.count) {
		struct status_reply *reply = status_taken.reply[--status_taken.count];

		if (reply->head.data_len && reply->status.fd > 0)
			close(reply->status.fd);
		free(reply);
	}
}

#endif
