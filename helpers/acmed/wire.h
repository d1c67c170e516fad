/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages between the keeper and its parts: a number that says what it is, and texts and octets. One packet
 * each, over a SOCK_SEQPACKET pair. */
#ifndef HELPERS_ACMED_WIRE_H
#define HELPERS_ACMED_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_MOST (160u << 10) /* octets of a message; a chain is far below */

enum wire_what {
	WIRE_NONE,
	/* to a solver, and its answers */
	WIRE_PUBLISH,  /* challenge, as in struct challenge */
	WIRE_WITHDRAW, /* the same */
	WIRE_DONE,     /* number: 0 or -errno; text: what is wrong */
	/* from the network process */
	WIRE_ACCOUNT, /* text: the account's URL */
	WIRE_ORDER,   /* text: the order's URL */
	WIRE_SIGN,    /* number purpose, number scheme, octets: also to the installer */
	WIRE_CHAIN,   /* octets: DER certificates behind each other: also to the installer */
	WIRE_FAILED,  /* text; number: not before; number: of enum wire_failure, or-ed */
	WIRE_WINDOW,  /* number: which certificate; start, end, ask again */
	WIRE_FINISHED, /* a job without a chain came to its end; text for people */
	/* from the installer */
	WIRE_KEY,	/* octets: SPKI; octets: SHA-256 of the leaf in the slot, or nothing */
	WIRE_SIGNATURE, /* number: 0 or -errno; octets */
	WIRE_INSTALLED, /* number: notBefore, notAfter; text: RFC 9773's name; number: the slot's version */
	/* to a part, first of all */
	WIRE_JOB,
	WIRE_WHATS
};

enum wire_failure {
	FAILURE_KEEP = 1,   /* the order, or the chain, may go on later */
	FAILURE_SILENT = 2, /* the CA did not answer, or had nothing to say but that it is broken */
};

struct wire {
	uint32_t what;
	size_t len; /* of @data */
	size_t at;  /* where wire_get*() goes on */
	bool bad;   /* something did not fit, or was not there */
	uint8_t data[WIRE_MOST];
};

void wire_begin(struct wire *w, enum wire_what what);
void wire_put(struct wire *w, const void *data, size_t len);
void wire_put_text(struct wire *w, const char *text); /* NULL is "" */
void wire_put_number(struct wire *w, int64_t number);

/** The parts in their order. What is not there, or of another kind, is nothing, "" and 0, and sets @bad.
 *  Octets and texts are the message's own; a text has its NUL. */
const uint8_t *wire_get(struct wire *w, size_t *ret_len);
const char *wire_get_text(struct wire *w);
int64_t wire_get_number(struct wire *w);
/** wire_end() - everything was read, and was there. */
bool wire_end(const struct wire *w);

/** wire_send() - waits for room. Return: 0; -EPIPE nobody is there; -EMSGSIZE @w->bad. */
int wire_send(int fd, const struct wire *w);
/** wire_receive() - one message; waits for it when the fd does. Return: 0; -EPIPE the other end is gone; -EAGAIN;
 *  -EBADMSG no message. */
int wire_receive(int fd, struct wire *w);

/** What a solver publishes. Texts "" where the kind of challenge has none. */
struct challenge {
	uint32_t id;   /* the same for publish and withdraw */
	uint32_t type; /* enum conf_challenge */
	bool ip, wildcard;
	const char *identifier;
	const char *token;
	const char *key_authorization;
	const char *record; /* name and content of a TXT record */
	const char *text;
	const uint8_t *digest; /* 32 octets */
};

void wire_put_challenge(struct wire *w, const struct challenge *c);
/** Return: whether it is one. Texts are the message's. */
bool wire_get_challenge(struct wire *w, struct challenge *ret);

#endif
