// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The status agent between the module and the network, both played by this file: who is asked, what is
 * believed, what is handed over, and that every request gets one reply that the module takes. */
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "helpers/statusd/sealed.h"
#include "helpers/statusd/serve.h"
#include "tests/unit/fake_fetcher.h"
#include "tests/unit/ocsp_fixture.h"
#include "tests/unit/status_wire.h"

#define OCSP CAPCERT_MISSING_OCSP
#define CRL CAPCERT_MISSING_CRL

/* id-ad-ocsp http://x/o, and the list at http://x/l. */
#define ASK_OCSP                                                                                   \
	{                                                                                          \
		.oid = "1.3.6.1.5.5.7.1.1",                                                        \
		.der = "\x30\x18\x30\x16\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01\x86\x0ahttp://x/" \
		       "o",                                                                        \
		.len = 26                                                                          \
	}
#define ASK_LIST                                                                                 \
	{                                                                                        \
		.oid = "2.5.29.31", .der = "\x30\x12\x30\x10\xa0\x0e\xa0\x0c\x86\x0ahttp://x/l", \
		.len = 20                                                                        \
	}

static struct pki *root, *leaf, *other, *mute, *listed;
static struct asker *asker;
static struct fetcher *fetcher;
static struct server *agent;
static struct status_request request;
static const struct status_reply *reply;
static int kernel = -1, device = -1;

/* The nonces that a responder answers with. */
enum nonces { SAME, NONE_AT_ALL, ANOTHER, LAST };
static enum nonces nonces;
static struct cc_span last_nonce;

/* What the network gives; nothing: it is not there. */
static struct cc_span response, list;
static char last_url[FETCH_URL_MAX + 1];

/* The responder that answers while it is asked: by what the request has for a nonce. */
static struct cc_span answer_with_nonce(const struct fetch_request *fetch)
{
	static const uint8_t oid[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02 };
	const uint8_t *at = memmem(fetch->body, fetch->body_len, oid, sizeof(oid));
	struct cc_span nonce = nonces == LAST ? last_nonce : NONE;
	char exts[200] = "30{06{2b0601050507300102}04{04{";

	assert_non_null(at);
	at += sizeof(oid);
	assert_memory_equal(at, "\x04\x22\x04\x20", 4);
	if (!nonce.n)
		nonce = last_nonce = cc_span(memcpy(der_alloc(32), at + 4, 32), 32);
	for (size_t i = 0; i < 32; i++)
		snprintf(exts + strlen(exts), 3, "%02x", nonce.p[i] ^ (nonces == ANOTHER));
	strcat(exts, "}}}");
	return make_response(
		&(struct response_spec){ .issuer = root,
					 .answer = { { .about = leaf } },
					 .exts = nonces == NONE_AT_ALL ? NULL : exts });
}

static void fake_answer(const struct fetch_request *fetch, struct fetch_answer *ret)
{
	struct cc_span from = strstr(fetch->accept, "ocsp") ? response : list;

	if (fetch->body)
		from = answer_with_nonce(fetch);

	snprintf(last_url, sizeof(last_url), "%s", fetch->url);
	if (!from.n) {
		ret->end = FETCH_UNREACHABLE;
		return;
	}
	assert_true(from.n <= fetch->max_bytes);
	ret->data = malloc(from.n);
	assert_non_null(ret->data);
	memcpy(ret->data, from.p, from.n);
	ret->len = from.n;
}

/* ---- the world ---- */

static int make_pki(void **state)
{
	struct pki_spec l = { LEAF_SPEC, .ext = { ASK_OCSP, ASK_LIST } };
	struct pki_spec m = { LEAF_SPEC }, o = { LEAF_SPEC, .ext = { ASK_LIST } };

	root = make_root();
	other = make_root();
	leaf = pki_make(&l, root);
	mute = pki_make(&m, root);
	listed = pki_make(&o, root);
	return 0;
}

static int free_pki(void **state)
{
	pki_free(root);
	pki_free(other);
	pki_free(leaf);
	pki_free(mute);
	pki_free(listed);
	return 0;
}

static int start(void **state)
{
	const struct fetch_rules none = { 0 };
	const struct ask_limits limits = { .entries = 64,
					   .under_way = 16,
					   .per_host = 16,
					   .hosts = 17,
					   .waiting = 2000,
					   .bytes = 1 << 20,
					   .files = 4,
					   .file_bytes = 1 << 20 };
	const struct server_rules rules = {
		.job = { .timeout_ms = 1000, .max_ocsp = 128 << 10, .max_crl = 1 << 20 },
		.max_request = sizeof(request)
	};
	int pair[2];

	response = list = (struct cc_span){ NULL, 0 };
	assert_return_code(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), errno);
	kernel = pair[0];
	device = status_taken.fd = pair[1];
	fetcher = fetcher_new(&none);
	asker = asker_new(&limits, fetcher, NULL);
	agent = server_new(&rules, device, asker);
	assert_non_null(agent);
	return 0;
}

static int stop(void **state)
{
	fetcher_free(fetcher);
	server_free(agent);
	asker_free(asker);
	status_forget();
	status_taken.fd = -1;
	close(kernel);
	close(device);
	return 0;
}

static void send_request(void)
{
	assert_int_equal(send(kernel, request.bytes, request.head.size, 0), request.head.size);
}

static void question(uint64_t id, const struct pki *cert, const struct pki *issuer, uint32_t want)
{
	status_begin(&request, id, want);
	status_item(&request, cert->der.data, cert->der.size);
	status_item(&request, issuer->der.data, issuer->der.size);
}

static void step(int64_t now)
{
	fetcher_step(fetcher, -1, 0);
	asker_time(asker, now);
	assert_int_equal(server_run(agent, now), 0);
}

/* The replies so far, all of them well-formed; the last one is there to look at. */
static size_t replies(void)
{
	size_t n = status_taken.count;

	for (size_t i = 0; i < n; i++)
		assert_true(status_reply_form(status_taken.reply[i], status_taken.len[i]));
	reply = n ? status_taken.reply[n - 1] : NULL;
	return n;
}

/* The request as it stands, answered within as many steps as there are addresses. Returns the error. */
static int ask_at(int64_t now)
{
	status_forget();
	send_request();
	for (int i = 0; i < 4; i++)
		step(now);
	assert_int_equal(replies(), 1);
	assert_int_equal(reply->head.id, request.head.id);
	return reply->head.error;
}

static void expect(uint32_t type, uint32_t status, uint32_t fetches)
{
	assert_int_equal(reply->status.type, type);
	assert_int_equal(reply->status.status, status);
	assert_int_equal(fetcher->started, fetches);
}

static struct cc_span ocsp_says(enum cc_ocsp_cert_status status)
{
	return make_response(&(struct response_spec){
		.issuer = root, .answer = { { .about = leaf, .status = status } } });
}

/* ---- answers ---- */

static void test_ocsp(void **state)
{
	response = ocsp_says(CC_OCSP_GOOD);
	question(7, leaf, root, OCSP | CRL);
	assert_int_equal(ask_at(PKI_NOW), 0);
	expect(CAPCERT_EVIDENCE_OCSP, CAPCERT_OCSP_GOOD, 1);
	assert_int_equal(reply->head.data_len - sizeof(reply->status), response.n);
	assert_memory_equal(reply->bytes, response.p, response.n);
	assert_int_equal(reply->status.fetched, PKI_NOW);
	assert_int_equal(reply->status.this_update, PKI_NOW - 3600);
	assert_true(reply->status.until > PKI_NOW && reply->status.until <= PKI_NOW + 3 * PKI_DAY);
	assert_false(reply->status.flags & CAPCERT_AGENT_STATUS_KEPT);
	assert_non_null(strstr(reply->head.detail, "http://x/o"));
	assert_memory_equal(last_url, "http://x/o/", 11);
	/* Once fetched it is there for all, and no longer than it says. */
	assert_int_equal(ask_at(PKI_NOW + 5), 0);
	expect(CAPCERT_EVIDENCE_OCSP, CAPCERT_OCSP_GOOD, 1);
	assert_int_equal(reply->status.fetched, PKI_NOW);
	assert_true(reply->status.flags & CAPCERT_AGENT_STATUS_KEPT);
	response = (struct cc_span){ NULL, 0 };
	assert_int_equal(ask_at(reply->status.until + 1), 0);
	expect(CAPCERT_EVIDENCE_UNREACHABLE, CAPCERT_OCSP_RESPONDER_UNREACHABLE, 3);
}

static void test_revoked(void **state)
{
	response = ocsp_says(CC_OCSP_REVOKED);
	question(8, leaf, root, OCSP);
	assert_int_equal(ask_at(PKI_NOW), 0);
	expect(CAPCERT_EVIDENCE_OCSP, CAPCERT_OCSP_REVOKED, 1);
}

static void test_list(void **state)
{
	const uint8_t *data;
	size_t n;

	list = make_list(
		&(struct list_spec){ .issuer = root, .entry = { { .cert = leaf } }, .entries = 1 });
	question(9, leaf, root, CRL);
	assert_int_equal(ask_at(PKI_NOW), 0);
	expect(CAPCERT_EVIDENCE_CRL, CAPCERT_OCSP_REVOKED, 1);
	assert_string_equal(last_url, "http://x/l");
	assert_int_equal(sealed_map(reply->status.fd, &data, &n), 0);
	assert_int_equal(n, list.n);
	assert_memory_equal(data, list.p, n);
	munmap((void *)(uintptr_t)data, n);
	assert_int_equal(reply->status.this_update, PKI_NOW - PKI_DAY);
	/* One list is about every certificate. */
	question(10, listed, root, OCSP | CRL);
	assert_int_equal(ask_at(PKI_NOW), 0);
	expect(CAPCERT_EVIDENCE_CRL, CAPCERT_OCSP_GOOD, 1);
	assert_true(reply->status.flags & CAPCERT_AGENT_STATUS_KEPT);
}

/* A list of end entities alone, asked for at once about a CA and about one of these: it holds for the one,
 * and says nothing to the other, who judged it first. */
static void test_list_for_one(void **state)
{
	struct pki_spec spec = { CA_SPEC, .ext = { ASK_LIST } };
	struct pki *ca = pki_make(&spec, root);
	size_t i;

	list = make_list(&(struct list_spec){ .issuer = root, .idp = idp_of(ONLY_USER) });
	question(22, listed, root, CRL);
	send_request();
	question(21, ca, root, CRL); /* what came last is begun first, and judges first */
	send_request();
	for (i = 0; i < 4; i++)
		step(PKI_NOW);
	assert_int_equal(replies(), 2);
	assert_int_equal(fetcher->started, 1);
	for (i = 0; i < 2; i++) {
		const struct status_reply *r = status_taken.reply[i];

		assert_true(r->head.id == 21 || r->head.id == 22);
		assert_int_equal(r->status.type, r->head.id == 21 ? CAPCERT_EVIDENCE_UNREACHABLE
								  : CAPCERT_EVIDENCE_CRL);
		assert_int_equal(r->status.status, r->head.id == 21
							   ? CAPCERT_OCSP_RESPONDER_UNREACHABLE
							   : CAPCERT_OCSP_GOOD);
	}
	pki_free(ca);
}

/* The next address, where the first says nothing that holds. */
static void test_second(void **state)
{
	response = ocsp_says(CC_OCSP_UNKNOWN);
	list = make_list(&(struct list_spec){ .issuer = root });
	question(11, leaf, root, OCSP | CRL);
	assert_int_equal(ask_at(PKI_NOW), 0);
	expect(CAPCERT_EVIDENCE_CRL, CAPCERT_OCSP_GOOD, 2);
}

static void refused(struct cc_span what, bool is_list, const char *why)
{
	stop(NULL);
	start(NULL);
	response = is_list ? response : what;
	list = is_list ? what : list;
	question(12, leaf, root, is_list ? CRL : OCSP);
	assert_int_equal(ask_at(PKI_NOW), 0);
	expect(CAPCERT_EVIDENCE_UNREACHABLE, CAPCERT_OCSP_RESPONDER_UNREACHABLE, 1);
	assert_int_equal(reply->status.until, PKI_NOW + SERVE_RETRY);
	if (!strstr(reply->head.detail, why))
		fail_msg("\"%s\" is not in: %s", why, reply->head.detail);
}

static void refused_response(struct response_spec s, const char *why)
{
	s.issuer = root;
	s.answer[0].about = s.answer[0].about ? s.answer[0].about : leaf;
	refused(make_response(&s), false, why);
}

static void refused_list(struct list_spec s, const char *why)
{
	s.issuer = root;
	refused(make_list(&s), true, why);
}

static void test_refused(void **state)
{
	struct cc_span good = ocsp_says(CC_OCSP_GOOD);

	for (size_t n = 1; n < good.n; n++)
		refused(cc_span(good.p, n), false, "");
	refused((struct cc_span){ NULL, 0 }, false, "no connection");
	refused(der_str("<html>"), false, "no OCSP response");
	refused(der_str("<html>"), true, "no revocation list");
	refused_response((struct response_spec){ .bad_signature = true }, "sign");
	refused_response((struct response_spec){ .signer = other, .certs = { other } }, "");
	refused_response((struct response_spec){ .answer = { { .about = mute } } }, "");
	refused_response((struct response_spec){ .answer = { { .from = -9 * PKI_DAY,
							       .until = -1 * PKI_DAY } } },
			 "");
	refused_response(
		(struct response_spec){ .answer = { { .from = PKI_DAY, .until = 2 * PKI_DAY } } },
		"");
	refused_response((struct response_spec){ .error = 3 }, "");
	refused_list((struct list_spec){ .bad_signature = true }, "");
	refused_list((struct list_spec){ .signer = other }, "");
	refused_list((struct list_spec){ .from = -9 * PKI_DAY, .until = -PKI_DAY }, "");
	refused_list((struct list_spec){ .from = PKI_DAY, .until = 2 * PKI_DAY }, "");
	refused_list((struct list_spec){ .base = 1 }, "");
}

/* Evidence that ends before it begins, within what a clock may be off. */
static void test_backwards(void **state)
{
	list = make_list(&(struct list_spec){ .issuer = root, .from = 50, .until = 10 });
	question(13, leaf, root, CRL);
	assert_int_equal(ask_at(PKI_NOW), 0);
	response = make_response(&(struct response_spec){
		.issuer = root, .answer = { { .about = leaf, .from = 50, .until = 10 } } });
	question(14, leaf, root, OCSP);
	assert_int_equal(ask_at(PKI_NOW), 0);
}

static void test_no_address(void **state)
{
	question(15, mute, root, OCSP | CRL);
	assert_int_equal(ask_at(PKI_NOW), 0);
	expect(CAPCERT_EVIDENCE_UNREACHABLE, CAPCERT_OCSP_RESPONDER_UNREACHABLE, 0);
	assert_non_null(strstr(reply->head.detail, "names no address"));
}

/* Who signs is part of the question: another issuer of that name shares nothing. */
static void test_other_issuer(void **state)
{
	response = ocsp_says(CC_OCSP_GOOD);
	question(16, leaf, root, OCSP);
	assert_int_equal(ask_at(PKI_NOW), 0);
	expect(CAPCERT_EVIDENCE_OCSP, CAPCERT_OCSP_GOOD, 1);
	question(17, leaf, other, OCSP);
	assert_int_equal(ask_at(PKI_NOW), 0);
	expect(CAPCERT_EVIDENCE_UNREACHABLE, CAPCERT_OCSP_RESPONDER_UNREACHABLE, 2);
}

/* Of what stands beside the two, garbage is left aside, and a responder's certificate is of use. */
static void test_others(void **state)
{
	struct pki_spec s = { .cn = "Responder", .eku = { OCSP_SIGNING }, .ext = { NOCHECK } };
	struct pki *signer = pki_make(&s, root);

	response = make_response(&(struct response_spec){
		.issuer = root, .signer = signer, .answer = { { .about = leaf } } });
	question(18, leaf, root, OCSP);
	status_item(&request, "garbage", 7);
	status_item(&request, signer->der.data, signer->der.size);
	assert_int_equal(ask_at(PKI_NOW), 0);
	expect(CAPCERT_EVIDENCE_OCSP, CAPCERT_OCSP_GOOD, 1);
	pki_free(signer);
}

/* How long evidence without an end counts is the request's to say. */
static void test_max_age(void **state)
{
	response = make_response(&(struct response_spec){
		.issuer = root, .answer = { { .about = leaf, .no_next = true } } });
	question(19, leaf, root, OCSP);
	request.head.max_age = 3600;
	assert_int_equal(ask_at(PKI_NOW + 1), 0);
	expect(CAPCERT_EVIDENCE_UNREACHABLE, CAPCERT_OCSP_RESPONDER_UNREACHABLE, 1);
	request.head.max_age = 7200;
	assert_int_equal(ask_at(PKI_NOW + 60), 0);
	expect(CAPCERT_EVIDENCE_OCSP, CAPCERT_OCSP_GOOD, 2);
	assert_int_equal(reply->status.until, PKI_NOW + 3600);
}

/* Asked with a nonce: taken or not, by how the responder answers. A round is far enough from the one before
 * for a failure to be forgotten. */
static void with_nonce(uint32_t mode, enum nonces answer, uint32_t type, uint32_t fetches)
{
	static int round;

	nonces = answer;
	question(30, leaf, root, OCSP);
	request.head.scheme = mode;
	assert_int_equal(ask_at(PKI_NOW + 3600 * round++), 0);
	expect(type, type == CAPCERT_EVIDENCE_OCSP ? GOOD : UNREACHABLE, fetches);
	if (type != CAPCERT_EVIDENCE_OCSP)
		assert_non_null(strstr(reply->head.detail, "nonce"));
}

static void test_nonce(void **state)
{
	const uint32_t ask_it = CAPCERT_NONCE_ASK, must = CAPCERT_NONCE_REQUIRE;
	const uint32_t yes = CAPCERT_EVIDENCE_OCSP, no = CAPCERT_EVIDENCE_UNREACHABLE;

	with_nonce(ask_it, ANOTHER, no, 1);
	with_nonce(ask_it, NONE_AT_ALL, yes, 2);
	/* Kept for whoever asks so, not for those who want it with the nonce. */
	with_nonce(ask_it, SAME, yes, 2);
	with_nonce(must, NONE_AT_ALL, no, 3);
	with_nonce(must, ANOTHER, no, 4);
	last_nonce = NONE;
	with_nonce(must, SAME, yes, 5);
	with_nonce(must, SAME, yes, 5);
	/* What was right once is replayed. */
	stop(NULL);
	start(NULL);
	with_nonce(must, LAST, no, 1);
	response = ocsp_says(CC_OCSP_GOOD);
	with_nonce(CAPCERT_NONCE_OFF, SAME, yes, 2);
	question(31, leaf, root, OCSP);
	request.head.scheme = CAPCERT_NONCE_REQUIRE + 1;
	assert_int_equal(ask_at(PKI_NOW), -EPROTO);
}

/* Those who wait for one fetch have one nonce: that of the first, even when he is gone. */
static void test_nonce_shared(void **state)
{
	nonces = SAME;
	for (uint64_t id = 1; id <= 3; id++) {
		question(id, leaf, root, OCSP);
		request.head.scheme = CAPCERT_NONCE_REQUIRE;
		send_request();
	}
	assert_int_equal(server_run(agent, PKI_NOW), 0);
	step(PKI_NOW);
	assert_int_equal(replies(), 3);
	assert_int_equal(fetcher->started, 1);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(status_taken.reply[i]->status.type, CAPCERT_EVIDENCE_OCSP);
}

/* ---- requests ---- */

static void malformed(int error)
{
	assert_int_equal(ask_at(PKI_NOW), error);
	assert_int_equal(fetcher->started, 0);
}

static void test_malformed(void **state)
{
	uint32_t whole;

	question(20, leaf, root, OCSP);
	request.head.op = CAPCERT_AGENT_OP_VERIFY;
	malformed(-EPROTO);
	question(20, leaf, root, 0);
	malformed(-EPROTO);
	question(20, leaf, root, CAPCERT_MISSING_ALL);
	malformed(-EPROTO);
	question(20, leaf, root, OCSP);
	request.head.evidence_count = 1;
	request.head.size += sizeof(struct capcert_agent_evidence);
	malformed(-EPROTO);
	status_begin(&request, 20, OCSP);
	status_item(&request, leaf->der.data, leaf->der.size);
	malformed(-EPROTO);
	status_item(&request, "garbage", 7);
	assert_true(ask_at(PKI_NOW) < 0);
	/* Cut off anywhere, with the length it then has; without a head there is nobody to answer. */
	question(20, leaf, root, OCSP);
	whole = request.head.size;
	for (uint32_t n = sizeof(request.head); n < whole; n++) {
		request.head.size = n;
		malformed(-EPROTO);
	}
	status_forget();
	assert_int_equal(send(kernel, request.bytes, 20, 0), 20);
	step(PKI_NOW);
	assert_int_equal(replies(), 0);
}

static void test_many(void **state)
{
	response = ocsp_says(CC_OCSP_GOOD);
	for (uint64_t id = 1; id <= 500; id++) {
		question(id, leaf, root, OCSP);
		send_request();
		assert_int_equal(server_run(agent, PKI_NOW), 0);
	}
	assert_int_equal(replies(), 0);
	step(PKI_NOW);
	assert_int_equal(replies(), 500);
	for (size_t i = 0; i < 500; i++)
		assert_int_equal(status_taken.reply[i]->status.type, CAPCERT_EVIDENCE_OCSP);
	assert_int_equal(fetcher->started, 1);
}

static void test_full(void **state)
{
	for (uint64_t id = 1; id <= SERVE_CALLS; id++) {
		assert_false(server_full(agent));
		question(id, leaf, root, OCSP);
		send_request();
		assert_int_equal(server_run(agent, PKI_NOW), 0);
	}
	assert_true(server_full(agent));
	send_request(); /* stays where it is */
	assert_int_equal(server_run(agent, PKI_NOW), 0);
	assert_int_equal(recv(device, request.bytes, sizeof(request), 0), request.head.size);
	/* All of them go down with the agent, unanswered: the module asks the next one. */
	assert_int_equal(replies(), 0);
}

static void test_device_gone(void **state)
{
	close(kernel);
	kernel = -1;
	assert_int_equal(server_run(agent, PKI_NOW), -EPIPE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ocsp),	 TEST(test_revoked),	 TEST(test_list),
		TEST(test_list_for_one), TEST(test_second),	 TEST(test_refused),
		TEST(test_backwards),	 TEST(test_no_address),	 TEST(test_other_issuer),
		TEST(test_others),	 TEST(test_max_age),	 TEST(test_nonce),
		TEST(test_nonce_shared), TEST(test_malformed),	 TEST(test_many),
		TEST(test_full),	 TEST(test_device_gone),
	};

	return cmocka_run_group_tests(tests, make_pki, free_pki);
}
