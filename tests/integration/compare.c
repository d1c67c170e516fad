// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Verifies the same things through the kernel and in this process and compares every field that
 * both must agree on. Prints TAP. Runs as root in the guest, with an agent connected.
 *
 *   compare STORE VERIFIER [REAL.json]
 *   compare --stress PROCESSES COUNT
 *
 * STORE and VERIFIER are serials of an empty captrust key and of a capverify key with the text
 * FIRST_POLICY, made with keyctl. */
#include <jansson.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include "tests/integration/sides.h"

#define ANY_TIME ";time=any"
#define FIRST_POLICY "preset=webpki-lenient" ANY_TIME
#define SERVER CAPCERT_PURPOSE_TLS_SERVER_AUTH

/* ---- certificates of our own ---- */

static struct {
	struct pki *root, *inter, *leaf, *other;
} ec;

static void corrupt(struct pki *p)
{
	p->der.data[p->der.size - 1] ^= 1;
}

/* A chain @leaf (under @inter under ec.root) judged under a policy of its own. */
static void variant(const char *policy, const struct pki *leaf, const struct pki *inter,
		    const char *name, uint32_t purpose, int64_t time, int32_t reason,
		    const char *title)
{
	const struct pki *const certs[] = { leaf, inter, NULL };
	capcert_chain *chain = chain_of(certs);
	struct side s;

	side_new(&s, policy);
	side_add(&s, ec.root, 1u << purpose);
	compare(&s, chain, name, purpose, time, reason, title);
	capcert_chain_free(chain);
	side_close(&s);
}

/* Valid at PKI_NOW and at any time that this is run. */
#define LONG .from = -1000 * PKI_DAY, .until = 5000 * PKI_DAY

static void make_ec(void)
{
	const struct pki_spec root = { .cn = "Root", .org = "Compare", .ca = true, LONG };
	const struct pki_spec inter = { .cn = "Intermediate", .org = "Compare", .ca = true, LONG };
	const struct pki_spec leaf = { .cn = "www.example.org",
				       .dns = { "www.example.org", "*.example.net" } };

	ec.root = pki_make(&root, NULL);
	ec.inter = pki_make(&inter, ec.root);
	ec.leaf = pki_make(&leaf, ec.inter);
	ec.other = pki_make(&root, NULL);
}

#define LEAF(...)                                                            \
	({                                                                   \
		const struct pki_spec spec = { .cn = "www.example.org",      \
					       .dns = { "www.example.org" }, \
					       __VA_ARGS__ };                \
		pki_make(&spec, ec.inter);                                   \
	})
#define INTER(...)                                                        \
	({                                                                \
		const struct pki_spec spec = { .ca = true, __VA_ARGS__ }; \
		pki_make(&spec, ec.root);                                 \
	})
#define UNDER(inter, ...)                                                    \
	({                                                                   \
		const struct pki_spec spec = { .cn = "www.example.org",      \
					       .dns = { "www.example.org" }, \
					       __VA_ARGS__ };                \
		pki_make(&spec, inter);                                      \
	})

static void good_variants(void)
{
	static const uint8_t ip[] = { 192, 0, 2, 7 };
	const char *lenient = "preset=webpki-lenient" ANY_TIME, *plain = "profile=rfc5280" ANY_TIME;
	struct pki *inter = INTER(.alg = PKI_RSA, .cn = "rsa");

	variant(lenient, ec.leaf, ec.inter, "www.example.org", SERVER, PKI_NOW, -1, "host name");
	variant(lenient, ec.leaf, ec.inter, "WWW.Example.ORG.", SERVER, PKI_NOW, -1,
		"host name in capitals with a dot");
	variant(lenient, ec.leaf, ec.inter, "a.example.net", SERVER, PKI_NOW, -1, "wildcard");
	variant(lenient, ec.leaf, ec.inter, NULL, SERVER, PKI_NOW, -1, "no name");
	variant(lenient, LEAF(.ip = ip, .ip_len = 4), ec.inter, "192.0.2.7", SERVER, PKI_NOW, -1,
		"address");
	variant(plain, LEAF(.email = "a@example.org", .eku = { GNUTLS_KP_EMAIL_PROTECTION }),
		ec.inter, "a@example.org", CAPCERT_PURPOSE_EMAIL_SMIME, PKI_NOW, -1, "mailbox");
	variant(lenient, UNDER(inter, .serial = 0), inter, "www.example.org", SERVER, PKI_NOW, -1,
		"RSA");
	inter = INTER(.alg = PKI_P384, .cn = "p384");
	variant(lenient, UNDER(inter, .digest = GNUTLS_DIG_SHA384), inter, "www.example.org",
		SERVER, PKI_NOW, -1, "P-384");
	inter = INTER(.alg = PKI_ED25519, .cn = "ed25519");
	variant(plain, UNDER(inter, .digest = GNUTLS_DIG_SHA512), inter, "www.example.org", SERVER,
		PKI_NOW, -1, "Ed25519");
	variant("profile=rfc5280", LEAF(LONG), ec.inter, "www.example.org", SERVER, 0, -1, "now");
}

static void bad_names_and_times(void)
{
	const char *lenient = "preset=webpki-lenient" ANY_TIME;
	struct pki *broken = LEAF(.serial = 0);

	corrupt(broken);
	variant(lenient, ec.leaf, ec.inter, "www.example.com", SERVER, PKI_NOW,
		CAPCERT_REASON_NAME_MISMATCH, "another host");
	variant(lenient, ec.leaf, ec.inter, "192.0.2.7", SERVER, PKI_NOW,
		CAPCERT_REASON_NAME_MISMATCH, "an address that is not in it");
	variant(lenient, ec.leaf, ec.inter, "www.example.org", SERVER, PKI_NOW + 61 * PKI_DAY,
		CAPCERT_REASON_EXPIRED, "too late");
	variant(lenient, ec.leaf, ec.inter, "www.example.org", SERVER, PKI_NOW - 31 * PKI_DAY,
		CAPCERT_REASON_NOT_YET_VALID, "too early");
	variant(lenient, broken, ec.inter, "www.example.org", SERVER, PKI_NOW,
		CAPCERT_REASON_SIGNATURE_MISMATCH, "altered signature");
	variant(lenient, UNDER(ec.other, .serial = 0), ec.inter, "www.example.org", SERVER, PKI_NOW,
		CAPCERT_REASON_UNKNOWN_ANCHOR, "another root");
	variant("preset=webpki-lenient", LEAF(.from = -900 * PKI_DAY, .until = -800 * PKI_DAY),
		ec.inter, "www.example.org", SERVER, 0, CAPCERT_REASON_EXPIRED, "expired now");
}

static void pinned(const char *head, const struct pki *to, int64_t time, int32_t reason,
		   const char *title)
{
	const struct pki *const certs[] = { ec.leaf, ec.inter, NULL };
	capcert_chain *chain = chain_of(certs);
	struct side s;

	side_new(&s, "preset=webpki-lenient" ANY_TIME);
	side_add(&s, ec.root, 1u << SERVER);
	side_pin(&s, head, to);
	compare(&s, chain, "www.example.org", SERVER, time, reason, title);
	capcert_chain_free(chain);
	side_close(&s);
}

static void pins(void)
{
	pinned("expires=never", ec.inter, PKI_NOW, -1, "pinned");
	pinned("expires=never", ec.other, PKI_NOW, CAPCERT_REASON_PIN_MISMATCH, "another pin");
	pinned("mode=report-only;expires=never", ec.other, PKI_NOW, -1, "reported only");
	pinned("expires=2026-05-31T00:00:00Z", ec.other, PKI_NOW, -1, "expired pins");
}

/* A list by the intermediate, with the leaf on it or @padding others, so that it is large. */
static capcert_evidence *list_of(bool revoked, unsigned int padding)
{
	capcert_evidence *e;
	gnutls_x509_crl_t crl;
	gnutls_datum_t der;

	PKI(gnutls_x509_crl_init(&crl));
	PKI(gnutls_x509_crl_set_version(crl, 2));
	PKI(gnutls_x509_crl_set_this_update(crl, PKI_NOW - PKI_DAY));
	PKI(gnutls_x509_crl_set_next_update(crl, PKI_NOW + PKI_DAY));
	PKI(gnutls_x509_crl_set_number(crl, "\x01", 1));
	if (revoked)
		PKI(gnutls_x509_crl_set_crt(crl, ec.leaf->crt, PKI_NOW - PKI_DAY));
	for (; padding; padding--) {
		uint8_t serial[20] = { 0x40, (uint8_t)(padding >> 8), (uint8_t)padding };

		PKI(gnutls_x509_crl_set_crt_serial(crl, serial, sizeof(serial), PKI_NOW - PKI_DAY));
	}
	PKI(gnutls_x509_crl_privkey_sign(crl, ec.inter->crt, ec.inter->signer, GNUTLS_DIG_SHA256,
					 0));
	PKI(gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_DER, &der));
	gnutls_x509_crl_deinit(crl);
	must(capcert_evidence_new(&e), "evidence");
	must(capcert_evidence_put_crl(e, der.data, der.size), "list");
	gnutls_free(der.data);
	return e;
}

static void listed(bool revoked, unsigned int padding, int32_t reason, const char *title)
{
	const struct pki *const certs[] = { ec.leaf, ec.inter, NULL };
	capcert_evidence *e = list_of(revoked, padding);
	capcert_chain *chain = chain_of(certs);
	struct side s;

	side_new(&s, "preset=webpki-lenient;revocation=crl;revocation_mode=hard;"
		     "revocation_scope=leaf" ANY_TIME);
	side_add(&s, ec.root, 1u << SERVER);
	s.evidence = e;
	compare(&s, chain, "www.example.org", SERVER, PKI_NOW, reason, title);
	capcert_chain_free(chain);
	capcert_evidence_free(e);
	side_close(&s);
}

static void evidence(void)
{
	listed(false, 0, -1, "a list without it");
	listed(true, 0, CAPCERT_REASON_REVOKED, "a list with it");
	listed(true, 8000, CAPCERT_REASON_REVOKED, "a list too long to be sent along");
}

static void bad_by_policy(void)
{
	const char *lenient = "preset=webpki-lenient" ANY_TIME, *plain = "profile=rfc5280" ANY_TIME;
	struct pki *inter = INTER(.cn = "constrained", .permit_dns = "example.com");

	variant("preset=webpki-strict" ANY_TIME, ec.leaf, ec.inter, "www.example.org", SERVER,
		PKI_NOW, CAPCERT_REASON_INSUFFICIENT_SCTS, "strict without SCTs");
	variant("preset=private-mtls" ANY_TIME, LEAF(.eku = { GNUTLS_KP_TLS_WWW_CLIENT }), ec.inter,
		NULL, CAPCERT_PURPOSE_TLS_CLIENT_AUTH, PKI_NOW, CAPCERT_REASON_OCSP_UNAVAILABLE,
		"hard revocation without evidence");
	variant(lenient, LEAF(.alg = PKI_RSA1024), ec.inter, "www.example.org", SERVER, PKI_NOW,
		CAPCERT_REASON_WEAK_ALGORITHM, "RSA-1024");
	variant(lenient, LEAF(.eku = { GNUTLS_KP_CODE_SIGNING }), ec.inter, "www.example.org",
		SERVER, PKI_NOW, CAPCERT_REASON_BAD_EKU, "a code signer's");
	variant(plain, ec.leaf, ec.inter, NULL, CAPCERT_PURPOSE_CT_LOG, PKI_NOW,
		CAPCERT_REASON_POLICY_VIOLATION, "purpose ctLog");
	variant("max_chain=2" ANY_TIME, ec.leaf, ec.inter, "www.example.org", SERVER, PKI_NOW,
		CAPCERT_REASON_CHAIN_TOO_LONG, "three where two are allowed");
	variant(plain, UNDER(inter, .serial = 0), inter, "www.example.org", SERVER, PKI_NOW,
		CAPCERT_REASON_NAME_CONSTRAINT_VIOLATION, "outside the constraint");
	variant(lenient, LEAF(.extension = "1.3.6.1.5.5.7.1.24"), ec.inter, "www.example.org",
		SERVER, PKI_NOW, CAPCERT_REASON_MUST_STAPLE_MISSING, "must staple");
	variant("clock=attested" ANY_TIME, ec.leaf, ec.inter, "www.example.org", SERVER, PKI_NOW,
		CAPCERT_REASON_CLOCK_UNTRUSTED, "an attested clock asked for");
}

static void distrusted(void)
{
	const struct pki *const certs[] = { ec.leaf, ec.inter, NULL };
	capcert_chain *chain = chain_of(certs);
	uint8_t spki[32];
	struct side s;

	capcert_cert_spki_hash(capcert_chain_at(chain, 1), CAPCERT_HASH_SHA256, spki);
	side_new(&s, "preset=webpki-lenient" ANY_TIME);
	side_add(&s, ec.root, 1u << SERVER);
	if (capcert_distrust(CAPCERT_DISTRUST_SPKI, 0, spki, 32, NULL) == -EPERM) {
		ok(true, "distrust list # SKIP the production profile takes it signed only");
		goto out;
	}
	must(capcert_distrust_list_add(s.distrust, CAPCERT_DISTRUST_SPKI, spki, 32), "distrust");
	compare(&s, chain, "www.example.org", SERVER, PKI_NOW, CAPCERT_REASON_DISTRUSTED,
		"intermediate's key distrusted");
	must(capcert_distrust(CAPCERT_DISTRUST_SPKI, CAPCERT_DISTRUST_REMOVE, spki, 32, NULL),
	     "distrust");
	capcert_distrust_list_free(s.distrust);
	must(capcert_distrust_list_new(&s.distrust), "distrust list");
	compare(&s, chain, "www.example.org", SERVER, PKI_NOW, -1, "no longer distrusted");
out:
	capcert_chain_free(chain);
	side_close(&s);
}

/* ---- keys that were made with keyctl; outcome handles ---- */

static void not_an_outcome(const char *what, int fd)
{
	const struct capcert_expect expect = { .purpose = SERVER };

	ok(fd >= 0 && capcert_outcome_require(fd, &expect) == -EBADFD, "%s is no outcome", what);
	if (fd >= 0)
		close(fd);
}

static void demand(struct side *s, const struct capcert_result *made, int fd)
{
	struct capcert_expect expect = { .purpose = SERVER,
					 .policy_digest = made->outcome.policy_digest,
					 .store_digest = made->outcome.store_digest,
					 .leaf = made->outcome.leaf,
					 .name = "www.example.org",
					 .allow_caller_time = 1 };
	struct capcert_result got;
	int superseded = 1;

	must(capcert_outcome_get(fd, &got, &superseded), "capcert_outcome_get");
	ok(memcmp(&got, made, sizeof(got)) == 0 && !superseded, "outcome handle says the same");
	ok(capcert_outcome_require(fd, &expect) == 0, "outcome is what is demanded");
	expect.name = "www.example.com";
	ok(capcert_outcome_require(fd, &expect) == -EKEYREJECTED, "not for another name");
	expect.name = NULL;
	expect.allow_caller_time = 0;
	ok(capcert_outcome_require(fd, &expect) == -EKEYREJECTED, "not at the caller's time");
	expect.allow_caller_time = 1;
	expect.min_origin = CAPCERT_ORIGIN_SYSTEM;
	ok(capcert_outcome_require(fd, &expect) == -EKEYREJECTED, "not of the system's store");
	expect.min_origin = 0;
	side_add(s, ec.other, 1u << SERVER);
	ok(capcert_outcome_require(fd, &expect) == -ESTALE, "stale once the store has moved");
	expect.allow_superseded = 1;
	ok(capcert_outcome_require(fd, &expect) == 0, "unless that is allowed");
}

static void by_keyctl(int store, int verifier)
{
	const struct pki *const certs[] = { ec.leaf, ec.inter, NULL };
	struct capcert_params params = {
		.purpose = SERVER, .name = "www.example.org", .have_time = 1, .time = PKI_NOW
	};
	capcert_chain *chain = chain_of(certs);
	struct capcert_result result;
	struct side s;
	int fd = -1;

	side_open(&s, store, verifier, FIRST_POLICY);
	side_load(&s);
	ok(capcert_store_count(s.local) == 0, "store made with keyctl is empty");
	compare(&s, chain, "www.example.org", SERVER, PKI_NOW, CAPCERT_REASON_UNKNOWN_ANCHOR,
		"empty store");
	side_add(&s, ec.root, 1u << SERVER);
	compare(&s, chain, "www.example.org", SERVER, PKI_NOW, -1, "with its anchor");
	params.chain = chain;
	must(capcert_verify(s.verifier, s.store, &params, &result, &fd), "with outcome handle");
	demand(&s, &result, fd);
	close(fd);
	not_an_outcome("a store", dup(s.store));
	not_an_outcome("an eventfd", eventfd(0, 0));
	not_an_outcome("a memfd", memfd_create("outcome", 0));
	capcert_chain_free(chain);
	side_close(&s);
}

/* ---- signatures ---- */

struct signing {
	enum pki_key alg;
	gnutls_sign_algorithm_t gnutls;
	uint32_t scheme; /* TLS */
	const char *name;
};

static void compare_sig(struct side *s, int cert_fd, const capcert_cert *cert,
			const struct signing *how, const gnutls_datum_t *message,
			const gnutls_datum_t *sig, int32_t reason, const char *what)
{
	int ok_k = -1, ok_l = -1, rk, rl;
	int32_t reason_k = -2, reason_l = -2;

	rk = capcert_verify_sig(s->verifier, cert_fd, how->scheme, message->data, message->size,
				sig->data, sig->size, &ok_k, &reason_k);
	rl = capcert_verify_sig_local(s->policy, cert, how->scheme, message->data, message->size,
				      sig->data, sig->size, &ok_l, &reason_l);
	if (!ok(rk == 0 && rl == 0 && ok_k == ok_l && reason_k == reason_l && reason_k == reason &&
			ok_k == (reason == CAPCERT_REASON_NONE),
		"signature %s, %s", how->name, what))
		printf("# kernel %d ok %d reason %d, local %d ok %d reason %d, wanted %d\n", rk,
		       ok_k, reason_k, rl, ok_l, reason_l, reason);
}

static void one_signature(struct side *all, struct side *strict, const struct signing *how)
{
	const struct pki_spec spec = {
		.cn = how->name,
		.alg = how->alg,
		.digest = how->alg == PKI_ED25519 ? GNUTLS_DIG_SHA512 : GNUTLS_DIG_SHA256,
	};
	struct pki *p = pki_make(&spec, NULL);
	gnutls_datum_t message = { (unsigned char *)(uintptr_t) "message", 7 }, sig;
	gnutls_datum_t none = { message.data, 0 };
	capcert_cert *cert;
	int fd, serial = new_key("capcert", how->name, p->der.data, p->der.size);
	bool strict_too = how->alg == PKI_P256 || how->alg == PKI_RSA;

	must(capcert_open(serial, CAPCERT_RIGHT_VERIFY_SIG | CAPCERT_RIGHT_READ, &fd), "open cert");
	must(capcert_cert_from_handle(fd, &cert), "capcert_cert_from_handle");
	PKI(gnutls_privkey_sign_data2(p->signer, how->gnutls, 0, &message, &sig));
	compare_sig(all, fd, cert, how, &message, &sig, -1, "good");
	compare_sig(all, fd, cert, how, &none, &sig, CAPCERT_REASON_SIGNATURE_MISMATCH,
		    "of another message");
	compare_sig(strict, fd, cert, how, &message, &sig,
		    strict_too ? -1 : CAPCERT_REASON_WEAK_ALGORITHM, "under a strict policy");
	sig.data[sig.size / 2] ^= 1;
	compare_sig(all, fd, cert, how, &message, &sig, CAPCERT_REASON_SIGNATURE_MISMATCH,
		    "altered");
	gnutls_free(sig.data);
	capcert_cert_free(cert);
	close(fd);
	pki_free(p);
}

/* A rule of the profile that no field of the policy says: both sides judge by the same code. */
static void weak_by_profile(void)
{
	const struct pki_spec spec = { .cn = "weak", .alg = PKI_RSA1024 };
	const struct signing how = { PKI_RSA1024, GNUTLS_SIGN_RSA_SHA256, 0x0401, "rsa-1024" };
	struct pki *p = pki_make(&spec, NULL);
	gnutls_datum_t message = { (unsigned char *)(uintptr_t) "message", 7 }, sig;
	int fd, serial = new_key("capcert", how.name, p->der.data, p->der.size);
	capcert_cert *cert;
	struct side s;

	side_new(&s, "preset=webpki-lenient;rsa_min=1024");
	must(capcert_open(serial, CAPCERT_RIGHT_VERIFY_SIG | CAPCERT_RIGHT_READ, &fd), "open cert");
	must(capcert_cert_from_handle(fd, &cert), "capcert_cert_from_handle");
	PKI(gnutls_privkey_sign_data2(p->signer, how.gnutls, 0, &message, &sig));
	compare_sig(&s, fd, cert, &how, &message, &sig, CAPCERT_REASON_WEAK_ALGORITHM,
		    "weak by its profile");
	gnutls_free(sig.data);
	capcert_cert_free(cert);
	close(fd);
	pki_free(p);
	side_close(&s);
}

static void signatures(void)
{
	static const struct signing hows[] = {
		{ PKI_P256, GNUTLS_SIGN_ECDSA_SHA256, 0x0403, "ecdsa-sha256" },
		{ PKI_RSA, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, 0x0804, "rsa-pss-sha256" },
		{ PKI_ED25519, GNUTLS_SIGN_EDDSA_ED25519, 0x0807, "ed25519" },
	};
	struct side all, strict;

	side_new(&all, "profile=rfc5280");
	side_new(&strict, "preset=webpki-strict");
	for (size_t i = 0; i < sizeof(hows) / sizeof(hows[0]); i++)
		one_signature(&all, &strict, &hows[i]);
	side_close(&all);
	side_close(&strict);
	weak_by_profile();
}

/* ---- a store that moves while it is read ---- */

static void keep_moving(const struct side *s)
{
	uint8_t print[32], pin[32];
	capcert_cert *cert;

	must(capcert_cert_new(ec.other->der.data, ec.other->der.size, &cert, NULL), "cert");
	capcert_cert_fingerprint(cert, CAPCERT_HASH_SHA256, print);
	capcert_cert_spki_hash(cert, CAPCERT_HASH_SHA256, pin);
	for (;;) {
		must(capcert_store_add(s->store, ec.other->der.data, ec.other->der.size,
				       1u << SERVER, pin, NULL),
		     "add");
		sched_yield();
		must(capcert_store_remove_fingerprint(s->store, print, NULL), "remove");
		sched_yield();
	}
}

static void moving_store(void)
{
	time_t end = time(NULL) + 20;
	size_t least = 3, most = 0;
	struct side s;
	pid_t child;

	side_new(&s, "preset=webpki-lenient");
	side_add(&s, ec.root, 1u << SERVER);
	child = fork();
	if (child == 0)
		keep_moving(&s);
	for (int i = 0; i < 500 || (time(NULL) < end && !(least == 1 && most == 2)); i++) {
		size_t n;

		side_load(&s);
		n = capcert_store_count(s.local);
		least = n < least ? n : least;
		most = n > most ? n : most;
		sched_yield();
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	ok(least == 1 && most == 2, "a moving store is read at one version (%zu and %zu anchors)",
	   least, most);
	side_close(&s);
}

/* ---- agents that come and go ---- */

/* Names that no cache knows yet, from several processes; each verdict must come, and be right. */
static int ask_often(const struct side *s, const capcert_chain *chain, int process, int count)
{
	for (int i = 0; i < count; i++) {
		bool good = i % 2 == 0;
		char name[64];
		struct capcert_params params = { .chain = chain,
						 .purpose = SERVER,
						 .name = name,
						 .have_time = 1,
						 .time = PKI_NOW,
						 .timeout_ms = 60000 };
		struct capcert_result k;
		int r;

		snprintf(name, sizeof(name), "p%d-%d.example.%s", process, i, good ? "net" : "com");
		r = capcert_verify(s->verifier, s->store, &params, &k, NULL);
		if (r < 0 || k.outcome.valid != good) {
			printf("# %s: %s, %s\n", name, capcert_strerror(r),
			       r < 0 ? "no verdict" : k.outcome.detail);
			return 1;
		}
	}
	return 0;
}

static void stress(int processes, int count)
{
	const struct pki *const certs[] = { ec.leaf, ec.inter, NULL };
	capcert_chain *chain = chain_of(certs);
	int status, bad = 0;
	struct side s;

	side_new(&s, FIRST_POLICY);
	side_add(&s, ec.root, 1u << SERVER);
	for (int i = 0; i < processes; i++)
		if (fork() == 0)
			_exit(ask_often(&s, chain, i, count));
	while (wait(&status) > 0)
		bad += status != 0;
	ok(bad == 0, "%d processes got %d verdicts each", processes, count);
	capcert_chain_free(chain);
	side_close(&s);
}

/* ---- real chains ---- */

static capcert_chain *real_chain(const json_t *list)
{
	capcert_chain *chain;
	const json_t *pem;
	size_t i;

	must(capcert_chain_new(&chain), "chain");
	json_array_foreach(list, i, pem)
	{
		const char *text = json_string_value(pem);
		capcert_cert *cert;

		must(capcert_cert_new((const uint8_t *)text, strlen(text), &cert, NULL), "PEM");
		must(capcert_chain_push(chain, cert), "push");
		capcert_cert_free(cert);
	}
	return chain;
}

static int64_t real_time(const char *text)
{
	struct tm tm = { 0 };

	return strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) ? timegm(&tm) : 0;
}

static void real_anchors(struct side *s, const json_t *cases)
{
	const json_t *t;
	size_t i;

	json_array_foreach(cases, i, t)
	{
		capcert_chain *roots = real_chain(json_object_get(t, "roots"));

		for (size_t j = 0; j < capcert_chain_count(roots); j++) {
			const capcert_cert *cert = capcert_chain_at(roots, j);
			uint8_t pin[32];
			size_t n;
			const uint8_t *der = capcert_cert_der(cert, &n);
			int r;

			capcert_cert_spki_hash(cert, CAPCERT_HASH_SHA256, pin);
			r = capcert_store_add(s->store, der, n, 1u << SERVER, pin, NULL);
			if (r != -EEXIST)
				must(r, "real anchor");
		}
		capcert_chain_free(roots);
	}
	side_load(s);
}

static void real_chains(const char *path)
{
	json_error_t error;
	json_t *cases = json_load_file(path, 0, &error);
	const json_t *t;
	struct side s;
	size_t i;

	if (!cases)
		die(error.text, -EINVAL);
	side_new(&s, FIRST_POLICY);
	real_anchors(&s, cases);
	printf("# %zu anchors\n", capcert_store_count(s.local));
	json_array_foreach(cases, i, t)
	{
		const char *host = json_string_value(json_object_get(t, "host"));
		int64_t at = real_time(json_string_value(json_object_get(t, "validation_time")));
		capcert_chain *chain = real_chain(json_object_get(t, "chain"));

		compare(&s, chain, host, SERVER, at, -1, host);
		if (i % 10 == 0)
			compare(&s, chain, "wrong.example", SERVER, at,
				CAPCERT_REASON_NAME_MISMATCH, host);
		capcert_chain_free(chain);
	}
	side_close(&s);
	json_decref(cases);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 3)
		die("usage: compare STORE VERIFIER [REAL.json] | --stress PROCESSES COUNT",
		    -EINVAL);
	make_ec();
	if (argc == 4 && !strcmp(argv[1], "--stress")) {
		stress(atoi(argv[2]), atoi(argv[3]));
		printf("1..%u\n", results);
		return failures != 0;
	}
	by_keyctl(atoi(argv[1]), atoi(argv[2]));
	good_variants();
	bad_names_and_times();
	bad_by_policy();
	pins();
	evidence();
	distrusted();
	signatures();
	moving_store();
	if (argc > 3)
		real_chains(argv[3]);
	printf("1..%u\n", results);
	return failures != 0;
}
