// SPDX-License-Identifier: GPL-2.0-only
/* capcert key: private keys in tokens, and what each is for. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <capcert/key.h>
#include <capcert/pubkey.h>
#include "tools/key_vault.h"
#include "tools/text.h"
#include "tools/tool.h"

static const struct type {
	const char *name;
	uint32_t algorithm, bits, scheme;
} types[] = {
	{ "p256", CAPCERT_VAULT_P256, 0, 0x0403 },
	{ "p384", CAPCERT_VAULT_P384, 0, 0x0503 },
	{ "p521", CAPCERT_VAULT_P521, 0, 0x0603 },
	{ "ed25519", CAPCERT_VAULT_ED25519, 0, 0x0807 },
	{ "rsa2048", CAPCERT_VAULT_RSA, 2048, 0x0401 },
	{ "rsa3072", CAPCERT_VAULT_RSA, 3072, 0x0401 },
	{ "rsa4096", CAPCERT_VAULT_RSA, 4096, 0x0401 },
};

#define TYPES (sizeof(types) / sizeof(*types))

static void type_text(const struct capcert_vault_key *key, char ret[24])
{
	const char *name = "unknown";

	for (size_t i = 0; i < TYPES; i++)
		if (types[i].algorithm == key->algorithm && !types[i].bits)
			name = types[i].name;
	if (!key->spki_len)
		snprintf(ret, 24, "unknown");
	else if (key->algorithm == CAPCERT_VAULT_RSA)
		snprintf(ret, 24, "rsa%u", key->bits);
	else
		snprintf(ret, 24, "%s", name);
}

static uint32_t scheme_of(const struct capcert_vault_key *key)
{
	for (size_t i = 0; i < TYPES; i++)
		if (types[i].algorithm == key->algorithm)
			return types[i].scheme;
	return 0;
}

/* ---- what is known of a key ---- */

/* Return: the record's state for people, NULL when @ret is filled. */
static const char *record_of(const struct key_vault *v, const struct capcert_vault_key *key,
			     struct capcert_key_record *ret)
{
	int r = -ENOENT;

	if (key->spki_len && v->records >= 0)
		r = capcert_key_record_read(v->records, key->spki_hash, ret);
	return r == 0	      ? NULL
	       : r == -ENOENT ? "none: capcert key import-uri makes one"
	       : r == -EPERM  ? "not to be trusted: others may write it"
			      : "damaged";
}

static json_t *key_json(const struct key_vault *v, const struct capcert_vault_key *key)
{
	struct capcert_key_record record;
	const char *none = record_of(v, key, &record);
	char type[24], thumb[CAPCERT_THUMBPRINT_TEXT] = "";
	json_t *purposes = none ? json_null() : json_array();

	type_text(key, type);
	for (uint32_t i = 0; !none && i < CAPCERT_KEY_PURPOSES; i++)
		if (record.purposes >> i & 1)
			json_array_append_new(purposes, json_string(capcert_key_purpose_name(i)));
	if (key->spki_len)
		capcert_pubkey_thumbprint(key->spki, key->spki_len, thumb);
	return json_pack("{so so so so so ss sI ss sb sb sb sb sb so so so so so}", "uri",
			 json_text(key->uri), "token", json_text(key->token), "serial",
			 json_text(key->serial), "label", json_text(key->label), "id",
			 json_hex(key->id, key->id_len), "type", type, "bits",
			 (json_int_t)key->bits, "source", capcert_key_source_name(key->source),
			 "signs", key->signs, "sensitive", key->sensitive, "extractable",
			 key->extractable, "neverExtractable", key->never_extractable, "local",
			 key->local, "spkiSha256",
			 key->spki_len ? json_hex(key->spki_hash, 32) : json_null(), "thumbprint",
			 *thumb ? json_string(thumb) : json_null(), "purposes", purposes,
			 "recorded", none ? json_null() : json_time(record.created), "imported",
			 none ? json_null() : json_boolean(record.imported));
}

static void key_print(const struct key_vault *v, const struct capcert_vault_key *key)
{
	struct capcert_key_record record;
	const char *none = record_of(v, key, &record);
	char text[200], when[32];

	printf("%s%s%s\n", out_bold(), key->label, out_plain());
	out_field("uri", "%s", key->uri);
	type_text(key, text);
	out_field("type", "%s, %s", text, capcert_key_source_name(key->source));
	if (none) {
		out_field("purposes", "%s", none);
	} else {
		capcert_key_purposes_text(record.purposes, text, sizeof(text));
		out_field("purposes", "%s, since %s (%s)", text, text_of_time(record.created, when),
			  record.imported ? "imported" : "generated");
	}
	out_field("custody", "%s%s%s", key->sensitive ? "sensitive" : "NOT sensitive",
		  key->extractable	   ? ", EXTRACTABLE"
		  : key->never_extractable ? ", never extractable"
					   : ", not extractable",
		  key->local ? ", made in the token" : "");
	if (key->spki_len)
		out_field("sha256", "%s", text_to_hex(key->spki_hash, 32, text));
}

static int purposes_of(const struct args *args, uint32_t *ret)
{
	const char *text = opt_text(args, "purpose");

	if (!text)
		return fail(EXIT_USAGE, "what for? --purpose tls-server and the like says");
	*ret = capcert_key_purposes_parse(text);
	if (!*ret) {
		fail(EXIT_USAGE, "--purpose %s: not a list of purposes", text);
		advise("tls-server, tls-client, acme-account, ca-sign, code-sign, bundle-sign, "
		       "ocsp-sign, "
		       "crl-sign, ct-log; with commas between");
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

/* RFC 7512: escape whatever is not plain. */
static int token_uri(const struct args *args, char *ret, size_t cap)
{
	const char *label = opt_text(args, "token");
	size_t n = (size_t)snprintf(ret, cap, "pkcs11:token=");

	if (!label)
		return fail(EXIT_USAGE, "in which token? --token LABEL says");
	for (; *label && n + 4 < cap; label++)
		n += (size_t)sprintf(ret + n, "%%%02X", (unsigned char)*label);
	return *label ? fail(EXIT_USAGE, "--token: labels have at most 32 characters") : EXIT_DONE;
}

/* ---- records ---- */

static int put_record(struct key_vault *v, const struct capcert_vault_key *key, uint32_t purposes,
		      bool imported)
{
	struct capcert_key_record record = { .purposes = purposes,
					     .imported = imported,
					     .created = time(NULL) };
	int r = key_vault_records(v, true);

	if (r)
		return r;
	memcpy(record.spki_hash, key->spki_hash, sizeof(record.spki_hash));
	strcpy(record.uri, key->uri);
	r = capcert_key_record_write(v->records, &record);
	if (r == -EACCES) {
		fail(EXIT_TROUBLE, "%s: its record allows less than that, and can only be narrowed",
		     key->uri);
		advise("capcert key show '%s' says what it is for", key->uri);
		return EXIT_TROUBLE;
	}
	if (r == -EBADMSG || r == -EPERM)
		return fail(EXIT_TROUBLE, "%s: its record in %s is damaged, or others may write it",
			    key->uri, v->records_path);
	return r < 0 ? fail_errno(r, "%s: writing its record", key->uri) : EXIT_DONE;
}

static int show_one(const struct key_vault *v, const struct capcert_vault_key *key)
{
	if (out_json())
		return out_print_json(key_json(v, key));
	key_print(v, key);
	return EXIT_DONE;
}

static void how_to_use(const struct capcert_vault_key *key, uint32_t purposes)
{
	char text[96];

	capcert_key_purposes_text(purposes, text, sizeof(text));
	if (!out_json())
		printf("\nto use it: keyctl add capkey NAME \"%s;purpose=%s\" RING\n", key->uri,
		       text);
}

/* ---- verbs ---- */

static int generate(const struct args *args)
{
	const char *type = opt_text(args, "type"), *label = args->words[0];
	struct capcert_vault_key key;
	struct key_vault v;
	uint32_t purposes;
	char uri[200];
	size_t t = 0;
	int r = purposes_of(args, &purposes);

	if (!r)
		r = token_uri(args, uri, sizeof(uri));
	while (!r && type && t < TYPES && strcmp(types[t].name, type))
		t++;
	if (!r && t == TYPES)
		r = fail(EXIT_USAGE,
			 "--type %s: p256, p384, p521, ed25519, rsa2048, rsa3072 or rsa4096", type);
	if (!r)
		r = key_vault_open(args, &v);
	if (r)
		return r;
	key_vault_as_keeper();
	r = capcert_vault_generate(v.vault, uri, types[t].algorithm, types[t].bits, label, &key);
	key_vault_as_self();
	if (r < 0) {
		r = key_vault_fail(r, uri);
	} else if (!(r = put_record(&v, &key, purposes, false))) {
		r = show_one(&v, &key);
		how_to_use(&key, purposes);
	} else {
		/* A key that nobody may use is not left behind. */
		key_vault_as_keeper();
		capcert_vault_destroy(v.vault, key.uri);
		key_vault_as_self();
	}
	key_vault_close(&v);
	return r;
}

struct listing {
	const struct key_vault *v;
	json_t *list;
	size_t count;
};

static int list_one(void *ctx, const struct capcert_vault_key *key)
{
	struct listing *l = ctx;

	if (l->list)
		return json_array_append_new(l->list, key_json(l->v, key));
	if (l->count++)
		printf("\n");
	key_print(l->v, key);
	return 0;
}

static int list(const struct args *args)
{
	struct listing l = { .list = out_json() ? json_array() : NULL };
	struct key_vault v;
	char uri[200];
	int r = token_uri(args, uri, sizeof(uri));

	if (!r)
		r = key_vault_open(args, &v);
	if (r)
		return r;
	l.v = &v;
	r = key_vault_records(&v, false);
	if (!r) {
		key_vault_as_keeper();
		r = capcert_vault_list(v.vault, uri, list_one, &l);
		key_vault_as_self();
		r = r < 0 ? key_vault_fail(r, uri) : l.list ? out_print_json(l.list) : EXIT_DONE;
	}
	key_vault_close(&v);
	return r;
}

static int get(const struct args *args, struct key_vault *v, struct capcert_vault_key *ret)
{
	int r = key_vault_open(args, v);

	if (r)
		return r;
	key_vault_as_keeper();
	r = capcert_vault_get(v->vault, args->words[0], ret);
	key_vault_as_self();
	if (r < 0) {
		key_vault_fail(r, args->words[0]);
		key_vault_close(v);
		return EXIT_TROUBLE;
	}
	return EXIT_DONE;
}

static int show(const struct args *args)
{
	struct capcert_vault_key key;
	struct key_vault v;
	char *jwk = NULL;
	json_t *j;
	int r = get(args, &v, &key);

	if (r)
		return r;
	r = key_vault_records(&v, false);
	capcert_pubkey_jwk(key.spki, key.spki_len, &jwk);
	if (!r && out_json()) {
		j = key_json(&v, &key);
		json_object_set_new(j, "jwk", jwk ? json_loads(jwk, 0, NULL) : json_null());
		json_object_set_new(j, "spki", json_hex(key.spki, key.spki_len));
		r = out_print_json(j);
	} else if (!r) {
		key_print(&v, &key);
		out_field("jwk", "%s", jwk ? jwk : "none");
	}
	free(jwk);
	key_vault_close(&v);
	return r;
}

static int destroy(const struct args *args)
{
	struct capcert_vault_key key;
	struct key_vault v;
	int r = get(args, &v, &key);

	if (r)
		return r;
	r = key_vault_records(&v, false);
	if (!r) {
		/* By what it is, not by the words that found it. */
		key_vault_as_keeper();
		r = capcert_vault_destroy(v.vault, key.uri);
		key_vault_as_self();
		if (r < 0)
			r = key_vault_fail(r, key.uri);
		else if (v.records >= 0)
			capcert_key_record_remove(v.records, key.spki_hash);
	}
	if (!r && out_json())
		r = out_print_json(json_pack("{ss so}", "destroyed", key.uri, "spkiSha256",
					     json_hex(key.spki_hash, 32)));
	else if (!r)
		printf("destroyed %s; its handles sign no more\n", key.uri);
	key_vault_close(&v);
	return r;
}

/* Does the private key belong to the public one that stands beside it? What is signed begins like
 * nothing that any protocol signs. */
static int prove(struct key_vault *v, const struct capcert_vault_key *key)
{
	static const char message[] = "capcert key import-uri: proof of possession\n";
	uint8_t sig[CAPCERT_MAX_SIGNATURE];
	size_t n = sizeof(sig);
	int r;

	key_vault_as_keeper();
	r = capcert_vault_sign(v->vault, key->uri, NULL, 0, scheme_of(key), false,
			       (const uint8_t *)message, sizeof(message), sig, &n);
	key_vault_as_self();
	if (r < 0 && r != -EIO)
		return key_vault_fail(r, key->uri);
	if (r == 0)
		r = capcert_pubkey_verify(key->spki, key->spki_len, scheme_of(key), false,
					  (const uint8_t *)message, sizeof(message), sig, n);
	if (r < 0)
		return fail(EXIT_TROUBLE, "%s: the public key with its id is not its public half",
			    key->uri);
	return EXIT_DONE;
}

static int import_uri(const struct args *args)
{
	struct capcert_vault_key key;
	struct key_vault v;
	uint32_t purposes;
	int r = purposes_of(args, &purposes);

	if (!r)
		r = get(args, &v, &key);
	if (r)
		return r;
	if (!key.sensitive || key.extractable) {
		r = fail(EXIT_TROUBLE, "%s: could leave its token: it is %s", key.uri,
			 key.sensitive ? "extractable" : "not sensitive");
		advise("capcert key generate makes one that cannot");
	}
	if (!r)
		r = prove(&v, &key);
	if (!r)
		r = put_record(&v, &key, purposes, true);
	if (!r) {
		r = show_one(&v, &key);
		how_to_use(&key, purposes);
	}
	key_vault_close(&v);
	return r;
}

/* ---- command line ---- */

static const struct opt generate_opts[] = {
	{ .name = "token", .meta = "LABEL", .help = "the token" },
	{ .name = "purpose", .meta = "LIST", .help = "what it may sign: tls-server, ca-sign, ..." },
	{ .name = "type",
	  .meta = "TYPE",
	  .help = "p256 (default), p384, p521, ed25519, rsa2048, rsa3072, rsa4096" },
	KEY_VAULT_OPTIONS,
	{ 0 },
};

static const struct opt list_opts[] = {
	{ .name = "token", .meta = "LABEL", .help = "the token" },
	KEY_VAULT_OPTIONS,
	{ 0 },
};

static const struct opt one_opts[] = { KEY_VAULT_OPTIONS, { 0 } };

static const struct opt import_opts[] = {
	{ .name = "purpose", .meta = "LIST", .help = "what it may sign: tls-server, ca-sign, ..." },
	KEY_VAULT_OPTIONS,
	{ 0 },
};

#define WHERE                                                                               \
	"The PIN is in --pin-file, in the kernel key --pin-key, or in pin.TOKEN among the " \
	"credentials\n"                                                                     \
	"of the service ($CREDENTIALS_DIRECTORY). It is tried once.\n"

static const struct verb verbs[] = {
	{ .name = "generate",
	  .usage = "LABEL --token LABEL --purpose LIST [--type TYPE] [--pin-file FILE]... [--json]",
	  .brief = "a new key inside a token",
	  .help = "It cannot leave the token, and signs for its purposes alone: they are recorded "
		  "and can\n"
		  "only become fewer. " WHERE,
	  .opts = generate_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = generate },
	{ .name = "list",
	  .usage = "--token LABEL [--pin-file FILE]... [--json]",
	  .brief = "the private keys of a token",
	  .help = WHERE,
	  .opts = list_opts,
	  .run = list },
	{ .name = "show",
	  .usage = "URI [--pin-file FILE]... [--json]",
	  .brief = "one key: what it is, what it is for, its public half",
	  .help = WHERE,
	  .opts = one_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = show },
	{ .name = "destroy",
	  .usage = "URI [--pin-file FILE]... [--json]",
	  .brief = "erase a key, for good",
	  .help = "No copy is left: whatever only this key can sign is over. " WHERE,
	  .opts = one_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = destroy },
	{ .name = "import-uri",
	  .usage = "URI --purpose LIST [--pin-file FILE]... [--json]",
	  .brief = "say what a key that is there already is for",
	  .help = "Nothing is moved: a record is made, without which capcert-keyd signs with no "
		  "key. A "
		  "record\nthat is there can only be narrowed. " WHERE,
	  .opts = import_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = import_uri },
	{ 0 },
};

const struct noun noun_key = { "key", "private keys in tokens", verbs };
