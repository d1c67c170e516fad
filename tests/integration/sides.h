/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The two ways to a verdict, side by side: the same question to both, every field compared. */
#ifndef TESTS_INTEGRATION_SIDES_H
#define TESTS_INTEGRATION_SIDES_H

#include <capcert/verify.h>
#include <errno.h>
#include <keyutils.h>
#include <stdarg.h>
#include <unistd.h>
#include "tests/pki.h"

/* TRANSFER: some tests use handles in children. */
#define USE                                                                \
	(CAPCERT_RIGHT_INFO | CAPCERT_RIGHT_READ | CAPCERT_RIGHT_VERIFY |  \
	 CAPCERT_RIGHT_TRANSFER)
#define CHANGE (USE | CAPCERT_RIGHT_ADD | CAPCERT_RIGHT_REMOVE)

static unsigned int results, failures;

__attribute__((format(printf, 2, 3))) static inline bool ok(bool good, const char *format, ...)
{
	char line[256];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	results++;
	failures += !good;
	printf("%sok %u - %s\n", good ? "" : "not ", results, line);
	return good;
}

__attribute__((noreturn)) static inline void die(const char *what, int error)
{
	printf("Bail out! %s: %s\n", what, capcert_strerror(error));
	exit(1);
}

static inline int must(int r, const char *what)
{
	if (r < 0)
		die(what, r);
	return r;
}

/* ---- the two ways ---- */

struct side {
	int store, verifier; /* handles */
	capcert_store *local;
	capcert_policy *policy;
	capcert_distrust_list *distrust;
	const capcert_evidence *evidence;
	capcert_pins *pins;
	int pins_fd; /* of the same text, 0 = none */
};

static inline int new_key(const char *type, const char *name, const void *payload, size_t len)
{
	int serial = add_key(type, name, payload, len, KEY_SPEC_SESSION_KEYRING);

	return must(serial < 0 ? -errno : serial, type);
}

static inline void side_open(struct side *s, int store, int verifier, const char *policy)
{
	const char *error = NULL;

	*s = (struct side){ .store = -1, .verifier = -1 };
	must(capcert_open(store, CHANGE, &s->store), "open store");
	must(capcert_open(verifier, USE, &s->verifier), "open verifier");
	if (capcert_policy_new(policy, &s->policy, &error) < 0)
		die(error ? error : policy, -EINVAL);
	must(capcert_distrust_list_new(&s->distrust), "distrust list");
}

static inline void side_new(struct side *s, const char *policy)
{
	static unsigned int number;
	char name[32];
	int store;

	snprintf(name, sizeof(name), "compare-%d-%u", (int)getpid(), ++number);
	store = new_key("captrust", name, NULL, 0);
	side_open(s, store, new_key("capverify", name, policy, strlen(policy)), policy);
}

/* A pin set of one key in both places. */
static inline void side_pin(struct side *s, const char *head, const struct pki *of)
{
	capcert_cert *cert;
	uint8_t hash[32];
	const char *text;
	int key;

	must(capcert_pins_new(head, strlen(head), &s->pins, NULL), "pins");
	must(capcert_cert_new(of->der.data, of->der.size, &cert, NULL), "cert");
	capcert_cert_spki_hash(cert, CAPCERT_HASH_SHA256, hash);
	capcert_cert_free(cert);
	must(capcert_pins_add(s->pins, CAPCERT_HASH_SHA256, hash, 32), "pin");
	text = capcert_pins_text(s->pins);
	key = new_key("cappin", "compare", text, strlen(text));
	must(capcert_open(key, CAPCERT_RIGHT_ENFORCE, &s->pins_fd), "open pins");
}

/* The local store is what the kernel's handle holds. */
static inline void side_load(struct side *s)
{
	capcert_store_free(s->local);
	s->local = NULL;
	must(capcert_store_from_handle(s->store, &s->local), "capcert_store_from_handle");
}

static inline void side_add(struct side *s, const struct pki *anchor, uint32_t purposes)
{
	capcert_cert *cert;
	uint8_t pin[32];
	int r;

	must(capcert_cert_new(anchor->der.data, anchor->der.size, &cert, NULL), "anchor");
	capcert_cert_spki_hash(cert, CAPCERT_HASH_SHA256, pin);
	r = capcert_store_add(s->store, anchor->der.data, anchor->der.size, purposes, pin, NULL);
	if (r != -EEXIST)
		must(r, "capcert_store_add");
	capcert_cert_free(cert);
	side_load(s);
}

static inline void side_close(struct side *s)
{
	close(s->store);
	close(s->verifier);
	capcert_pins_free(s->pins);
	if (s->pins_fd > 0)
		close(s->pins_fd);
	capcert_store_free(s->local);
	capcert_policy_free(s->policy);
	capcert_distrust_list_free(s->distrust);
}

static inline capcert_chain *chain_of(const struct pki *const *certs)
{
	capcert_chain *chain;

	must(capcert_chain_new(&chain), "chain");
	for (; *certs; certs++) {
		capcert_cert *cert;

		must(capcert_cert_new((*certs)->der.data, (*certs)->der.size, &cert, NULL), "cert");
		must(capcert_chain_push(chain, cert), "push");
		capcert_cert_free(cert);
	}
	return chain;
}

/* ---- field by field ---- */

static inline void hex(const void *p, size_t n, char *out)
{
	for (size_t i = 0; i < n && i < 40; i++)
		sprintf(out + 2 * i, "%02x", ((const uint8_t *)p)[i]);
}

static inline bool same_bytes(const char *field, const void *a, const void *b, size_t n)
{
	char x[100] = "", y[100] = "";

	if (memcmp(a, b, n) == 0)
		return true;
	hex(a, n, x);
	hex(b, n, y);
	printf("# %s: kernel %s, local %s\n", field, x, y);
	return false;
}

static inline bool same_number(const char *field, int64_t a, int64_t b)
{
	if (a == b)
		return true;
	printf("# %s: kernel %lld, local %lld\n", field, (long long)a, (long long)b);
	return false;
}

#define NUMBER(f) (same &= same_number(#f, (int64_t)k->f, (int64_t)l->f))
#define BYTES(f) (same &= same_bytes(#f, k->f, l->f, sizeof(k->f)))

/* All but audit number and provenance: ids, versions and origins of store, policy, distrust. */
static inline bool same_outcome(const struct capcert_outcome *k, const struct capcert_outcome *l,
			 int64_t moment)
{
	bool same = true;

	NUMBER(size), NUMBER(valid), NUMBER(reason), NUMBER(depth), NUMBER(purpose);
	NUMBER(name_type), NUMBER(name_len), NUMBER(time_source), NUMBER(clock), NUMBER(path_len);
	NUMBER(sct_count), NUMBER(ocsp_status), NUMBER(reserved);
	NUMBER(valid_from), NUMBER(valid_until), NUMBER(chain_not_after);
	BYTES(leaf), BYTES(anchor), BYTES(chain_digest), BYTES(store_digest), BYTES(policy_digest);
	BYTES(preset), BYTES(name), BYTES(detail), BYTES(pins_digest), BYTES(evidence_digest);
	same &= same_number("flags", k->flags & ~CAPCERT_OUTCOME_CACHED,
			    l->flags & ~CAPCERT_OUTCOME_CACHED);
	/* Two looks at the clock are a moment apart. */
	if (k->time > l->time || l->time - k->time > moment)
		same &= same_number("time", k->time, l->time);
	return same;
}

static inline bool same_entry(const struct capcert_path_entry *k, const struct capcert_path_entry *l)
{
	bool same = true;

	BYTES(fingerprint), NUMBER(reason), NUMBER(source), NUMBER(index);
	NUMBER(not_before), NUMBER(not_after), NUMBER(missing);
	return same;
}

static inline bool same_result(const struct capcert_result *k, const struct capcert_result *l,
			int64_t moment)
{
	bool same = same_outcome(&k->outcome, &l->outcome, moment);

	NUMBER(path_count);
	for (uint32_t i = 0; same && i < k->path_count; i++)
		same = same_entry(&k->path[i], &l->path[i]);
	return same;
}

/* ---- one case ---- */

/* Both ways, and once more from the kernel's cache; @reason is what both must say. */
static inline void compare(struct side *s, const capcert_chain *chain, const char *name, uint32_t purpose,
		    int64_t time, int32_t reason, const char *title)
{
	struct capcert_params params = { .chain = chain,
					 .purpose = purpose,
					 .name = name,
					 .have_time = time != 0,
					 .time = time,
					 .evidence = s->evidence,
					 .have_pins_fd = s->pins_fd > 0,
					 .pins_fd = s->pins_fd };
	struct capcert_result k, again, l;
	int64_t moment = time ? 0 : 30;
	int rk = capcert_verify(s->verifier, s->store, &params, &k, NULL), ra, rl;
	bool good;

	ra = capcert_verify(s->verifier, s->store, &params, &again, NULL);
	params.pins = s->pins;
	rl = capcert_verify_local(s->policy, s->local, s->distrust, &params, &l);
	if (rk < 0 || ra < 0 || rl < 0) {
		ok(false, "%s: kernel %d, again %d, local %d", title, rk, ra, rl);
		return;
	}
	good = same_number("reason", k.outcome.reason, reason);
	good &= same_number("valid", k.outcome.valid, reason == CAPCERT_REASON_NONE);
	good &= same_result(&k, &l, moment);
	good &= same_result(&k, &again, moment);
	if (!good)
		printf("# kernel: %s\n# local: %s\n", k.outcome.detail, l.outcome.detail);
	ok(good, "%s: %s", title, capcert_reason_name(reason));
}

#endif
