// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lookup by subject hash and by subject, among 150 and among 15,000 roots: an index, and the scan over all of
 * them that it saves. Also what the hash itself costs, beside OpenSSL. */
#include <capcert/root_index.h>
#include <openssl/x509.h>

#include "tests/bench/report.h"

struct world {
	capcert_root_index *index;
	size_t count, next;
};

static volatile size_t sink;

/* The same certificate under @count names: digits over the last octets of its subject, which no parser
 * minds. */
static capcert_cert **make_many(const uint8_t *der, size_t len, size_t count)
{
	capcert_cert **certs = calloc(count, sizeof(*certs)), *first;
	uint8_t *copy = malloc(len);
	const uint8_t *own, *subject;
	size_t n, i, at;
	char digits[32];

	if (!certs || !copy || capcert_cert_new(der, len, &first, NULL))
		abort();
	own = capcert_cert_der(first, &n);
	subject = capcert_cert_subject(first, &n);
	at = (size_t)(subject - own) + n - 5;
	for (i = 0; i < count; i++) {
		memcpy(copy, der, len);
		snprintf(digits, sizeof(digits), "%05zu", i);
		memcpy(copy + at, digits, 5);
		if (capcert_cert_new(copy, len, &certs[i], NULL))
			abort();
	}
	capcert_cert_free(first);
	free(copy);
	return certs;
}

static struct world make_world(const uint8_t *der, size_t len, size_t count)
{
	capcert_cert **certs = make_many(der, len, count);
	struct world w = { .count = count };
	size_t i;

	if (capcert_root_index_new(certs, NULL, count, &w.index))
		abort();
	for (i = 0; i < count; i++)
		capcert_cert_free(certs[i]);
	free(certs);
	return w;
}

/* Not the neighbour of the last one. */
static const struct capcert_root *pick(struct world *w)
{
	w->next = (w->next + 7919) % w->count;
	return &capcert_root_index_all(w->index)[w->next];
}

static void run_hash(void *arg, unsigned int n)
{
	struct world *w = arg;
	size_t count;

	while (n--) {
		if (!capcert_root_index_by_hash(w->index, pick(w)->hash, &count))
			abort();
		sink += count;
	}
}

static void run_hash_scan(void *arg, unsigned int n)
{
	struct world *w = arg;
	const struct capcert_root *all = capcert_root_index_all(w->index);

	while (n--) {
		uint32_t hash = pick(w)->hash;
		size_t i = 0;

		while (all[i].hash != hash)
			i++;
		sink += i;
	}
}

static void run_subject(void *arg, unsigned int n)
{
	struct world *w = arg;
	size_t count, len;

	while (n--) {
		const uint8_t *subject = capcert_cert_subject(pick(w)->cert, &len);

		if (!capcert_root_index_by_subject(w->index, subject, len, &count))
			abort();
		sink += count;
	}
}

static void run_subject_scan(void *arg, unsigned int n)
{
	struct world *w = arg;
	const struct capcert_root *all = capcert_root_index_all(w->index);
	size_t len, m;

	while (n--) {
		const uint8_t *subject = capcert_cert_subject(pick(w)->cert, &len), *other;
		size_t i = 0;

		for (;; i++) {
			other = capcert_cert_subject(all[i].cert, &m);
			if (m == len && !memcmp(subject, other, len))
				break;
		}
		sink += i;
	}
}

static void run_name_hash(void *arg, unsigned int n)
{
	struct world *w = arg;
	uint32_t hash;

	while (n--) {
		if (capcert_cert_subject_hash(pick(w)->cert, &hash))
			abort();
		sink += hash;
	}
}

/* With the canonical form made anew, as ours is: OpenSSL keeps it in a parsed name. */
static void run_name_hash_openssl(void *arg, unsigned int n)
{
	struct world *w = arg;
	size_t len;

	while (n--) {
		const uint8_t *p = capcert_cert_subject(pick(w)->cert, &len);
		X509_NAME *name = d2i_X509_NAME(NULL, &p, (long)len);

		sink += X509_NAME_hash_ex(name, NULL, NULL, NULL);
		X509_NAME_free(name);
	}
}

static void race(const char *title, struct world *w, void (*ours)(void *, unsigned int),
		 void (*peer)(void *, unsigned int), const char *peer_name, unsigned int n)
{
	struct report_case cases[] = { { "ours", ours, w, n, 0 }, { "peer", peer, w, n, 0 } };

	report_race(cases, 2);
	report(title, cases[0].us, cases[1].us, peer_name, "us");
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = { 150, 15000 };
	char path[256], title[64];
	uint8_t *der;
	size_t len, i;

	snprintf(path, sizeof(path), "%s/ec-root.der", argc > 1 ? argv[1] : "tests/data");
	der = report_file(path, &len);
	for (i = 0; i < 2; i++) {
		struct world w = make_world(der, len, sizes[i]);
		unsigned int n = i ? 300 : 20000;

		snprintf(title, sizeof(title), "root by subject hash, of %zu", sizes[i]);
		race(title, &w, run_hash, run_hash_scan, "a scan", n);
		snprintf(title, sizeof(title), "root by subject, of %zu", sizes[i]);
		race(title, &w, run_subject, run_subject_scan, "a scan", n);
		if (!i)
			race("subject hash", &w, run_name_hash, run_name_hash_openssl, "OpenSSL",
			     5000);
		capcert_root_index_free(w.index);
	}
	free(der);
	return 0;
}
