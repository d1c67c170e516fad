/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One verification while it runs: certificates as nodes, issuers as edges, what was found. */
#ifndef LIBCAPCERT_EVALUATION_H
#define LIBCAPCERT_EVALUATION_H

#include "core/outcome.h"
#include "libcapcert/anchors.h"
#include "libcapcert/budget.h"
#include "libcapcert/distrust.h"
#include "libcapcert/dn_prep.h"
#include "libcapcert/engine.h"
#include "libcapcert/status.h"
#include "libcapcert/window.h"

/* What is wrong with one certificate of a path. Texts are static. */
struct finding {
	int32_t reason; /* enum cc_reason, CC_REASON_NONE = nothing */
	const char *text;
};

static inline struct finding finding(int32_t reason, const char *text)
{
	struct finding f = { reason, text };

	return f;
}

#define FINDING_NONE finding(CC_REASON_NONE, NULL)

enum edge_state {
	EDGE_UNKNOWN,	  /* not checked, or no budget left to check it */
	EDGE_GOOD,
	EDGE_BAD,
	EDGE_UNSUPPORTED, /* scheme and key do not fit, or are not known */
};

/* Key identifiers only order the candidates (RFC 5280 sections 4.2.1.1 and 4.2.1.2). */
enum edge_hint { HINT_MATCH, HINT_NONE, HINT_MISMATCH };

struct edge {
	struct node *issuer;
	enum edge_state state;
	enum edge_hint hint;
};

enum node_pin { PIN_UNKNOWN, PIN_MATCHES, PIN_DIFFERS };

struct node {
	const struct cc_cert *cert;
	const struct anchor *anchor; /* NULL: from the caller's chain */
	uint16_t index;		     /* there */
	bool self_issued;
	bool judged;
	bool gathered; /* issuers are filled in */
	bool hashed;   /* fingerprint is filled in */
	enum node_pin pin; /* pin_check.c */
	struct finding own; /* judge.c: what is wrong with it wherever it stands in a path */
	struct prepared_dn subject; /* of an anchor: borrowed from it */
	struct prepared_dn issuer;  /* not of an anchor, which needs none */
	uint32_t subject_hash;
	uint32_t issuer_hash;
	struct edge *issuers; /* best first */
	uint32_t issuer_count;
	uint8_t fingerprint[32];
	struct node *next_anchor; /* list of the evaluation's anchor nodes */
};

struct path {
	struct node *node[CAPCERT_MAX_PATH]; /* leaf first */
	struct finding found[CAPCERT_MAX_PATH];
	struct status status[CAPCERT_MAX_PATH]; /* of those that were asked about */
	uint32_t missing[CAPCERT_MAX_PATH];	/* CAPCERT_MISSING_* */
	uint32_t count;
	bool complete; /* the last one is an anchor */
};

struct evaluation {
	const struct cc_policy *policy;
	const capcert_store *store;
	const capcert_distrust_list *distrust; /* NULL when nothing is on it */
	const struct engine_request *request;
	struct window window;
	struct budget budget;
	struct cc_cert *certs; /* of the chain, in its order */
	struct node *nodes;    /* the same */
	uint32_t count;	       /* of both; malformed and repeated certificates are left out */
	struct node *anchors;  /* that were met so far */
	struct crl_signers *crl_signers; /* whose lists were checked so far (crl_issuer.c) */
	int malformed;	       /* position of the first malformed certificate, -1 = none */
	int malformed_why;     /* CC_CERT_E_* of it */
	bool wrong_purpose;    /* an anchor of the right name is not for this purpose */
	bool survey;	       /* the verdict is made, now everything is looked at for the report */
	uint32_t failing;      /* paths that the search for a reason has seen */
	bool more_failing;     /* it ended before it had seen all */
	bool explain;	       /* the verdict is known to be invalid, now find the best reason */
	bool no_memory;
	struct path path;      /* being built */
	struct path best;      /* valid, or the best failing one so far */
	bool have_best;
	struct path unpinned; /* the first valid path without a pinned key, when that is only reported */
	bool have_unpinned;
	bool pins_expired;
	struct scts_judged *scts; /* SCTs, once somebody asked (sct_evidence.c) */
	bool valid;
	bool settled; /* the search is over: valid, or invalid for a reason no path can mend */
};

/** evaluation_same_name() - cc_dn_equal() of two prepared names, charged. */
bool evaluation_same_name(struct evaluation *ev, struct cc_span a, struct cc_span b);

/** evaluation_prepare() - dn_prepare(), charged. When the budget is spent the name stays as it is,
 *  which no path that counts will see. Return: 0 or -ENOMEM. */
int evaluation_prepare(struct evaluation *ev, struct cc_span name, struct prepared_dn *ret);

/** evaluation_fingerprint() - SHA-256 of the certificate, computed once. */
const uint8_t *evaluation_fingerprint(struct node *node);

#endif
