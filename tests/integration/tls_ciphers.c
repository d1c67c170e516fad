// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Every version and cipher suite that OpenSSL has, against each cipher policy, as client and as server: what
 * the policy names is agreed, everything else is refused. Suites that this OpenSSL was built without, 3DES
 * among them, are GnuTLS's to try. Over socket pairs, in one process. */
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include "examples/example.h"
#include "tests/pki.h"

/* What docs/tls.md says that each policy speaks in TLS 1.2. */
#define INTERMEDIATE                                                                               \
	" ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-RSA-AES128-GCM-SHA256 ECDHE-ECDSA-AES256-GCM-SHA384" \
	" ECDHE-RSA-AES256-GCM-SHA384 ECDHE-ECDSA-CHACHA20-POLY1305 ECDHE-RSA-CHACHA20-POLY1305"   \
	" DHE-RSA-AES128-GCM-SHA256 DHE-RSA-AES256-GCM-SHA384 DHE-RSA-CHACHA20-POLY1305 "
static const char *const spoken[] = {
	[CAPCERT_TLS_MODERN] = " ",
	[CAPCERT_TLS_INTERMEDIATE] = INTERMEDIATE,
	[CAPCERT_TLS_LEGACY] =
		INTERMEDIATE "ECDHE-ECDSA-AES128-SHA256 ECDHE-RSA-AES128-SHA256 "
			     "ECDHE-ECDSA-AES128-SHA ECDHE-RSA-AES128-SHA "
			     "ECDHE-ECDSA-AES256-SHA384 ECDHE-RSA-AES256-SHA384 "
			     "ECDHE-ECDSA-AES256-SHA ECDHE-RSA-AES256-SHA "
			     "DHE-RSA-AES128-SHA256 DHE-RSA-AES256-SHA256 "
			     "DHE-RSA-AES128-SHA DHE-RSA-AES256-SHA "
			     "AES128-GCM-SHA256 AES256-GCM-SHA384 AES128-SHA256 AES256-SHA256 "
			     "AES128-SHA AES256-SHA "
			     /* Mozilla has 3DES with RSA key exchange alone; GnuTLS knows no such
			      * difference. */
			     "DES-CBC3-SHA DHE-RSA-DES-CBC3-SHA ECDHE-RSA-DES-CBC3-SHA "
			     "ECDHE-ECDSA-DES-CBC3-SHA TLS_RSA_3DES_EDE_CBC_SHA1 "
			     "TLS_DHE_RSA_3DES_EDE_CBC_SHA1 TLS_ECDHE_RSA_3DES_EDE_CBC_SHA1 "
			     "TLS_ECDHE_ECDSA_3DES_EDE_CBC_SHA1 ",
};
#define SPOKEN_13 " TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256 "
static const char *const suites_13[] = { "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
					 "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_CCM_SHA256",
					 "TLS_AES_128_CCM_8_SHA256" };

static struct pki *leafs[2]; /* P-256, RSA */
static capcert_tls_context *servers[3][2], *clients[3];
static unsigned int tried, agreed, wrong;

static bool named(const char *list, const char *name)
{
	char word[80];

	snprintf(word, sizeof(word), " %s ", name);
	return strstr(list, word) != NULL;
}

/* ---- the two ends ---- */

static void make_contexts(void)
{
	struct pki_spec spec = { .cn = "localhost",
				 .dns = { "localhost" },
				 .until = 3650 * PKI_DAY,
				 .from = -3650 * PKI_DAY };
	struct pki_spec rsa = spec;
	capcert_store *store;
	uint32_t p;
	int k;

	rsa.alg = PKI_RSA;
	/* Usable for the key exchange of old as well. */
	rsa.usage = GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT;
	leafs[0] = pki_make(&spec, NULL);
	leafs[1] = pki_make(&rsa, NULL);
	must(capcert_store_new(&store), "store");
	for (k = 0; k < 2; k++)
		must(capcert_store_put(store, leafs[k]->der.data, leafs[k]->der.size, 1), "anchor");
	for (p = 0; p < 3; p++) {
		struct capcert_tls_parts c = CAPCERT_TLS_PARTS_INIT;

		for (k = 0; k < 2; k++) {
			struct capcert_tls_parts s = CAPCERT_TLS_PARTS_INIT;
			struct capcert_tls_value value = { .key_fd = -1 };
			gnutls_privkey_t key;
			capcert_chain *chain;

			PKI(gnutls_privkey_init(&key));
			PKI(gnutls_privkey_import_x509(key, leafs[k]->key,
						       GNUTLS_PRIVKEY_IMPORT_COPY));
			must(capcert_chain_parse(leafs[k]->der.data, leafs[k]->der.size, &chain,
						 NULL),
			     "chain");
			value.chain = chain;
			must(capcert_tls_slots_new(&s.slots), "slots");
			must(capcert_tls_slots_put_gnutls(s.slots, "localhost", &value, key, NULL),
			     "slot");
			capcert_chain_free(chain);
			s.role = CAPCERT_TLS_SERVER;
			s.default_slot = "localhost";
			s.cipher_policy = p;
			s.flags = CAPCERT_TLS_LEGACY_OK;
			servers[p][k] = context_of(&s);
		}
		c.role = CAPCERT_TLS_CLIENT;
		c.policy = policy_of("profile=rfc5280");
		c.store = store;
		c.cipher_policy = p;
		/* A leaf that is its own anchor is no path: agreeing is what this is about. */
		c.flags = CAPCERT_TLS_LEGACY_OK | CAPCERT_TLS_INSECURE_GO_ON;
		clients[p] = context_of(&c);
	}
}

static SSL_CTX *openssl_end(bool server, int version, const char *cipher, int key)
{
	SSL_CTX *ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
	const unsigned char *der = leafs[key]->der.data;
	gnutls_datum_t pem;

	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_min_proto_version(ctx, version);
	SSL_CTX_set_max_proto_version(ctx, version);
	if (version == TLS1_3_VERSION)
		SSL_CTX_set_ciphersuites(ctx, cipher);
	else if (cipher)
		SSL_CTX_set_cipher_list(ctx, cipher);
	SSL_CTX_set_dh_auto(ctx, 1);
	if (server) {
		X509 *x = d2i_X509(NULL, &der, (long)leafs[key]->der.size);
		const unsigned char *p;
		EVP_PKEY *pkey;

		PKI(gnutls_x509_privkey_export2_pkcs8(leafs[key]->key, GNUTLS_X509_FMT_DER, NULL,
						      GNUTLS_PKCS_PLAIN, &pem));
		p = pem.data;
		pkey = d2i_AutoPrivateKey(NULL, &p, (long)pem.size);
		SSL_CTX_use_certificate(ctx, x);
		SSL_CTX_use_PrivateKey(ctx, pkey);
		X509_free(x);
		EVP_PKEY_free(pkey);
		gnutls_free(pem.data);
	}
	return ctx;
}

/* Ours on fds[0]; the other one is free. */
static capcert_tls *our_end(bool serves, uint32_t policy, int key, int fds[2])
{
	capcert_tls *tls;

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) ? -errno : 0, "sockets");
	if (serves)
		must(capcert_tls_server(servers[policy][key], fds[0], CAPCERT_TLS_NONBLOCK, &tls),
		     "server");
	else
		must(capcert_tls_client(clients[policy], fds[0], "localhost", CAPCERT_TLS_NONBLOCK,
					&tls),
		     "client");
	return tls;
}

/* Do they agree, and on what was asked? */
static bool agree(bool openssl_serves, int version, const char *cipher, uint32_t policy, int key)
{
	SSL_CTX *ctx = openssl_end(openssl_serves, version, cipher, key);
	int fds[2], ours = -EAGAIN, theirs = 0, turns;
	capcert_tls *tls = our_end(!openssl_serves, policy, key, fds);
	SSL *ssl = SSL_new(ctx);
	bool good;

	SSL_set_fd(ssl, fds[1]);
	for (turns = 0; turns < 100 && (ours == -EAGAIN || theirs <= 0); turns++) {
		if (ours == -EAGAIN)
			ours = capcert_tls_handshake(tls);
		if (theirs <= 0)
			theirs = openssl_serves ? SSL_accept(ssl) : SSL_connect(ssl);
		if ((ours < 0 && ours != -EAGAIN) ||
		    (theirs <= 0 && SSL_get_error(ssl, theirs) != SSL_ERROR_WANT_READ &&
		     SSL_get_error(ssl, theirs) != SSL_ERROR_WANT_WRITE))
			break;
	}
	good = ours == 0 && theirs == 1 && (!cipher || !strcmp(SSL_get_cipher_name(ssl), cipher)) &&
	       SSL_version(ssl) == version;
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	capcert_tls_free(tls);
	close(fds[0]);
	close(fds[1]);
	return good;
}

/* A suite that OpenSSL has not: the same question to GnuTLS. */
struct suite {
	const char *name;
	gnutls_kx_algorithm_t kx;
	gnutls_cipher_algorithm_t cipher;
	gnutls_mac_algorithm_t mac;
};

static gnutls_session_t gnutls_end(bool serves, const struct suite *suite, int key, int fd,
				   gnutls_certificate_credentials_t cred)
{
	gnutls_session_t session;
	char priority[256];

	snprintf(priority, sizeof(priority),
		 "NONE:+VERS-TLS1.2:+%s:+%s:+%s:+GROUP-ALL:+SIGN-ALL:+COMP-NULL:+CTYPE-X509",
		 gnutls_kx_get_name(suite->kx), gnutls_cipher_get_name(suite->cipher),
		 gnutls_mac_get_name(suite->mac));
	PKI(gnutls_init(&session, (serves ? GNUTLS_SERVER : GNUTLS_CLIENT) | GNUTLS_NONBLOCK));
	PKI(gnutls_priority_set_direct(session, priority, NULL));
	if (serves) {
		PKI(gnutls_certificate_set_x509_key(cred, &leafs[key]->crt, 1, leafs[key]->key));
		PKI(gnutls_certificate_set_known_dh_params(cred, GNUTLS_SEC_PARAM_MEDIUM));
	} else {
		PKI(gnutls_server_name_set(session, GNUTLS_NAME_DNS, "localhost", 9));
	}
	PKI(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, cred));
	gnutls_transport_set_int(session, fd);
	return session;
}

static bool agree_gnutls(bool gnutls_serves, const struct suite *suite, uint32_t policy, int key)
{
	int fds[2], ours = -EAGAIN, theirs = GNUTLS_E_AGAIN, turns;
	capcert_tls *tls = our_end(!gnutls_serves, policy, key, fds);
	gnutls_certificate_credentials_t cred;
	gnutls_session_t session;
	bool good;

	PKI(gnutls_certificate_allocate_credentials(&cred));
	session = gnutls_end(gnutls_serves, suite, key, fds[1], cred);
	for (turns = 0; turns < 100 && (ours == -EAGAIN || theirs == GNUTLS_E_AGAIN); turns++) {
		if (ours == -EAGAIN)
			ours = capcert_tls_handshake(tls);
		if (theirs == GNUTLS_E_AGAIN)
			theirs = gnutls_handshake(session);
		if ((ours < 0 && ours != -EAGAIN) || (theirs < 0 && theirs != GNUTLS_E_AGAIN))
			break;
	}
	good = ours == 0 && theirs == 0 && gnutls_cipher_get(session) == suite->cipher &&
	       gnutls_kx_get(session) == suite->kx;
	gnutls_deinit(session);
	gnutls_certificate_free_credentials(cred);
	capcert_tls_free(tls);
	close(fds[0]);
	close(fds[1]);
	return good;
}

static void expect_gnutls(const struct suite *suite, uint32_t policy)
{
	bool want = named(spoken[policy], suite->name);
	int side, key = suite->kx != GNUTLS_KX_ECDHE_ECDSA;

	for (side = 0; side < 2; side++) {
		bool got = agree_gnutls(side, suite, policy, key);

		tried++;
		agreed += got;
		if (got == want)
			continue;
		wrong++;
		printf("policy %u, gnutls is the %s, %s: %s\n", policy, side ? "server" : "client",
		       suite->name, got ? "agreed" : "refused");
	}
}

static bool has(STACK_OF(SSL_CIPHER) * list, const unsigned char id[2])
{
	int i;

	for (i = 0; i < sk_SSL_CIPHER_num(list); i++)
		if (SSL_CIPHER_get_protocol_id(sk_SSL_CIPHER_value(list, i)) ==
		    (id[0] << 8 | id[1]))
			return true;
	return false;
}

/* Return: suites tried. */
static unsigned int sweep_gnutls(uint32_t policy, STACK_OF(SSL_CIPHER) * list)
{
	unsigned int tries = 0;
	struct suite suite;
	unsigned char id[2];
	size_t i;

	for (i = 0; (suite.name = gnutls_cipher_suite_info(i, id, &suite.kx, &suite.cipher,
							   &suite.mac, NULL));
	     i++) {
		if ((suite.kx != GNUTLS_KX_RSA && suite.kx != GNUTLS_KX_DHE_RSA &&
		     suite.kx != GNUTLS_KX_ECDHE_RSA && suite.kx != GNUTLS_KX_ECDHE_ECDSA) ||
		    has(list, id))
			continue;
		expect_gnutls(&suite, policy);
		tries++;
	}
	return tries;
}

static void expect(bool want, int version, const char *cipher, uint32_t policy, int key)
{
	int side;

	for (side = 0; side < 2; side++) {
		bool got = agree(side, version, cipher, policy, key);

		tried++;
		agreed += got;
		if (got == want)
			continue;
		wrong++;
		printf("policy %u, %s, version %x, openssl is the %s, %s: %s\n", policy,
		       key ? "RSA" : "P-256", (unsigned int)version, side ? "server" : "client",
		       cipher ? cipher : "any cipher", got ? "agreed" : "refused");
	}
}

static void sweep(uint32_t policy, STACK_OF(SSL_CIPHER) * list)
{
	int i, k;

	for (i = 0; i < sk_SSL_CIPHER_num(list); i++) {
		const SSL_CIPHER *c = sk_SSL_CIPHER_value(list, i);
		const char *name = SSL_CIPHER_get_name(c);

		/* Not the suites of TLS 1.3, nor those that need other keys than certificates have. */
		if (SSL_CIPHER_get_kx_nid(c) == NID_kx_any || strstr(name, "PSK") ||
		    strstr(name, "SRP") || SSL_CIPHER_get_auth_nid(c) == NID_auth_null)
			continue;
		expect(named(spoken[policy], name), TLS1_2_VERSION, name, policy,
		       SSL_CIPHER_get_auth_nid(c) != NID_auth_ecdsa);
	}
	for (k = 0; k < 2; k++) {
		for (i = 0; i < 5; i++)
			expect(named(SPOKEN_13, suites_13[i]), TLS1_3_VERSION, suites_13[i], policy,
			       k);
		expect(false, TLS1_1_VERSION, NULL, policy, k);
		expect(false, TLS1_VERSION, NULL, policy, k);
	}
}

int main(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	unsigned int more = 0;
	uint32_t policy;

	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_cipher_list(ctx, "ALL:COMPLEMENTOFALL:@SECLEVEL=0");
	make_contexts();
	for (policy = 0; policy < 3; policy++) {
		sweep(policy, SSL_CTX_get_ciphers(ctx));
		more += sweep_gnutls(policy, SSL_CTX_get_ciphers(ctx));
	}
	SSL_CTX_free(ctx);
	printf("%u handshakes tried, %u suites by GnuTLS, %u agreed, %u not as they should be\n",
	       tried, more, agreed, wrong);
	return wrong || agreed < 60;
}
