// SPDX-License-Identifier: GPL-2.0-only
/* capcert exec --ca-file. Programs open /proc/self/fd/N, which their children that inherit the number can, too.
 * The memfd is sealed: what the program reads is what was in the store. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <capcert/bundle.h>
#include "tools/ca_file.h"
#include "tools/file.h"
#include "tools/opt.h"
#include "tools/out.h"

#define TLS_SERVER (1u << CAPCERT_PURPOSE_TLS_SERVER_AUTH)
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define PATH_MOST 32

static char *path_of(enum ca_file file, char buf[PATH_MOST])
{
	snprintf(buf, PATH_MOST, "/proc/self/fd/%d", CA_FILE_FIRST + (int)file);
	return buf;
}

static int sealed(const char *name, const char *text, size_t len, int *ret_fd)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t done = 0;
	ssize_t n = 0;

	if (fd < 0)
		return fail(EXIT_TROUBLE, "memfd: %s", strerror(errno));
	while (done < len && (n = write(fd, text + done, len - done)) > 0)
		done += (size_t)n;
	/* For whoever the program will be; there is nothing to execute. */
	if (done < len || fchmod(fd, 0444) || fcntl(fd, F_ADD_SEALS, SEALS) < 0) {
		fail(EXIT_TROUBLE, "memfd: %s", strerror(n < 0 || done == len ? errno : ENOSPC));
		close(fd);
		return EXIT_TROUBLE;
	}
	*ret_fd = fd;
	return EXIT_DONE;
}

static int put_anchors(const capcert_store *store, const char *word, FILE *f)
{
	struct capcert_store_anchor a;
	size_t written = 0, left_out = 0, i;

	for (i = 0; !capcert_store_at(store, i, &a); i++) {
		if (!(a.purposes & TLS_SERVER))
			continue;
		if (a.der && a.plain) {
			file_put_pem(f, a.der, a.der_len);
			written++;
		} else {
			left_out++;
		}
	}
	if (!written) {
		fail(EXIT_USAGE, "'%s' has no anchor that a CA file could hold", word);
		advise(left_out ? "its anchors have constraints, which no PEM file can say"
				: "it needs one for tlsServerAuth: capcert trust add");
		return EXIT_USAGE;
	}
	if (left_out)
		advise("%zu anchors of '%s' have constraints, which no PEM file can say: left out",
		       left_out, word);
	return EXIT_DONE;
}

static int open_pem(int store_fd, const char *word, int *ret_fd)
{
	capcert_store *store;
	char *text = NULL;
	size_t len = 0;
	FILE *f;
	int r = capcert_store_from_handle(store_fd, &store);

	if (r < 0)
		return fail_errno(r, "cannot read the anchors of '%s'", word);
	f = open_memstream(&text, &len);
	r = f ? put_anchors(store, word, f) : fail(EXIT_TROUBLE, "out of memory");
	capcert_store_free(store);
	if (f && fclose(f) && !r)
		r = fail(EXIT_TROUBLE, "out of memory");
	if (!r)
		r = sealed("capcert-ca-file", text, len, ret_fd);
	free(text);
	return r;
}

/* A directory without a name: nobody can put anything into it any more. */
static int open_empty_dir(int *ret_fd)
{
	char path[] = "/tmp/capcert-XXXXXX";
	int fd;

	if (!mkdtemp(path))
		return fail(EXIT_TROUBLE, "%s: %s", path, strerror(errno));
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (rmdir(path) || fd < 0 || fchmod(fd, 0555)) {
		fail(EXIT_TROUBLE, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return EXIT_TROUBLE;
	}
	*ret_fd = fd;
	return EXIT_DONE;
}

/* wget knows no variable for its CA file, but one for its configuration. */
static int open_wgetrc(int *ret_fd)
{
	char pem[PATH_MOST], dir[PATH_MOST], text[128];
	int n = snprintf(text, sizeof(text), "ca_certificate = %s\nca_directory = %s\n",
			 path_of(CA_FILE_PEM, pem), path_of(CA_FILE_EMPTY_DIR, dir));

	return sealed("capcert-wgetrc", text, (size_t)n, ret_fd);
}

int ca_file_open(int store_fd, const char *word, int ret[CA_FILES])
{
	int r = open_pem(store_fd, word, &ret[CA_FILE_PEM]);

	if (!r)
		r = open_empty_dir(&ret[CA_FILE_EMPTY_DIR]);
	if (!r)
		r = open_wgetrc(&ret[CA_FILE_WGETRC]);
	return r;
}

/* curl: by variables it can be given a file or a directory, and looks into the system's other one as well. So it
 * gets a configuration, which is a file with a name, in a folder beside the one that this program is in. */
static int set_curl_home(void)
{
	static const char tail[] = "/../share/capcert/curl", file[] = "/.curlrc";
	char path[4096 + sizeof(tail) + sizeof(file)];
	ssize_t n = readlink("/proc/self/exe", path, 4096);
	char *end;

	if (n <= 0 || n == 4096)
		return fail(EXIT_TROUBLE, "/proc/self/exe: %s", strerror(errno));
	path[n] = '\0';
	end = strrchr(path, '/');
	strcpy(end, tail);
	strcat(end, file);
	if (access(path, R_OK)) {
		fail(EXIT_TROUBLE, "%s: %s", path, strerror(errno));
		advise("make install puts it there: without it curl would trust the system's "
		       "certificates");
		return EXIT_TROUBLE;
	}
	end[sizeof(tail) - 1] = '\0';
	if (setenv("CURL_HOME", path, 1) || unsetenv("CURL_CA_BUNDLE"))
		return fail(EXIT_TROUBLE, "CURL_HOME: %s", strerror(errno));
	return EXIT_DONE;
}

int ca_file_environment(void)
{
	static const struct {
		const char *name;
		enum ca_file file;
	} variables[] = {
		{ "SSL_CERT_FILE", CA_FILE_PEM },      /* OpenSSL: python, ruby, perl */
		{ "SSL_CERT_DIR", CA_FILE_EMPTY_DIR }, /* it would look there as well */
		{ "REQUESTS_CA_BUNDLE", CA_FILE_PEM }, /* python requests, pip */
		{ "GIT_SSL_CAINFO", CA_FILE_PEM },     { "GIT_SSL_CAPATH", CA_FILE_EMPTY_DIR },
		{ "WGETRC", CA_FILE_WGETRC },
	};
	char path[PATH_MOST];
	size_t i;

	for (i = 0; i < sizeof(variables) / sizeof(*variables); i++)
		if (setenv(variables[i].name, path_of(variables[i].file, path), 1))
			return fail(EXIT_TROUBLE, "%s: %s", variables[i].name, strerror(errno));
	return set_curl_home();
}
