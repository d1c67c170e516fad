// SPDX-License-Identifier: GPL-2.0-only
/* A bundle from the words of a command line and a file of limits. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "tools/bundle_make.h"
#include "tools/file.h"
#include "tools/ref.h"
#include "tools/text.h"
#include "tools/out.h"

#define SUBTREES_MAX 64

/* One line of the file of limits: FINGERPRINT KEY=VALUE... */
struct limit {
	uint8_t fingerprint[32];
	struct capcert_bundle_constraints c;
	const char *permitted[SUBTREES_MAX];
	const char *excluded[SUBTREES_MAX];
	bool used;
};

struct limits {
	char *text;
	struct limit *list;
	size_t count;
};

static int read_time(const char *text, const char *what, int64_t *ret)
{
	bool now;

	if (!text_time(text, ret, &now)) {
		fail(EXIT_USAGE, "%s: '%s' is no time", what, text);
		advise("write now, seconds since 1970, 2017-04-17 or 2017-04-17T15:08:36Z");
		return EXIT_USAGE;
	}
	if (now)
		*ret = time(NULL);
	return EXIT_DONE;
}

static int read_purposes(const char *text, uint32_t *ret)
{
	const char *part;
	char word[64];
	size_t n;
	int nr;

	*ret = 0;
	while (text_next(&text, ",", &part, &n)) {
		if (n >= sizeof(word))
			n = sizeof(word) - 1;
		memcpy(word, part, n);
		word[n] = '\0';
		nr = capcert_purpose_parse(word);
		if (nr < 0) {
			fail(EXIT_USAGE, "'%s' is no purpose", word);
			advise("tlsServerAuth tlsClientAuth codeSigning emailSmime clientIdentity "
			       "ctLog ocspSigning webauthnRoot");
			return EXIT_USAGE;
		}
		*ret |= 1u << nr;
	}
	return EXIT_DONE;
}

/* ---- limits ---- */

/* What has a prefix that nobody knows would be taken for a host name. */
static bool subtree_known(const char *value)
{
	static const char *const prefixes[] = { "dns:", "email:", "ip:", "uri:" };
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (!strncmp(value, prefixes[i], strlen(prefixes[i])))
			return true;
	return !value[strcspn(value, ":/@")];
}

static int add_subtree(const char **list, size_t *count, const char *value)
{
	if (!subtree_known(value)) {
		fail(EXIT_USAGE, "limits: '%s' begins with no known prefix", value);
		advise("write dns:, email:, ip: or uri: in small letters, such as dns:example.com "
		       "or ip:10.0.0.0/8; a DNS name can stand without");
		return EXIT_USAGE;
	}
	if (*count == SUBTREES_MAX)
		return fail(EXIT_USAGE, "more than %d subtrees for one anchor", SUBTREES_MAX);
	list[(*count)++] = value;
	return EXIT_DONE;
}

static int twice(const char *key)
{
	return fail(EXIT_USAGE, "limits: '%s' twice for one anchor; say it once", key);
}

static int read_limit(struct limit *l, char *word)
{
	char *value = strchr(word, '=');
	uint64_t n;

	if (!value)
		return fail(EXIT_USAGE, "limits: '%s' is not KEY=VALUE", word);
	*value++ = '\0';
	if (!strcmp(word, "purposes"))
		return l->c.purposes ? twice(word) : read_purposes(value, &l->c.purposes);
	if (!strcmp(word, "distrust-after")) {
		if (l->c.have_distrust_after)
			return twice(word);
		l->c.have_distrust_after = 1;
		return read_time(value, word, &l->c.distrust_after);
	}
	if (!strcmp(word, "sct-distrust-after")) {
		if (l->c.have_sct_distrust_after)
			return twice(word);
		l->c.have_sct_distrust_after = 1;
		return read_time(value, word, &l->c.sct_distrust_after);
	}
	if (!strcmp(word, "permit"))
		return add_subtree(l->permitted, &l->c.permitted_count, value);
	if (!strcmp(word, "exclude"))
		return add_subtree(l->excluded, &l->c.excluded_count, value);
	if (strcmp(word, "path-length"))
		return fail(EXIT_USAGE,
			    "limits: no key '%s'; there are purposes, distrust-after, "
			    "sct-distrust-after, path-length, permit, exclude",
			    word);
	if (l->c.have_path_len)
		return twice(word);
	if (!text_number(value, INT32_MAX, &n))
		return fail(EXIT_USAGE, "limits: '%s' is no path length", value);
	l->c.have_path_len = 1;
	l->c.path_len = (uint32_t)n;
	return EXIT_DONE;
}

static int read_line(struct limits *limits, char *line)
{
	char *rest = line, *word = strtok_r(line, " \t\r", &rest);
	struct limit *list, *l;
	int r = EXIT_DONE;

	if (!word || *word == '#')
		return EXIT_DONE;
	list = reallocarray(limits->list, limits->count + 1, sizeof(*list));
	if (!list)
		return fail(EXIT_TROUBLE, "out of memory");
	limits->list = list;
	l = &list[limits->count++];
	memset(l, 0, sizeof(*l));
	l->c.size = sizeof(l->c);
	if (!text_hex(word, strlen(word), l->fingerprint, 32))
		return fail(EXIT_USAGE, "limits: '%s' is no SHA-256: 64 hex digits", word);
	while (!r && (word = strtok_r(NULL, " \t\r", &rest)))
		r = read_limit(l, word);
	return r;
}

static int read_limits(const char *path, struct limits *ret)
{
	uint8_t *data;
	char *rest, *line;
	size_t len;
	int r;

	if (!path)
		return EXIT_DONE;
	r = file_read(path, &data, &len);
	if (r)
		return r;
	ret->text = malloc(len + 1);
	if (!ret->text) {
		free(data);
		return fail(EXIT_TROUBLE, "out of memory");
	}
	memcpy(ret->text, data, len);
	ret->text[len] = '\0';
	free(data);
	rest = ret->text;
	while (!r && (line = strsep(&rest, "\n")))
		r = read_line(ret, line);
	return r;
}

static const struct capcert_bundle_constraints *limit_of(struct limits *limits,
							 const capcert_cert *cert)
{
	uint8_t hash[32];
	size_t i;

	capcert_cert_fingerprint(cert, CAPCERT_HASH_SHA256, hash);
	for (i = 0; i < limits->count; i++) {
		struct limit *l = &limits->list[i];

		if (memcmp(l->fingerprint, hash, 32))
			continue;
		l->used = true;
		/* The list may have moved since they were read. */
		l->c.permitted = l->permitted;
		l->c.excluded = l->excluded;
		return &l->c;
	}
	return NULL;
}

static int all_used(const struct limits *limits)
{
	char hex[65];
	size_t i;

	for (i = 0; i < limits->count; i++)
		if (!limits->list[i].used)
			return fail(EXIT_USAGE, "limits: no certificate has the fingerprint %s",
				    text_to_hex(limits->list[i].fingerprint, 32, hex));
	return EXIT_DONE;
}

/* ---- the lists ---- */

static int add_cert(capcert_bundle_builder *b, bool distrust, const capcert_cert *cert,
		    struct limits *limits, const char *path)
{
	const uint8_t *der;
	uint8_t hash[32];
	size_t n;
	int e;

	if (distrust) {
		capcert_cert_fingerprint(cert, CAPCERT_HASH_SHA256, hash);
		e = capcert_bundle_add_distrust(b, CAPCERT_DISTRUST_FINGERPRINT, hash, 32);
	} else {
		der = capcert_cert_der(cert, &n);
		e = capcert_bundle_add_certificate(b, der, n, limit_of(limits, cert));
	}
	if (e == -EEXIST)
		return fail(EXIT_TROUBLE, "%s: a certificate that is in already", path);
	if (e == -EINVAL)
		return fail(EXIT_USAGE,
			    "%s: a limit is malformed, or the certificate has name "
			    "constraints of its own, which would be replaced",
			    path);
	return e ? fail_errno(e, "%s", path) : EXIT_DONE;
}

static int add_files(capcert_bundle_builder *b, bool distrust, const struct args *args,
		     struct limits *limits)
{
	size_t i, k;
	int r = EXIT_DONE;

	for (i = 0; !r && i < args->word_count; i++) {
		struct cert_list list = { 0 };

		r = certs_load(args->words[i], &list);
		for (k = 0; !r && k < list.count; k++)
			r = add_cert(b, distrust, list.certs[k], limits, args->words[i]);
		certs_free(&list);
	}
	return r ? r : all_used(limits);
}

/* TrustAnchorChoices in DER, one file each. */
static int add_anchors(capcert_bundle_builder *b, const struct args *args)
{
	const char *path;
	uint8_t *der;
	size_t i, n;
	int e, r = EXIT_DONE;

	for (i = 0; !r && (path = opt_nth(args, "anchor", i)); i++) {
		r = file_read(path, &der, &n);
		if (r)
			return r;
		e = capcert_bundle_add_anchor(b, der, n);
		free(der);
		if (e == -EEXIST)
			r = fail(EXIT_TROUBLE, "%s: an anchor that is in already", path);
		else if (e)
			r = fail_errno(e, "%s: no TrustAnchorChoice (RFC 5914) in DER", path);
	}
	return r;
}

static int add_hashes(capcert_bundle_builder *b, const struct args *args, const char *option,
		      uint32_t what)
{
	const char *hex;
	uint8_t hash[32];
	size_t i;
	int e;

	for (i = 0; (hex = opt_nth(args, option, i)); i++) {
		if (!text_hex(hex, strlen(hex), hash, 32))
			return fail(EXIT_USAGE, "'%s' is no SHA-256: 64 hex digits", hex);
		e = what ? capcert_bundle_add_distrust(b, what, hash, 32)
			 : capcert_bundle_remove(b, hash);
		if (e == -EINVAL)
			return fail(EXIT_USAGE, "--%s does not go with this kind of bundle",
				    option);
		if (e)
			return fail_errno(e, "--%s %s", option, hex);
	}
	return EXIT_DONE;
}

/* ---- the head ---- */

static int new_builder(const struct args *args, uint32_t *ret_kind, capcert_bundle_builder **ret)
{
	const char *kind = opt_text(args, "kind"), *name = opt_text(args, "name");
	const char *number = opt_text(args, "number"), *text;
	uint64_t nr;
	uint32_t k;

	for (k = 0; kind && (text = capcert_bundle_kind_name(k)); k++)
		if (!strcmp(kind, text))
			break;
	if (!kind || !text || k == CAPCERT_BUNDLE_DELTA) {
		fail(EXIT_USAGE, "--kind takes store, override or distrust");
		advise("capcert bundle delta makes a delta from two stores");
		return EXIT_USAGE;
	}
	if (!name || !number)
		return fail(EXIT_USAGE, "a bundle needs --name NAME and --number N");
	if (!text_number(number, INT64_MAX, &nr) || !nr)
		return fail(EXIT_USAGE, "--number takes 1 to 2^63 - 1");
	*ret_kind = k;
	return capcert_bundle_new(k, name, nr, ret)
		       ? fail(EXIT_USAGE, "--name takes 1 to 63 of a-z 0-9 . _ -")
		       : EXIT_DONE;
}

static int set_head(capcert_bundle_builder *b, const struct args *args)
{
	const char *created = opt_text(args, "created"), *expires = opt_text(args, "expires");
	const char *purposes = opt_text(args, "purposes"), *of = opt_text(args, "of");
	int64_t time;
	uint32_t mask;
	int r = read_time(created ? created : "now", "--created", &time);

	if (!r && capcert_bundle_set_created(b, time))
		r = fail(EXIT_USAGE, "--created lies outside the years 0 to 9999");
	if (!r && expires)
		r = read_time(expires, "--expires", &time);
	if (!r && expires && capcert_bundle_set_expires(b, time))
		r = fail(EXIT_USAGE, "--expires lies outside the years 0 to 9999");
	if (!r && purposes)
		r = read_purposes(purposes, &mask);
	if (!r && purposes && capcert_bundle_set_purposes(b, mask))
		r = fail(EXIT_USAGE, "--purposes does not go with this kind of bundle");
	if (!r && of && capcert_bundle_set_of(b, of))
		r = fail(EXIT_USAGE, "--of takes the name of a store, for an override only");
	return r;
}

int bundle_make(const struct args *args, uint8_t **ret, size_t *ret_len)
{
	capcert_bundle_builder *b = NULL;
	struct limits limits = { 0 };
	const char *why = NULL;
	uint32_t kind = 0;
	int e, r = new_builder(args, &kind, &b);

	if (!r)
		r = set_head(b, args);
	if (!r)
		r = read_limits(opt_text(args, "limits"), &limits);
	if (!r)
		r = add_files(b, kind == CAPCERT_BUNDLE_DISTRUST, args, &limits);
	if (!r)
		r = add_anchors(b, args);
	if (!r)
		r = add_hashes(b, args, "remove", 0);
	if (!r)
		r = add_hashes(b, args, "fingerprint", CAPCERT_DISTRUST_FINGERPRINT);
	if (!r)
		r = add_hashes(b, args, "key-sha256", CAPCERT_DISTRUST_SPKI);
	if (!r) {
		e = capcert_bundle_content(b, ret, ret_len, &why);
		if (e)
			r = fail(EXIT_USAGE, "no bundle: %s", why ? why : capcert_strerror(e));
	}
	capcert_bundle_builder_free(b);
	free(limits.list);
	free(limits.text);
	return r;
}
