// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* From the network to the module: whatever hosts answer, whenever, what is handed over as evidence came from
 * one of them octet for octet, says what its signer signed, and is in force. */
#include <sys/mman.h>
#include <sys/socket.h>
#include "helpers/statusd/sealed.h"
#include "helpers/statusd/serve.h"
#include "tests/unit/fake_fetcher.h"
#include "tests/unit/ocsp_fixture.h"
#include "tests/unit/status_wire.h"

#define ROUNDS 8
#define SKEW 60 /* seconds that a clock may be off */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

/* http://x/o for OCSP, http://x/l for lists */
static const struct pki_spec leaf_spec = {
	.cn = "Leaf",
	.dns = { "leaf.example" },
	.ext = { { .oid = "1.3.6.1.5.5.7.1.1",
		   .der = "\x30\x18\x30\x16\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01\x86\x0ahttp://"
			  "x/o",
		   .len = 26 },
		 { .oid = "2.5.29.31",
		   .der = "\x30\x12\x30\x10\xa0\x0e\xa0\x0c\x86\x0ahttp://x/l",
		   .len = 20 } },
};
static struct pki *root, *leaf, *second, *signer, *other;

/* What honest hosts say, and what it is worth: a status, or NOTHING. */
#define NOTHING 9
#define TEMPLATES 8
static struct template
{
	struct cc_span der;
	uint32_t worth, worth_second; /* about the first leaf, about the second */
	int64_t from, until;	      /* relative to PKI_NOW */
}
responses[TEMPLATES], lists[TEMPLATES];

static void response(int i, uint32_t worth, struct response_spec s)
{
	const struct answer_spec *a = &s.answer[0];
	bool usual = !a->from && !a->until, about_second = a->about == second;

	s.issuer = root;
	if (!a->about)
		s.answer[0].about = leaf;
	responses[i] = (struct template){ make_response(&s), about_second ? NOTHING : worth,
					  about_second ? worth : NOTHING, usual ? -3600 : a->from,
					  usual ? 3 * PKI_DAY : a->until };
}

static void list(int i, uint32_t worth, uint32_t worth_second, struct list_spec s)
{
	bool usual = !s.from && !s.until;

	s.issuer = root;
	lists[i] = (struct template){ make_list(&s), worth, worth_second, usual ? -PKI_DAY : s.from,
				      usual ? 7 * PKI_DAY : s.until };
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct pki_spec r = { .cn = "Root", .ca = true };
	struct pki_spec s = { .cn = "Signer", .eku = { OCSP_SIGNING }, .ext = { NOCHECK } };

	root = pki_make(&r, NULL);
	other = pki_make(&r, NULL);
	leaf = pki_make(&leaf_spec, root);
	second = pki_make(&leaf_spec, root);
	signer = pki_make(&s, root);
	response(0, GOOD, (struct response_spec){ 0 });
	response(1, TOLD_REVOKED,
		 (struct response_spec){ .answer = { { .status = CC_OCSP_REVOKED } } });
	response(2, GOOD, (struct response_spec){ .signer = signer, .certs = { signer } });
	response(3, NOTHING, (struct response_spec){ .signer = other, .certs = { other } });
	response(4, NOTHING, (struct response_spec){ .answer = { { .status = CC_OCSP_UNKNOWN } } });
	response(5, GOOD, (struct response_spec){ .answer = { { .about = second } } });
	response(6, GOOD,
		 (struct response_spec){ .answer = { { .from = PKI_DAY, .until = 2 * PKI_DAY } } });
	response(7, NOTHING, (struct response_spec){ .error = 3 });
	list(0, GOOD, GOOD, (struct list_spec){ 0 });
	list(1, TOLD_REVOKED, GOOD,
	     (struct list_spec){ .entry = { { .cert = leaf } }, .entries = 1 });
	list(2, GOOD, TOLD_REVOKED,
	     (struct list_spec){ .entry = { { .cert = second } }, .entries = 1 });
	list(3, NOTHING, NOTHING, (struct list_spec){ .signer = other });
	list(4, NOTHING, NOTHING, (struct list_spec){ .base = 1 });
	list(5, GOOD, GOOD, (struct list_spec){ .from = PKI_DAY, .until = 2 * PKI_DAY });
	list(6, GOOD, GOOD, (struct list_spec){ .from = -PKI_DAY, .until = 600 });
	list(7, NOTHING, NOTHING, (struct list_spec){ .bad_signature = true });
	return 0;
}

/* ---- the network ---- */

static struct {
	const uint8_t *p;
	size_t n;
} in;

static uint8_t take(void)
{
	if (!in.n)
		return 0;
	in.n--;
	return *in.p++;
}

/* Everything that was given in this run, and the template that it was made of; NULL = none. */
#define GIVEN 64
static struct {
	uint8_t *data;
	size_t len;
	const struct template *made_of;
} given[GIVEN];
static size_t given_count;

static void give(struct fetch_answer *ret, const void *p, size_t n, const struct template *made_of)
{
	uint8_t *copy = malloc(n + 1);

	ret->data = malloc(n + 1);
	if (!copy || !ret->data || given_count == GIVEN)
		abort();
	memcpy(ret->data, p, n);
	ret->len = n;
	given[given_count].data = copy;
	given[given_count].len = n;
	given[given_count++].made_of = made_of;
}

static void fake_answer(const struct fetch_request *fetch, struct fetch_answer *ret)
{
	const struct template *t = strstr(fetch->accept, "ocsp") ? responses : lists;
	uint8_t kind = take(), edits = kind & 0x40 ? take() & 7 : 0;
	size_t n;

	if (kind >= 0xe0) { /* an error, or bytes of the input */
		ret->end = take() % FETCH_END_COUNT;
		ret->retry_after = (int64_t)take() << (take() & 31);
		n = take();
		n = n < in.n ? n : in.n;
		if (ret->end == FETCH_OK)
			give(ret, in.p, n, NULL);
		in.p += n;
		in.n -= n;
	} else {
		t += kind % TEMPLATES;
		give(ret, t->der.p, t->der.n, t);
		while (edits--) {
			size_t at = ((size_t)take() << 8 | take()) % ret->len;

			ret->data[at] ^= take();
		}
	}
	if (ret->data)
		memcpy(given[given_count - 1].data, ret->data, ret->len);
}

/* ---- the module ---- */

static struct server *agent;
static struct asker *asker;
static struct fetcher *fetcher;

static void check_evidence(const uint8_t *p, size_t n, uint32_t status, bool about_second,
			   int64_t now)
{
	for (size_t i = 0; i < given_count; i++) {
		const struct template *t = given[i].made_of;

		if (!t || given[i].len != n || memcmp(given[i].data, p, n) != 0)
			continue;
		if ((about_second ? t->worth_second : t->worth) == status &&
		    PKI_NOW + t->from - SKEW <= now && now <= PKI_NOW + t->until + SKEW)
			return;
	}
	abort();
}

static void check(const struct status_reply *reply, size_t len, bool about_second, int64_t now)
{
	const struct capcert_agent_status *s = &reply->status;
	const uint8_t *p = reply->bytes;
	size_t n = reply->head.data_len - sizeof(*s);

	if (!status_reply_form(reply, len) || reply->head.error)
		abort();
	if (s->type == CAPCERT_EVIDENCE_UNREACHABLE)
		return;
	if (s->until < now || s->this_update > now + SKEW)
		abort();
	if (s->fd >= 0 && sealed_map(s->fd, &p, &n) < 0)
		abort();
	check_evidence(p, n, s->status, about_second, now);
	if (s->fd >= 0)
		munmap((void *)(uintptr_t)p, n);
}

static void round_of(int kernel, int64_t now)
{
	static struct status_request q;
	uint8_t what = take();
	uint32_t want = what % 3 == 0	? CAPCERT_MISSING_OCSP
			: what % 3 == 1 ? CAPCERT_MISSING_CRL
					: CAPCERT_MISSING_OCSP | CAPCERT_MISSING_CRL;
	const struct pki *cert = what & 0x80 ? second : leaf;

	status_begin(&q, what, want);
	status_item(&q, cert->der.data, cert->der.size);
	status_item(&q, root->der.data, root->der.size);
	if (send(kernel, q.bytes, q.head.size, 0) < 0)
		abort();
	for (int i = 0; i < 4; i++) {
		fetcher_step(fetcher, -1, 0);
		asker_time(asker, now);
		if (server_run(agent, now) < 0)
			abort();
	}
	if (status_taken.count != 1)
		abort();
	check(status_taken.reply[0], status_taken.len[0], what & 0x80, now);
	status_forget();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	const struct fetch_rules none = { 0 };
	const struct ask_limits limits = { 3, 2, 2, 3, 4, 4096, 1, 1 << 20 };
	const struct server_rules rules = {
		.job = { .timeout_ms = 1000, .max_ocsp = 128 << 10, .max_crl = 1 << 20 },
		.max_request = sizeof(struct status_request),
	};
	int64_t now = PKI_NOW;
	int pair[2];

	in.p = input;
	in.n = size;
	fetcher = fetcher_new(&none);
	asker = asker_new(&limits, fetcher, NULL);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair) < 0)
		abort();
	status_taken.fd = pair[1];
	agent = server_new(&rules, pair[1], asker);
	if (!agent)
		abort();
	for (int i = 0; i < ROUNDS && in.n; i++) {
		uint8_t clock = take();

		/* Forward for the most part, and back; seconds to days. */
		now += (clock & 1 ? -1 : 1) * ((int64_t)(clock >> 4) << (clock >> 1 & 7) * 2);
		round_of(pair[0], now);
	}
	fetcher_free(fetcher);
	server_free(agent);
	asker_free(asker);
	close(pair[0]);
	close(pair[1]);
	while (given_count)
		free(given[--given_count].data);
	return 0;
}
