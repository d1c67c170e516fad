// SPDX-License-Identifier: GPL-2.0-only
/* Trust from files, bundles and stores of the kernel. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <capcert/x509_ext.h>
#include "tools/bundle_file.h"
#include "tools/out.h"
#include "tools/ref.h"
#include "tools/text.h"
#include "tools/trust_source.h"

static int of_bundle(const struct args *args, const char *path, bool unsigned_too,
		     capcert_store **ret)
{
	struct cert_list signers = { 0 };
	bool check = !unsigned_too || opt_has(args, "bundle-cert");
	capcert_bundle *b = NULL;
	int e, r = check ? bundle_signers(args, &signers) : EXIT_DONE;

	if (!r)
		r = bundle_read(path, check ? &signers : NULL, &b);
	certs_free(&signers);
	if (r)
		return r;
	e = capcert_bundle_apply(b, NULL, ret);
	capcert_bundle_free(b);
	if (e == -EINVAL)
		return fail(EXIT_USAGE, "%s: a bundle, but not of a whole store", path);
	return e ? fail_errno(e, "%s", path) : EXIT_DONE;
}

static int of_file(const struct args *args, const char *path, bool unsigned_too,
		   capcert_store **ret)
{
	int r;

	if (bundle_is(path))
		return of_bundle(args, path, unsigned_too, ret);
	if (capcert_store_new(ret))
		return fail(EXIT_TROUBLE, "out of memory");
	r = roots_load(path, 1u << CAPCERT_PURPOSE_TLS_SERVER_AUTH, *ret);
	if (r) {
		capcert_store_free(*ret);
		*ret = NULL;
	}
	return r;
}

int trust_source(const struct args *args, const char *word, bool unsigned_too, capcert_store **ret)
{
	int fd, e, r;

	/* A bare word is a store, whatever lies in the folder one happens to be in. */
	if (strchr(word, '/') || !strcmp(word, "-") ||
	    (strchr(word, '.') && !strchr(word, ':') && !access(word, F_OK)))
		return of_file(args, word, unsigned_too, ret);
	r = ref_open(word, CAPCERT_KIND_STORE, CAPCERT_RIGHT_READ, &fd);
	if (r)
		return r;
	e = capcert_store_from_handle(fd, ret);
	close(fd);
	return e ? fail_errno(e, "%s", word) : EXIT_DONE;
}

char *trust_subject(const struct capcert_store_anchor *a, char *buf, size_t cap)
{
	char name[1024] = "a bare key";

	if (a->subject_len)
		capcert_name_text((struct capcert_bytes){ a->subject, a->subject_len }, name,
				  sizeof(name));
	return text_escape(name, strlen(name), buf, cap);
}
