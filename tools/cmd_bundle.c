// SPDX-License-Identifier: GPL-2.0-only
/* capcert bundle: make, sign, show and check signed bundles of trust. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <capcert/x509_ext.h>
#include "tools/bundle_file.h"
#include "tools/bundle_make.h"
#include "tools/text.h"
#include "tools/tool.h"

/* ---- signing ---- */

static int load_key(const char *path, char **ret)
{
	uint8_t *data;
	size_t len;
	int r = file_read(path, &data, &len);

	if (r)
		return r;
	*ret = malloc(len + 1);
	if (*ret) {
		memcpy(*ret, data, len);
		(*ret)[len] = '\0';
	}
	explicit_bzero(data, len);
	free(data);
	return *ret ? EXIT_DONE : fail(EXIT_TROUBLE, "out of memory");
}

static int sign_with(const uint8_t *content, size_t len, const capcert_cert *cert, const char *key,
		     uint8_t **ret, size_t *ret_len)
{
	const char *why = NULL;
	int e = capcert_bundle_sign(content, len, cert, key, time(NULL), ret, ret_len, &why);

	return e ? fail(EXIT_TROUBLE, "not signed: %s", why ? why : capcert_strerror(e))
		 : EXIT_DONE;
}

/* Replaces the content by the signed bundle. */
static int sign_content(const struct args *args, uint8_t **data, size_t *len)
{
	const char *key_path = opt_text(args, "sign-key"), *cert_path = opt_text(args, "sign-cert");
	struct cert_list certs = { 0 };
	char *key = NULL;
	uint8_t *out = NULL;
	size_t n = 0;
	int r;

	if (!key_path || !cert_path)
		return fail(EXIT_USAGE, "signing takes --sign-key FILE and --sign-cert FILE");
	r = certs_load(cert_path, &certs);
	if (!r && certs.count != 1)
		r = fail(EXIT_USAGE, "%s holds %zu certificates, one is needed", cert_path,
			 certs.count);
	if (!r)
		r = load_key(key_path, &key);
	if (!r)
		r = sign_with(*data, *len, certs.certs[0], key, &out, &n);
	if (key)
		explicit_bzero(key, strlen(key));
	free(key);
	certs_free(&certs);
	if (r)
		return r;
	free(*data);
	*data = out;
	*len = n;
	return EXIT_DONE;
}

static int done(const char *path, size_t len)
{
	if (out_json())
		return out_print_json(json_pack("{ss, sI}", "file", path, "size", (json_int_t)len));
	if (strcmp(path, "-"))
		printf("%s: %zu bytes\n", path, len);
	return EXIT_DONE;
}

static int save(const struct args *args, const uint8_t *data, size_t len)
{
	const char *path = opt_text(args, "output");
	int r = bundle_save(path, data, len, opt_has(args, "force"));

	return r ? r : done(path, len);
}

static int make(const struct args *args)
{
	uint8_t *data = NULL;
	size_t len;
	int r = bundle_make(args, &data, &len);

	if (!r && (opt_has(args, "sign-key") || opt_has(args, "sign-cert")))
		r = sign_content(args, &data, &len);
	if (!r)
		r = save(args, data, len);
	free(data);
	return r;
}

static int sign(const struct args *args)
{
	uint8_t *data = NULL;
	size_t len;
	int r = file_read(args->words[0], &data, &len);

	if (!r)
		r = sign_content(args, &data, &len);
	if (!r)
		r = save(args, data, len);
	free(data);
	return r;
}

static int delta(const struct args *args)
{
	capcert_bundle *from = NULL, *to = NULL;
	uint8_t *data = NULL;
	size_t len = 0;
	int e, r = bundle_read(args->words[0], NULL, &from);

	if (!r)
		r = bundle_read(args->words[1], NULL, &to);
	if (!r) {
		e = capcert_bundle_delta(from, to, &data, &len);
		if (e == -EINVAL)
			r = fail(EXIT_USAGE,
				 "a delta leads from one store bundle to the one of the "
				 "same name with the next number");
		else if (e)
			r = fail_errno(e, "no delta");
	}
	if (!r && (opt_has(args, "sign-key") || opt_has(args, "sign-cert")))
		r = sign_content(args, &data, &len);
	if (!r)
		r = save(args, data, len);
	free(data);
	capcert_bundle_free(from);
	capcert_bundle_free(to);
	return r;
}

/* ---- showing ---- */

static struct capcert_bytes name_of(const struct capcert_store_anchor *a)
{
	return (struct capcert_bytes){ a->subject, a->subject_len };
}

static json_t *anchor_json(const struct capcert_store_anchor *a)
{
	json_t *j = json_object();
	char name[1024];

	json_object_set_new(j, "fingerprint", json_hex(a->fingerprint, 32));
	json_object_set_new(j, "purposes", json_purposes(a->purposes));
	json_object_set_new(j, "plain", json_boolean(a->plain));
	if (a->subject_len) {
		capcert_name_text(name_of(a), name, sizeof(name));
		json_object_set_new(j, "subject", json_text(name));
	}
	if (a->have_distrust_after)
		json_object_set_new(j, "distrust_after", json_time(a->distrust_after));
	if (a->have_sct_distrust_after)
		json_object_set_new(j, "sct_distrust_after", json_time(a->sct_distrust_after));
	return j;
}

/* The anchors as a store of nothing else has them; kinds without a whole store get one of their own
 * anchors alone. */
static int anchors_of(const capcert_bundle *b, capcert_store **ret)
{
	struct capcert_bundle_info info;
	const uint8_t *der;
	size_t n;
	uint32_t i;
	int e;

	capcert_bundle_get(b, &info);
	if (info.kind == CAPCERT_BUNDLE_STORE)
		return capcert_bundle_apply(b, NULL, ret);
	e = capcert_store_new(ret);
	for (i = 0; !e && !capcert_bundle_anchor_at(b, i, &der, &n); i++) {
		e = capcert_store_put_anchor(*ret, der, n, info.purposes);
		if (e == -EINVAL)
			e = 0; /* a bare key */
	}
	return e;
}

static void add_lists(const capcert_bundle *b, const capcert_store *store, json_t *j)
{
	json_t *anchors = json_array(), *removed = json_array(), *entries = json_array();
	struct capcert_store_anchor a;
	const uint8_t *p;
	uint32_t i, what;
	size_t n;

	for (i = 0; !capcert_store_at(store, i, &a); i++)
		json_array_append_new(anchors, anchor_json(&a));
	for (i = 0; (p = capcert_bundle_removed_at(b, i)); i++)
		json_array_append_new(removed, json_hex(p, 32));
	for (i = 0; !capcert_bundle_entry_at(b, i, &what, &p, &n); i++)
		json_array_append_new(entries, json_pack("{sI, so}", "what", (json_int_t)what,
							 "value", json_hex(p, n)));
	json_object_set_new(j, "anchors", anchors);
	json_object_set_new(j, "remove", removed);
	json_object_set_new(j, "entries", entries);
}

static int show_json(const capcert_bundle *b, const capcert_store *store)
{
	struct capcert_bundle_info info;
	uint8_t digest[32];
	json_t *j;

	capcert_bundle_get(b, &info);
	j = json_pack("{ss, ss, sI, so, so, so, sb}", "kind", capcert_bundle_kind_name(info.kind),
		      "name", info.name, "number", (json_int_t)info.number, "created",
		      json_time(info.created), "expires",
		      info.have_expires ? json_time(info.expires) : json_null(), "purposes",
		      json_purposes(info.purposes), "signature_checked", info.signer != SIZE_MAX);
	if (info.base)
		json_object_set_new(j, "base", json_integer((json_int_t)info.base));
	if (*info.of)
		json_object_set_new(j, "of", json_text(info.of));
	if (info.kind == CAPCERT_BUNDLE_STORE && !capcert_store_digest(store, digest))
		json_object_set_new(j, "store_digest", json_hex(digest, 32));
	add_lists(b, store, j);
	return out_print_json(j);
}

static void print_anchor(const struct capcert_store_anchor *a)
{
	char hex[65], name[1024] = "a bare key", safe[200], when[32];

	if (a->subject_len)
		capcert_name_text(name_of(a), name, sizeof(name));
	text_escape(name, strlen(name), safe, sizeof(safe));
	text_to_hex(a->fingerprint, 32, hex);
	printf("  %s%.16s%s  %s", out_faint(), hex, out_plain(), safe);
	if (a->have_distrust_after)
		printf("  distrust-after %s", text_of_time(a->distrust_after, when));
	if (a->have_sct_distrust_after)
		printf("  sct-distrust-after %s", text_of_time(a->sct_distrust_after, when));
	if (!a->plain && !a->have_distrust_after && !a->have_sct_distrust_after)
		printf("  limited");
	printf("\n");
}

static void show_people(const capcert_bundle *b, const capcert_store *store)
{
	struct capcert_bundle_info info;
	struct capcert_store_anchor a;
	char buf[160], hex[65];
	const uint8_t *p;
	uint32_t i, what;
	size_t n;

	capcert_bundle_get(b, &info);
	out_field("bundle", "%s %s, number %llu", capcert_bundle_kind_name(info.kind), info.name,
		  (unsigned long long)info.number);
	if (info.base)
		out_field("base", "%llu", (unsigned long long)info.base);
	if (*info.of)
		out_field("of", "%s", info.of);
	out_field("created", "%s", text_of_time(info.created, buf));
	if (info.have_expires)
		out_field("expires", "%s", text_of_time(info.expires, buf));
	if (info.purposes)
		out_field("purposes", "%s", purposes_text(info.purposes, buf, sizeof(buf)));
	out_field("signature", "%s", info.signer == SIZE_MAX ? "not looked at" : "good");
	out_field("holds", "%u anchors, %u to remove, %u distrusted", info.anchors, info.removed,
		  info.entries);
	for (i = 0; !capcert_store_at(store, i, &a); i++)
		print_anchor(&a);
	for (i = 0; (p = capcert_bundle_removed_at(b, i)); i++)
		printf("  remove %s\n", text_to_hex(p, 32, hex));
	for (i = 0; !capcert_bundle_entry_at(b, i, &what, &p, &n); i++)
		if (what == CAPCERT_DISTRUST_ISSUER_SERIAL)
			printf("  distrust an issuer and serial number\n");
		else
			printf("  distrust %s %s\n",
			       what == CAPCERT_DISTRUST_SPKI ? "key" : "certificate",
			       text_to_hex(p, 32, hex));
}

static int show_with(const char *path, const struct cert_list *signers)
{
	capcert_bundle *b = NULL;
	capcert_store *store = NULL;
	int e, r = bundle_read(path, signers, &b);

	if (r)
		return r;
	e = anchors_of(b, &store);
	if (e)
		r = fail_errno(e, "%s", path);
	else if (out_json())
		r = show_json(b, store);
	else
		show_people(b, store);
	capcert_store_free(store);
	capcert_bundle_free(b);
	return r;
}

static int show(const struct args *args)
{
	struct cert_list signers = { 0 };
	bool check = opt_has(args, "bundle-cert");
	int r = check ? bundle_signers(args, &signers) : EXIT_DONE;

	if (!r)
		r = show_with(args->words[0], check ? &signers : NULL);
	certs_free(&signers);
	return r;
}

static int verify(const struct args *args)
{
	struct cert_list signers = { 0 };
	int r = bundle_signers(args, &signers);

	if (!r)
		r = show_with(args->words[0], &signers);
	certs_free(&signers);
	return r;
}

/* ---- the command line ---- */

#define SIGNING                                                                               \
	{ .name = "sign-key", .meta = "FILE", .help = "private key of the signer, PEM" },     \
		{ .name = "sign-cert", .meta = "FILE", .help = "certificate of the signer" }, \
		{ .name = "output",                                                           \
		  .meta = "FILE",                                                             \
		  .letter = 'o',                                                              \
		  .help = "where to; - is stdout" },                                          \
	{                                                                                     \
		.name = "force", .help = "overwrite a higher number, or what is no bundle"    \
	}

static const struct opt make_opts[] = {
	{ .name = "kind", .meta = "KIND", .help = "store, override or distrust" },
	{ .name = "name", .meta = "NAME", .help = "name of the store" },
	{ .name = "number", .meta = "N", .help = "its version, higher than any before" },
	{ .name = "purposes", .meta = "LIST", .help = "what anchors are good for: tlsServerAuth" },
	{ .name = "created", .meta = "TIME", .help = "now if not given" },
	{ .name = "expires", .meta = "TIME", .help = "not admitted after TIME" },
	{ .name = "of", .meta = "NAME", .help = "override: the store that is changed" },
	{ .name = "limits", .meta = "FILE", .help = "lines of FINGERPRINT KEY=VALUE..." },
	{ .name = "anchor", .meta = "FILE", .many = true, .help = "a TrustAnchorChoice, DER" },
	{ .name = "remove", .meta = "HEX", .many = true, .help = "override: SHA-256 to take out" },
	{ .name = "fingerprint", .meta = "HEX", .many = true, .help = "distrust: a certificate" },
	{ .name = "key-sha256", .meta = "HEX", .many = true, .help = "distrust: a public key" },
	SIGNING,
	{ 0 },
};

static const struct opt sign_opts[] = { SIGNING, { 0 } };

static const struct opt cert_opts[] = {
	{ .name = "bundle-cert", .meta = "FILE", .many = true, .help = "who may sign" },
	{ 0 },
};

static const struct verb verbs[] = {
	{ .name = "make",
	  .usage = "--kind KIND --name NAME --number N -o FILE [FILE]...",
	  .brief = "make a bundle of the certificates in FILEs",
	  .help = "With --sign-key and --sign-cert it is signed, else it is the bare content. The "
		  "same\ninputs and --created give the same bytes. Keys of limits: purposes, "
		  "distrust-after,\nsct-distrust-after, path-length, permit, exclude.\n",
	  .opts = make_opts,
	  .max_words = -1,
	  .run = make },
	{ .name = "sign",
	  .usage = "CONTENT --sign-key FILE --sign-cert FILE -o FILE",
	  .brief = "sign the content of a bundle",
	  .opts = sign_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = sign },
	{ .name = "show",
	  .usage = "FILE [--bundle-cert FILE]",
	  .brief = "show what is in a bundle; the signature is checked with --bundle-cert only",
	  .opts = cert_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = show },
	{ .name = "verify",
	  .usage = "FILE --bundle-cert FILE...",
	  .brief = "check signature, dates and content of a bundle",
	  .help = "Exit status 1 when signature or dates do not hold, 3 when it is no bundle.\n",
	  .opts = cert_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = verify },
	{ .name = "delta",
	  .usage = "OLD NEW -o FILE [--sign-key FILE --sign-cert FILE]",
	  .brief = "make the change from one store bundle to the next",
	  .opts = sign_opts,
	  .min_words = 2,
	  .max_words = 2,
	  .run = delta },
	{ 0 },
};

const struct noun noun_bundle = { "bundle", "signed bundles of trust anchors", verbs };
