// SPDX-License-Identifier: GPL-2.0-only
/* capcert trust export: a trust store in the forms that other programs read. None of them carries
 * constraints: anchors that have some are left out, and it is said how many. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tools/bundle_file.h"
#include "tools/out.h"
#include "tools/ref.h"
#include "tools/text.h"
#include "tools/trust_source.h"
#include "tools/write_file.h"

#define TLS_SERVER (1u << CAPCERT_PURPOSE_TLS_SERVER_AUTH)

extern char **environ;

struct export
{
	const capcert_store *store;
	const char *out; /* NULL = stdout */
	const char *password;
	uint32_t purposes; /* only anchors good for one of these; 0 = all */
	bool drop_limits;
	size_t written;
	size_t left_out;
};

/* The next anchor that is to be written. */
static bool next(struct export *e, size_t *index, struct capcert_store_anchor *ret)
{
	while (!capcert_store_at(e->store, (*index)++, ret)) {
		if (e->purposes && !(ret->purposes & e->purposes))
			continue;
		if (ret->der && (ret->plain || e->drop_limits)) {
			e->written++;
			return true;
		}
		e->left_out++;
	}
	return false;
}

static int finish_text(struct export *e, FILE *f, char **text, size_t *len)
{
	int r = fclose(f) ? fail_errno(-ENOMEM, "export") : EXIT_DONE;

	if (!r && e->out) {
		r = write_file(e->out, *text, *len);
	} else if (!r) {
		fwrite(*text, 1, *len, stdout);
		if (fflush(stdout) || ferror(stdout))
			r = fail(EXIT_TROUBLE, "standard output: %s", strerror(errno));
	}
	free(*text);
	return r;
}

static int to_pem(struct export *e)
{
	struct capcert_store_anchor a;
	char *text = NULL, name[300];
	size_t len = 0, i = 0;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return fail_errno(-errno, "export");
	while (next(e, &i, &a)) {
		fprintf(f, "# %s\n", trust_subject(&a, name, sizeof(name)));
		file_put_pem(f, a.der, a.der_len);
	}
	return finish_text(e, f, &text, &len);
}

static int to_der(struct export *e)
{
	struct capcert_store_anchor a;
	char *text = NULL;
	size_t len = 0, i = 0;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return fail_errno(-errno, "export");
	while (next(e, &i, &a))
		fwrite(a.der, 1, a.der_len, f);
	return finish_text(e, f, &text, &len);
}

/* ---- p11-kit's persistence format ---- */

static void put_percent(FILE *f, const void *data, size_t n)
{
	const unsigned char *p = data;
	size_t i;

	for (i = 0; i < n; i++)
		if ((p[i] >= '0' && p[i] <= '9') || (p[i] >= 'A' && p[i] <= 'Z') ||
		    (p[i] >= 'a' && p[i] <= 'z'))
			fputc(p[i], f);
		else
			fprintf(f, "%%%02X", p[i]);
}

/* Extension { 2.5.29.37, ExtKeyUsageSyntax } of id-kp 1 to 4. */
static size_t key_usages(uint32_t purposes, uint8_t buf[64])
{
	static const struct {
		uint32_t purposes;
		uint8_t arc;
	} usages[] = {
		{ TLS_SERVER, 1 },
		{ 1u << CAPCERT_PURPOSE_TLS_CLIENT_AUTH | 1u << CAPCERT_PURPOSE_CLIENT_IDENTITY,
		  2 },
		{ 1u << CAPCERT_PURPOSE_CODE_SIGNING, 3 },
		{ 1u << CAPCERT_PURPOSE_EMAIL_SMIME, 4 },
	};
	static const uint8_t kp[] = { 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03 };
	static const uint8_t head[] = { 0x30, 0, 0x06, 0x03, 0x55, 0x1d, 0x25, 0x04, 0, 0x30, 0 };
	size_t n = sizeof(head), i;

	memcpy(buf, head, sizeof(head));
	for (i = 0; i < sizeof(usages) / sizeof(*usages); i++) {
		if (!(purposes & usages[i].purposes))
			continue;
		memcpy(buf + n, kp, sizeof(kp));
		n += sizeof(kp);
		buf[n++] = usages[i].arc;
	}
	buf[1] = (uint8_t)(n - 2);
	buf[8] = (uint8_t)(n - 9);
	buf[10] = (uint8_t)(n - 11);
	return n == sizeof(head) ? 0 : n;
}

static void put_block(FILE *f, const char *label, const uint8_t *der, size_t len)
{
	char *text = base64_text(der, len);
	size_t i, n = text ? strlen(text) : 0;

	fprintf(f, "-----BEGIN %s-----\n", label);
	for (i = 0; i < n; i += 64)
		fprintf(f, "%.64s\n", text + i);
	fprintf(f, "-----END %s-----\n\n", label);
	free(text);
}

/* CKA_NSS_SERVER_DISTRUST_AFTER is a UTCTime's contents. */
static void put_distrust_after(FILE *f, int64_t time)
{
	char iso[32], utc[16], *w = utc;
	const char *r;

	text_of_time(time, iso);
	for (r = iso + 2; *r; r++)
		if (*r != '-' && *r != ':' && *r != 'T')
			*w++ = *r;
	*w = '\0';
	fprintf(f, "nss-server-distrust-after: \"");
	put_percent(f, utc, strlen(utc));
	fprintf(f, "\"\n");
}

static void put_object(FILE *f, const struct capcert_store_anchor *a, size_t usages,
		       const uint8_t *extension)
{
	char name[300];

	trust_subject(a, name, sizeof(name));
	fprintf(f, "[p11-kit-object-v1]\nclass: certificate\ncertificate-type: x-509\n"
		   "certificate-category: authority\nlabel: \"");
	put_percent(f, name, strlen(name));
	fprintf(f, "\"\ntrusted: true\nmodifiable: false\n");
	if (a->have_distrust_after)
		put_distrust_after(f, a->distrust_after);
	put_block(f, "CERTIFICATE", a->der, a->der_len);
	fprintf(f, "[p11-kit-object-v1]\nclass: x-certificate-extension\nlabel: \"");
	put_percent(f, name, strlen(name));
	fprintf(f, "\"\nobject-id: 2.5.29.37\nmodifiable: false\nvalue: \"");
	put_percent(f, extension, usages);
	fprintf(f, "\"\n");
	put_block(f, "PUBLIC KEY", a->spki, a->spki_len);
}

static int to_p11_kit(struct export *e)
{
	struct capcert_store_anchor a;
	uint8_t extension[64];
	char *text = NULL;
	size_t len = 0, i = 0, n;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return fail_errno(-errno, "export");
	fprintf(f, "# written by capcert trust export\n\n");
	while (next(e, &i, &a)) {
		n = key_usages(a.purposes, extension);
		if (n) {
			put_object(f, &a, n, extension);
			continue;
		}
		/* A purpose that p11-kit has no usage for: without one it would be good for all. */
		e->written--;
		e->left_out++;
	}
	return finish_text(e, f, &text, &len);
}

/* ---- a folder as c_rehash makes it ---- */

static int write_cert(int dir, const char *name, const struct capcert_store_anchor *a)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	int r = 0;

	if (!f) {
		r = -errno;
		if (fd >= 0)
			close(fd);
		return r;
	}
	file_put_pem(f, a->der, a->der_len);
	if (fflush(f) || fsync(fd))
		r = -errno;
	return fclose(f) && !r ? -errno : r;
}

/* NAME.pem, and HASH.N that leads to it: N counts those of one hash. */
static int write_hashed(int dir, const struct capcert_store_anchor *a)
{
	char hex[65], name[80], hashed[32];
	uint32_t hash;
	unsigned int n;
	int r = capcert_name_hash(a->subject, a->subject_len, &hash);

	snprintf(name, sizeof(name), "%.32s.pem", text_to_hex(a->fingerprint, 32, hex));
	if (!r)
		r = write_cert(dir, name, a);
	for (n = 0; !r; n++) {
		snprintf(hashed, sizeof(hashed), "%08x.%u", hash, n);
		if (!symlinkat(name, dir, hashed))
			break;
		if (errno != EEXIST)
			r = -errno;
	}
	return r;
}

static void remove_folder(const char *path)
{
	pid_t pid;
	char *argv[] = { "rm", "-rf", "--", (char *)(uintptr_t)path, NULL };

	if (!posix_spawnp(&pid, "rm", NULL, NULL, argv, environ))
		waitpid(pid, NULL, 0);
}

/* All in a new folder beside it, which then takes its place: an empty one may be there. */
static int to_hashed_dir(struct export *e)
{
	struct capcert_store_anchor a;
	char *temporary = NULL;
	size_t i = 0;
	int dir, error = 0, r;

	if (!e->out)
		return fail(EXIT_USAGE, "a hashed folder needs a name: -o FOLDER");
	r = write_dir_begin(e->out, &temporary);
	if (r)
		return r;
	dir = open(temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		error = -errno;
	while (!error && next(e, &i, &a))
		error = write_hashed(dir, &a);
	if (dir >= 0)
		close(dir);
	r = error ? fail_errno(error, "%s", e->out) : write_dir_end(temporary, e->out);
	if (r)
		remove_folder(temporary);
	free(temporary);
	return r;
}

/* ---- a keystore of Java ---- */

static int run_keytool(const char *pem, const char *alias, const char *keystore,
		       const char *password)
{
	const char *argv[] = { "keytool",    "-importcert", "-noprompt",  "-trustcacerts", "-alias",
			       alias,	     "-file",	    pem,	  "-keystore",	   keystore,
			       "-storetype", "PKCS12",	    "-storepass", password,	   NULL };
	posix_spawn_file_actions_t actions;
	int status, r;
	pid_t pid;

	if (posix_spawn_file_actions_init(&actions))
		return -ENOMEM;
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
	r = -posix_spawnp(&pid, "keytool", &actions, NULL, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (r)
		return r;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return -ENOENT;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

static void show_progress(const struct export *e)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\rkeytool: %zu of %zu ", e->written,
			capcert_store_count(e->store));
}

static int import_all(struct export *e, const char *folder, const char *keystore)
{
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = dir < 0 ? -errno : 0;
	struct capcert_store_anchor a;
	char name[80], hex[65];
	char *pem = NULL;
	size_t i = 0;

	while (!r && next(e, &i, &a)) {
		text_to_hex(a.fingerprint, 32, hex);
		snprintf(name, sizeof(name), "%.32s.pem", hex);
		r = write_cert(dir, name, &a);
		if (!r && asprintf(&pem, "%s/%s", folder, name) < 0)
			r = -ENOMEM;
		if (r)
			break;
		show_progress(e);
		r = run_keytool(pem, hex, keystore, e->password);
		free(pem);
	}
	if (dir >= 0)
		close(dir);
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	return r;
}

static int to_java(struct export *e)
{
	char *folder = NULL, *keystore = NULL;
	int r = EXIT_DONE;

	if (!e->out)
		return fail(EXIT_USAGE, "a keystore needs a name: -o FILE");
	if (asprintf(&folder, "%s.XXXXXX", e->out) < 0 || !mkdtemp(folder)) {
		r = fail_errno(-errno, "%s", e->out);
		free(folder);
		return r;
	}
	if (asprintf(&keystore, "%s/keystore", folder) < 0)
		r = -ENOMEM;
	if (!r)
		r = import_all(e, folder, keystore);
	if (!r && e->written && rename(keystore, e->out))
		r = -errno;
	remove_folder(folder);
	free(folder);
	free(keystore);
	if (r == -ENOENT) {
		fail(EXIT_TROUBLE, "keytool is not installed");
		advise("a Java runtime brings it, Debian's default-jre-headless for one");
		return EXIT_TROUBLE;
	}
	if (r == -EIO)
		return fail(EXIT_TROUBLE, "keytool failed; its password needs six characters");
	if (!r && !e->written)
		return fail(EXIT_TROUBLE, "no anchor to write: there is no empty keystore");
	return r ? fail_errno(r, "%s", e->out) : EXIT_DONE;
}

/* ---- the command ---- */

static const struct format {
	const char *name;
	int (*write)(struct export *e);
	uint32_t purposes; /* when --purpose does not say */
} formats[] = {
	{ "pem", to_pem, 0 },
	{ "der", to_der, 0 },
	{ "hashed-dir", to_hashed_dir, TLS_SERVER },
	{ "p11-kit", to_p11_kit, 0 },
	{ "java", to_java, TLS_SERVER },
};

static const struct format *find_format(const struct args *args)
{
	const char *name = opt_text(args, "format");
	size_t i;

	if (!name)
		name = opt_has(args, "der") ? "der" : "pem";
	for (i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (!strcmp(name, formats[i].name))
			return &formats[i];
	return NULL;
}

/* Says what was left out, on stderr where stdout has the anchors. */
static int tell(const struct export *e, const char *format)
{
	if (e->left_out)
		fprintf(stderr,
			"capcert trust export: %zu anchors left out: %s cannot carry their "
			"constraints\n",
			e->left_out, format);
	if (e->out && out_json())
		return out_print_json(json_pack("{ss, ss, sI, sI}", "format", format, "output",
						e->out, "written", (json_int_t)e->written,
						"left_out", (json_int_t)e->left_out));
	if (e->out)
		printf("%s: %zu anchors\n", e->out, e->written);
	return EXIT_DONE;
}

int trust_export(const struct args *args)
{
	const struct format *format = find_format(args);
	struct export e = { .out = opt_text(args, "output"),
			    .password = opt_text(args, "password"),
			    .drop_limits = opt_has(args, "insecure-drop-limits") };
	capcert_store *store = NULL;
	int r;

	if (opt_has(args, "pem") + opt_has(args, "der") + opt_has(args, "format") > 1)
		return fail(EXIT_USAGE, "--pem, --der and --format exclude each other");
	if (!format)
		return fail(EXIT_USAGE, "--format takes pem, der, hashed-dir, p11-kit or java");
	r = ref_purposes(args, &e.purposes);
	if (!r && !e.purposes)
		e.purposes = format->purposes;
	if (!e.password)
		e.password = "changeit"; /* what every Java expects of a file without secrets */
	if (!r)
		r = trust_source(args, args->words[0], false, &store);
	e.store = store;
	if (!r)
		r = format->write(&e);
	if (!r)
		r = tell(&e, format->name);
	capcert_store_free(store);
	return r;
}
