// SPDX-License-Identifier: GPL-2.0-only
/* capcert pins: sets of keys of which a chain must have one. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <capcert/verify.h>
#include "tools/file.h"
#include "tools/newkey.h"
#include "tools/ref.h"
#include "tools/text.h"
#include "tools/tool.h"

static int add_keys_of(const char *path, capcert_pins *pins)
{
	struct cert_list list = { 0 };
	uint8_t hash[64];
	size_t i;
	int r = certs_load(path, &list);

	for (i = 0; !r && i < list.count; i++) {
		int n = capcert_cert_spki_hash(list.certs[i], CAPCERT_HASH_SHA256, hash);
		int e = n < 0 ? n : capcert_pins_add(pins, CAPCERT_HASH_SHA256, hash, (size_t)n);

		if (e && e != -EEXIST)
			r = fail_errno(e, "cannot pin the keys of '%s'", path);
	}
	certs_free(&list);
	return r;
}

/* The text of --file, --mode, --expires, --pin, and the keys of --cert, in this order. */
static int make_text(const struct args *args, char **ret)
{
	const char *path = opt_text(args, "file"), *mode = opt_text(args, "mode");
	const char *expires = opt_text(args, "expires"), *pin;
	size_t len = 0, size = 0, i;
	uint8_t *data = NULL;
	FILE *out;
	int r;

	if (path) {
		r = file_read(path, &data, &len);
		if (r)
			return r;
	}
	out = open_memstream(ret, &size);
	if (!out) {
		free(data);
		return fail(EXIT_TROUBLE, "out of memory");
	}
	if (mode)
		fprintf(out, "mode=%s\n", mode);
	if (expires)
		fprintf(out, "expires=%s\n", expires);
	if (len)
		fwrite(data, 1, len, out);
	fputc('\n', out);
	for (i = 0; (pin = opt_nth(args, "pin", i)); i++)
		fprintf(out, "%s\n", pin);
	free(data);
	return fclose(out) ? fail(EXIT_TROUBLE, "out of memory") : EXIT_DONE;
}

static int make(const struct args *args, capcert_pins **ret)
{
	const char *why = NULL, *path;
	char *text;
	size_t i;
	int r = make_text(args, &text);

	if (r)
		return r;
	r = capcert_pins_new(text, strlen(text), ret, &why);
	free(text);
	if (r) {
		fail(EXIT_USAGE, "this is no pin set: %s", why ? why : capcert_strerror(r));
		advise("give --file FILE, or --expires TIME with --cert FILE or --pin sha256:HASH; "
		       "capcert_pins_new(3) has the text form");
		return EXIT_USAGE;
	}
	for (i = 0; !r && (path = opt_nth(args, "cert", i)); i++)
		r = add_keys_of(path, *ret);
	if (r)
		capcert_pins_free(*ret);
	return r;
}

static int print(const char *text, const struct capcert_pins_info *info)
{
	json_t *pins;
	char hex[65], *copy, *save, *line;

	text_to_hex(info->digest, 32, hex);
	if (!out_json()) {
		printf("%s%s# version %llu, digest sha256:%s%s\n", text, out_faint(),
		       (unsigned long long)info->version, hex, out_plain());
		return EXIT_DONE;
	}
	copy = strdup(text);
	if (!copy)
		return fail(EXIT_TROUBLE, "out of memory");
	pins = json_array();
	for (line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (strchr(line, ':') && !strchr(line, '='))
			json_array_append_new(pins, json_text(line));
	free(copy);
	return out_print_json(json_pack(
		"{sssososIss}", "mode", capcert_pin_mode_name(info->mode), "expires",
		info->expires == CAPCERT_PINS_NEVER ? json_null() : json_time(info->expires),
		"pins", pins, "version", (json_int_t)info->version, "digest", hex));
}

static int new (const struct args *args)
{
	capcert_pins *pins;
	int32_t serial;
	int r = make(args, &pins);

	if (r)
		return r;
	serial = newkey(capcert_kind_key_type(CAPCERT_KIND_PINS), args->words[0],
			capcert_pins_text(pins), args->word_count > 1 ? args->words[1] : NULL);
	capcert_pins_free(pins);
	return newkey_say(serial, args->words[0]);
}

static int check(const struct args *args)
{
	struct capcert_pins_info info;
	capcert_pins *pins;
	int r = make(args, &pins);

	if (r)
		return r;
	capcert_pins_get_info(pins, &info);
	r = print(capcert_pins_text(pins), &info);
	capcert_pins_free(pins);
	return r;
}

static int show(const struct args *args)
{
	struct capcert_pins_info info;
	uint8_t *data;
	char *text;
	size_t len;
	int fd, r = ref_open(args->words[0], CAPCERT_KIND_PINS,
			     CAPCERT_RIGHT_INFO | CAPCERT_RIGHT_READ, &fd);

	if (r)
		return r;
	r = capcert_get_pins_info(fd, &info);
	if (!r)
		r = capcert_read(fd, CAPCERT_READ_PINS, 0, &data, &len);
	close(fd);
	if (r)
		return fail_errno(r, "cannot read the pin set '%s'", args->words[0]);
	text = strndup((char *)data, len);
	free(data);
	r = text ? print(text, &info) : fail(EXIT_TROUBLE, "out of memory");
	free(text);
	return r;
}

/* Every certificate's key into, or out of, a set of the kernel's. */
static int change(const struct args *args, uint64_t right,
		  int (*how)(int fd, uint32_t hash, const uint8_t *value, size_t len,
			     uint64_t *ret_version))
{
	struct cert_list list = { 0 };
	uint64_t version = 0;
	uint8_t hash[32];
	size_t i;
	int fd, e = 0, r = certs_load(args->words[1], &list);

	if (!r)
		r = ref_open(args->words[0], CAPCERT_KIND_PINS, right, &fd);
	if (r) {
		certs_free(&list);
		return r;
	}
	for (i = 0; !e && i < list.count; i++) {
		e = capcert_cert_spki_hash(list.certs[i], CAPCERT_HASH_SHA256, hash);
		if (e > 0)
			e = how(fd, CAPCERT_HASH_SHA256, hash, sizeof(hash), &version);
	}
	close(fd);
	certs_free(&list);
	if (e)
		return fail_errno(e, "cannot change the pin set '%s'", args->words[0]);
	if (out_json())
		return out_print_json(json_pack("{sI}", "version", (json_int_t)version));
	printf("version %llu\n", (unsigned long long)version);
	return EXIT_DONE;
}

static int add(const struct args *args)
{
	return change(args, CAPCERT_RIGHT_ADD, capcert_pins_handle_add);
}

static int take(const struct args *args)
{
	return change(args, CAPCERT_RIGHT_REMOVE, capcert_pins_handle_remove);
}

static const struct opt set_opts[] = {
	{ .name = "file",
	  .meta = "FILE",
	  .help = "read the text of the set from FILE, - is stdin" },
	{ .name = "mode", .meta = "MODE", .help = "enforce (if not given) or report-only" },
	{ .name = "expires", .meta = "TIME", .help = "2027-01-31T00:00:00Z, or never" },
	{ .name = "pin",
	  .meta = "HASH",
	  .many = true,
	  .help = "sha256:, sha384:, sha512: of a key" },
	{ .name = "cert",
	  .meta = "FILE",
	  .many = true,
	  .help = "pin the keys of these certificates" },
	{ 0 },
};

static const struct verb verbs[] = {
	{ .name = "new",
	  .usage = "NAME --file FILE | --expires TIME [--mode M] [--pin HASH]... [--cert FILE]... "
		   "[RING] [--json]",
	  .brief = "make a pin set, or replace the one of this name",
	  .help = "The set is a key of type cappin in RING, the session keyring if not given.\n"
		  "\n"
		  "  capcert pins new api --expires 2027-01-31T00:00:00Z --mode report-only "
		  "--cert ca.pem @u\n",
	  .opts = set_opts,
	  .min_words = 1,
	  .max_words = 2,
	  .run = new },
	{ .name = "show",
	  .usage = "PINS [--json]",
	  .brief = "print a pin set",
	  .min_words = 1,
	  .max_words = 1,
	  .run = show },
	{ .name = "add",
	  .usage = "PINS CERTFILE [--json]",
	  .brief = "pin the keys of certificates",
	  .min_words = 2,
	  .max_words = 2,
	  .run = add },
	{ .name = "remove",
	  .usage = "PINS CERTFILE [--json]",
	  .brief = "take the keys of certificates out of the set",
	  .min_words = 2,
	  .max_words = 2,
	  .run = take },
	{ .name = "check",
	  .usage = "--file FILE | --expires TIME [--mode M] [--pin HASH]... [--cert FILE]... "
		   "[--json]",
	  .brief = "print the whole of a pin set, no module needed",
	  .opts = set_opts,
	  .min_words = 0,
	  .max_words = 0,
	  .run = check },
	{ 0 },
};

const struct noun noun_pins = { "pins", "make, change and read pin sets", verbs };
