// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The engine on hostile chains: no crash, the same answer twice, valid only for what is honest. */
#include <stdint.h>
#include "libcapcert/engine.h"
#include "libcapcert/memo.h"
#include "libcapcert/report.h"
#include "tests/pki.h"

#define HOST "www.example.com"
#define PARTS 16

/* The honest certificates, that inputs are made of: root, CA, a constrained CA, a leaf of each. */
static struct pki *honest[6];
static capcert_store *store;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct pki_spec root = { .cn = "Root", .org = "Test", .ca = true };
	struct pki_spec ca = { .cn = "CA", .org = "Test", .ca = true, .policy = "1.2.3.1" };
	struct pki_spec narrow = { .cn = "Narrow",
				   .org = "Test",
				   .ca = true,
				   .path_len = 1,
				   .permit_dns = "example.com",
				   .exclude_email = "example.org" };
	struct pki_spec leaf = { .cn = HOST, .dns = { HOST }, .policy = "1.2.3.1", .rich = true };

	(void)argc;
	(void)argv;
	honest[0] = pki_make(&root, NULL);
	honest[1] = pki_make(&ca, honest[0]);
	honest[2] = pki_make(&narrow, honest[0]);
	honest[3] = pki_make(&leaf, honest[1]);
	honest[4] = pki_make(&leaf, honest[2]);
	ca.key_of = honest[1];
	honest[5] = pki_make(&ca, honest[2]); /* breaks the path length above it */
	if (capcert_store_new(&store) ||
	    capcert_store_put(store, honest[0]->der.data, honest[0]->der.size, 0))
		abort();
	return 0;
}

struct input {
	const uint8_t *p;
	size_t n;
};

static uint8_t take(struct input *in)
{
	if (!in->n)
		return 0;
	in->n--;
	return *in->p++;
}

/* One certificate: an honest one, with some bytes changed or cut, or bytes of the input. */
static struct cc_span make_cert(struct input *in, uint8_t *buf, size_t cap, bool *ret_honest)
{
	uint8_t kind = take(in), edits;
	size_t n;

	*ret_honest = false;
	if (kind >= 0xf0) {
		n = (size_t)take(in) << 4 | (take(in) & 15);
		if (n > in->n)
			n = in->n;
		memcpy(buf, in->p, n);
		in->p += n;
		in->n -= n;
		return cc_span(buf, n);
	}
	n = honest[kind % 6]->der.size;
	if (n > cap)
		abort();
	memcpy(buf, honest[kind % 6]->der.data, n);
	edits = take(in);
	*ret_honest = edits < 0x80;
	for (edits &= edits < 0x80 ? 0 : 7; edits; edits--) {
		size_t at = ((size_t)take(in) << 8 | take(in)) % n;

		buf[at] ^= (uint8_t)(take(in) | 1);
	}
	return cc_span(buf, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t buf[PARTS][8192];
	struct input in = { data, size };
	struct cc_span chain[PARTS];
	struct engine_request request = { .chain = chain,
					  .name_type = CAPCERT_NAME_DNS,
					  .name = cc_span(HOST, strlen(HOST)),
					  .time = PKI_NOW,
					  .clock = CAPCERT_CLOCK_RTC };
	struct capcert_path_entry path[CAPCERT_MAX_PATH], path2[CAPCERT_MAX_PATH];
	struct capcert_agent_reply reply, reply2;
	capcert_report *report;
	struct cc_policy policy;
	bool whole[PARTS];
	uint8_t flags = take(&in);
	size_t i, j;

	cc_policy_preset(flags & 1 ? CC_PRESET_WEBPKI_LENIENT : CC_PRESET_CUSTOM, &policy);
	policy.require_explicit_policy = flags & 2;
	policy.permit_name_constraints = !(flags & 4);
	request.purpose = flags >> 5 & 7;
	request.chain_count = 1 + take(&in) % PARTS;
	for (i = 0; i < request.chain_count; i++)
		chain[i] = make_cert(&in, buf[i], sizeof(buf[i]), &whole[i]);
	if (engine_verify(&policy, store, NULL, &request, &reply, path))
		abort();
	memo_clear();
	/* Again with a report, which changes nothing and holds together. */
	if (report_new(&request.report) ||
	    engine_verify(&policy, store, NULL, &request, &reply2, path2) ||
	    report_take(request.report, &report))
		abort();
	if (report->path_count && report->paths[0].valid != (int)reply.valid)
		abort();
	for (i = 0; i < report->path_count; i++)
		for (j = 0; j < report->paths[i].count; j++)
			if (report->paths[i].steps[j].cert >= report->cert_count ||
			    (report->paths[i].valid && report->paths[i].steps[j].text))
				abort();
	capcert_report_free(report);
	if (memcmp(&reply, &reply2, sizeof(reply)) || memcmp(path, path2, sizeof(path)))
		abort();
	if (reply.valid_from > request.time || reply.valid_until < request.time ||
	    reply.path_count > CAPCERT_MAX_PATH || !memchr(reply.detail, 0, sizeof(reply.detail)))
		abort();
	for (i = 0; i < strlen(reply.detail); i++)
		if (reply.detail[i] < 0x20 || reply.detail[i] > 0x7e)
			abort();
	/* Every certificate of a valid path must be an honest one, to the last octet. The ECDSA
	 * signature (r, s) has a twin (r, n - s); no mutation above can make it. */
	for (i = 0; reply.valid && i < reply.path_count; i++) {
		bool found = path[i].source == CAPCERT_SOURCE_ANCHOR;

		if (!found)
			found = whole[path[i].index];
		for (j = 0; !found && j < 6; j++)
			found = chain[path[i].index].n == honest[j]->der.size &&
				!memcmp(chain[path[i].index].p, honest[j]->der.data,
					honest[j]->der.size);
		if (!found)
			abort();
	}
	return 0;
}
