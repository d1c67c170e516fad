/* SPDX-License-Identifier: GPL-2.0-only */
/* Which roots the curated set takes (docs/roots.md). No I/O, no clock. */
#ifndef TOOLS_ROOT_RULES_H
#define TOOLS_ROOT_RULES_H

#include <capcert/nss_roots.h>

/*  X(NAME, id, text) - in the order in which they are asked. */
#define ROOT_RULES(X)                                                                   \
	X(KEPT, "none", "passes every rule")                                            \
	X(TLS, "rule 1", "no trust anchor for TLS servers")                             \
	X(PHASE_OUT, "rule 2", "its trust for TLS servers ends")                        \
	X(DENIED, "rule 6", "on the deny list")                                         \
	X(STRUCTURE, "structure", "no certificate of a certification authority")        \
	X(EXPIRED, "rule 3", "expired")                                                 \
	X(KEY, "rule 4", "its key is too short or of another kind")

enum root_rule {
#define X(name, id, text) RULE_##name,
	ROOT_RULES(X)
#undef X
	RULE_COUNT
};

struct root_verdict {
	enum root_rule rule; /* the first that excludes it, or RULE_KEPT */
	char detail[200];    /* facts behind it */
};

struct root_deny {
	char **labels; /* parts of labels */
	size_t count;
};

const char *root_rule_id(enum root_rule rule);
const char *root_rule_text(enum root_rule rule);

/** root_judge_cert() - structure, expiry at @now (seconds since 1970), key. */
void root_judge_cert(capcert_cert *cert, int64_t now, struct root_verdict *ret);
/** root_judge() - all rules: trust record, distrust-after, deny list, then as above. */
void root_judge(const struct capcert_nss_root *root, const struct root_deny *deny, int64_t now,
		struct root_verdict *ret);

/** root_denied() - the entry that @label holds, or NULL. */
const char *root_denied(const struct root_deny *deny, const char *label);
/** root_deny_load() - one part of a label per line, '#' begins a comment. A @path that is not there
 *  is an empty list if @optional. Return: EXIT_DONE, or another status after saying why. */
int root_deny_load(const char *path, bool optional, struct root_deny *ret);
void root_deny_free(struct root_deny *deny);

#endif
