// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Stores of revocation lists: what is kept and what is not, what is found, what a crash or a hand leaves. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <capcert/crl_store.h>
#include "libcapcert/folder.h"
#include "tests/unit/crl_fixture.h"

static char folder[64];
static struct family f;

static capcert_crl_store *open_store(void)
{
	capcert_crl_store *store;

	assert_int_equal(capcert_crl_store_open(folder, 1, &store), 0);
	return store;
}

static int import_by(capcert_crl_store *store, const struct list_spec *s, const struct pki *issuer,
		     const char **why)
{
	struct cc_span list = make_list(s);
	struct pki *certs[70] = { (struct pki *)(uintptr_t)issuer };
	capcert_chain *chain = make_chain(certs);
	int r = capcert_crl_store_import(store, list.p, list.n, chain, PKI_NOW, why);

	capcert_chain_free(chain);
	return r;
}

#define import(store, ...) \
	import_by(store, &(struct list_spec){ .issuer = f.ca, __VA_ARGS__ }, f.ca, NULL)

static int contains_at(capcert_crl_store *store, const struct pki *cert, int64_t at,
		       struct capcert_crl_entry *ret)
{
	struct cc_cert c;
	int r;

	assert_int_equal(cc_cert_parse(cc_span(cert->der.data, cert->der.size), &c), 0);
	r = capcert_crl_store_contains(store, c.issuer.p, c.issuer.n, c.serial.p, c.serial.n,
				       PKI_NOW + at, ret);
	return r;
}

static int contains(capcert_crl_store *store, const struct pki *cert)
{
	return contains_at(store, cert, 0, NULL);
}

/* How many files end like this; remove: they go. */
static int files(const char *suffix, bool remove)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);

		if (entry->d_type == DT_DIR && strcmp(suffix, ""))
			continue;
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (len < strlen(suffix) || strcmp(entry->d_name + len - strlen(suffix), suffix))
			continue;
		n++;
		if (remove)
			unlinkat(dirfd(dir), entry->d_name,
				 entry->d_type == DT_DIR ? AT_REMOVEDIR : 0);
	}
	closedir(dir);
	return n;
}

static int begin(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/capcert-crls-XXXXXX");
	f = make_family();
	return !mkdtemp(folder);
}

static int end(void **state)
{
	(void)state;
	files("", true);
	rmdir(folder);
	free_family(&f);
	return 0;
}

static void keeps_the_newest(void **state)
{
	capcert_crl_store *store, *other;
	struct capcert_crl_item item;
	const char *why;

	(void)state;
	rmdir(folder);
	assert_int_equal(capcert_crl_store_open(folder, 0, &store), -ENOENT);
	store = open_store();
	assert_int_equal(capcert_crl_store_count(store), 0);
	assert_int_equal(import(store, .number = 1), 0);
	other = open_store();
	assert_int_equal(capcert_crl_store_count(other), 1);
	assert_int_equal(import(other, .number = 3), 0); /* same time, higher number */
	assert_int_equal(files(".crl", false), 1);
	assert_int_equal(files(".cer", false), 1);
	assert_int_equal(
		import_by(store, &(struct list_spec){ .issuer = f.ca, .number = 2 }, f.ca, &why),
		-ESTALE);
	assert_non_null(strstr(why, "newer"));
	assert_int_equal(import(store, .number = 1, .from = -3600, .until = PKI_DAY), 0);
	assert_int_equal(capcert_crl_store_refresh(other), 0);
	assert_int_equal(capcert_crl_store_at(other, 0, &item), 0);
	assert_int_equal(capcert_crl_store_at(other, 1, &item), -ENOENT);
	assert_true(item.complete && item.der.len && item.crl && item.issuer);
	/* Another issuer, a delta, a shard: each has its own place. */
	assert_int_equal(import_by(store, &(struct list_spec){ .issuer = f.root }, f.root, NULL),
			 0);
	assert_int_equal(import(store, .base = 2, .number = 2), 0);
	assert_int_equal(import(store, .idp = idp_of(point_full(names_uri("http://x/1")))), 0);
	assert_int_equal(import(store, .idp = idp_of(point_full(names_uri("http://x/2")))), 0);
	assert_int_equal(capcert_crl_store_count(store), 5);
	assert_int_equal(files(".cer", false), 2);
	capcert_crl_store_free(store);
	store = open_store();
	assert_int_equal(capcert_crl_store_count(store), 5);
	capcert_crl_store_free(store);
	capcert_crl_store_free(other);
	capcert_crl_store_free(NULL);
}

static void same_bytes_once(void **state)
{
	struct cc_span list = make_list(&(struct list_spec){ .issuer = f.ca });
	struct pki *certs[70] = { f.leaf, f.ca };
	capcert_chain *chain = make_chain(certs);
	capcert_crl_store *store = open_store();
	const char *why = "";

	(void)state;
	assert_int_equal(capcert_crl_store_import(store, list.p, list.n, chain, PKI_NOW, &why), 0);
	assert_null(why);
	assert_int_equal(capcert_crl_store_import(store, list.p, list.n, chain, PKI_NOW, &why),
			 -EEXIST);
	assert_non_null(why);
	assert_int_equal(capcert_crl_store_import(store, list.p, list.n - 1, chain, PKI_NOW, &why),
			 -EBADMSG);
	assert_non_null(why);
	assert_int_equal(capcert_crl_store_import(store, list.p, list.n, NULL, PKI_NOW, NULL),
			 -EKEYREJECTED);
	capcert_chain_free(chain);
	capcert_crl_store_free(store);
}

static void refuses(void **state)
{
	struct pki_spec plain = { CA_SPEC, .usage = GNUTLS_KEY_KEY_CERT_SIGN };
	struct pki *twin = make_ca(f.root), *no_sign = pki_make(&plain, f.root);
	capcert_crl_store *store = open_store();
	const struct {
		int want;
		const struct pki *issuer;
		struct list_spec list;
	} rows[] = {
		{ -EKEYREJECTED, f.root, { .issuer = f.ca } },
		{ -EKEYREJECTED, twin, { .issuer = f.ca } },
		{ -EKEYREJECTED, f.ca, { .issuer = f.ca, .signer = twin } },
		{ -EKEYREJECTED, f.ca, { .issuer = f.ca, .bad_signature = true } },
		{ -EKEYREJECTED, no_sign, { .issuer = no_sign } },
		{ -EINVAL, f.ca, { .issuer = f.ca, .from = 1, .until = PKI_DAY } },
		{ -EOPNOTSUPP,
		  f.ca,
		  { .issuer = f.ca, .ext = crl_ext("2a0305", true, der_hex("0500")) } },
		{ -EOPNOTSUPP,
		  f.ca,
		  { .issuer = f.ca,
		    .entries = 1,
		    .entry[0].ext = crl_ext("2a0305", true, der_hex("0500")) } },
		{ -EOPNOTSUPP, f.ca, { .issuer = f.ca, .entries = 1, .entry[0].of = f.root } },
		{ -EOPNOTSUPP, f.ca, { .issuer = f.ca, .idp = idp_of(ONLY_ATTRIBUTE) } },
	};
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		why = NULL;
		if (import_by(store, &rows[i].list, rows[i].issuer, &why) != rows[i].want || !why)
			fail_msg("row %zu: %s", i, why ? why : "nothing said");
	}
	assert_int_equal(capcert_crl_store_count(store), 0);
	assert_int_equal(files(".crl", false), 0);
	pki_free(twin);
	pki_free(no_sign);
	capcert_crl_store_free(store);
}

static void finds(void **state)
{
	capcert_crl_store *store = open_store();
	struct cc_span ca = subject_of(f.ca), root = subject_of(f.root);
	struct pki_spec same_name = { CA_SPEC };
	struct pki *rekeyed = pki_make(&same_name, f.root);
	struct capcert_crl_entry entry;
	struct capcert_crl_item item;
	struct capcert_crl_info info;

	(void)state;
	assert_int_equal(contains(store, f.leaf), -ENOENT);
	assert_int_equal(import(store, .entries = 1, .entry[0] = { .cert = f.leaf, .reason = 1 }),
			 0);
	assert_int_equal(contains_at(store, f.leaf, 0, &entry), 1);
	assert_int_equal(entry.reason, 1);
	assert_int_equal(entry.date, PKI_NOW - 2 * PKI_DAY);
	assert_int_equal(contains_at(store, f.leaf, 99 * PKI_DAY, NULL), 1);
	assert_int_equal(contains(store, f.ca), -ENOENT); /* its issuer has no list */
	assert_int_equal(capcert_crl_store_crl_for(store, root.p, root.n, &item), -ENOENT);
	assert_int_equal(capcert_crl_store_crl_for(store, root.p, root.n - 1, &item), -EBADMSG);
	assert_int_equal(capcert_crl_store_contains(store, root.p, 0, root.p, 1, 0, NULL),
			 -EBADMSG);
	/* The CA with another key: the newest of both. */
	assert_int_equal(
		import_by(store,
			  &(struct list_spec){ .issuer = rekeyed, .from = -60, .until = PKI_DAY },
			  rekeyed, NULL),
		0);
	assert_int_equal(capcert_crl_store_crl_for(store, ca.p, ca.n, &item), 0);
	capcert_crl_get(item.crl, &info);
	assert_int_equal(info.this_update, PKI_NOW - 60);
	assert_int_equal(contains(store, f.leaf), 1); /* by either */
	/* Not named, in force, then not. */
	assert_int_equal(import_by(store, &(struct list_spec){ .issuer = f.root }, f.root, NULL),
			 0);
	assert_int_equal(contains(store, f.ca), 0);
	assert_int_equal(contains_at(store, f.ca, 8 * PKI_DAY, NULL), -ESTALE);
	assert_int_equal(contains_at(store, f.ca, -2 * PKI_DAY, NULL), -ESTALE);
	pki_free(rekeyed);
	capcert_crl_store_free(store);
}

static void deltas_and_shards(void **state)
{
	capcert_crl_store *store = open_store();

	(void)state;
	/* A shard that does not name it says nothing; one that does revokes. */
	assert_int_equal(import(store, .idp = idp_of(point_full(names_uri("http://x/1")))), 0);
	assert_int_equal(contains(store, f.leaf), -ENOENT);
	/* The base holds it, the delta takes it back, the next one revokes it. */
	assert_int_equal(import(store, .number = 5, .entries = 1,
				.entry[0] = { .cert = f.leaf, .reason = 6 }),
			 0);
	assert_int_equal(contains(store, f.leaf), 1);
	assert_int_equal(import(store, .number = 6, .base = 6, .entries = 1,
				.entry[0] = { .cert = f.leaf, .reason = 8 }),
			 0);
	assert_int_equal(contains(store, f.leaf), 0);
	assert_int_equal(import(store, .number = 7, .base = 6, .entries = 1,
				.entry[0] = { .cert = f.leaf, .reason = 1 }),
			 0);
	assert_int_equal(contains(store, f.leaf), 1);
	capcert_crl_store_free(store);
}

static void indirect(void **state)
{
	capcert_crl_store *store = open_store();

	(void)state;
	/* The root keeps an indirect list about the CA's certificates, too. */
	assert_int_equal(
		import_by(store,
			  &(struct list_spec){
				  .issuer = f.root,
				  .idp = idp_of(point_full(names_uri("http://x/")), INDIRECT),
				  .entries = 1,
				  .entry[0] = { .cert = f.leaf, .reason = 1, .of = f.ca } },
			  f.root, NULL),
		0);
	assert_int_equal(contains(store, f.leaf), 1);
	assert_int_equal(contains(store, f.ca), -ENOENT);
	capcert_crl_store_free(store);
}

/* The lists count in a verification, also when the store is gone. */
static void is_evidence(void **state)
{
	capcert_crl_store *store = open_store();
	struct trial t = new_trial_of(f);
	capcert_evidence *all = new_evidence();
	struct pki *leaf[70] = { f.leaf }, *root[70] = { f.root };
	capcert_chain *of_leaf = make_chain(leaf), *of_root = make_chain(root);
	size_t count;

	(void)state;
	assert_int_equal(import(store, .entries = 1, .entry[0] = { .cert = f.leaf, .reason = 1 }),
			 0);
	assert_int_equal(capcert_crl_store_evidence(store, of_root, t.e, &count), 0);
	assert_int_equal(count, 0);
	expect_reason(&t.q, UNKNOWN, 0);
	assert_int_equal(capcert_crl_store_evidence(store, of_leaf, t.e, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(capcert_crl_store_evidence(store, NULL, t.e, &count), 0);
	assert_int_equal(count, 0); /* it has it */
	assert_int_equal(capcert_crl_store_evidence(store, NULL, all, NULL), 0);
	capcert_crl_store_free(store);
	expect_reason(&t.q, REVOKED, 0);
	capcert_evidence_free(all);
	capcert_evidence_free(t.e);
	capcert_chain_free(of_leaf);
	capcert_chain_free(of_root);
}

/* A certificate whose distribution point names another CRL issuer: that one's lists are wanted. */
static void named_crl_issuer(void **state)
{
	struct cc_span dp = crldp_of(der(0xa2, names_dn(subject_of(f.root))));
	struct pki_spec s = { LEAF_SPEC, .ext = { EXT_CRLDP(dp) } };
	struct pki *leaf = pki_make(&s, f.ca);
	struct pki *certs[70] = { leaf };
	capcert_chain *chain = make_chain(certs);
	capcert_crl_store *store = open_store();
	capcert_evidence *e = new_evidence();
	size_t count;

	(void)state;
	assert_int_equal(import_by(store, &(struct list_spec){ .issuer = f.root }, f.root, NULL),
			 0);
	assert_int_equal(capcert_crl_store_evidence(store, chain, e, &count), 0);
	assert_int_equal(count, 1);
	capcert_evidence_free(e);
	capcert_crl_store_free(store);
	capcert_chain_free(chain);
	pki_free(leaf);
}

/* ---- what a crash or a hand leaves ---- */

static void write_file(const char *name, struct cc_span data)
{
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(folder_write(dir, name, data.p, data.n), 0);
	close(dir);
}

static void expect_problem(const char *words)
{
	capcert_crl_store *store = open_store();
	struct capcert_crl_problem p;

	assert_int_equal(capcert_crl_store_problem_at(store, 0, &p), 0);
	if (!strstr(p.why, words))
		fail_msg("%s: %s", p.file, p.why);
	assert_int_equal(capcert_crl_store_problem_at(store, 1, &p), -ENOENT);
	assert_int_equal(capcert_crl_store_count(store), 0);
	capcert_crl_store_free(store);
}

static void named_by_hash(struct cc_span data, const char *suffix, char name[80])
{
	uint8_t hash[32];
	int i;

	capcert_hash(CAPCERT_HASH_SHA256, data.p, data.n, hash);
	for (i = 0; i < 32; i++)
		sprintf(name + 2 * i, "%02x", hash[i]);
	strcpy(name + 64, suffix);
}

static void what_does_not_count(void **state)
{
	struct cc_span list = make_list(&(struct list_spec){ .issuer = f.ca });
	struct cc_span odd =
		make_list(&(struct list_spec){ .issuer = f.ca, .idp = idp_of(ONLY_ATTRIBUTE) });
	struct cc_span noise = der_hex("300100");
	char name[80], path[160];

	(void)state;
	named_by_hash(list, ".crl", name);
	write_file(name, list);
	expect_problem("signed it");
	write_file(name, cc_span(list.p, list.n - 1)); /* torn */
	expect_problem("damaged");
	files(".crl", true);
	named_by_hash(odd, ".crl", name);
	write_file(name, odd);
	expect_problem("attribute certificates");
	files(".crl", true);
	named_by_hash(noise, ".crl", name);
	write_file(name, noise);
	expect_problem("not a revocation list");
	files(".crl", true);
	write_file(name, NONE);
	expect_problem("empty");
	files(".crl", true);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	expect_problem("not a file");
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	expect_problem("not a file");
	rmdir(path);
	named_by_hash(noise, ".cer", name);
	write_file(name, noise);
	expect_problem("");
	write_file(name, list);
	expect_problem("damaged");
	write_file(name, NONE);
	expect_problem("empty");
	files(".cer", true);
	write_file("readme.crl", list); /* no name of ours: nobody's business */
	write_file(FOLDER_NEW, list);
	capcert_crl_store_free(open_store());
	assert_int_equal(files("", false), 2);
}

/* Between the writing of a list and the removal of the one before. */
static void superseded(void **state)
{
	struct cc_span old = make_list(&(struct list_spec){ .issuer = f.ca, .number = 1 });
	capcert_crl_store *store = open_store();
	struct capcert_crl_problem p;
	char name[80];

	(void)state;
	assert_int_equal(import(store, .number = 2), 0);
	capcert_crl_store_free(store);
	named_by_hash(old, ".crl", name);
	write_file(name, old);
	store = open_store();
	assert_int_equal(capcert_crl_store_count(store), 1);
	assert_int_equal(capcert_crl_store_problem_at(store, 0, &p), 0);
	assert_non_null(strstr(p.why, "superseded"));
	/* Gone while it was open, the signer, too. */
	files(".cer", true);
	assert_int_equal(capcert_crl_store_refresh(store), 0);
	assert_int_equal(capcert_crl_store_count(store), 0);
	files(".crl", true);
	assert_int_equal(capcert_crl_store_refresh(store), 0);
	capcert_crl_store_free(store);
}

/* What cannot be written is not there, and what was there still is. */
static void disk_full(void **state)
{
	struct rlimit before, none = { 0 };
	capcert_crl_store *store = open_store();
	const char *why;

	(void)state;
	assert_int_equal(import(store, .number = 1), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	none.rlim_cur = 100;
	none.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_FSIZE, &none);
	assert_int_equal(
		import_by(store, &(struct list_spec){ .issuer = f.ca, .number = 2 }, f.ca, &why),
		-EFBIG);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(files(FOLDER_NEW, false), 0);
	assert_int_equal(files(".crl", false), 1);
	assert_int_equal(capcert_crl_store_count(store), 1);
	assert_int_equal(import(store, .number = 2), 0);
	capcert_crl_store_free(store);
}

static void folders(void **state)
{
	uint8_t *data;
	size_t n;

	(void)state;
	assert_int_equal(folder_read(-1, "x", 1, &data, &n), -EBADF);
	assert_int_equal(folder_lock(-1), -EBADF);
	assert_int_equal(folder_write(-1, "x", "", 1), -EBADF);
	assert_int_equal(capcert_crl_store_open("/proc/self/status", 0, (void *)&data), -ENOTDIR);
	assert_int_equal(capcert_crl_store_open("/proc/none/crls", 1, (void *)&data), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keeps_the_newest),
		TEST(same_bytes_once),
		TEST(refuses),
		TEST(finds),
		TEST(deltas_and_shards),
		TEST(indirect),
		TEST(is_evidence),
		TEST(named_crl_issuer),
		TEST(what_does_not_count),
		TEST(superseded),
		TEST(disk_full),
		TEST(folders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
