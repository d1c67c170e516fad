// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* capcert-tlsd with keys of files in place of handles, and without its walls, for peers that need no kernel
 * module. Takes the daemon's options; --config DIR: chain.pem and key.pem there, ca.pem for those who are
 * verified, "staple" in DER, and a file "alpn" with "h2,http/1.1". SIGHUP reads the chain and the key again. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <capcert/gnutls.h>
#include <capcert/tls_config.h>
#include "helpers/common/log.h"
#include "helpers/tlsd/run.h"
#include "libcapcert/tls.h"

static capcert_tls_slots *slots[GATES_MOST];

static void die(const char *what, int error)
{
	fprintf(stderr, "tlsd_soft: %s: %s\n", what, strerror(error < 0 ? -error : error));
	exit(1);
}

/* NULL: there is no such file. */
static char *load(const char *dir, const char *name)
{
	char path[512], *text = NULL;
	size_t cap = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "re");
	if (!f)
		return NULL;
	if (getdelim(&text, &cap, '\0', f) < 0)
		die(path, EIO);
	fclose(f);
	return text;
}

static gnutls_privkey_t load_key(const char *dir)
{
	char *pem = load(dir, "key.pem");
	gnutls_datum_t d = { (unsigned char *)pem, pem ? (unsigned int)strlen(pem) : 0 };
	gnutls_privkey_t key = NULL;

	if (!pem || gnutls_privkey_init(&key) < 0 ||
	    gnutls_privkey_import_x509_raw(key, &d, GNUTLS_X509_FMT_PEM, NULL, 0) < 0)
		die("key.pem", EINVAL);
	free(pem);
	return key;
}

/* DIR/staple, if there is one. */
static size_t load_staple(const char *dir, uint8_t *to, size_t cap)
{
	char path[512];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/staple", dir);
	f = fopen(path, "re");
	if (f) {
		n = fread(to, 1, cap, f);
		fclose(f);
	}
	return n;
}

static void put(const struct gate *g, capcert_tls_slots *to)
{
	struct capcert_tls_value v = { .key_fd = -1 };
	char *pem = load(g->config, "chain.pem");
	capcert_chain *chain = NULL;
	uint64_t version = 0;
	uint8_t staple[8192];
	int r;

	if (!pem)
		return;
	v.staple_len = load_staple(g->config, staple, sizeof(staple));
	v.staple = v.staple_len ? staple : NULL;
	r = capcert_chain_parse((uint8_t *)pem, strlen(pem), &chain, NULL);
	v.chain = chain;
	if (r == 0)
		r = capcert_tls_slots_put_gnutls(to, "www.example.org", &v, load_key(g->config),
						 &version);
	if (r < 0)
		die("chain.pem", r);
	log_line(LOG_INFO, "event=put version=%llu", (unsigned long long)version);
	capcert_chain_free(chain);
	free(pem);
}

static void trust(const struct gate *g, struct capcert_tls_parts *parts)
{
	static capcert_policy *policy;
	uint32_t purpose =
		g->host ? CAPCERT_PURPOSE_TLS_SERVER_AUTH : CAPCERT_PURPOSE_TLS_CLIENT_AUTH;
	uint32_t added, bad;
	capcert_store *store;
	const char *error;
	char path[512];

	snprintf(path, sizeof(path), "%s/ca.pem", g->config);
	if (access(path, R_OK) < 0)
		return;
	if (!policy && capcert_policy_new("profile=rfc5280", &policy, &error) < 0)
		die("policy", EINVAL);
	if (capcert_store_new(&store) < 0 ||
	    capcert_store_load_pem(store, path, 1u << purpose, &added, &bad) < 0 || !added)
		die(path, EINVAL);
	parts->policy = policy;
	parts->store = store;
	if (!g->host)
		parts->client_auth = CAPCERT_TLS_AUTH_OPTIONAL;
}

static void make(struct gate *g, capcert_tls_slots **ret, const struct limits *limits)
{
	struct capcert_tls_parts parts = CAPCERT_TLS_PARTS_INIT;
	static uint8_t alpn[CAPCERT_TLS_MAX_ALPN];
	char *names = load(g->config, "alpn");
	const char *error = "";
	int r;

	parts.alpn_len = sizeof(alpn);
	if (names && capcert_tls_alpn(names, alpn, &parts.alpn_len) < 0)
		die("alpn", EINVAL);
	parts.alpn = names ? alpn : NULL;
	parts.alpn_len = names ? parts.alpn_len : 0;
	parts.role = g->host ? CAPCERT_TLS_CLIENT : CAPCERT_TLS_SERVER;
	parts.handshake_ms = limits->handshake_ms;
	if (!g->host) {
		if (capcert_tls_slots_new(ret) < 0)
			die("slots", ENOMEM);
		put(g, *ret);
		parts.slots = *ret;
		parts.default_slot = "www.example.org";
		parts.flags = CAPCERT_TLS_STAPLE;
	}
	trust(g, &parts);
	r = capcert_tls_context_new(&parts, &g->context, &error);
	if (r < 0)
		die(error, r);
}

static void again(struct run *run)
{
	for (unsigned int i = 0; i < run->options->gate_count; i++)
		if (slots[i])
			put(&run->options->gates[i], slots[i]);
}

int main(int argc, char **argv)
{
	static struct options options;
	struct run run = { .options = &options, .notify = -1, .hangup = again };
	char error[256];

	log_init("tlsd");
	if (options_parse(argc, argv, &options, error) != OPTIONS_RUN) {
		fprintf(stderr, "%s\n", error);
		return 2;
	}
	for (unsigned int i = 0; i < options.gate_count; i++)
		make(&options.gates[i], &slots[i], &options.limits);
	return run_open(&run) < 0 ? 1 : run_serve(&run);
}
