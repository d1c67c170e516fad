// SPDX-License-Identifier: GPL-2.0-only
/* Reads the folders of the curated set. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tools/opt.h"
#include "tools/out.h"
#include "tools/root_set.h"

#define ROOT_FILE_MAX (256 * 1024)

/* ---- problems ---- */

void problem(struct problems *p, const char *path, const char *format, ...)
{
	char **paths = reallocarray(p->paths, p->count + 1, sizeof(*paths));
	char **texts = reallocarray(p->texts, p->count + 1, sizeof(*texts));
	va_list list;

	if (paths)
		p->paths = paths;
	if (texts)
		p->texts = texts;
	if (!paths || !texts) {
		p->lost = true;
		return;
	}
	paths[p->count] = strdup(path);
	va_start(list, format);
	if (vasprintf(&texts[p->count], format, list) < 0)
		texts[p->count] = NULL;
	va_end(list);
	p->count++;
}

void problems_free(struct problems *p)
{
	size_t i;

	for (i = 0; i < p->count; i++) {
		free(p->paths[i]);
		free(p->texts[i]);
	}
	free(p->paths);
	free(p->texts);
	*p = (struct problems){ 0 };
}

int problems_say(const struct problems *p)
{
	size_t i;

	for (i = 0; i < p->count; i++)
		fail(EXIT_NO, "%s: %s", p->paths[i] ? p->paths[i] : "?",
		     p->texts[i] ? p->texts[i] : "out of memory");
	return p->count || p->lost ? EXIT_NO : EXIT_DONE;
}

/* ---- files ---- */

/* With a NUL behind it; NULL and a problem. */
static char *read_small(struct root_set *set, int dir, const char *name, const char *path,
			size_t *ret_len)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	char *data = NULL;
	ssize_t n = -1;

	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size < ROOT_FILE_MAX) {
		data = malloc((size_t)st.st_size + 1);
		n = data ? read(fd, data, (size_t)st.st_size) : -1;
	}
	if (n < 0 || n != st.st_size) {
		problem(&set->problems, path, "cannot be read as a file of at most %d kB",
			ROOT_FILE_MAX / 1024);
		free(data);
		data = NULL;
	} else {
		data[n] = '\0';
		*ret_len = (size_t)n;
	}
	if (fd >= 0)
		close(fd);
	return data;
}

static void root_clear(struct root *root)
{
	free(root->company);
	free(root->name);
	free(root->path);
	capcert_cert_free(root->file.cert);
}

static int push(struct root_set *set, const struct root *root)
{
	struct root *more = reallocarray(set->roots, set->count + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	set->roots = more;
	more[set->count++] = *root;
	return 0;
}

static int load_root(struct root_set *set, int dir, const char *company, const char *name,
		     const char *dot)
{
	struct root root = { .company = strdup(company),
			     .name = strndup(name, (size_t)(dot - name)),
			     .disabled = !strcmp(dot, ".disabled") };
	char *data = NULL, error[512];
	size_t len;
	int r = -ENOMEM;

	if (asprintf(&root.path, "%s/%s", company, name) < 0)
		root.path = NULL;
	if (root.company && root.name && root.path)
		data = read_small(set, dir, name, root.path, &len);
	if (data) {
		r = root_file_parse(data, len, &root.file, error, sizeof(error));
		if (r == -EBADMSG)
			problem(&set->problems, root.path, "%s", error);
		else if (!r)
			r = push(set, &root);
	} else if (root.company && root.name && root.path) {
		r = -EBADMSG;
	}
	free(data);
	if (r)
		root_clear(&root);
	return r == -EBADMSG ? 0 : r;
}

static int load_entry(struct root_set *set, int dir, const char *company, const char *name)
{
	const char *dot = strrchr(name, '.');
	char path[600];

	if (dot && (!strcmp(dot, ".pem") || !strcmp(dot, ".disabled")))
		return load_root(set, dir, company, name, dot);
	if (strcmp(name, "README.md")) {
		snprintf(path, sizeof(path), "%s/%s", company, name);
		problem(&set->problems, path, "is neither README.md nor a .pem or .disabled file");
	}
	return 0;
}

static int push_company(struct root_set *set, const char *company)
{
	char **more = reallocarray(set->companies, set->company_count + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	set->companies = more;
	more[set->company_count] = strdup(company);
	if (!more[set->company_count])
		return -ENOMEM;
	set->company_count++;
	return 0;
}

static bool hidden(const char *name)
{
	return name[0] == '.';
}

static int load_company(struct root_set *set, int parent, const char *company)
{
	int fd = openat(parent, company, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	int r;

	if (!dir) {
		problem(&set->problems, company, "is no folder that can be read");
		if (fd >= 0)
			close(fd);
		return 0;
	}
	r = push_company(set, company);
	while (!r && (e = readdir(dir)))
		if (!hidden(e->d_name))
			r = load_entry(set, fd, company, e->d_name);
	closedir(dir);
	return r;
}

/* Files of the set as a whole. */
static bool common(const char *name)
{
	return !strcmp(name, "README.md") || !strcmp(name, "CHANGELOG-roots.md") ||
	       !strcmp(name, "deny.txt");
}

static int by_path(const void *a, const void *b)
{
	const struct root *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static int by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

int root_set_load(const char *dir_name, struct root_set *ret)
{
	struct root_set set = { .dir = strdup(dir_name) };
	DIR *dir = opendir(dir_name);
	struct dirent *e;
	int r = set.dir ? 0 : -ENOMEM;

	if (!dir) {
		free(set.dir);
		fail(EXIT_TROUBLE, "%s: %s", dir_name, strerror(errno));
		advise("name the folder of the curated set; in the source tree it is " ROOT_DIR);
		return EXIT_TROUBLE;
	}
	while (!r && (e = readdir(dir)))
		if (!hidden(e->d_name) && !common(e->d_name))
			r = load_company(&set, dirfd(dir), e->d_name);
	closedir(dir);
	if (r) {
		root_set_free(&set);
		return fail_errno(r, "%s", dir_name);
	}
	if (set.count)
		qsort(set.roots, set.count, sizeof(*set.roots), by_path);
	if (set.company_count)
		qsort(set.companies, set.company_count, sizeof(*set.companies), by_text);
	*ret = set;
	return EXIT_DONE;
}

void root_set_free(struct root_set *set)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		root_clear(&set->roots[i]);
	for (i = 0; i < set->company_count; i++)
		free(set->companies[i]);
	free(set->roots);
	free(set->companies);
	free(set->dir);
	problems_free(&set->problems);
	*set = (struct root_set){ 0 };
}

int root_set_index(const struct root_set *set, capcert_root_index **ret)
{
	capcert_cert **certs = calloc(set->count + 1, sizeof(*certs));
	const char **labels = calloc(set->count + 1, sizeof(*labels));
	size_t i, n = 0;
	int r = certs && labels ? 0 : -ENOMEM;

	for (i = 0; !r && i < set->count; i++) {
		if (set->roots[i].disabled)
			continue;
		certs[n] = set->roots[i].file.cert;
		labels[n++] = set->roots[i].path;
	}
	if (!r)
		r = capcert_root_index_new(certs, labels, n, ret);
	free(certs);
	free(labels);
	if (r == -EEXIST)
		return fail(EXIT_NO, "%s: a root is there twice; capcert roots verify says which",
			    set->dir);
	if (r)
		return fail_errno(r, "%s", set->dir);
	return problems_say(&set->problems);
}

const struct root *root_set_find(const struct root_set *set, const uint8_t *der, size_t len)
{
	size_t i, n;

	for (i = 0; i < set->count; i++) {
		const uint8_t *own = capcert_cert_der(set->roots[i].file.cert, &n);

		if (n == len && !memcmp(own, der, len))
			return &set->roots[i];
	}
	return NULL;
}
