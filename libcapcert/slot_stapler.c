// SPDX-License-Identifier: LGPL-2.1-or-later
/* The staple of a slot: what the slot has goes into a stapler, what the stapler has into the slot. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "libcapcert/slot_stapler.h"
#include "libcapcert/x509.h"

/* A slot that changes faster than this is looked at again later. */
#define LOOKS 8
/* Seconds, if options say no others: after a PUT that failed; after a chain without an issuer. */
#define MIN_WAIT 60
#define MAX_WAIT 3600
#define NEVER INT64_MAX

struct capcert_slot_stapler {
	const struct slot_calls *calls;
	int fd;
	char name[CAPCERT_SLOT_NAME_SIZE];
	struct capcert_stapler_options options;
	char *url; /* the options' */
	const capcert_chain *issuers;
	capcert_stapler *stapler; /* NULL: nothing can be stapled */
	uint64_t version;	  /* of what @stapler is about; 0 = none */
	uint8_t *in_slot;	  /* the staple of that version; NULL = none */
	size_t in_slot_len;
	int64_t again; /* look again then, whatever @stapler says; NEVER */
	uint64_t puts;
	int error;
	const char *why;
};

static int64_t clock_now(const capcert_slot_stapler *s)
{
	return s->options.now ? s->options.now(s->options.ctx) : (int64_t)time(NULL);
}

int slot_stapler_new(const struct slot_calls *calls, int slots_fd, const char *name,
		     const struct capcert_stapler_options *options, const capcert_chain *issuers,
		     capcert_slot_stapler **ret)
{
	capcert_slot_stapler *s;
	capcert_stapler *probe;
	int r;

	if (!capcert_slot_name_valid(name))
		return -EINVAL;
	r = capcert_stapler_new(options, &probe); /* are they options? */
	if (r < 0)
		return r;
	capcert_stapler_free(probe);
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->calls = calls;
	s->fd = slots_fd;
	strcpy(s->name, name);
	s->options = *options;
	s->issuers = issuers;
	s->again = NEVER;
	if (options->url) {
		s->url = strdup(options->url);
		s->options.url = s->url;
		if (!s->url) {
			free(s);
			return -ENOMEM;
		}
	}
	*ret = s;
	return 0;
}

int capcert_slot_stapler_new(int slots_fd, const char *name,
			     const struct capcert_stapler_options *options,
			     const capcert_chain *issuers, capcert_slot_stapler **ret)
{
	static const struct slot_calls calls = { .version = capcert_slot_version,
						 .get = capcert_slot_get,
						 .put_staple = capcert_slot_put_staple };

	return slot_stapler_new(&calls, slots_fd, name, options, issuers, ret);
}

static void forget_slot(capcert_slot_stapler *s)
{
	free(s->in_slot);
	s->in_slot = NULL;
	s->in_slot_len = 0;
	s->version = 0;
}

static void forget_certificate(capcert_slot_stapler *s)
{
	capcert_stapler_free(s->stapler);
	s->stapler = NULL;
}

void capcert_slot_stapler_free(capcert_slot_stapler *s)
{
	if (!s)
		return;
	forget_certificate(s);
	forget_slot(s);
	free(s->url);
	free(s);
}

/* ---- from the slot ---- */

/* The value's chain; @issuer, where there is one, behind the leaf. */
static int chain_of(const struct capcert_slot_value *value, capcert_cert *issuer,
		    capcert_chain **ret)
{
	capcert_chain *chain;
	int r = capcert_chain_new(&chain);

	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < value->chain_count; i++) {
		capcert_cert *cert;

		r = capcert_cert_new(value->chain[i].der, value->chain[i].len, &cert, NULL);
		if (r < 0)
			break;
		r = capcert_chain_push(chain, cert);
		capcert_cert_free(cert);
		if (r == 0 && i == 0 && issuer)
			r = capcert_chain_push(chain, issuer);
	}
	if (r < 0)
		capcert_chain_free(chain);
	else
		*ret = chain;
	return r;
}

static int set_chain(capcert_slot_stapler *s, const struct capcert_slot_value *value,
		     capcert_cert *issuer)
{
	capcert_chain *chain;
	int r = chain_of(value, issuer, &chain);

	if (r < 0)
		return r;
	r = capcert_stapler_set_certificate(s->stapler, chain);
	capcert_chain_free(chain);
	return r;
}

/* The issuer is the one behind the leaf, else one of those that were named. -EINVAL: none is. */
static int set_certificate(capcert_slot_stapler *s, const struct capcert_slot_value *value)
{
	int r = 0;

	if (!s->stapler)
		r = capcert_stapler_new(&s->options, &s->stapler);
	if (r == 0)
		r = set_chain(s, value, NULL);
	for (size_t i = 0; r == -EINVAL && s->issuers && i < s->issuers->count; i++)
		r = set_chain(s, value, s->issuers->certs[i]);
	return r;
}

static int remember_staple(capcert_slot_stapler *s, const uint8_t *staple, size_t len)
{
	uint8_t *copy = NULL;

	if (len) {
		copy = malloc(len);
		if (!copy)
			return -ENOMEM;
		memcpy(copy, staple, len);
	}
	free(s->in_slot);
	s->in_slot = copy;
	s->in_slot_len = len;
	return 0;
}

/* A new value of the slot. What it is about takes effect as a whole or not at all. */
static int take_value(capcert_slot_stapler *s, const struct capcert_slot_value *value)
{
	int r = remember_staple(s, value->staple, value->staple_len);

	if (r == 0)
		r = set_certificate(s, value);
	if (r < 0) {
		/* Nothing that was known of another certificate may be put now. */
		forget_certificate(s);
		if (r == -EINVAL || r == -EBADMSG) {
			s->version = value->version;
			return -ENXIO;
		}
		forget_slot(s);
		return r;
	}
	s->version = value->version;
	if (value->staple)
		capcert_stapler_put(s->stapler, value->staple, value->staple_len);
	return 0;
}

static int look(capcert_slot_stapler *s)
{
	struct capcert_slot_value *value;
	uint64_t version;
	int r = s->calls->version(s->fd, s->name, &version, NULL);

	/* A certificate that nothing could be done with is tried again now and then. */
	if (r == 0 && version == s->version && (s->stapler || clock_now(s) < s->again))
		return 0;
	if (r == 0)
		r = s->calls->get(s->fd, s->name, 0, &value);
	if (r == 0) {
		r = take_value(s, value);
		capcert_slot_value_free(value);
	} else if (r == -ENOENT) {
		forget_certificate(s);
		forget_slot(s);
		s->why = "there is no such slot";
	} else {
		s->why = "the slot cannot be looked at";
	}
	return r;
}

/* ---- into the slot ---- */

static const char *put_words(int r)
{
	switch (r) {
	case -EBADMSG:
		return "the slot takes no response that is not about its leaf alone";
	case -EMSGSIZE:
		return "the response is too large for a slot";
	case -EACCES:
		return "the slots' handle has no PUT on this slot";
	case -ESTALE:
		return "the slot changes again and again";
	default:
		return "the staple cannot be put into the slot";
	}
}

/* What is to be stapled is what the slot has, from here on. -ESTALE: the slot is another one now. */
static int put(capcert_slot_stapler *s)
{
	uint8_t *der = NULL;
	size_t len = 0;
	uint64_t version;
	int r = capcert_stapler_current_response(s->stapler, &der, &len);

	if (r == -ENOMEM)
		return r;
	if (r < 0)
		len = 0;
	r = 0;
	if (len != s->in_slot_len || (len && memcmp(der, s->in_slot, len) != 0)) {
		r = s->calls->put_staple(s->fd, s->name, len ? der : NULL, len, &s->version,
					 &version);
		if (r == 0) {
			s->puts++;
			r = remember_staple(s, der, len);
			/* Without memory of it, it is looked at once more. */
			s->version = r == 0 ? version : 0;
		}
	}
	free(der);
	return r;
}

/* One look and one PUT, until they are about the same version. */
static int agree(capcert_slot_stapler *s)
{
	int r = -ESTALE;

	for (int i = 0; i < LOOKS && r == -ESTALE; i++) {
		r = look(s);
		if (r < 0)
			return r;
		if (!s->stapler)
			return -ENXIO; /* looked at before; its words are set below */
		r = put(s);
		if (r == -ENOENT)
			r = -ESTALE; /* deleted since: the next look says so */
		if (r < 0)
			s->why = put_words(r);
		else
			s->why = NULL;
	}
	return r;
}

static int64_t wait_of(uint32_t option, uint32_t usual)
{
	return option ? option : usual;
}

static int settle(capcert_slot_stapler *s)
{
	int r = agree(s);

	if (r == -ENXIO)
		s->why = "the leaf's issuer is neither in the slot's chain nor named";
	if (r == 0 || r == -ENOENT)
		s->again = NEVER; /* until the slot changes */
	else if (r != -ENXIO)
		s->again = clock_now(s) + wait_of(s->options.min_wait, MIN_WAIT);
	else if (s->again == NEVER || clock_now(s) >= s->again)
		s->again = clock_now(s) + wait_of(s->options.max_wait, MAX_WAIT);
	return r;
}

static int ask(capcert_slot_stapler *s, int now)
{
	struct capcert_stapler_info info;
	const int64_t due = capcert_stapler_due(s->stapler);
	int r;

	if (due == NEVER) {
		s->why = "the certificate names no OCSP responder";
		return -ENXIO;
	}
	if (!now && due > clock_now(s))
		return 0;
	r = capcert_stapler_refresh(s->stapler);
	capcert_stapler_get(s->stapler, &info);
	if (r < 0)
		s->why = info.why;
	return r;
}

int capcert_slot_stapler_step(capcert_slot_stapler *s, int ask_now)
{
	const char *why;
	int asked, r;

	s->why = NULL;
	r = settle(s);
	if (r == 0) {
		asked = ask(s, ask_now);
		why = s->why;
		/* Also after an answer that does not hold: the slot may be another one by now. */
		r = asked == -ENXIO ? 0 : settle(s);
		if (r == 0) {
			r = asked;
			s->why = why;
		}
	}
	if (r < 0 && !s->why)
		s->why = "out of memory, or the slot cannot be looked at";
	s->error = r;
	return r;
}

/* ---- looking ---- */

int64_t capcert_slot_stapler_due(capcert_slot_stapler *s)
{
	struct capcert_stapler_info info;
	int64_t due = s->again;

	if (!s->stapler)
		return due;
	capcert_stapler_get(s->stapler, &info);
	if (info.due < due)
		due = info.due;
	/* Its last second: then it is taken out, if the kernel does not know that it is over. */
	if (info.have && info.until < due && info.until < NEVER)
		due = info.until + 1;
	return due;
}

void capcert_slot_stapler_get(capcert_slot_stapler *s, struct capcert_slot_stapler_info *ret)
{
	*ret = (struct capcert_slot_stapler_info){
		.version = s->version, .puts = s->puts, .error = s->error, .why = s->why
	};
	ret->staple.due = NEVER;
	if (s->stapler)
		capcert_stapler_get(s->stapler, &ret->staple);
}
