/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Differential fuzzing: one chain, made from a grammar, judged by this library and by two others. */
#ifndef TESTS_DIFFERENTIAL_H
#define TESTS_DIFFERENTIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <capcert/verify.h>
#include "core/span.h"

#define DIFF_NOW 1780272000 /* 2026-06-01 00:00:00 UTC */
#define DIFF_HOST "www.example.com"
#define DIFF_CERTS 16
#define DIFF_LABELS 6
#define DIFF_ANCHOR UINT32_MAX

/* Fields of a certificate, then values of extensions, each in the notation of der_text.h. */
enum part {
	PART_NONE,
	VERSION,
	SERIAL,
	ALG,
	OUTER_ALG, /* default: the inner one */
	ISSUER,
	VALIDITY,
	SUBJECT,
	SPKI,
	UNIQUE_IDS,
	TBS_END,  /* after the extensions */
	CERT_END, /* after the certificate */
	EXTS,	  /* instead of all extensions */
	FIRST_EXT,
	BASIC = FIRST_EXT,
	USAGE,
	PURPOSES,
	SKID,
	AKID,
	ALT_NAMES,
	CONSTRAINTS,
	POLICIES,
	MAPPINGS,
	POLICY_LIMITS,
	NO_ANY,
	RAW_EXT, /* whole Extensions, after the others */
	/* Words, not DER. */
	KEY,   /* name of a key */
	HASH,  /* that is signed */
	TWEAK, /* what happens to the signature: see make.c */
	/* Of the request. */
	NAME,
	TIME, /* seconds after DIFF_NOW */
	PART_COUNT
};

enum truth {
	UNKNOWN,
	MUST_FAIL,
	MUST_PASS,
	MUST_FAIL_RFC5280, /* of a row: the profile for the web allows it */
};

/* LEAF and its issuer CA; ANY_CA is one of the CAs between leaf and root. */
enum who { LEAF, CA, ANY_CA, ROOT, REQUEST };

#define MUTATION_CHANGES 5

struct mutation {
	const char *label;
	enum truth truth;
	const char *section; /* that says so */
	struct {
		enum who who;
		enum part part;
		const char *text; /* "-": left out; "!..." critical extension */
	} change[MUTATION_CHANGES];
};

extern const struct mutation mutations[];
extern const size_t mutation_count;

struct cert_spec {
	const char *part[PART_COUNT]; /* NULL: the honest value */
	uint32_t issuer;	      /* which of the specs */
	bool anchor;
	bool hidden; /* signs, but neither presented nor trusted */
};

struct diff_case {
	struct cert_spec spec[DIFF_CERTS];
	uint32_t count, root;
	uint32_t order[DIFF_CERTS * 2]; /* of the chain presented */
	uint32_t presented;
	const char *name; /* NULL: none */
	int64_t time;
	bool webpki;
	bool policies; /* OpenSSL checks certificate policies */
	bool explicit_policy;
	const char *labels[DIFF_LABELS];
	uint32_t label_count;
	enum truth truth;
	const char *section;
	struct cc_span der[DIFF_CERTS];
};

/* make.c */
void make_keys(void);
void make_keys_free(void);
void make_reset(void);
const char *make_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
struct cc_span make_copy(struct cc_span s, size_t room);
struct cc_span make_cert(const struct diff_case *c, uint32_t i);
const char *make_part(const struct diff_case *c, uint32_t i, enum part part);
const char *make_any_key(void);

/* random.c: splitmix64, so that a seed is a run. */
void random_seed(uint64_t seed);
uint32_t random_below(uint32_t n);

/* modes.c */
void case_make(struct diff_case *c);
void case_label(struct diff_case *c, const char *label);

/* policy_world.c: gives whether the path holds. */
bool policy_world_make(struct diff_case *c);

/* peers.c */
struct verdict {
	bool accepted;
	char says[400];
};

void judge_capcert(const struct diff_case *c, struct verdict *ret);
void judge_gnutls(const struct diff_case *c, struct verdict *ret);
void judge_openssl(const struct diff_case *c, struct verdict *ret);
void judges_free(void);

/* classes.c */
struct findings {
	uint64_t chains, accepted;
	uint64_t truth_failures; /* against the grammar */
	uint64_t unlisted_accepts, unlisted_refusals;
	uint32_t classes;
};

int classes_load(const char *path);
void classes_note(const struct diff_case *c, const struct verdict *us, const struct verdict *gnutls,
		  const struct verdict *openssl, const char *out, struct findings *f);
void classes_print(FILE *to);
void classes_free(void);

/* replay.c */
bool case_write(const struct diff_case *c, FILE *to);
bool case_read(struct diff_case *c, FILE *from);

#endif
