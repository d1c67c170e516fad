// SPDX-License-Identifier: GPL-2.0-only
/* Each part of a message is its kind, its length, its octets. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include "helpers/acmed/conf.h"
#include "helpers/acmed/wire.h"

enum kind { KIND_OCTETS = 1, KIND_TEXT, KIND_NUMBER };

struct head {
	uint32_t kind;
	uint32_t len;
};

void wire_begin(struct wire *w, enum wire_what what)
{
	w->what = what;
	w->len = 0;
	w->at = 0;
	w->bad = false;
}

static void put(struct wire *w, enum kind kind, const void *data, size_t len)
{
	const struct head head = { kind, (uint32_t)len };

	if (w->bad || len > WIRE_MOST || w->len + sizeof(head) + len > WIRE_MOST) {
		w->bad = true;
		return;
	}
	memcpy(w->data + w->len, &head, sizeof(head));
	if (len)
		memcpy(w->data + w->len + sizeof(head), data, len);
	w->len += sizeof(head) + len;
}

void wire_put(struct wire *w, const void *data, size_t len)
{
	put(w, KIND_OCTETS, data, len);
}

void wire_put_text(struct wire *w, const char *text)
{
	put(w, KIND_TEXT, text ? text : "", (text ? strlen(text) : 0) + 1);
}

void wire_put_number(struct wire *w, int64_t number)
{
	put(w, KIND_NUMBER, &number, sizeof(number));
}

static const uint8_t *get(struct wire *w, enum kind kind, size_t *ret_len)
{
	struct head head;
	const uint8_t *p;

	*ret_len = 0;
	if (w->bad || w->len - w->at < sizeof(head)) {
		w->bad = true;
		return w->data;
	}
	memcpy(&head, w->data + w->at, sizeof(head));
	if (head.kind != (uint32_t)kind || head.len > w->len - w->at - sizeof(head)) {
		w->bad = true;
		return w->data;
	}
	p = w->data + w->at + sizeof(head);
	w->at += sizeof(head) + head.len;
	*ret_len = head.len;
	return p;
}

const uint8_t *wire_get(struct wire *w, size_t *ret_len)
{
	return get(w, KIND_OCTETS, ret_len);
}

const char *wire_get_text(struct wire *w)
{
	size_t n;
	const char *p = (const char *)get(w, KIND_TEXT, &n);

	if (n && memchr(p, '\0', n) == p + n - 1)
		return p;
	w->bad = true;
	return "";
}

int64_t wire_get_number(struct wire *w)
{
	int64_t number = 0;
	size_t n;
	const uint8_t *p = get(w, KIND_NUMBER, &n);

	if (n == sizeof(number))
		memcpy(&number, p, sizeof(number));
	else
		w->bad = true;
	return number;
}

bool wire_end(const struct wire *w)
{
	return !w->bad && w->at == w->len;
}

int wire_send(int fd, const struct wire *w)
{
	struct iovec parts[] = { { (void *)&w->what, sizeof(w->what) },
				 { (void *)w->data, w->len } };
	const struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t n;

	if (w->bad)
		return -EMSGSIZE;
	do
		n = sendmsg(fd, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n >= 0 ? 0 : errno == ECONNRESET ? -EPIPE : -errno;
}

int wire_receive(int fd, struct wire *w)
{
	struct iovec parts[] = { { &w->what, sizeof(w->what) }, { w->data, WIRE_MOST } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t n;

	do
		n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	if (n == 0)
		return -EPIPE;
	if ((size_t)n < sizeof(w->what) || message.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ||
	    w->what == WIRE_NONE || w->what >= WIRE_WHATS)
		return -EBADMSG;
	w->len = (size_t)n - sizeof(w->what);
	w->at = 0;
	w->bad = false;
	return 0;
}

void wire_put_challenge(struct wire *w, const struct challenge *c)
{
	wire_put_number(w, c->id);
	wire_put_number(w, c->type);
	wire_put_number(w, (c->ip ? 1 : 0) | (c->wildcard ? 2 : 0));
	wire_put_text(w, c->identifier);
	wire_put_text(w, c->token);
	wire_put_text(w, c->key_authorization);
	wire_put_text(w, c->record);
	wire_put_text(w, c->text);
	wire_put(w, c->digest, c->digest ? 32 : 0);
}

bool wire_get_challenge(struct wire *w, struct challenge *ret)
{
	int64_t id = wire_get_number(w), type = wire_get_number(w), flags = wire_get_number(w);
	size_t n;

	*ret = (struct challenge){ (uint32_t)id, (uint32_t)type, flags & 1, flags & 2,
				   .identifier = wire_get_text(w) };
	ret->token = wire_get_text(w);
	ret->key_authorization = wire_get_text(w);
	ret->record = wire_get_text(w);
	ret->text = wire_get_text(w);
	ret->digest = wire_get(w, &n);
	if (!n)
		ret->digest = NULL;
	return wire_end(w) && (n == 0 || n == 32) && id >= 0 && id <= UINT32_MAX && type >= 0 &&
	       type < CONF_CHALLENGES && flags >= 0 && flags <= 3;
}
