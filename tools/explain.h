/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a verdict is as it is: the paths there were, and what would have changed it. */
#ifndef TOOLS_EXPLAIN_H
#define TOOLS_EXPLAIN_H

#include <stdbool.h>
#include <stdio.h>
#include <jansson.h>
#include <capcert/report.h>

/** Where the trust of a verdict comes from, to ask the engine again. */
struct explain_source {
	/** A new store with the same anchors. @purposes: trust them for these; 0 = as they are.
	 *  Return: 0 or -errno. */
	int (*store)(void *ctx, uint32_t purposes, capcert_store **ret);
	void *ctx;
	const char *policy; /* text */
	const capcert_distrust_list *distrust;
	bool own_purposes; /* anchors have purposes of their own, not just the one asked for */
};

/** What else there is to trust. */
struct beyond {
	const char *word; /* as people know it */
	capcert_cert **certs;
	size_t count;
	uint64_t id; /* of a store handle, else 0 */
};

#define EXPLAIN_BEYOND 8
#define EXPLAIN_ADVICE 16

/** One thing that would make an invalid chain valid; the engine has said so. */
struct advice {
	unsigned int conditions; /* 1 << enum what_if: all of them together */
	int64_t time;
	uint32_t purposes; /* mask: any of them */
	const struct beyond *beyond;
	char *anchor; /* the one beyond that the path would end at */
	char *text;
};

enum what_if {
	WHAT_IF_TIME,
	WHAT_IF_NO_NAME,
	WHAT_IF_PURPOSE,
	WHAT_IF_BEYOND,
	WHAT_IF_NO_DISTRUST,
	WHAT_IF_COUNT,
};

struct explanation {
	const struct capcert_result *result; /* the verdict that is explained */
	struct capcert_params params;	     /* what was asked */
	struct explain_source source;
	bool local;
	struct beyond beyond[EXPLAIN_BEYOND];
	size_t beyond_count;
	uint32_t view; /* of the store: CAPCERT_VIEW_* */
	uint64_t parent_id;
	/* Filled by explain_run(). */
	struct capcert_result here; /* the verdict of the engine in this process */
	capcert_report *report;	    /* NULL: nothing could be asked again */
	capcert_policy *policy;	    /* the source's, but for any time */
	char *remark;		    /* why less or something else is said here, or NULL */
	struct advice advice[EXPLAIN_ADVICE];
	size_t advice_count;
	uint64_t never; /* 1 << path: its validity periods do not overlap */
};

/** explain_run() - ask the engine in this process at the verdict's time, and then what if.
 *  e->source.store NULL: only the verdict itself can be explained. Return: exit status. */
int explain_run(struct explanation *e);
void explain_print(const struct explanation *e);
/** explain_json() - adds "paths", "notes", "advice" and more to an outcome object. */
void explain_json(const struct explanation *e, json_t *outcome);
void explain_free(struct explanation *e);

/** explain_kernel() - have e->source read from the handles of the verdict, where they may be read;
 *  else e->remark says which right is missing. explain_kernel_end() closes them. */
struct explain_kernel {
	int store_fd;
	char *policy;
};
void explain_kernel(struct explanation *e, struct explain_kernel *k, const char *store,
		    const char *verifier);
void explain_kernel_end(struct explain_kernel *k);

/** explain_beyond() - read a file or store into the next of e->beyond; says what is wrong. */
int explain_beyond(struct explanation *e, const char *word);
/** explain_beyond_default() - Debian's roots, where they are readable. */
void explain_beyond_default(struct explanation *e);

/** explain_what_if() - fill e->advice. */
void explain_what_if(struct explanation *e);

/** A certificate where it stands in a path. */
struct explain_step {
	capcert_cert *cert; /* NULL = not known */
	const char *subject, *issuer;
	uint32_t number; /* in the report */
	uint32_t source, index;
	uint32_t link;
	int32_t reason;
	const char *text, *detail;
};

/** explain_steps() - path @at of the report, or without a report the outcome's. Return: count. */
uint32_t explain_steps(const struct explanation *e, uint32_t at,
		       struct explain_step steps[CAPCERT_MAX_PATH]);
uint32_t explain_path_count(const struct explanation *e);

/** explain_cross_signed() - the same CA, subject and key, under different issuers. */
bool explain_cross_signed(const struct capcert_report_cert *a, const struct capcert_report_cert *b);

/** words_*() - malloc()ed lines for people; NULL when there is nothing to say. */
char *words_wrong(const struct explanation *e, const struct explain_step *steps, uint32_t count,
		  uint32_t at);
char *words_remedy(const struct explanation *e, const struct explain_step *steps, uint32_t count,
		   uint32_t at);
/** words_more() - "a, b, c": @more says whether anything stands there already. */
void words_more(FILE *f, bool *more, const char *text);
/** words_find_note() - about @cert, CAPCERT_REPORT_NO_CERT = about any; NULL when there is none. */
const struct capcert_report_note *words_find_note(const capcert_report *r, uint32_t kind,
						  uint32_t cert);
/** words_dead_end() - the note that says why nobody has issued certificate @cert of the report. */
const struct capcert_report_note *words_dead_end(const struct explanation *e, uint32_t cert);
char *words_note(const struct explanation *e, const struct capcert_report_note *note);
/** "CN=www.example.org", or the whole name where there is none; @buf is returned. */
const char *words_short(const char *subject, char *buf, size_t cap);
/** "3 days" */
char *words_span(int64_t seconds, char buf[48]);
char *words_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
