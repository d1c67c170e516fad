// SPDX-License-Identifier: GPL-2.0-only
/* capcert slot: what is in certificate slots, who puts it there, and what happens to them. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <capcert/slot.h>
#include "tools/file.h"
#include "tools/newkey.h"
#include "tools/ref.h"
#include "tools/slot_files.h"
#include "tools/text.h"
#include "tools/tool.h"
#include "tools/write_file.h"

static int version_option(const struct args *args, const char *name, uint64_t *value,
			  const uint64_t **ret)
{
	const char *text = opt_text(args, name);

	*ret = NULL;
	if (!text)
		return EXIT_DONE;
	if (!text_number(text, INT64_MAX, value))
		return fail(EXIT_USAGE, "--%s '%s' is no version", name, text);
	*ret = value;
	return EXIT_DONE;
}

static int slot_name(const char *name)
{
	if (capcert_slot_name_valid(name))
		return EXIT_DONE;
	fail(EXIT_USAGE, "'%s' is no name of a slot", name);
	advise("up to 127 characters without space, comma, quotation mark and backslash; parts "
	       "with / between them, none empty");
	return EXIT_USAGE;
}

static int patterns(const char *text)
{
	if (!text || capcert_slot_patterns_valid(text))
		return EXIT_DONE;
	fail(EXIT_USAGE, "'%s' are no slots", text);
	advise("names of slots, or prefixes that end in /, with commas between them");
	return EXIT_USAGE;
}

static int say_version(uint64_t version)
{
	if (out_json())
		return out_print_json(json_pack("{sI}", "version", (json_int_t)version));
	printf("version %llu\n", (unsigned long long)version);
	return EXIT_DONE;
}

int slot_failed(int error, const char *name)
{
	switch (error) {
	case -EKEYREJECTED:
		return fail(EXIT_TROUBLE, "%s: the key is not the leaf's", name);
	case -EBADMSG:
		fail(EXIT_TROUBLE, "%s: chain, staple and SCTs do not belong together", name);
		advise("leaf first, each followed by its issuer; a staple about the leaf alone; "
		       "capcert audit show has the kernel's reason");
		return EXIT_TROUBLE;
	case -ESTALE:
		fail(EXIT_TROUBLE, "%s: it has another version now", name);
		advise("look at it with capcert slot get, and decide again");
		return EXIT_TROUBLE;
	case -ENOENT:
		return fail(EXIT_TROUBLE, "%s: no such slot for this handle", name);
	default:
		return fail_errno(error, "%s", name);
	}
}

/* ---- new, put, delete ---- */

static int new (const struct args *args)
{
	int32_t serial = newkey(capcert_kind_key_type(CAPCERT_KIND_SLOT), args->words[0], NULL,
				args->word_count > 1 ? args->words[1] : NULL);

	return newkey_say(serial, args->words[0]);
}

static int put(const struct args *args)
{
	struct slot_files files = {
		.chain = opt_text(args, "chain"),
		.staple = opt_text(args, "staple"),
		.scts = opt_text(args, "scts"),
		.key = opt_text(args, "key"),
		.staple_only = opt_has(args, "staple-only"),
	};
	const uint64_t *expect;
	uint64_t value, version;
	int fd, r = slot_name(args->words[1]);

	if (!r)
		r = version_option(args, "expect", &value, &expect);
	if (r)
		return r;
	if (files.staple_only ? files.chain || files.scts || files.key : !files.chain) {
		fail(EXIT_USAGE, "%s",
		     files.staple_only ? "--staple-only goes with --staple alone"
				       : "--chain FILE is missing");
		return EXIT_USAGE;
	}
	r = ref_open(args->words[0], CAPCERT_KIND_SLOT, CAPCERT_RIGHT_PUT, &fd);
	if (r)
		return r;
	r = slot_put_files(fd, args->words[1], &files, expect, &version);
	close(fd);
	return r ? r : say_version(version);
}

static int delete (const struct args *args)
{
	const uint64_t *expect;
	uint64_t value, version;
	int fd, e, r = slot_name(args->words[1]);

	if (!r)
		r = version_option(args, "expect", &value, &expect);
	if (!r)
		r = ref_open(args->words[0], CAPCERT_KIND_SLOT, CAPCERT_RIGHT_DELETE, &fd);
	if (r)
		return r;
	e = capcert_slot_delete(fd, args->words[1], expect, &version);
	close(fd);
	return e ? slot_failed(e, args->words[1]) : say_version(version);
}

/* ---- get, list ---- */

static json_t *staple_time(int64_t until)
{
	return until == 0 || until == INT64_MAX ? json_null() : json_time(until);
}

static int get_print(const char *name, const struct capcert_slot_value *v)
{
	char time[32], end[32], until[32] = "it does not say", hex[65];
	json_t *chain = json_array();

	text_to_hex(v->leaf, 32, hex);
	if (out_json()) {
		for (size_t i = 0; i < v->chain_count; i++) {
			char *b64 = base64_text(v->chain[i].der, v->chain[i].len);

			json_array_append_new(chain, json_text(b64));
			free(b64);
		}
		return out_print_json(
			json_pack("{sssIsososssosbsososI}", "name", name, "version",
				  (json_int_t)v->version, "time", json_time(v->time), "notAfter",
				  json_time(v->not_after), "leaf", hex, "chain", chain, "staple",
				  v->staple != NULL, "stapleUntil", staple_time(v->staple_until),
				  "scts", v->scts ? json_hex(v->scts, v->scts_len) : json_null(),
				  "keyId", (json_int_t)v->key_id));
	}
	json_decref(chain);
	printf("%s%s%s\n", out_bold(), name, out_plain());
	out_field("version", "%llu, put %s", (unsigned long long)v->version,
		  text_of_time(v->time, time));
	out_field("leaf", "sha256:%s", hex);
	out_field("ends", "%s", text_of_time(v->not_after, end));
	out_field("chain", "%zu certificates", v->chain_count);
	if (v->staple_until != INT64_MAX)
		text_of_time(v->staple_until, until);
	if (v->staple)
		out_field("staple", "%zu octets, until %s", v->staple_len, until);
	else
		out_field("staple", "%s", v->staple_until ? "its time is over" : "none");
	out_field("SCTs", v->scts ? "%zu octets" : "none", v->scts_len);
	if (v->key_id)
		out_field("key", "object %llu", (unsigned long long)v->key_id);
	else
		out_field("key", "none");
	return EXIT_DONE;
}

static int get(const struct args *args)
{
	const char *staple = opt_text(args, "staple");
	struct capcert_slot_value *v;
	int fd, e, r = slot_name(args->words[1]);

	if (!r)
		r = ref_open(args->words[0], CAPCERT_KIND_SLOT, CAPCERT_RIGHT_GET, &fd);
	if (r)
		return r;
	e = capcert_slot_get(fd, args->words[1], 0, &v);
	close(fd);
	if (e)
		return slot_failed(e, args->words[1]);
	if (staple && !v->staple)
		r = fail(EXIT_NO, "%s has no staple that counts", args->words[1]);
	else if (staple)
		r = write_file(staple, v->staple, v->staple_len);
	else if (opt_has(args, "pem"))
		for (size_t i = 0; i < v->chain_count; i++)
			file_put_pem(stdout, v->chain[i].der, v->chain[i].len);
	else
		r = get_print(args->words[1], v);
	capcert_slot_value_free(v);
	return r;
}

static json_t *entry_json(const struct capcert_slot_entry *e)
{
	char hex[65];

	return json_pack("{sssIsososssbsbsosI}", "name", e->name, "version", (json_int_t)e->version,
			 "time", json_time(e->time), "notAfter", json_time(e->not_after), "leaf",
			 text_to_hex(e->leaf, 32, hex), "staple",
			 !!(e->flags & CAPCERT_SLOT_HAS_STAPLE), "scts",
			 !!(e->flags & CAPCERT_SLOT_HAS_SCTS), "stapleUntil",
			 staple_time(e->staple_until), "keyId", (json_int_t)e->key_id);
}

static int list(const struct args *args)
{
	struct capcert_slot_entry *entries;
	json_t *all = json_array();
	uint64_t version;
	size_t count;
	int fd, e, r = ref_open(args->words[0], CAPCERT_KIND_SLOT, CAPCERT_RIGHT_LIST, &fd);

	if (r) {
		json_decref(all);
		return r;
	}
	e = capcert_slot_list(fd, &entries, &count, &version);
	close(fd);
	if (e) {
		json_decref(all);
		return fail_errno(e, "cannot list the slots of '%s'", args->words[0]);
	}
	for (size_t i = 0; i < count; i++) {
		const struct capcert_slot_entry *s = &entries[i];
		char end[32];

		json_array_append_new(all, entry_json(s));
		if (!out_json())
			printf("%s%-32s%s %6llu  until %s%s%s%s\n", out_bold(), s->name,
			       out_plain(), (unsigned long long)s->version,
			       text_of_time(s->not_after, end),
			       s->flags & CAPCERT_SLOT_HAS_KEY ? "  key" : "",
			       s->flags & CAPCERT_SLOT_HAS_STAPLE ? "  staple" : "",
			       s->flags & CAPCERT_SLOT_HAS_SCTS ? "  scts" : "");
	}
	free(entries);
	if (out_json())
		return out_print_json(
			json_pack("{sIso}", "version", (json_int_t)version, "slots", all));
	json_decref(all);
	return EXIT_DONE;
}

/* ---- watch ---- */

static int print_event(const struct capcert_slot_event *e)
{
	static const char *const names[] = { "?", "put", "staple", "delete", "resync" };
	const char *what = e->what < sizeof(names) / sizeof(*names) ? names[e->what] : "?";
	char time[32];

	if (out_json())
		return out_print_json_line(json_pack("{sssssIso}", "event", what, "name", e->name,
						     "version", (json_int_t)e->version, "time",
						     json_time(e->time)));
	printf("%s %-7s %llu %s\n", text_of_time(e->time, time), what,
	       (unsigned long long)e->version, e->name);
	return fflush(stdout) ? EXIT_TROUBLE : EXIT_DONE;
}

/* Until @most events are told, 0 = without end. */
static int watch_loop(int fd, uint64_t most)
{
	struct capcert_slot_event events[32];
	uint64_t told = 0;

	while (!most || told < most) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		uint32_t count = 32;
		int r;

		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			return fail_errno(-errno, "cannot wait for events");
		if (most && most - told < count)
			count = (uint32_t)(most - told);
		r = capcert_slot_next(fd, events, &count);
		if (r)
			return fail_errno(r, "the watch is over");
		for (uint32_t i = 0; i < count; i++)
			if (print_event(&events[i]))
				return EXIT_TROUBLE;
		told += count;
	}
	return EXIT_DONE;
}

static int watch(const struct args *args)
{
	const char *text = args->word_count > 1 ? args->words[1] : NULL;
	const uint64_t *from, *count;
	uint64_t value, most = 0;
	int fd, w, e, r = patterns(text);

	if (!r)
		r = version_option(args, "count", &most, &count);
	if (!r)
		r = version_option(args, "from", &value, &from);
	if (!r)
		r = ref_open(args->words[0], CAPCERT_KIND_SLOT, CAPCERT_RIGHT_WATCH, &fd);
	if (r)
		return r;
	e = capcert_slot_watch(fd, text, from, &w, NULL);
	close(fd);
	if (e)
		return fail_errno(e, "cannot watch '%s'", args->words[0]);
	r = watch_loop(w, most);
	close(w);
	return r;
}

/* ---- restore ---- */

/* With --new a store that is not there yet is made: one that is keeps its name, and its servers. */
static int restore_to(const struct args *args, int *ret_fd)
{
	const char *ring = args->word_count > 2 ? args->words[2] : NULL;

	if (!opt_has(args, "new") && ring)
		return fail(EXIT_USAGE, "RING is where --new makes the store");
	if (opt_has(args, "new") &&
	    ref_try(args->words[0], CAPCERT_KIND_SLOT, CAPCERT_RIGHT_PUT, ret_fd) == 0)
		return EXIT_DONE;
	if (opt_has(args, "new") &&
	    !newkey(capcert_kind_key_type(CAPCERT_KIND_SLOT), args->words[0], NULL, ring))
		return EXIT_TROUBLE;
	return ref_open(args->words[0], CAPCERT_KIND_SLOT, CAPCERT_RIGHT_PUT, ret_fd);
}

static int restore(const struct args *args)
{
	size_t count = 0;
	int fd, r = restore_to(args, &fd);

	if (r)
		return r;
	r = slot_restore(fd, args->words[1], &count);
	close(fd);
	if (out_json()) {
		int e = out_print_json(json_pack("{sI}", "restored", (json_int_t)count));

		return r ? r : e;
	}
	printf("%zu slots restored\n", count);
	return r;
}

static const struct opt put_opts[] = {
	{ .name = "chain", .meta = "FILE", .help = "certificates, leaf first: PEM or DER" },
	{ .name = "key", .meta = "KEY", .help = "the leaf's private key: a capkey, or fd:NAME" },
	{ .name = "staple", .meta = "FILE", .help = "an OCSP response, DER" },
	{ .name = "scts", .meta = "FILE", .help = "a SignedCertificateTimestampList, TLS octets" },
	{ .name = "staple-only", .help = "replace the staple (with none, without --staple)" },
	{ .name = "expect", .meta = "VERSION", .help = "only if the slot has it; 0: is not there" },
	{ 0 },
};

static const struct opt get_opts[] = {
	{ .name = "pem", .help = "print the chain as PEM" },
	{ .name = "staple", .meta = "FILE", .help = "write the staple to FILE" },
	{ 0 },
};

static const struct opt delete_opts[] = {
	{ .name = "expect", .meta = "VERSION", .help = "only if the slot has this version" },
	{ 0 },
};

static const struct opt watch_opts[] = {
	{ .name = "from", .meta = "VERSION", .help = "what came after this version" },
	{ .name = "count", .meta = "N", .help = "end after N events" },
	{ 0 },
};

static const struct opt restore_opts[] = {
	{ .name = "new", .help = "make the store, in RING, if there is none of this name" },
	{ 0 },
};

static const struct verb verbs[] = {
	{ .name = "new",
	  .usage = "NAME [RING] [--json]",
	  .brief = "make an empty store of slots",
	  .help = "The store is a key of type capslot in RING, the session keyring if not given.\n",
	  .min_words = 1,
	  .max_words = 2,
	  .run = new },
	{ .name = "put",
	  .usage = "SLOTS SLOT --chain FILE [--key KEY] [--staple FILE] [--scts FILE] "
		   "[--expect VERSION] | --staple-only [--staple FILE] [--json]",
	  .brief = "give a slot its value, all of it at once",
	  .help = "Servers that watch the slot use the new value from their next handshake on.\n"
		  "\n"
		  "  capcert slot put tls web/www.example.org --chain chain.pem --key web "
		  "--staple staple.der\n",
	  .opts = put_opts,
	  .min_words = 2,
	  .max_words = 2,
	  .run = put },
	{ .name = "get",
	  .usage = "SLOTS SLOT [--pem | --staple FILE] [--json]",
	  .brief = "show what a slot has",
	  .opts = get_opts,
	  .min_words = 2,
	  .max_words = 2,
	  .run = get },
	{ .name = "list",
	  .usage = "SLOTS [--json]",
	  .brief = "list slots",
	  .min_words = 1,
	  .max_words = 1,
	  .run = list },
	{ .name = "watch",
	  .usage = "SLOTS [PATTERNS] [--from VERSION] [--count N] [--json]",
	  .brief = "tell what happens to slots",
	  .help = "PATTERNS are names of slots, and prefixes that end in /, with commas between.\n"
		  "resync stands for events that were too many to be remembered.\n",
	  .opts = watch_opts,
	  .min_words = 1,
	  .max_words = 2,
	  .run = watch },
	{ .name = "delete",
	  .usage = "SLOTS SLOT [--expect VERSION] [--json]",
	  .brief = "make an end of a slot",
	  .opts = delete_opts,
	  .min_words = 2,
	  .max_words = 2,
	  .run = delete },
	{ .name = "restore",
	  .usage = "SLOTS DIR [--new [RING]] [--json]",
	  .brief = "put what lies in a directory, at boot",
	  .help = "Every directory below DIR with a chain.pem is a slot of that path. Beside it "
		  "may\n"
		  "lie staple.der, scts.bin, and key: one line, a PKCS#11 URI with its purposes, "
		  "or\n"
		  "the name of a key that is there. All of it must be root's, and nobody else may\n"
		  "write it; links are not followed.\n",
	  .opts = restore_opts,
	  .min_words = 2,
	  .max_words = 3,
	  .run = restore },
	{ 0 },
};

const struct noun noun_slot = { "slot", "give servers their certificates, and watch it", verbs };
