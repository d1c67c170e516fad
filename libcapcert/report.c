// SPDX-License-Identifier: LGPL-2.1-or-later
/* Paths and notes, collected while the engine goes over everything once more. */
#include <errno.h>
#include <stdlib.h>
#include <capcert/x509_ext.h>
#include "core/text.h"
#include "libcapcert/constraints.h"
#include "libcapcert/decide.h"
#include "libcapcert/judge.h"
#include "libcapcert/report.h"
#include "libcapcert/revocation.h"
#include "libcapcert/sha.h"
#include "libcapcert/x509.h"

#define NAME_TEXT 1024
#define CLASH_TEXT 1024
#define BUDGETS 5

struct report {
	struct capcert_report pub; /* first: what the caller gets and gives back */
	struct capcert_report_cert *certs;
	uint32_t cert_room;
	struct capcert_report_path paths[CAPCERT_REPORT_PATHS];
	struct capcert_report_note notes[CAPCERT_REPORT_NOTES];
	struct capcert_report_budget budgets[BUDGETS];
	bool no_memory;
};

int report_new(struct report **ret)
{
	struct report *report = calloc(1, sizeof(*report));

	if (!report)
		return -ENOMEM;
	report->pub.paths = report->paths;
	report->pub.notes = report->notes;
	report->pub.budgets = report->budgets;
	*ret = report;
	return 0;
}

/* The public structs point to constant memory that is the report's own. */
static void drop(const void *p)
{
	free((void *)(uintptr_t)p);
}

void report_free(struct report *report)
{
	uint32_t i, k;

	if (!report)
		return;
	for (i = 0; i < report->pub.cert_count; i++) {
		capcert_cert_free(report->certs[i].cert);
		drop(report->certs[i].subject);
		drop(report->certs[i].issuer);
	}
	for (i = 0; i < report->pub.path_count; i++) {
		for (k = 0; k < report->paths[i].count; k++)
			drop(report->paths[i].steps[k].detail);
		drop(report->paths[i].steps);
	}
	free(report->certs);
	free(report);
}

void capcert_report_free(capcert_report *report)
{
	report_free((struct report *)report);
}

int report_take(struct report *report, capcert_report **ret)
{
	if (report->no_memory) {
		report_free(report);
		return -ENOMEM;
	}
	*ret = &report->pub;
	return 0;
}

static char *name_text(struct cc_span name)
{
	char text[NAME_TEXT] = "";

	if (name.n)
		cc_dn_format(name, text, sizeof(text));
	return strdup(text);
}

/* The number of a certificate in the report. @cert is NULL when it could not be read. */
static uint32_t add_cert(struct report *report, const struct cc_cert *cert,
			 const struct capcert_report_cert *known)
{
	struct capcert_report_cert *c;
	uint32_t i;

	for (i = 0; i < report->pub.cert_count; i++) {
		c = &report->certs[i];
		if (c->source == known->source && c->index == known->index &&
		    memcmp(c->fingerprint, known->fingerprint, sizeof(c->fingerprint)) == 0)
			return i;
	}
	if (report->pub.cert_count == report->cert_room) {
		uint32_t room = report->cert_room ? 2 * report->cert_room : 16;

		c = realloc(report->certs, room * sizeof(*c));
		if (!c) {
			report->no_memory = true;
			return CAPCERT_REPORT_NO_CERT;
		}
		report->certs = c;
		report->cert_room = room;
		report->pub.certs = c;
	}
	c = &report->certs[report->pub.cert_count];
	*c = *known;
	c->cert = NULL;
	if (cert && cert->der.n && cert_from_der(cert->der, &c->cert, NULL) == -ENOMEM)
		report->no_memory = true;
	c->subject = name_text(cert ? cert->subject : cc_span(NULL, 0));
	c->issuer = name_text(cert ? cert->issuer : cc_span(NULL, 0));
	if (!c->subject || !c->issuer)
		report->no_memory = true;
	return report->pub.cert_count++;
}

static uint32_t add_anchor(struct report *report, const struct anchor *anchor)
{
	struct capcert_report_cert known = { .source = CAPCERT_SOURCE_ANCHOR,
					     .purposes = anchor->purposes };

	memcpy(known.fingerprint, anchor->fingerprint, sizeof(known.fingerprint));
	return add_cert(report, &anchor->cert, &known);
}

static uint32_t add_node(struct report *report, struct node *node)
{
	struct capcert_report_cert known = { .source = CAPCERT_SOURCE_CHAIN, .index = node->index };

	if (node->anchor)
		return add_anchor(report, node->anchor);
	memcpy(known.fingerprint, evaluation_fingerprint(node), sizeof(known.fingerprint));
	return add_cert(report, node->cert, &known);
}

static void add_note(struct report *report, uint32_t kind, uint32_t cert, uint32_t issuer,
		     struct finding f)
{
	struct capcert_report_note *n;
	uint32_t i;

	if (report->no_memory)
		return;
	for (i = 0; i < report->pub.note_count; i++) {
		n = &report->notes[i];
		if (n->kind == kind && n->cert == cert && n->issuer == issuer)
			return;
	}
	if (report->pub.note_count == CAPCERT_REPORT_NOTES) {
		report->pub.notes_dropped++;
		return;
	}
	n = &report->notes[report->pub.note_count++];
	n->kind = kind;
	n->cert = cert;
	n->issuer = issuer;
	n->reason = f.reason;
	n->text = f.text;
}

void report_unread(struct report *report, uint32_t kind, struct cc_span der, uint32_t index,
		   const char *text)
{
	struct capcert_report_cert known = { .source = CAPCERT_SOURCE_CHAIN, .index = index };
	struct cc_cert cert;
	bool readable = cc_cert_parse(der, &cert) == CC_CERT_OK;

	sha256_of(der, known.fingerprint);
	add_note(report, kind, add_cert(report, readable ? &cert : NULL, &known),
		 CAPCERT_REPORT_NO_CERT,
		 finding(readable ? CC_REASON_NONE : CC_REASON_MALFORMED, text));
}

void report_spent(struct report *report, const struct budget *left)
{
	const struct capcert_report_budget all[BUDGETS] = {
		{ "signature checks", BUDGET_SIGNATURES - left->signatures, BUDGET_SIGNATURES },
		{ "path building steps", BUDGET_STEPS - left->steps, BUDGET_STEPS },
		{ "candidate paths", BUDGET_PATHS - left->paths, BUDGET_PATHS },
		{ "name and policy comparisons", BUDGET_COMPARISONS - left->comparisons,
		  BUDGET_COMPARISONS },
		{ "microseconds of work", (BUDGET_WORK - left->work) / 1000, BUDGET_WORK / 1000 },
	};

	memcpy(report->budgets, all, sizeof(all));
	report->pub.budget_count = BUDGETS;
}

/* The signature of a path's certificate number @at by the next one's key. */
static uint32_t link_of(const struct path *path, uint32_t at)
{
	static const uint32_t links[] = {
		[EDGE_UNKNOWN] = CAPCERT_LINK_UNCHECKED,
		[EDGE_GOOD] = CAPCERT_LINK_GOOD,
		[EDGE_BAD] = CAPCERT_LINK_BAD,
		[EDGE_UNSUPPORTED] = CAPCERT_LINK_UNSUPPORTED,
	};
	const struct node *node = path->node[at];
	uint32_t i;

	if (at + 1 >= path->count)
		return CAPCERT_LINK_NONE;
	for (i = 0; i < node->issuer_count; i++)
		if (node->issuers[i].issuer == path->node[at + 1])
			return links[node->issuers[i].state];
	return CAPCERT_LINK_UNCHECKED;
}

/* "dNSName b.example is not within dNSName a.example, which CN=CA permits" */
static char *clash_text(const struct clash *clash)
{
	struct capcert_general_name name = { clash->name.type,
					     { clash->name.value.p, clash->name.value.n } };
	struct capcert_general_name base = { clash->base.type,
					     { clash->base.value.p, clash->base.value.n } };
	char text[CLASH_TEXT], part[CLASH_TEXT / 4];
	struct cc_text t = cc_text(text, sizeof(text));

	cc_text_put(&t, capcert_gn_type_name(name.type));
	cc_text_char(&t, ' ');
	capcert_gn_text(&name, part, sizeof(part));
	cc_text_put(&t, part);
	if (clash->unknown) {
		cc_text_put(&t, " cannot be held against the constraints of ");
	} else {
		capcert_gn_text(&base, part, sizeof(part));
		cc_text_put(&t, clash->excluded ? " is within " : " is not within ");
		cc_text_put(&t, base.value.len ? part : "the empty name");
		cc_text_put(&t, clash->excluded ? ", which is excluded by "
						: ", to which names are limited by ");
	}
	cc_dn_format(clash->holder->subject, part, sizeof(part));
	cc_text_put(&t, part);
	cc_text_end(&t);
	return strdup(text);
}

static char *status_text(const struct status *status)
{
	char text[CLASH_TEXT];
	struct cc_text t = cc_text(text, sizeof(text));

	if (status->state == STATUS_REVOKED)
		cc_text_put(&t, "revoked ");
	revocation_say(status, &t);
	cc_text_end(&t);
	return strdup(text);
}

static char *detail_of(struct evaluation *ev, const struct path *path, uint32_t at)
{
	int32_t reason = path->found[at].reason;
	struct clash clash;
	char *text;

	if (reason == CC_REASON_NAME_CONSTRAINT_VIOLATION && constraints_find(ev, path, at, &clash))
		text = clash_text(&clash);
	else if ((reason == CC_REASON_REVOKED || reason == CC_REASON_OCSP_UNAVAILABLE ||
		  reason == CC_REASON_MUST_STAPLE_MISSING) &&
		 revocation_said(&path->status[at]))
		text = status_text(&path->status[at]);
	else
		return NULL;
	if (!text)
		ev->request->report->no_memory = true;
	return text;
}

static bool recorded(const struct report *report, const struct path *path, const uint32_t *certs)
{
	uint32_t i, k;

	for (i = 0; i < report->pub.path_count; i++) {
		const struct capcert_report_path *p = &report->paths[i];

		if (p->count != path->count || p->complete != path->complete)
			continue;
		for (k = 0; k < p->count && p->steps[k].cert == certs[k]; k++)
			;
		if (k == p->count)
			return true;
	}
	return false;
}

void report_path(struct evaluation *ev, const struct path *path, bool valid)
{
	struct report *report = ev->request->report;
	struct capcert_report_step *steps;
	struct capcert_report_path *p;
	uint32_t certs[CAPCERT_MAX_PATH], i;

	for (i = 0; i < path->count; i++)
		certs[i] = add_node(report, path->node[i]);
	if (report->no_memory || recorded(report, path, certs))
		return;
	if (report->pub.path_count == CAPCERT_REPORT_PATHS) {
		report->pub.paths_dropped++;
		return;
	}
	steps = calloc(path->count, sizeof(*steps));
	if (!steps) {
		report->no_memory = true;
		return;
	}
	for (i = 0; i < path->count; i++) {
		steps[i].cert = certs[i];
		steps[i].link = link_of(path, i);
		steps[i].reason = path->found[i].reason;
		steps[i].text = path->found[i].text;
		steps[i].detail = detail_of(ev, path, i);
	}
	p = &report->paths[report->pub.path_count++];
	p->steps = steps;
	p->count = path->count;
	p->complete = path->complete;
	p->valid = valid;
}

void report_refused(struct evaluation *ev, struct node *node, struct node *issuer, uint32_t kind)
{
	struct report *report = ev->request->report;

	add_note(report, kind, add_node(report, node), add_node(report, issuer), FINDING_NONE);
}

/* Anchors of the name that is asked for, which are trusted for something else. */
static void note_other_purposes(struct evaluation *ev, struct node *node)
{
	struct report *report = ev->request->report;
	const struct anchor *a = NULL;

	while ((a = anchors_next(ev->store, node->issuer_hash, node->cert->issuer, a)))
		if (!(a->purposes >> ev->request->purpose & 1))
			add_note(report, CAPCERT_NOTE_OTHER_PURPOSE, add_node(report, node),
				 add_anchor(report, a), FINDING_NONE);
}

static void note_fault(struct evaluation *ev, struct node *node)
{
	struct report *report = ev->request->report;
	bool distrusted = node->own.reason == CC_REASON_DISTRUSTED;

	if (node->judged && node->own.reason != CC_REASON_NONE)
		add_note(report, distrusted ? CAPCERT_NOTE_DISTRUSTED : CAPCERT_NOTE_UNSOUND,
			 add_node(report, node), CAPCERT_REPORT_NO_CERT, node->own);
}

static bool used(const struct report *report, uint32_t cert)
{
	uint32_t i, k;

	for (i = 0; i < report->pub.path_count; i++)
		for (k = 0; k < report->paths[i].count; k++)
			if (report->paths[i].steps[k].cert == cert)
				return true;
	return false;
}

void report_rest(struct evaluation *ev)
{
	struct report *report = ev->request->report;
	struct node *anchor;
	uint32_t i, cert;

	report->pub.unfinished = ev->budget.spent != NULL;
	for (i = 0; i < ev->count; i++)
		if (ev->nodes[i].gathered)
			note_other_purposes(ev, &ev->nodes[i]);
	for (i = 1; i < ev->count; i++)
		note_fault(ev, &ev->nodes[i]);
	for (anchor = ev->anchors; anchor; anchor = anchor->next_anchor)
		note_fault(ev, anchor);
	for (i = 1; i < ev->count; i++) {
		cert = add_node(report, &ev->nodes[i]);
		if (!report->pub.paths_dropped && !used(report, cert))
			add_note(report, CAPCERT_NOTE_UNUSED, cert, CAPCERT_REPORT_NO_CERT,
				 FINDING_NONE);
	}
}

const char *capcert_note_name(uint32_t kind)
{
	static const char *const names[CAPCERT_NOTE_COUNT] = {
		"malformed",	"repeated",  "unused", "unsound", "distrusted",
		"badSignature", "unchecked", "loop",   "tooLong", "otherPurpose",
	};

	return kind < CAPCERT_NOTE_COUNT ? names[kind] : NULL;
}

const char *capcert_link_name(uint32_t link)
{
	static const char *const names[] = { "none", "unchecked", "good", "bad", "unsupported" };

	return link < CC_ARRAY_SIZE(names) ? names[link] : NULL;
}
