/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SCTs judged one by one against a list of logs, and the rules over what was found. */
#ifndef LIBCAPCERT_SCT_H
#define LIBCAPCERT_SCT_H

#include <capcert/ct.h>
#include "core/cert.h"
#include "core/precert.h"
#include "core/sct.h"
#include "libcapcert/budget.h"
#include "libcapcert/loglist.h"
#include "libcapcert/window.h"

#define SCT_CHECKS_MAX 64 /* signatures checked in one judgement; honest servers send 2 to 5 SCTs */

/* One of a set. */
struct sct {
	struct capcert_sct pub;
	struct cc_sct parsed; /* of v1 */
	bool has_proof;
	struct capcert_sct_proof proof; /* its path is ours */
	uint8_t octets[];
};

/** scts_get() - number @at of a set. */
const struct sct *scts_get(const capcert_scts *scts, size_t at);

struct sct_verdict {
	uint32_t status; /* CAPCERT_SCT_STATUS_* */
	bool outside_validity;
	enum log_state state; /* at the time of the check, with @log */
	const struct ct_log *log;
	const char *operator_name;
	const char *detail;
};

/* A valid SCT, or one whose signature was found wrong: what duplicates are told by. */
struct sct_seen {
	struct cc_span whole;
	const struct ct_log *log;
	const char *operator_name;
	int64_t time; /* seconds since 1970, rounded up */
	uint32_t source;
	bool valid;
	bool accepted; /* the log is qualified, usable or read-only at the time of the check */
};

/* One certificate's SCTs. The caller fills the first part and clears the rest. */
struct sct_judge {
	const capcert_loglist *logs;  /* NULL: none is known */
	const struct cc_cert *cert;
	const struct cc_cert *issuer; /* NULL: not known */
	struct window *window;	      /* its time is that of the check */
	struct budget *budget;	      /* NULL: only SCT_CHECKS_MAX bounds the work */
	uint32_t skew;		      /* seconds */
	uint32_t max_list_age;	      /* seconds, 0 = any */
	uint32_t flags;		      /* CAPCERT_CT_* */
	uint32_t sources;	      /* 1 << CAPCERT_SCT_* of those whose SCTs count in a rule */

	bool no_memory;
	bool over_budget;
	bool prepared;
	int precert_error;	   /* CC_PRECERT_E_* */
	struct cc_precert precert; /* what embedded SCTs sign */
	uint8_t issuer_key[32];
	uint32_t total;
	uint32_t failed; /* neither valid nor duplicates */
	uint32_t seen_count;
	struct sct_seen seen[SCT_CHECKS_MAX];
};

/** sct_list_fresh() - is the list of logs known to be young enough? */
bool sct_list_fresh(struct sct_judge *j);

/** sct_judge_one() - @sct: what cc_sct_parse() said CC_SCT_OK or CC_SCT_E_VERSION to; its octets
 *  stay until the judgement is over. @proof: may be NULL. */
void sct_judge_one(struct sct_judge *j, const struct cc_sct *sct, uint32_t source,
		   const struct capcert_sct_proof *proof, struct sct_verdict *ret);

struct sct_tally {
	uint32_t scts;
	uint32_t logs;
	uint32_t operators;
	bool accepted; /* one of the logs is, at the time of the check */
};

/** sct_count() - valid SCTs; with @counting only those of sources that count. */
struct sct_tally sct_count(const struct sct_judge *j, bool counting);

/** sct_counts() - does an SCT of this source count in a rule? */
bool sct_counts(const struct sct_judge *j, uint32_t source);

struct sct_rule {
	uint32_t rule; /* CAPCERT_CT_* */
	uint32_t count;
	uint32_t min_scts;
};

/** sct_rule_misses() - what the SCTs seen so far lack: a static line, NULL for nothing. */
const char *sct_rule_misses(const struct sct_judge *j, const struct sct_rule *rule);

/** sct_rule_done() - will it hold whatever follows? */
bool sct_rule_done(const struct sct_judge *j, const struct sct_rule *rule);

#endif
