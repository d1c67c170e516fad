// SPDX-License-Identifier: GPL-2.0-only
/* Reads and prints what a trust store holds. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tools/anchors.h"
#include "tools/opt.h"
#include "tools/out.h"
#include "tools/text.h"

static int read_certs(int fd, struct anchors *a)
{
	size_t i;
	int r = 0;

	a->certs = calloc(a->count + 1, sizeof(*a->certs));
	if (!a->certs)
		return -ENOMEM;
	for (i = 0; !r && i < a->count; i++) {
		uint8_t *der;
		size_t len;

		r = capcert_read(fd, CAPCERT_READ_ANCHOR_DER, (uint32_t)i, &der, &len);
		if (r)
			break;
		/* With constraints it is no certificate: what there is to say of it is in the list. */
		if (!(a->list[i].flags & CAPCERT_ANCHOR_LIMITED))
			r = capcert_cert_new(der, len, &a->certs[i], NULL);
		free(der);
	}
	return r;
}

/* The kernel gives as many as fit; the rest is asked for from there on. */
static int read_list(int fd, struct anchors *a, uint32_t count)
{
	a->list = calloc((size_t)count + 1, sizeof(*a->list));
	if (!a->list)
		return -ENOMEM;
	while (a->count < count) {
		uint8_t *data = NULL;
		size_t len = 0, n;
		int r = capcert_read(fd, CAPCERT_READ_ANCHORS, (uint32_t)a->count, &data, &len);

		if (r)
			return r;
		n = len / sizeof(*a->list);
		if (n > count - a->count)
			n = count - a->count;
		if (n)
			memcpy(a->list + a->count, data, n * sizeof(*a->list));
		free(data);
		if (!n)
			return -EAGAIN;
		a->count += n;
	}
	return 0;
}

static int read_once(int fd, struct anchors *a)
{
	uint64_t after;
	uint8_t digest[32];
	uint32_t count;
	int again, r = capcert_store_version(fd, &a->version, &count, digest);

	if (r)
		return r;
	r = read_list(fd, a, count);
	if (!r)
		r = read_certs(fd, a);
	again = capcert_store_version(fd, &after, &count, digest);
	if (again)
		return again;
	return after != a->version ? -EAGAIN : r;
}

int anchors_read(int store_fd, const char *word, struct anchors *ret)
{
	struct anchors a;
	int tries, r = 0;

	/* A change between the calls shows in the version; whoever reads then begins again. */
	for (tries = 0; tries < 8; tries++) {
		a = (struct anchors){ 0 };
		r = read_once(store_fd, &a);
		if (!r) {
			*ret = a;
			return EXIT_DONE;
		}
		anchors_free(&a);
		if (r != -EAGAIN)
			break;
	}
	return fail_errno(r, "cannot read the anchors of '%s'", word);
}

void anchors_free(struct anchors *a)
{
	size_t i;

	for (i = 0; a->certs && i < a->count; i++)
		capcert_cert_free(a->certs[i]);
	free(a->certs);
	free(a->list);
}

static json_t *date_json(const struct capcert_anchor *a, uint32_t flag, int64_t date)
{
	return a->flags & flag ? json_time(date) : json_null();
}

json_t *anchors_json(const struct anchors *a)
{
	json_t *list = json_array();
	char subject[4096];
	size_t i;

	for (i = 0; i < a->count; i++) {
		const struct capcert_anchor *at = &a->list[i];
		json_t *j = json_pack("{sososo}", "fingerprint", json_hex(at->fingerprint, 32),
				      "spkiHash", json_hex(at->spki_hash, 32), "purposes",
				      json_purposes(at->purposes));

		if (a->certs[i]) {
			capcert_cert_subject_text(a->certs[i], subject, sizeof(subject));
			json_object_set_new(j, "subject", json_text(subject));
			json_object_set_new(j, "notAfter",
					    json_time(capcert_cert_not_after(a->certs[i])));
		}
		json_object_set_new(j, "limited", json_boolean(at->flags & CAPCERT_ANCHOR_LIMITED));
		json_object_set_new(
			j, "distrustAfter",
			date_json(at, CAPCERT_ANCHOR_DISTRUST_AFTER, at->distrust_after));
		json_object_set_new(
			j, "sctDistrustAfter",
			date_json(at, CAPCERT_ANCHOR_SCT_DISTRUST_AFTER, at->sct_distrust_after));
		json_array_append_new(list, j);
	}
	return list;
}

void anchors_print(const struct anchors *a)
{
	char subject[4096], hex[65], until[32], purposes[256];
	size_t i;

	for (i = 0; i < a->count; i++) {
		strcpy(subject, "(an anchor with constraints of its own)");
		strcpy(until, "-");
		if (a->certs[i]) {
			capcert_cert_subject_text(a->certs[i], subject, sizeof(subject));
			text_of_time(capcert_cert_not_after(a->certs[i]), until);
		}
		purposes_text(a->list[i].purposes, purposes, sizeof(purposes));
		printf("%s  %.10s  %-14s  %s\n", text_to_hex(a->list[i].fingerprint, 32, hex),
		       until, purposes, subject);
	}
}
