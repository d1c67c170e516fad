// SPDX-License-Identifier: GPL-2.0-only
/* capcert trust: stores of trust anchors. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tools/anchors.h"
#include "tools/file.h"
#include "tools/filter.h"
#include "tools/handover.h"
#include "tools/newkey.h"
#include "tools/ref.h"
#include "tools/text.h"
#include "tools/tool.h"
#include "tools/trust_source.h"

static int new (const struct args *args)
{
	int32_t serial = newkey(capcert_kind_key_type(CAPCERT_KIND_STORE), args->words[0], NULL,
				args->word_count > 1 ? args->words[1] : NULL);

	return newkey_say(serial, args->words[0]);
}

/* ---- add ---- */

struct pins {
	uint8_t list[OPT_MAX_VALUES][32];
	size_t count;
	bool from_cert;
};

static int read_pins(const struct args *args, struct pins *pins)
{
	const char *text;

	pins->from_cert = opt_has(args, "pin-from-cert");
	for (pins->count = 0; (text = opt_nth(args, "pin", pins->count)); pins->count++) {
		if (strncmp(text, "sha256:", 7) ||
		    !text_hex(text, strlen(text), pins->list[pins->count], 32)) {
			fail(EXIT_USAGE, "'%s' is no pin", text);
			advise("write sha256: and 64 hex digits: the hash of the public key "
			       "(SubjectPublicKeyInfo)");
			return EXIT_USAGE;
		}
	}
	if (!pins->count == !pins->from_cert) {
		fail(EXIT_USAGE, "a pin is needed: either --pin sha256:HEX, or --pin-from-cert");
		advise("the pin says which key you mean, whatever the file holds; --pin-from-cert "
		       "takes the file's word");
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

/* The pin that goes with a certificate; without a match the first, so that the store refuses it. */
static int choose_pin(const struct pins *pins, const capcert_cert *cert, const uint8_t **ret,
		      uint8_t own[32])
{
	size_t i;

	if (capcert_cert_spki_hash(cert, CAPCERT_HASH_SHA256, own) != 32)
		return fail(EXIT_TROUBLE, "the public key cannot be hashed");
	*ret = pins->from_cert ? own : pins->list[0];
	for (i = 0; i < pins->count; i++)
		if (!memcmp(pins->list[i], own, 32))
			*ret = pins->list[i];
	return EXIT_DONE;
}

struct add_count {
	size_t added, present;
	uint64_t version;
};

static int add_one(int fd, const capcert_cert *cert, const struct pins *pins, uint32_t purposes,
		   struct add_count *count)
{
	char subject[512], hex[65];
	uint8_t own[32];
	const uint8_t *pin = NULL, *der;
	size_t len;
	int r = choose_pin(pins, cert, &pin, own);

	if (r)
		return r;
	der = capcert_cert_der(cert, &len);
	r = capcert_store_add(fd, der, len, purposes, pin, &count->version);
	if (!r) {
		count->added++;
		return EXIT_DONE;
	}
	if (r == -EEXIST) {
		count->present++;
		return EXIT_DONE;
	}
	capcert_cert_subject_text(cert, subject, sizeof(subject));
	fail_errno(r, "%s was not added", subject);
	if (r == -EKEYREJECTED)
		advise("its public key is not the pinned one but sha256:%s",
		       text_to_hex(own, 32, hex));
	else if (r == -EACCES)
		advise("the handle or the key has no right ADD");
	return EXIT_TROUBLE;
}

static int add_all(const struct args *args, const struct cert_list *list, const struct pins *pins,
		   uint32_t purposes)
{
	struct add_count count = { 0 };
	int fd, r = ref_open(args->words[0], CAPCERT_KIND_STORE, CAPCERT_RIGHT_ADD, &fd);
	size_t i;

	if (r)
		return r;
	for (i = 0; !r && i < list->count; i++)
		r = add_one(fd, list->certs[i], pins, purposes, &count);
	close(fd);
	if (r)
		return r;
	if (out_json())
		return out_print_json(json_pack("{sIsIsI}", "added", (json_int_t)count.added,
						"present", (json_int_t)count.present, "version",
						(json_int_t)count.version));
	printf("%zu added", count.added);
	if (count.present)
		printf(", %zu there already", count.present);
	if (count.added)
		printf(", version %llu", (unsigned long long)count.version);
	putchar('\n');
	return EXIT_DONE;
}

static int add(const struct args *args)
{
	struct cert_list list = { 0 };
	struct pins pins;
	uint32_t purposes;
	int r = read_pins(args, &pins);

	if (!r)
		r = ref_purposes(args, &purposes);
	if (!r)
		r = certs_load(args->words[1], &list);
	if (!r && list.count > 1 && !opt_has(args, "all")) {
		fail(EXIT_USAGE, "%s holds %zu certificates", args->words[1], list.count);
		advise("to add every one of them: --all");
		r = EXIT_USAGE;
	}
	if (!r)
		r = add_all(args, &list, &pins, purposes);
	certs_free(&list);
	return r;
}

/* ---- remove ---- */

static int remove_subjects(int fd, const char *path, uint32_t *count, uint64_t *version)
{
	struct cert_list list = { 0 };
	size_t i;
	int r = certs_load(path, &list);

	for (i = 0; !r && i < list.count; i++) {
		size_t len;
		const uint8_t *dn = capcert_cert_subject(list.certs[i], &len);
		uint32_t n = 0;

		r = capcert_store_remove_subject(fd, dn, len, &n, version);
		*count += n;
		if (r)
			r = fail_errno(r, "subject of certificate %zu in %s", i + 1, path);
	}
	certs_free(&list);
	return r;
}

static int remove_anchor(const struct args *args)
{
	const char *hex = opt_text(args, "fingerprint"), *path = opt_text(args, "subject-of");
	uint8_t fingerprint[32];
	uint64_t version = 0;
	uint32_t count = 0;
	int fd, r;

	if (!hex == !path)
		return fail(EXIT_USAGE, "say which: either --fingerprint HEX or --subject-of FILE");
	if (hex && !text_hex(hex, strlen(hex), fingerprint, 32))
		return fail(EXIT_USAGE, "'%s' is no SHA-256 fingerprint: 64 hex digits", hex);
	r = ref_open(args->words[0], CAPCERT_KIND_STORE, CAPCERT_RIGHT_REMOVE, &fd);
	if (r)
		return r;
	if (hex) {
		r = capcert_store_remove_fingerprint(fd, fingerprint, &version);
		count = 1;
		if (r)
			r = fail_errno(r, "fingerprint %s", hex);
	} else {
		r = remove_subjects(fd, path, &count, &version);
	}
	close(fd);
	if (r)
		return r;
	if (out_json())
		return out_print_json(json_pack("{sIsI}", "removed", (json_int_t)count, "version",
						(json_int_t)version));
	printf("%u removed, version %llu\n", count, (unsigned long long)version);
	return EXIT_DONE;
}

/* ---- list, export ---- */

static int print_anchors(int fd, const char *word)
{
	struct anchors anchors;
	int r = anchors_read(fd, word, &anchors);

	if (r)
		return r;
	if (out_json()) {
		r = out_print_json(json_pack("{sIso}", "version", (json_int_t)anchors.version,
					     "anchors", anchors_json(&anchors)));
	} else {
		anchors_print(&anchors);
		printf("%zu anchors, version %llu\n", anchors.count,
		       (unsigned long long)anchors.version);
	}
	anchors_free(&anchors);
	return r;
}

static int list(const struct args *args)
{
	int fd, r = ref_open(args->words[0], CAPCERT_KIND_STORE,
			     CAPCERT_RIGHT_INFO | CAPCERT_RIGHT_READ, &fd);

	if (r)
		return r;
	r = print_anchors(fd, args->words[0]);
	close(fd);
	return r;
}

/* ---- restrict ---- */

static int read_filter(const struct args *args, struct filter *f)
{
	const char *text;
	size_t i;
	int r = ref_purposes(args, &f->purposes);

	for (i = 0; !r && (text = opt_nth(args, "fingerprint", i)); i++)
		r = filter_add_fingerprint(f, text, strlen(text));
	for (i = 0; !r && (text = opt_nth(args, "exclude", i)); i++)
		r = filter_add_exclude(f, text, strlen(text));
	for (i = 0; !r && (text = opt_nth(args, "subject-of", i)); i++)
		r = filter_add_subjects(f, text);
	f->live = opt_has(args, "live");
	return r;
}

static int derive(const struct args *args, const struct filter *f, uint64_t rights, int *ret_fd)
{
	int fd, r = ref_open(args->words[0], CAPCERT_KIND_STORE, rights | CAPCERT_RIGHT_RESTRICT,
			     &fd);

	if (r)
		return r;
	r = filter_derive(f, fd, rights, ret_fd);
	close(fd);
	return r ? fail_errno(r, "cannot restrict '%s'", args->words[0]) : EXIT_DONE;
}

static int restrict_to(const struct args *args, const struct filter *f)
{
	const char *rights_text = opt_text(args, "rights"), *name = opt_text(args, "as");
	uint64_t rights = args->command ? CAPCERT_RIGHT_VERIFY | CAPCERT_RIGHT_INFO
					: CAPCERT_RIGHT_INFO | CAPCERT_RIGHT_READ;
	struct handover h = { 0 };
	int fd, r;

	if (rights_text) {
		r = ref_rights(rights_text, CAPCERT_KIND_STORE, &rights);
		if (r)
			return r;
	}
	r = derive(args, f, rights, &fd);
	if (r)
		return r;
	if (!args->command) {
		r = print_anchors(fd, args->words[0]);
		close(fd);
		return r;
	}
	if (!name)
		name = "store";
	r = handover_add(&h, name, strlen(name), fd);
	if (r) {
		close(fd);
		return r;
	}
	return handover_exec(&h, args->command);
}

static int restrict_view(const struct args *args)
{
	struct filter *f = calloc(1, sizeof(*f));
	int r = f ? read_filter(args, f) : fail_errno(-ENOMEM, "restriction");

	if (!r)
		r = restrict_to(args, f);
	if (f)
		filter_free(f);
	free(f);
	return r;
}

static const struct opt add_opts[] = {
	{ .name = "pin",
	  .meta = "sha256:HEX",
	  .many = true,
	  .help = "hash of the public key that is meant (AnchorPin)" },
	{ .name = "pin-from-cert", .help = "take the file's word: compute the pin from it" },
	{ .name = "all", .help = "add every certificate of FILE" },
	{ .name = "purpose",
	  .meta = "P[,P]",
	  .many = true,
	  .help = "what the anchor is good for; tlsServerAuth if not given" },
	{ 0 },
};

static const struct opt remove_opts[] = {
	{ .name = "fingerprint", .meta = "HEX", .help = "the anchor with this SHA-256" },
	{ .name = "subject-of",
	  .meta = "FILE",
	  .help = "every anchor with the subject of a certificate in FILE" },
	{ 0 },
};

static const struct opt restrict_opts[] = {
	{ .name = "fingerprint", .meta = "HEX", .many = true, .help = "keep only these anchors" },
	{ .name = "exclude", .meta = "HEX", .many = true, .help = "leave these anchors out" },
	{ .name = "subject-of",
	  .meta = "FILE",
	  .many = true,
	  .help = "keep only anchors with the subjects of the certificates in FILE" },
	{ .name = "purpose", .meta = "P[,P]", .many = true, .help = "keep only these purposes" },
	{ .name = "live", .help = "follow later changes of the store" },
	{ .name = "rights",
	  .meta = "R+R",
	  .help = "rights of the view; VERIFY+INFO for CMD if not given" },
	{ .name = "as", .meta = "NAME", .help = "the handle's name for CMD; store if not given" },
	{ 0 },
};

static const struct opt export_opts[] = {
	{ .name = "format", .meta = "F", .help = "pem, der, hashed-dir, p11-kit or java" },
	{ .name = "pem", .help = "the same as --format pem, and as no option" },
	{ .name = "der", .help = "the same as --format der: one certificate after another" },
	{ .name = "output", .meta = "OUT", .letter = 'o', .help = "where to; stdout if not given" },
	{ .name = "purpose",
	  .meta = "P[,P]",
	  .many = true,
	  .help = "only anchors for these; hashed-dir and java: tlsServerAuth if not given" },
	{ .name = "bundle-cert", .meta = "FILE", .many = true, .help = "who may sign a bundle" },
	{ .name = "password", .meta = "TEXT", .help = "of a Java keystore; changeit if not given" },
	{ .name = "insecure-drop-limits", .help = "write anchors without their constraints" },
	{ 0 },
};

static const struct opt diff_opts[] = {
	{ .name = "bundle-cert", .meta = "FILE", .many = true, .help = "who may sign bundles" },
	{ 0 },
};

static const struct verb verbs[] = {
	{ .name = "new",
	  .usage = "NAME [RING] [--json]",
	  .brief = "make an empty store, and print its serial",
	  .help = "The store is a key of type captrust in RING, the session keyring if not given.\n"
		  "Only who possesses the key can use it; keyctl(1) shows and revokes it.\n"
		  "\n"
		  "  capcert trust new web @u\n",
	  .min_words = 1,
	  .max_words = 2,
	  .run = new },
	{ .name = "add",
	  .usage = "STORE FILE --pin sha256:HEX|--pin-from-cert [--all] [--purpose P]...",
	  .brief = "add anchors, each against the pin of its key",
	  .help = "The store keeps a certificate only if its public key has the pinned hash.\n"
		  "With --all, FILE may hold many; an error leaves those that were added before "
		  "it.\n"
		  "\n"
		  "  capcert trust add web root.pem --pin sha256:0b9f...\n"
		  "  capcert trust add web /etc/ssl/certs/ca-certificates.crt --all "
		  "--pin-from-cert\n",
	  .opts = add_opts,
	  .min_words = 2,
	  .max_words = 2,
	  .run = add },
	{ .name = "remove",
	  .usage = "STORE --fingerprint HEX|--subject-of FILE",
	  .brief = "remove anchors by fingerprint or subject",
	  .help = "By subject, every match goes. Nothing that matches is an error.\n",
	  .opts = remove_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = remove_anchor },
	{ .name = "list",
	  .usage = "STORE [--json]",
	  .brief = "print the anchors: fingerprint, end, purposes, subject",
	  .min_words = 1,
	  .max_words = 1,
	  .run = list },
	{ .name = "restrict",
	  .usage = "STORE [FILTER]... [--live] [--rights R+R] [-- CMD [ARG]...]",
	  .brief = "print a narrower view, or give it to a program",
	  .help = "Without CMD: print what the view holds. With CMD: run it with the view as its "
		  "only\n"
		  "handle, as capcert exec does. Filters of different kinds all have to hold.\n"
		  "\n"
		  "  capcert trust restrict web --fingerprint eb04...\n"
		  "  capcert trust restrict web --subject-of root.pem -- capcert trust list "
		  "fd:store\n",
	  .opts = restrict_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .command = true,
	  .run = restrict_view },
	{ .name = "export",
	  .usage = "SOURCE [--format pem|der|hashed-dir|p11-kit|java] [-o OUT]",
	  .brief = "write the anchors as other programs read them",
	  .help = "SOURCE is a store, a bundle with --bundle-cert, or a file of certificates.\n"
		  "Constraints do not fit into any of the forms: anchors that have some are left "
		  "out.\n"
		  "\n"
		  "  capcert trust export web.bundle --bundle-cert admin.pem --format hashed-dir "
		  "-o "
		  "certs\n",
	  .opts = export_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = trust_export },
	{ .name = "diff",
	  .usage = "OLD NEW [--json]",
	  .brief = "say which anchors were added, removed, or have other constraints",
	  .help = "Stores, bundles or files of certificates. Exit status 0: no difference, 1: "
		  "some.\n",
	  .opts = diff_opts,
	  .min_words = 2,
	  .max_words = 2,
	  .run = trust_diff },
	{ 0 },
};

const struct noun noun_trust = { "trust", "make, fill, read and narrow trust stores", verbs };
