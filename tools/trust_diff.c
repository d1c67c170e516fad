// SPDX-License-Identifier: GPL-2.0-only
/* capcert trust diff: what two trust stores do not have in common. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tools/out.h"
#include "tools/text.h"
#include "tools/trust_source.h"

/* What a walk over both tells; NULL where one has it not. */
typedef void report_fn(void *ctx, const struct capcert_store_anchor *was,
		       const struct capcert_store_anchor *is);

static bool differ(const struct capcert_store_anchor *a, const struct capcert_store_anchor *b)
{
	return memcmp(a->body, b->body, sizeof(a->body)) || a->purposes != b->purposes ||
	       a->have_distrust_after != b->have_distrust_after ||
	       (a->have_distrust_after && a->distrust_after != b->distrust_after) ||
	       a->have_sct_distrust_after != b->have_sct_distrust_after ||
	       (a->have_sct_distrust_after && a->sct_distrust_after != b->sct_distrust_after);
}

/* Both ascend by fingerprint. Return: number of differences. */
static size_t walk(const capcert_store *from, const capcert_store *to, report_fn *report, void *ctx)
{
	struct capcert_store_anchor a, b;
	size_t i = 0, k = 0, count = 0;

	for (;;) {
		bool have_a = !capcert_store_at(from, i, &a), have_b = !capcert_store_at(to, k, &b);
		int c = have_a && have_b ? memcmp(a.fingerprint, b.fingerprint, 32)
					 : have_b - have_a;

		if (!have_a && !have_b)
			return count;
		if (c || differ(&a, &b)) {
			report(ctx, c <= 0 ? &a : NULL, c >= 0 ? &b : NULL);
			count++;
		}
		i += c <= 0;
		k += c >= 0;
	}
}

/* ---- for people ---- */

static void print_date(const char *what, int was, int64_t old, int is, int64_t new)
{
	char a[32], b[32];

	if (was == is && (!was || old == new))
		return;
	printf("      %s: %s -> %s\n", what, was ? text_of_time(old, a) : "none",
	       is ? text_of_time(new, b) : "none");
}

static void print_change(const struct capcert_store_anchor *was,
			 const struct capcert_store_anchor *is)
{
	char a[160], b[160];

	if (was->purposes != is->purposes)
		printf("      purposes: %s -> %s\n", purposes_text(was->purposes, a, sizeof(a)),
		       purposes_text(is->purposes, b, sizeof(b)));
	print_date("distrust-after", was->have_distrust_after, was->distrust_after,
		   is->have_distrust_after, is->distrust_after);
	print_date("sct-distrust-after", was->have_sct_distrust_after, was->sct_distrust_after,
		   is->have_sct_distrust_after, is->sct_distrust_after);
	if (was->path_len != is->path_len)
		printf("      path length: %d -> %d (-1 is no limit)\n", was->path_len,
		       is->path_len);
	if (was->named_subtrees != is->named_subtrees)
		printf("      names: %s -> %s\n", was->named_subtrees ? "limited" : "any",
		       is->named_subtrees ? "limited" : "any");
	else if (memcmp(was->body, is->body, 32))
		printf("      constraints: %s -> %s\n", was->plain ? "none" : "some",
		       is->plain    ? "none"
		       : was->plain ? "some"
				    : "others");
}

static void print_one(void *ctx, const struct capcert_store_anchor *was,
		      const struct capcert_store_anchor *is)
{
	const struct capcert_store_anchor *a = is ? is : was;
	char hex[65], name[300];

	printf("%s%c%s %.16s  %s\n",
	       !was  ? out_good()
	       : !is ? out_bad()
		     : out_bold(),
	       !was  ? '+'
	       : !is ? '-'
		     : '~',
	       out_plain(), text_to_hex(a->fingerprint, 32, hex),
	       trust_subject(a, name, sizeof(name)));
	if (was && is)
		print_change(was, is);
}

/* ---- as JSON ---- */

static json_t *limits_json(const struct capcert_store_anchor *a)
{
	json_t *j = json_object();

	json_object_set_new(j, "purposes", json_purposes(a->purposes));
	json_object_set_new(j, "plain", json_boolean(a->plain));
	json_object_set_new(j, "distrust_after",
			    a->have_distrust_after ? json_time(a->distrust_after) : json_null());
	json_object_set_new(j, "sct_distrust_after",
			    a->have_sct_distrust_after ? json_time(a->sct_distrust_after)
						       : json_null());
	json_object_set_new(j, "path_length",
			    a->path_len < 0 ? json_null() : json_integer(a->path_len));
	json_object_set_new(j, "names_limited", json_boolean(a->named_subtrees));
	return j;
}

static void collect(void *ctx, const struct capcert_store_anchor *was,
		    const struct capcert_store_anchor *is)
{
	json_t *all = ctx, *j = json_object();
	const struct capcert_store_anchor *a = is ? is : was;
	char name[300];

	json_object_set_new(j, "fingerprint", json_hex(a->fingerprint, 32));
	json_object_set_new(j, "subject", json_text(trust_subject(a, name, sizeof(name))));
	if (was)
		json_object_set_new(j, "was", limits_json(was));
	if (is)
		json_object_set_new(j, "is", limits_json(is));
	json_array_append_new(json_object_get(all, !was	 ? "added"
						   : !is ? "removed"
							 : "changed"),
			      j);
}

static int show(const capcert_store *from, const capcert_store *to)
{
	json_t *j;
	size_t n;
	int r;

	if (!out_json()) {
		n = walk(from, to, print_one, NULL);
		if (!n)
			printf("no difference\n");
		return n ? EXIT_NO : EXIT_DONE;
	}
	j = json_pack("{s[], s[], s[]}", "added", "removed", "changed");
	n = walk(from, to, collect, j);
	r = out_print_json(j);
	return r ? r : n ? EXIT_NO : EXIT_DONE;
}

int trust_diff(const struct args *args)
{
	capcert_store *from = NULL, *to = NULL;
	int r = trust_source(args, args->words[0], true, &from);

	if (!r)
		r = trust_source(args, args->words[1], true, &to);
	if (!r)
		r = show(from, to);
	capcert_store_free(from);
	capcert_store_free(to);
	return r;
}
