// SPDX-License-Identifier: GPL-2.0-only
/* The files of a configuration: one, and those beside it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "helpers/acmed/conf.h"

static int say(struct conf *c, const char *path, const char *what)
{
	snprintf(c->error, sizeof(c->error), "%s: %s", path, what);
	return -EINVAL;
}

/* Who writes it says which certificates are asked for, and which program is run. */
static int check_file(struct conf *c, const char *path, bool secret, const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return say(c, path, "no file");
	if ((st->st_uid != 0 && st->st_uid != geteuid()) || st->st_mode & (S_IWGRP | S_IWOTH))
		return say(c, path,
			   "others than root could have written it: chown root, chmod "
			   "go-w");
	if (secret && st->st_mode & S_IROTH)
		return say(c, path, "everybody can read this key: chmod o-r, and make a new one");
	if (st->st_size > CONF_FILE_SIZE)
		return say(c, path, "larger than 4 MiB");
	return 0;
}

static int read_all(int fd, char *buf, size_t len, size_t *ret)
{
	size_t n = 0;

	while (n < len) {
		ssize_t got = read(fd, buf + n, len - n);

		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*ret = n;
	return 0;
}

/* The text of @path, malloc()ed. */
static int slurp(struct conf *c, const char *path, bool secret, char **ret, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	char *text = NULL;
	size_t n = 0;
	int r;

	if (fd < 0)
		return say(c, path, strerror(errno));
	r = fstat(fd, &st) < 0 ? say(c, path, strerror(errno)) : check_file(c, path, secret, &st);
	if (r == 0) {
		text = malloc((size_t)st.st_size + 1);
		r = text ? read_all(fd, text, (size_t)st.st_size, &n) : -ENOMEM;
	}
	close(fd);
	if (r < 0) {
		free(text);
		return r;
	}
	*ret = text;
	*ret_len = n;
	return 0;
}

static int load_file(struct conf *c, const char *path)
{
	char *text;
	size_t n;
	int r = slurp(c, path, false, &text, &n);

	if (r < 0)
		return r;
	r = conf_read(c, path, text, n);
	free(text);
	return r;
}

/* @special: the two digits in which the alphabets of RFC 4648 differ. */
static int base64_digit(char c, const char *special)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789";
	const char *at = c ? strchr(digits, c) : NULL;

	if (at)
		return (int)(at - digits);
	return c == special[0] ? 62 : c == special[1] ? 63 : -1;
}

/* RFC 4648 section 4 or 5, without padding, or with. Return: octets, or -EINVAL. */
static int decode(const char *text, size_t len, const char *special, uint8_t *ret)
{
	uint32_t bits = 0;
	unsigned int have = 0;
	int n = 0;

	while (len && text[len - 1] == '=')
		len--;
	for (size_t i = 0; i < len; i++) {
		int digit = base64_digit(text[i], special);

		if (digit < 0)
			return -EINVAL;
		bits = bits << 6 | (uint32_t)digit;
		have += 6;
		if (have >= 8) {
			have -= 8;
			ret[n++] = (uint8_t)(bits >> have);
		}
	}
	return have >= 6 ? -EINVAL : n;
}

/* A key of 16 octets or more. */
static int load_key(struct conf *c, const char *path, bool url, uint8_t **ret, size_t *ret_len)
{
	char *text;
	size_t n;
	int r = slurp(c, path, !url, &text, &n);

	if (r < 0)
		return r;
	while (n && strchr(" \t\r\n", text[n - 1]))
		n--;
	*ret = malloc(n + 1);
	r = *ret ? decode(text, n, url ? "-_" : "+/", *ret) : -ENOMEM;
	explicit_bzero(text, n);
	free(text);
	if (r == -EINVAL || (r >= 0 && r < 16))
		return say(
			c, path,
			url ? "no key in base64url of 16 octets or more"
			    : "no key in base64 of 16 octets or more: the secret alone is wanted "
			      "there, without its name and quotes");
	*ret_len = r < 0 ? 0 : (size_t)r;
	return r < 0 ? r : 0;
}

static int load_keys(struct conf *c)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->ca_count; i++) {
		struct conf_ca *ca = &c->cas[i];

		if (ca->eab_key_file)
			r = load_key(c, ca->eab_key_file, true, &ca->eab_key, &ca->eab_key_len);
	}
	for (size_t i = 0; r == 0 && i < c->solver_count; i++) {
		struct conf_solver *s = &c->solvers[i];

		if (s->tsig_key_file)
			r = load_key(c, s->tsig_key_file, false, &s->tsig_key, &s->tsig_key_len);
	}
	return r;
}

static int is_conf(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return entry->d_name[0] != '.' && n > 5 && strcmp(entry->d_name + n - 5, ".conf") == 0;
}

static int load_folder(struct conf *c, const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, is_conf, alphasort), r = 0;
	char *file;

	if (count < 0)
		return errno == ENOENT ? 0 : say(c, path, strerror(errno));
	for (int i = 0; i < count; i++) {
		if (r == 0 && asprintf(&file, "%s/%s", path, entries[i]->d_name) < 0)
			r = -ENOMEM;
		else if (r == 0) {
			r = load_file(c, file);
			free(file);
		}
		free(entries[i]);
	}
	free(entries);
	return r;
}

int conf_load(struct conf *c, const char *path)
{
	char *folder;
	int r = load_file(c, path);

	if (r == 0 && asprintf(&folder, "%s.d", path) < 0)
		r = -ENOMEM;
	else if (r == 0) {
		r = load_folder(c, folder);
		free(folder);
	}
	if (r == 0)
		r = conf_finish(c);
	return r == 0 ? load_keys(c) : r;
}
