// SPDX-License-Identifier: GPL-2.0-only
/* The log of a command line, and heads between runs. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tools/ctlog_ref.h"
#include "tools/file.h"
#include "tools/out.h"
#include "tools/text.h"

static int number_option(const struct args *args, const char *name, uint64_t scale, uint32_t *ret)
{
	const char *text = opt_text(args, name);
	uint64_t v = 0;

	if (text && (!text_number(text, 86400, &v) || !v))
		return fail(EXIT_USAGE, "--%s takes a number from 1 on, not '%s'", name, text);
	*ret = (uint32_t)(v * scale);
	return EXIT_DONE;
}

static int log_of_key(const struct args *args, capcert_log **ret)
{
	const char *url = opt_text(args, "url"), *key = opt_text(args, "key");
	const char *kind = opt_text(args, "kind"), *monitoring = opt_text(args, "monitoring");
	struct capcert_log_info info = { .submission = url,
					 .monitoring = monitoring ? monitoring : url };
	const char *error = NULL;
	int r;

	if (!url || !key) {
		fail(EXIT_USAGE, "which log? --url and --key say, or --logs and --log");
		advise("the key stands in lists of logs, in base 64");
		return EXIT_USAGE;
	}
	if (kind && !strcmp(kind, "static-ct"))
		info.kind = CAPCERT_LOG_STATIC_CT;
	else if (kind && strcmp(kind, "rfc6962"))
		return fail(EXIT_USAGE, "--kind takes rfc6962 or static-ct, not '%s'", kind);
	r = capcert_log_new_base64(key, &info, ret, &error);
	if (r)
		return error ? fail(EXIT_USAGE, "no log: %s", error) : fail_errno(r, "no log");
	return EXIT_DONE;
}

/* The one log whose name or id begins with @what; an exact name wins. */
static const capcert_log *find_log(const capcert_loglist *list, const char *what, size_t *ret_count)
{
	const capcert_log *found = NULL;
	size_t i;

	*ret_count = 0;
	for (i = 0; i < capcert_loglist_count(list); i++) {
		const capcert_log *log = capcert_loglist_at(list, i);
		struct capcert_log_info info;
		char hex[65];

		capcert_log_get(log, &info);
		text_to_hex(info.id, 32, hex);
		if (!strcmp(info.name, what)) {
			*ret_count = 1;
			return log;
		}
		if (strncmp(info.name, what, strlen(what)) && strncmp(hex, what, strlen(what)))
			continue;
		found = log;
		++*ret_count;
	}
	return found;
}

static int log_of_list(const char *path, const char *what, capcert_log **ret)
{
	char error[CAPCERT_LOGLIST_ERROR] = "";
	const capcert_log *log;
	capcert_loglist *list;
	size_t count;
	int r = capcert_loglist_load(path, &list, error);

	if (r)
		return *error ? fail(EXIT_TROUBLE, "%s: %s", path, error)
			      : fail_errno(r, "%s", path);
	log = find_log(list, what, &count);
	if (count == 1)
		*ret = capcert_log_ref(log);
	else
		r = fail(EXIT_USAGE, "%zu logs of %s have a name or id that begins with '%s'",
			 count, path, what);
	capcert_loglist_free(list);
	return r;
}

static int log_of(const struct args *args, capcert_log **ret)
{
	const char *logs = opt_text(args, "logs"), *what = opt_text(args, "log");

	if (!logs != !what || (logs && opt_text(args, "key")))
		return fail(EXIT_USAGE, "--logs FILE and --log NAME go together, without --key");
	return logs ? log_of_list(logs, what, ret) : log_of_key(args, ret);
}

/* ---- heads between runs: SIZE TIMESTAMP ROOT SIGNATURE, the last two in hexadecimal ---- */

#define PIECE 32 /* octets; text_hex() has a limit */

static bool hex_of_text(const char *text, uint8_t *ret, size_t cap, size_t *ret_len)
{
	size_t n = strlen(text) / 2, at, piece;

	if (strlen(text) % 2 || n > cap)
		return false;
	for (at = 0; at < n; at += piece) {
		piece = n - at < PIECE ? n - at : PIECE;
		if (!text_hex(text + 2 * at, 2 * piece, ret + at, piece))
			return false;
	}
	*ret_len = n;
	return true;
}

static bool read_state(char *text, struct capcert_sth *ret)
{
	char *save = NULL, *size = strtok_r(text, " \n", &save),
	     *time = strtok_r(NULL, " \n", &save);
	char *root = strtok_r(NULL, " \n", &save), *signature = strtok_r(NULL, " \n", &save);
	size_t n;

	memset(ret, 0, sizeof(*ret));
	return signature && !strtok_r(NULL, " \n", &save) &&
	       text_number(size, 1ULL << 63, &ret->tree_size) &&
	       text_number(time, UINT64_MAX, &ret->timestamp) &&
	       hex_of_text(root, ret->root_hash, 32, &n) && n == 32 &&
	       hex_of_text(signature, ret->signature, sizeof(ret->signature), &ret->signature_len);
}

static int resume(const struct args *args, capcert_ctclient *client)
{
	const char *path = opt_text(args, "state");
	struct capcert_sth last;
	uint8_t *data;
	size_t len;
	char *text;
	bool good;
	int r;

	if (!path || (access(path, F_OK) && errno == ENOENT))
		return EXIT_DONE;
	r = file_read(path, &data, &len);
	if (r)
		return r;
	text = strndup((const char *)data, len);
	good = text && read_state(text, &last) && !capcert_ctclient_resume(client, &last);
	free(text);
	free(data);
	if (good)
		return EXIT_DONE;
	fail(EXIT_TROUBLE, "%s is no head that this log signed", path);
	advise("without the file the log's head is taken as it comes");
	return EXIT_TROUBLE;
}

int ctlog_save(const struct args *args, const struct capcert_sth *sth)
{
	const char *path = opt_text(args, "state");
	char root[65], signature[2 * CAPCERT_STH_SIGNATURE_MAX + 1], *next;
	FILE *f;
	bool good;

	if (!path)
		return EXIT_DONE;
	if (asprintf(&next, "%s.new", path) < 0)
		return fail_errno(-ENOMEM, "%s", path);
	f = fopen(next, "w");
	good = f &&
	       fprintf(f, "%llu %llu %s %s\n", (unsigned long long)sth->tree_size,
		       (unsigned long long)sth->timestamp, text_to_hex(sth->root_hash, 32, root),
		       text_to_hex(sth->signature, sth->signature_len, signature)) > 0;
	if (f && fclose(f))
		good = false;
	if (good && rename(next, path))
		good = false;
	free(next);
	return good ? EXIT_DONE : fail_errno(-errno, "%s cannot be written", path);
}

int ctlog_open(const struct args *args, capcert_ctclient **ret)
{
	struct capcert_ctclient_options options = { .ca_file = opt_text(args, "ca-file"),
						    .insecure_http =
							    opt_has(args, "insecure_http") };
	capcert_log *log = NULL;
	int e, r = number_option(args, "timeout", 1000, &options.timeout_ms);

	if (!r)
		r = number_option(args, "attempts", 1, &options.attempts);
	if (!r)
		r = number_option(args, "patience", 1000, &options.max_wait_ms);
	if (!r)
		r = log_of(args, &log);
	if (r)
		return r;
	e = capcert_ctclient_new(log, &options, ret);
	capcert_log_free(log);
	if (e == -EINVAL)
		return fail(EXIT_USAGE, "the URL must begin with https://");
	if (e == -ELIBACC)
		return fail(EXIT_TROUBLE, "libcurl is not installed: apt install libcurl3-gnutls");
	if (e)
		return fail_errno(e, "no client");
	r = resume(args, *ret);
	if (r)
		capcert_ctclient_free(*ret);
	return r;
}

int ctlog_failed(const capcert_ctclient *client, int error, const char *what)
{
	const struct capcert_ct_error *e = capcert_ctclient_error(client);
	bool breach = e->kind == CAPCERT_CT_BAD_SIGNATURE || e->kind == CAPCERT_CT_INCONSISTENT;

	if (!e->kind)
		return fail_errno(error, "%s", what);
	fail(EXIT_TROUBLE, "%s: %s: %s", what, capcert_ct_fault_name(e->kind), e->detail);
	if (breach)
		advise("keep what it sent: this is what logs are distrusted for");
	else if (e->kind == CAPCERT_CT_BACKLOG)
		advise("try again later, or wait longer with --patience");
	return breach ? EXIT_NO : EXIT_TROUBLE;
}
