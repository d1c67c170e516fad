// SPDX-License-Identifier: GPL-2.0-only
/* capcert ctlog: one Certificate Transparency log, asked and held to its word. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "tools/ctlog_ref.h"
#include "tools/file.h"
#include "tools/text.h"
#include "tools/tool.h"

#define MS 1000

static json_t *json_sth(const struct capcert_sth *sth)
{
	return json_pack("{sIsosIsoso}", "treeSize", (json_int_t)sth->tree_size, "time",
			 json_time((int64_t)(sth->timestamp / MS)), "timestamp",
			 (json_int_t)sth->timestamp, "rootHash", json_hex(sth->root_hash, 32),
			 "signature", json_hex(sth->signature, sth->signature_len));
}

static void print_sth(const struct capcert_sth *sth)
{
	char hex[65], time[32];

	out_field("tree size", "%" PRIu64, sth->tree_size);
	out_field("signed at", "%s", text_of_time((int64_t)(sth->timestamp / MS), time));
	out_field("root hash", "%s", text_to_hex(sth->root_hash, 32, hex));
}

/* ---- sth ---- */

static int sth(const struct args *args)
{
	capcert_ctclient *client;
	struct capcert_sth head;
	int e, r = ctlog_open(args, &client);

	if (r)
		return r;
	e = capcert_ctclient_head(client, &head);
	r = e ? ctlog_failed(client, e, "no head") : ctlog_save(args, &head);
	capcert_ctclient_free(client);
	if (r)
		return r;
	if (out_json())
		return out_print_json(json_sth(&head));
	print_sth(&head);
	return EXIT_DONE;
}

/* ---- submit ---- */

static int chain_of(const char *path, capcert_chain **ret)
{
	struct cert_list list = { 0 };
	int e, r = certs_load(path, &list);

	if (!r) {
		e = certs_to_chain(&list, ret);
		if (e)
			r = fail_errno(e, "%s", path);
	}
	certs_free(&list);
	return r;
}

static int write_sct(const char *path, const uint8_t *sct, size_t len)
{
	FILE *f = fopen(path, "wb");
	bool good = f && fwrite(sct, 1, len, f) == len;

	if (f && fclose(f))
		good = false;
	return good ? EXIT_DONE : fail_errno(-errno, "%s cannot be written", path);
}

static int submit(const struct args *args)
{
	const char *out = opt_text(args, "out");
	capcert_chain *chain;
	capcert_ctclient *client;
	uint8_t *sct;
	char *text;
	size_t len;
	int e, r = chain_of(args->words[0], &chain);

	if (r)
		return r;
	r = ctlog_open(args, &client);
	if (r) {
		capcert_chain_free(chain);
		return r;
	}
	e = capcert_ctclient_submit(client, chain, &sct, &len);
	if (e == -EINVAL)
		r = fail(EXIT_USAGE, "a precertificate needs its issuer behind it in the file");
	else if (e)
		r = ctlog_failed(client, e, "no SCT");
	capcert_chain_free(chain);
	capcert_ctclient_free(client);
	if (r)
		return r;
	r = out ? write_sct(out, sct, len) : EXIT_DONE;
	text = base64_text(sct, len);
	if (!r && out_json())
		r = out_print_json(json_pack("{ss}", "sct", text));
	else if (!r)
		puts(text);
	free(text);
	free(sct);
	return r;
}

/* ---- entries ---- */

static json_t *json_entry(const struct capcert_ct_entry *e)
{
	json_t *chain = json_array();
	size_t i;

	for (i = 0; i < e->chain_count; i++)
		json_array_append_new(chain, json_hex(e->chain[i], 32));
	return json_pack("{sIsIsssososo}", "index", (json_int_t)e->index, "timestamp",
			 (json_int_t)e->timestamp, "type", e->type ? "precertificate" : "x509",
			 "leafHash", json_hex(e->leaf_hash, 32), "certificate",
			 json_hex(e->certificate, e->certificate_len), "chain", chain);
}

static void print_entry(const struct capcert_ct_entry *e)
{
	char hex[65], time[32], subject[512] = "(a certificate that does not parse)";
	capcert_cert *cert = NULL;

	if (!capcert_cert_new(e->certificate, e->certificate_len, &cert, NULL))
		capcert_cert_subject_text(cert, subject, sizeof(subject));
	printf("%" PRIu64 " %s %s %s\n", e->index, text_of_time((int64_t)(e->timestamp / MS), time),
	       e->type ? "precertificate" : "x509", text_to_hex(e->leaf_hash, 32, hex));
	out_field("subject", "%s", subject);
	capcert_cert_free(cert);
}

static int show_entries(const capcert_ct_entries *entries)
{
	json_t *list;
	size_t i;

	if (out_json()) {
		list = json_array();
		for (i = 0; i < capcert_ct_entries_count(entries); i++)
			json_array_append_new(list, json_entry(capcert_ct_entries_at(entries, i)));
		return out_print_json(list);
	}
	for (i = 0; i < capcert_ct_entries_count(entries); i++)
		print_entry(capcert_ct_entries_at(entries, i));
	return EXIT_DONE;
}

static int entries(const struct args *args)
{
	uint64_t start, count = 1;
	capcert_ctclient *client;
	capcert_ct_entries *list;
	int e, r;

	if (!text_number(args->words[0], 1ULL << 62, &start) ||
	    (args->word_count > 1 &&
	     !text_number(args->words[1], CAPCERT_CT_ENTRIES_MAX, &count)) ||
	    !count)
		return fail(EXIT_USAGE, "START and COUNT are numbers, COUNT from 1 to %d",
			    CAPCERT_CT_ENTRIES_MAX);
	r = ctlog_open(args, &client);
	if (r)
		return r;
	e = capcert_ctclient_entries(client, start, count, &list);
	if (e == -ERANGE)
		r = fail(EXIT_TROUBLE,
			 "the tree has fewer entries; capcert ctlog sth says how many");
	else if (e)
		r = ctlog_failed(client, e, "no entries");
	capcert_ctclient_free(client);
	if (r)
		return r;
	r = show_entries(list);
	capcert_ct_entries_free(list);
	return r;
}

/* ---- consistency ---- */

static int consistency(const struct args *args)
{
	uint8_t proof[CAPCERT_CT_PROOF_MAX][32];
	uint64_t first, second;
	capcert_ctclient *client;
	size_t count, i;
	json_t *list;
	char hex[65];
	int e, r;

	if (!text_number(args->words[0], 1ULL << 62, &first) ||
	    !text_number(args->words[1], 1ULL << 62, &second) || first > second)
		return fail(EXIT_USAGE,
			    "FIRST and SECOND are sizes of the tree, the smaller first");
	r = ctlog_open(args, &client);
	if (r)
		return r;
	e = capcert_ctclient_consistency(client, first, second, proof, &count);
	if (e == -ERANGE)
		r = fail(EXIT_TROUBLE, "the tree is smaller; capcert ctlog sth says how large");
	else if (e)
		r = ctlog_failed(client, e, "no proof");
	capcert_ctclient_free(client);
	if (r)
		return r;
	if (out_json()) {
		list = json_array();
		for (i = 0; i < count; i++)
			json_array_append_new(list, json_hex(proof[i], 32));
		return out_print_json(list);
	}
	for (i = 0; i < count; i++)
		puts(text_to_hex(proof[i], 32, hex));
	return EXIT_DONE;
}

/* ---- prove ---- */

static int show_inclusion(const struct capcert_ct_inclusion *p)
{
	if (out_json())
		return out_print_json(
			json_pack("{sbsIsosIso}", "included", 1, "index", (json_int_t)p->index,
				  "leafHash", json_hex(p->leaf_hash, 32), "sctTimestamp",
				  (json_int_t)p->sct_timestamp, "head", json_sth(&p->sth)));
	printf("included, at %" PRIu64 "\n", p->index);
	print_sth(&p->sth);
	return EXIT_DONE;
}

static int prove_chain(const struct args *args, const capcert_chain *chain, const uint8_t *sct,
		       size_t len)
{
	struct capcert_ct_inclusion p;
	capcert_ctclient *client;
	int e, r = ctlog_open(args, &client);

	if (r)
		return r;
	e = capcert_ctclient_prove(client, chain, sct, len, &p);
	if (e == -ENOENT)
		r = fail(EXIT_NO,
			 "no SCT of this log is embedded in the certificate; --sct gives one");
	else if (e == -EINVAL)
		r = fail(EXIT_USAGE,
			 "an embedded SCT, or a precertificate, needs the issuer behind "
			 "the certificate in the file");
	else if (e)
		r = ctlog_failed(client, e, "not proven");
	else
		r = ctlog_save(args, &p.sth);
	capcert_ctclient_free(client);
	return r ? r : show_inclusion(&p);
}

static int prove(const struct args *args)
{
	const char *path = opt_text(args, "sct");
	uint8_t *sct = NULL;
	capcert_chain *chain;
	size_t len = 0;
	int r = chain_of(args->words[0], &chain);

	if (r)
		return r;
	if (path)
		r = file_read(path, &sct, &len);
	if (!r)
		r = prove_chain(args, chain, sct, len);
	free(sct);
	capcert_chain_free(chain);
	return r;
}

/* ---- info ---- */

static int info(const struct args *args)
{
	struct capcert_log_info i;
	capcert_ctclient *client;
	char hex[65];
	int r = ctlog_open(args, &client);

	if (r)
		return r;
	capcert_ctclient_info(client, &i);
	if (out_json()) {
		r = out_print_json(json_pack("{sosssssoso}", "id", json_hex(i.id, 32), "name",
					     i.name, "kind", capcert_log_kind_name(i.kind), "key",
					     json_hex(i.key, i.key_len), "url",
					     json_text(i.submission)));
	} else {
		out_field("name", "%s", i.name);
		out_field("log id", "%s", text_to_hex(i.id, 32, hex));
		out_field("kind", "%s", capcert_log_kind_name(i.kind));
		out_field("url", "%s", i.submission);
		out_field("read at", "%s", i.monitoring);
	}
	capcert_ctclient_free(client);
	return r;
}

static const struct opt opts[] = { CTLOG_OPTIONS, { 0 } };
static const struct opt submit_opts[] = {
	CTLOG_OPTIONS,
	{ .name = "out", .meta = "FILE", .help = "the SCT in its TLS encoding" },
	{ 0 },
};
static const struct opt prove_opts[] = {
	CTLOG_OPTIONS,
	{ .name = "sct",
	  .meta = "FILE",
	  .help = "an SCT for the certificate itself, as submit --out" },
	{ 0 },
};

#define WHICH "--logs FILE --log NAME | --url URL --key KEY [--kind KIND]"

static const struct verb verbs[] = {
	{ .name = "sth",
	  .usage = "[--state FILE] " WHICH,
	  .brief = "its signed head, verified",
	  .help = "With --state the head must also be consistent with the one of last time.\n"
		  "Exit status 1: the log contradicts itself, or what it says is not signed by "
		  "it.\n",
	  .opts = opts,
	  .run = sth },
	{ .name = "submit",
	  .usage = "CHAIN [--out FILE] " WHICH,
	  .brief = "hand a chain in, get an SCT, verified",
	  .help = "A leaf with poison is handed in as a precertificate.\n",
	  .opts = submit_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = submit },
	{ .name = "entries",
	  .usage = "START [COUNT] " WHICH,
	  .brief = "what it has in its tree",
	  .opts = opts,
	  .min_words = 1,
	  .max_words = 2,
	  .run = entries },
	{ .name = "consistency",
	  .usage = "FIRST SECOND " WHICH,
	  .brief = "its proof between two sizes, as it is",
	  .help = "Nothing is verified by this: sth --state does that.\n",
	  .opts = opts,
	  .min_words = 2,
	  .max_words = 2,
	  .run = consistency },
	{ .name = "prove",
	  .usage = "CHAIN [--sct FILE] " WHICH,
	  .brief = "is what an SCT promises in its tree?",
	  .help = "Without --sct, the SCT of this log that is embedded in the certificate.\n",
	  .opts = prove_opts,
	  .min_words = 1,
	  .max_words = 1,
	  .run = prove },
	{ .name = "info",
	  .usage = WHICH,
	  .brief = "what is known of it; nothing is sent",
	  .opts = opts,
	  .run = info },
	{ 0 },
};

const struct noun noun_ctlog = { "ctlog", "one Certificate Transparency log", verbs };
