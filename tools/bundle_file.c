// SPDX-License-Identifier: GPL-2.0-only
/* Bundles in files. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "tools/bundle_file.h"
#include "tools/out.h"
#include "tools/write_file.h"

static int open_as(const uint8_t *data, size_t len, const struct cert_list *signers,
		   capcert_bundle **ret, const char **ret_why)
{
	if (!signers)
		return capcert_bundle_open_unsigned(data, len, ret, ret_why);
	return capcert_bundle_open(data, len, (const capcert_cert *const *)signers->certs,
				   signers->count, time(NULL), ret, ret_why);
}

int bundle_read(const char *path, const struct cert_list *signers, capcert_bundle **ret)
{
	const char *why = NULL;
	uint8_t *data;
	size_t len;
	int e, r = file_read(path, &data, &len);

	if (r)
		return r;
	e = open_as(data, len, signers, ret, &why);
	free(data);
	if (!e)
		return EXIT_DONE;
	fail(EXIT_TROUBLE, "%s: %s", path, why ? why : capcert_strerror(e));
	switch (e) {
	case -ENOKEY:
		advise("give the signer's certificate with --bundle-cert; capcert bundle show "
		       "shows what is in it");
		return EXIT_NO;
	case -EKEYREJECTED:
	case -EKEYEXPIRED:
		return EXIT_NO;
	default:
		return EXIT_TROUBLE;
	}
}

/* A first look that says nothing: certificates in PEM or DER are no bundles. */
bool bundle_is(const char *path)
{
	capcert_bundle *b = NULL;
	struct stat st;
	uint8_t *data = NULL;
	size_t len = 0;
	FILE *f;
	bool is;

	if (!strcmp(path, "-") || stat(path, &st) || !S_ISREG(st.st_mode) || st.st_size > 1 << 25)
		return false;
	f = fopen(path, "re");
	if (f)
		data = malloc((size_t)st.st_size + 1);
	if (data)
		len = fread(data, 1, (size_t)st.st_size, f);
	if (f)
		fclose(f);
	is = data && !capcert_bundle_open_unsigned(data, len, &b, NULL);
	free(data);
	capcert_bundle_free(b);
	return is;
}

int bundle_signers(const struct args *args, struct cert_list *ret)
{
	const char *path;
	size_t i;
	int r = EXIT_DONE;

	for (i = 0; !r && (path = opt_nth(args, "bundle-cert", i)); i++)
		r = certs_load(path, ret);
	if (!i) {
		fail(EXIT_USAGE, "who may sign? --bundle-cert FILE");
		advise("the certificate itself, not its CA's; several may be given");
		r = EXIT_USAGE;
	}
	return r;
}

static int apply(const char *path, const struct cert_list *signers, capcert_store **store)
{
	capcert_store *next = NULL;
	capcert_bundle *b = NULL;
	int e, r = bundle_read(path, signers, &b);

	if (r)
		return r;
	e = capcert_bundle_apply(b, *store, &next);
	if (e == -EINVAL)
		r = fail(EXIT_USAGE, "%s: --bundle takes a store, --override an override", path);
	else if (e == -ESTALE)
		r = fail(EXIT_USAGE, "%s: made for another store", path);
	else if (e)
		r = fail_errno(e, "%s", path);
	capcert_bundle_free(b);
	if (!r) {
		capcert_store_free(*store);
		*store = next;
	}
	return r;
}

int bundle_store(const struct args *args, capcert_store **ret)
{
	struct cert_list signers = { 0 };
	capcert_store *store = NULL;
	const char *path = opt_text(args, "bundle");
	size_t i;
	int r = bundle_signers(args, &signers);

	if (!r)
		r = apply(path, &signers, &store);
	for (i = 0; !r && (path = opt_nth(args, "override", i)); i++)
		r = apply(path, &signers, &store);
	certs_free(&signers);
	if (r)
		capcert_store_free(store);
	else
		*ret = store;
	return r;
}

/* ---- saving ---- */

/* May @path, which is there, become this? */
static int check_older(const char *path, const uint8_t *data, size_t len)
{
	struct capcert_bundle_info was, is;
	capcert_bundle *old = NULL, *new = NULL;
	uint8_t *bytes;
	size_t n;
	int r = file_read(path, &bytes, &n);

	if (r)
		return r;
	if (capcert_bundle_open_unsigned(bytes, n, &old, NULL)) {
		r = fail(EXIT_TROUBLE, "%s is there and is no bundle; --force overwrites it", path);
	} else if (!capcert_bundle_open_unsigned(data, len, &new, NULL)) {
		capcert_bundle_get(old, &was);
		capcert_bundle_get(new, &is);
		if (strcmp(was.name, is.name))
			r = fail(EXIT_TROUBLE,
				 "%s is there and is a bundle of '%s'; --force "
				 "overwrites it",
				 path, was.name);
		else if (was.number > is.number ||
			 (was.number == is.number &&
			  (was.content_len != is.content_len ||
			   memcmp(was.content, is.content, is.content_len))))
			r = fail(EXIT_TROUBLE,
				 "%s is there with number %llu, this one has %llu; --force "
				 "overwrites it",
				 path, (unsigned long long)was.number,
				 (unsigned long long)is.number);
	}
	capcert_bundle_free(old);
	capcert_bundle_free(new);
	free(bytes);
	return r;
}

static int write_all(int fd, const uint8_t *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

int bundle_save(const char *path, const uint8_t *data, size_t len, bool force)
{
	int r = EXIT_DONE;

	if (!path) {
		fail(EXIT_USAGE, "where to? -o FILE");
		return EXIT_USAGE;
	}
	if (!strcmp(path, "-")) {
		if (isatty(STDOUT_FILENO))
			return fail(EXIT_USAGE, "DER does not go to a terminal: -o FILE");
		r = write_all(STDOUT_FILENO, data, len);
		return r ? fail_errno(r, "stdout") : EXIT_DONE;
	}
	if (!force && !access(path, F_OK))
		r = check_older(path, data, len);
	return r ? r : write_file(path, data, len);
}
