// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Stores of lists and staplers while memory runs out: -ENOMEM or the right answer, and nothing half done. */
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>
#include <capcert/crl_store.h>
#include <capcert/stapler.h>
#include "libcapcert/slot_stapler.h"
#include "tests/unit/ocsp_fixture.h"
#include "tests/unit/failing_memory.h"

static struct family fam;
static struct pki *indirect_leaf;
static char folder[] = "/dev/shm/capcert-crls-XXXXXX"; /* many a sync, of no matter here */
static struct cc_span list, newer, indirect, response;
static capcert_chain *issuers, *chain, *pointed;
static capcert_policy *policy;

static void clear_folder(void)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' || entry->d_name[1] == 'l' || entry->d_name[1] == 'n')
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
}

static int put(capcert_crl_store *store, struct cc_span der)
{
	int r = capcert_crl_store_import(store, der.p, der.n, issuers, PKI_NOW, NULL);

	return r == -EEXIST ? 0 : r;
}

static int look(const capcert_crl_store *store)
{
	struct cc_cert leaf = cert_of(fam.leaf), other = cert_of(indirect_leaf);
	struct capcert_crl_item item;
	int r;

	r = capcert_crl_store_crl_for(store, leaf.issuer.p, leaf.issuer.n, &item);
	if (r == 0)
		r = capcert_crl_store_contains(store, leaf.issuer.p, leaf.issuer.n, leaf.serial.p,
					       leaf.serial.n, PKI_NOW, NULL);
	if (r != 1)
		return r < 0 ? r : 1;
	r = capcert_crl_store_contains(store, other.issuer.p, other.issuer.n, other.serial.p,
				       other.serial.n, PKI_NOW, NULL);
	return r < 0 ? r : r != 1;
}

static int give(const capcert_crl_store *store, const capcert_chain *about, size_t want)
{
	capcert_evidence *e = NULL;
	size_t count = 0;
	int r = capcert_evidence_new(&e);

	if (r == 0)
		r = capcert_crl_store_evidence(store, about, e, &count);
	capcert_evidence_free(e);
	return r < 0 ? r : count != want;
}

static int in_store(void)
{
	capcert_crl_store *store = NULL;
	int r;

	clear_folder();
	r = capcert_crl_store_open(folder, 1, &store);
	if (r == 0)
		r = put(store, list);
	if (r == 0)
		r = put(store, newer);
	if (r == 0)
		r = put(store, indirect);
	if (r == 0)
		r = capcert_crl_store_refresh(store);
	if (r == 0)
		r = look(store);
	if (r == 0)
		r = give(store, chain, 2);
	if (r == 0)
		r = give(store, pointed, 2);
	capcert_crl_store_free(store);
	return r;
}

/* A folder that is there already. */
static int from_folder(void)
{
	capcert_crl_store *store = NULL;
	int r = capcert_crl_store_open(folder, 0, &store);

	if (r == 0)
		r = look(store);
	capcert_crl_store_free(store);
	return r;
}

static void stores(void **state)
{
	(void)state;
	exhaust(in_store, 40, true);
	exhaust(from_folder, 10, true);
}

static int64_t now(void *ctx)
{
	(void)ctx;
	return PKI_NOW;
}

static int fetch(void *ctx, const struct capcert_stapler_request *request,
		 struct capcert_stapler_answer *ret)
{
	(void)ctx;
	ret->data = malloc(response.n);
	if (!ret->data || !request->url)
		return -ENOMEM;
	memcpy(ret->data, response.p, response.n);
	ret->len = response.n;
	return 0;
}

static int with_stapler(void)
{
	struct capcert_stapler_options o = { .fetch = fetch,
					     .now = now,
					     .url = "http://o/",
					     .policy = failing & 1 ? policy : NULL };
	capcert_stapler *s = NULL;
	uint8_t *der = NULL;
	size_t n = 0;
	int r = capcert_stapler_new(&o, &s);

	if (r == 0)
		r = capcert_stapler_set_certificate(s, chain);
	if (r == 0)
		r = capcert_stapler_refresh(s);
	if (r == 0)
		r = capcert_stapler_put(s, response.p, response.n);
	if (r == 0)
		r = capcert_stapler_current_response(s, &der, &n);
	if (r == 0)
		r = n != response.n;
	/* GnuTLS without memory calls a good signature bad. */
	if (failing && (r == -EKEYREJECTED || r == -EINVAL))
		r = -ENOMEM;
	free(der);
	capcert_stapler_free(s);
	return r;
}

static void staplers(void **state)
{
	(void)state;
	exhaust(with_stapler, 20, true);
}

static uint64_t slot_now;
static bool stapled;

static int slot_version(int fd, const char *name, uint64_t *ret, int64_t *ret_time)
{
	(void)fd;
	(void)name;
	(void)ret_time;
	*ret = slot_now;
	return 0;
}

static int slot_get(int fd, const char *name, uint32_t flags, struct capcert_slot_value **ret)
{
	struct capcert_slot_value *value = calloc(1, sizeof(*value));

	(void)fd;
	(void)name;
	(void)flags;
	if (!value)
		return -ENOMEM;
	value->version = slot_now;
	value->key_fd = -1;
	for (size_t i = 0; i < 2; i++)
		value->chain[value->chain_count++].der =
			capcert_cert_der(capcert_chain_at(chain, i), &value->chain[i].len);
	value->staple = stapled ? response.p : NULL;
	value->staple_len = stapled ? response.n : 0;
	*ret = value;
	return 0;
}

static int slot_put(int fd, const char *name, const uint8_t *staple, size_t len,
		    const uint64_t *expect, uint64_t *ret_version)
{
	(void)fd;
	(void)name;
	if (*expect != slot_now)
		return -ESTALE;
	if (len && (len != response.n || memcmp(staple, response.p, len) != 0))
		abort();
	stapled = len > 0;
	*ret_version = ++slot_now;
	return 0;
}

static int with_slot(void)
{
	static const struct slot_calls calls = { slot_version, slot_get, slot_put };
	struct capcert_stapler_options o = { .fetch = fetch, .now = now, .url = "http://o/" };
	capcert_slot_stapler *s = NULL;
	int r;

	slot_now = 1;
	stapled = false;
	r = slot_stapler_new(&calls, 3, "x", &o, NULL, &s);
	if (r == 0)
		r = capcert_slot_stapler_step(s, 0);
	if (r == 0)
		r = !stapled;
	if (r == 0) {
		slot_now++; /* somebody has put the same again */
		r = capcert_slot_stapler_step(s, 0);
	}
	if (failing && (r == -EKEYREJECTED || r == -ENXIO))
		r = -ENOMEM;
	capcert_slot_stapler_free(s);
	return r;
}

static void slots(void **state)
{
	(void)state;
	exhaust(with_slot, 20, true);
}

static int begin(void **state)
{
	struct cc_span dp;
	struct pki_spec s;
	struct response_spec r;

	(void)state;
	fam = make_family();
	dp = crldp_of(der(0xa2, names_dn(subject_of(fam.root))));
	s = (struct pki_spec){ .cn = "x", .dns = { "x" }, .ext = { EXT_CRLDP(dp) } };
	indirect_leaf = pki_make(&s, fam.ca);
	r = (struct response_spec){ .issuer = fam.ca, .answer[0] = { .about = fam.leaf } };
	response = make_response(&r);
	list = make_list(&(struct list_spec){ .issuer = fam.ca, .number = 1 });
	newer = make_list(&(struct list_spec){ .issuer = fam.ca,
					       .number = 2,
					       .entries = 1,
					       .entry[0] = { .cert = fam.leaf, .reason = 1 } });
	indirect = make_list(&(struct list_spec){
		.issuer = fam.root,
		.idp = idp_of(point_full(names_uri("http://x/")), INDIRECT),
		.entries = 1,
		.entry[0] = { .cert = indirect_leaf, .reason = 1, .of = fam.ca } });
	issuers = make_chain((struct pki *const[70]){ fam.ca, fam.root });
	chain = make_chain((struct pki *const[70]){ fam.leaf, fam.ca });
	pointed = make_chain((struct pki *const[70]){ indirect_leaf });
	return capcert_policy_new(RFC5280, &policy, NULL) || !mkdtemp(folder);
}

static int end(void **state)
{
	(void)state;
	clear_folder();
	rmdir(folder);
	capcert_policy_free(policy);
	capcert_chain_free(issuers);
	capcert_chain_free(chain);
	capcert_chain_free(pointed);
	pki_free(indirect_leaf);
	free_family(&fam);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(stores), cmocka_unit_test(staplers),
					    cmocka_unit_test(slots) };

	return cmocka_run_group_tests(tests, begin, end);
}
