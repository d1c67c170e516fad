// SPDX-License-Identifier: GPL-2.0-only
/* capcert distrust: the system's list of what no store, view or cached outcome may trust. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "tools/file.h"
#include "tools/text.h"
#include "tools/tool.h"

struct value {
	uint32_t what;
	uint8_t data[CAPCERT_MAX_CERT];
	size_t len;
};

/* DER Name, then the serial as a DER INTEGER: its content octets are those of the certificate. */
static int issuer_serial(const capcert_cert *cert, struct value *v)
{
	size_t name_len, serial_len;
	const uint8_t *name = capcert_cert_issuer(cert, &name_len);
	const uint8_t *serial = capcert_cert_serial(cert, &serial_len);

	if (serial_len > 127 || name_len + serial_len + 2 > sizeof(v->data))
		return fail(EXIT_TROUBLE, "issuer and serial are too long to be listed");
	memcpy(v->data, name, name_len);
	v->data[name_len] = 0x02;
	v->data[name_len + 1] = (uint8_t)serial_len;
	memcpy(v->data + name_len + 2, serial, serial_len);
	v->len = name_len + 2 + serial_len;
	return EXIT_DONE;
}

static int value_of_cert(const char *path, const char *by, struct value *v)
{
	struct cert_list list = { 0 };
	int r = certs_load(path, &list);

	if (!r && list.count != 1)
		r = fail(EXIT_USAGE, "%s holds %zu certificates, one is needed", path, list.count);
	if (!r && (!by || !strcmp(by, "fingerprint"))) {
		v->what = CAPCERT_DISTRUST_FINGERPRINT;
		v->len = (size_t)capcert_cert_fingerprint(list.certs[0], CAPCERT_HASH_SHA256,
							  v->data);
	} else if (!r && !strcmp(by, "key")) {
		v->what = CAPCERT_DISTRUST_SPKI;
		v->len =
			(size_t)capcert_cert_spki_hash(list.certs[0], CAPCERT_HASH_SHA256, v->data);
	} else if (!r && !strcmp(by, "serial")) {
		v->what = CAPCERT_DISTRUST_ISSUER_SERIAL;
		r = issuer_serial(list.certs[0], v);
	} else if (!r) {
		r = fail(EXIT_USAGE, "--by takes fingerprint, key or serial, not '%s'", by);
	}
	certs_free(&list);
	return r;
}

static int read_value(const struct args *args, struct value *v)
{
	const char *hex = opt_text(args, "fingerprint"), *key = opt_text(args, "key-sha256");
	const char *path = args->word_count ? args->words[0] : NULL;

	if (!!hex + !!key + !!path != 1)
		return fail(EXIT_USAGE, "say what: --fingerprint HEX, --key-sha256 HEX, or FILE");
	if (path)
		return value_of_cert(path, opt_text(args, "by"), v);
	v->what = hex ? CAPCERT_DISTRUST_FINGERPRINT : CAPCERT_DISTRUST_SPKI;
	v->len = 32;
	if (!text_hex(hex ? hex : key, strlen(hex ? hex : key), v->data, 32))
		return fail(EXIT_USAGE, "'%s' is no SHA-256: 64 hex digits", hex ? hex : key);
	return EXIT_DONE;
}

static int change(const struct args *args, uint32_t flags)
{
	static struct value v;
	uint64_t generation;
	int e, r = read_value(args, &v);

	if (r)
		return r;
	e = capcert_distrust(v.what, flags, v.data, v.len, &generation);
	if (e) {
		fail_errno(e, "the distrust list has not changed");
		if (e == -EPERM)
			advise("root of the first user namespace may change it, in the development "
			       "profile; production takes signed bundles: capcert system admit");
		return EXIT_TROUBLE;
	}
	if (out_json())
		return out_print_json(json_pack("{sI}", "generation", (json_int_t)generation));
	printf("done, generation %llu\n", (unsigned long long)generation);
	return EXIT_DONE;
}

static int add(const struct args *args)
{
	return change(args, 0);
}

static int remove_entry(const struct args *args)
{
	return change(args, CAPCERT_DISTRUST_REMOVE);
}

static const struct opt opts[] = {
	{ .name = "fingerprint", .meta = "HEX", .help = "a certificate by its SHA-256" },
	{ .name = "key-sha256", .meta = "HEX", .help = "a key by the SHA-256 of its public key" },
	{ .name = "by",
	  .meta = "WHAT",
	  .help = "what to take of FILE: fingerprint (if not given), key, or issuer and serial" },
	{ 0 },
};

static const struct verb verbs[] = {
	{ .name = "add",
	  .usage = "FILE [--by fingerprint|key|serial] | --fingerprint HEX | --key-sha256 HEX",
	  .brief = "distrust a certificate or key everywhere, at once",
	  .help = "Holds for every store, every view and every cached outcome from the next call "
		  "on.\n",
	  .opts = opts,
	  .max_words = 1,
	  .run = add },
	{ .name = "remove",
	  .usage = "FILE [--by fingerprint|key|serial] | --fingerprint HEX | --key-sha256 HEX",
	  .brief = "take an entry off the list",
	  .opts = opts,
	  .max_words = 1,
	  .run = remove_entry },
	{ 0 },
};

const struct noun noun_distrust = { "distrust", "what nothing here may trust any more", verbs };
