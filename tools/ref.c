// SPDX-License-Identifier: GPL-2.0-only
/* Words into handles, keys, rings, rights and purposes. */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <keyutils.h>
#include "tools/opt.h"
#include "tools/out.h"
#include "tools/ref.h"
#include "tools/text.h"

static uint32_t kind_of_type(const char *type, size_t len)
{
	uint32_t kind;

	for (kind = 1; kind < 32; kind++) {
		const char *name = capcert_kind_key_type(kind);

		if (name && *name && strlen(name) == len && !strncmp(name, type, len))
			return kind;
	}
	return 0;
}

/* keyctl_describe: "type;uid;gid;perm;description". */
static uint32_t kind_of_serial(int32_t serial)
{
	char text[64] = "";
	long n = keyctl_describe(serial, text, sizeof(text) - 1);

	return n < 0 ? 0 : kind_of_type(text, strcspn(text, ";"));
}

#define SYSTEM "system:"

/* What stands behind "system:", or NULL. */
static const char *system_part(const char *word)
{
	const size_t n = sizeof(SYSTEM) - 1;

	return strncmp(word, SYSTEM, n) ? NULL : word + n;
}

uint32_t ref_kind(const char *word)
{
	const char *name = system_part(word), *colon;
	uint64_t number;

	if (name)
		word = name;
	colon = strchr(word, ':');
	if (text_number(word, INT32_MAX, &number))
		return kind_of_serial((int32_t)number);
	return colon ? kind_of_type(word, (size_t)(colon - word)) : 0;
}

/* The description in it; @told: it begins with a key type. */
static const char *name_part(const char *word, bool told)
{
	const char *name = system_part(word) ? system_part(word) : word;

	return told ? strchr(name, ':') + 1 : name;
}

static int open_inherited(const char *name, int *ret_fd)
{
	uint64_t number;
	int fd;

	if (text_number(name, 1 << 20, &number)) {
		fd = (int)number;
	} else {
		fd = capcert_fd(name);
		if (fd < 0) {
			fail(EXIT_TROUBLE, "no handle named '%s' was given to this program", name);
			advise("handles are named in CAPCERT_FDS, now \"%s\"; see capcert exec "
			       "--help",
			       getenv("CAPCERT_FDS") ? getenv("CAPCERT_FDS") : "");
			return EXIT_TROUBLE;
		}
	}
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return fail(EXIT_TROUBLE, "fd:%s: %s", name, strerror(errno));
	*ret_fd = fd;
	return EXIT_DONE;
}

static int open_failed(int error, const char *word, uint64_t rights)
{
	char text[128];

	capcert_rights_format(rights, text, sizeof(text));
	fail_errno(error, "cannot open '%s' with %s", word, text);
	switch (error) {
	case -ENOENT:
	case -ENODEV:
	case -ENXIO:
		advise("is the module there? modprobe capcert, then capcert feature");
		break;
	case -ENOKEY:
		advise("keys that you have: keyctl show; a new store: capcert trust new NAME");
		break;
	case -EACCES:
		if (system_part(word)) {
			advise("what is the system's changes by signed bundles alone: capcert "
			       "bundle make, capcert system admit");
			break;
		}
		advise("the key must be yours to search (keyctl show) and grant these rights, and "
		       "others must not");
		advise("have SEARCH on it: keyctl describe KEY, keyctl setperm KEY 0x3f010000");
		break;
	}
	return EXIT_TROUBLE;
}

int ref_open(const char *word, uint32_t kind, uint64_t rights, int *ret_fd)
{
	const char *name;
	uint64_t number;
	uint32_t told;
	int r;

	if (!strncmp(word, "fd:", 3))
		return open_inherited(word + 3, ret_fd);
	if (text_number(word, INT32_MAX, &number) && number) {
		r = capcert_open((int32_t)number, rights, ret_fd);
		return r ? open_failed(r, word, rights) : EXIT_DONE;
	}
	told = ref_kind(word);
	if (told) {
		if (kind && kind != told)
			return fail(EXIT_USAGE, "'%s' is a %s, a %s is needed here", word,
				    capcert_kind_name(told), capcert_kind_name(kind));
		kind = told;
	}
	if (!kind) {
		fail(EXIT_USAGE, "'%s' says not what it is", word);
		advise("write a serial number, or type:description, such as captrust:web or "
		       "capverify:tls");
		return EXIT_USAGE;
	}
	name = name_part(word, told);
	r = system_part(word) ? capcert_open_system(kind, name, rights, ret_fd)
			      : capcert_open_name(kind, name, rights, ret_fd);
	return r ? open_failed(r, word, rights) : EXIT_DONE;
}

int ref_try(const char *word, uint32_t kind, uint64_t rights, int *ret_fd)
{
	uint64_t number;
	uint32_t told;

	if (!strncmp(word, "fd:", 3))
		return open_inherited(word + 3, ret_fd) ? -EBADF : 0;
	if (text_number(word, INT32_MAX, &number) && number)
		return capcert_open((int32_t)number, rights, ret_fd);
	told = ref_kind(word);
	if (told)
		kind = told;
	return system_part(word) ? capcert_open_system(kind, name_part(word, told), rights, ret_fd)
				 : capcert_open_name(kind, name_part(word, told), rights, ret_fd);
}

int32_t ref_serial(const char *word, uint32_t kind)
{
	const char *colon = strchr(word, ':');
	uint32_t told = ref_kind(word);
	const char *type, *name = word;
	uint64_t number;
	int32_t serial;

	if (text_number(word, INT32_MAX, &number) && number)
		return (int32_t)number;
	if (told) {
		kind = told;
		name = colon + 1;
	}
	type = capcert_kind_key_type(kind);
	serial = type ? request_key(type, name, NULL, 0) : -1;
	if (serial > 0)
		return serial;
	fail(EXIT_TROUBLE, "no key for '%s': %s", word, strerror(errno));
	advise("keys that you have: keyctl show");
	return 0;
}

/* Asking for the session's without "create" gives a process that has none the user's own, which stays. */
static int32_t ring_serial(int32_t special, const char *name)
{
	long id = keyctl_get_keyring_ID(special, special != KEY_SPEC_SESSION_KEYRING);

	if (id > 0)
		return (int32_t)id;
	fail(EXIT_TROUBLE, "no %s keyring: %s", name, strerror(errno));
	return 0;
}

int32_t ref_ring(const char *word)
{
	static const struct {
		const char *word;
		int32_t id;
	} rings[] = {
		{ "@t", KEY_SPEC_THREAD_KEYRING },	  { "@p", KEY_SPEC_PROCESS_KEYRING },
		{ "@s", KEY_SPEC_SESSION_KEYRING },	  { "@u", KEY_SPEC_USER_KEYRING },
		{ "@us", KEY_SPEC_USER_SESSION_KEYRING },
	};
	uint64_t number;
	size_t i;

	if (!word)
		return ring_serial(KEY_SPEC_SESSION_KEYRING, "session");
	for (i = 0; i < sizeof(rings) / sizeof(*rings); i++)
		if (!strcmp(word, rings[i].word))
			return ring_serial(rings[i].id, word);
	if (text_number(word, INT32_MAX, &number) && number)
		return (int32_t)number;
	fail(EXIT_USAGE, "'%s' is no keyring", word);
	advise("write @s, @u, @us, @p, @t or a serial number from keyctl show");
	return 0;
}

int ref_rights(const char *text, uint32_t kind, uint64_t *ret)
{
	if (capcert_rights_parse(text, kind, ret)) {
		fail(EXIT_USAGE, "'%s' are no rights", text);
		advise("write names joined by '+', such as VERIFY+INFO; see capcert(1), section "
		       "RIGHTS");
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

int ref_purposes(const struct args *args, uint32_t *ret_mask)
{
	const char *text, *part;
	uint32_t mask = 0, n;
	size_t i, len;

	for (i = 0; (text = opt_nth(args, "purpose", i)); i++) {
		while (text_next(&text, ",+", &part, &len)) {
			char word[32];
			int number;

			snprintf(word, sizeof(word), "%.*s", (int)len, part);
			number = capcert_purpose_parse(word);
			if (number < 0) {
				fail(EXIT_USAGE, "'%s' is no purpose", word);
				fputs("  purposes:", stderr);
				for (n = 0; n < CAPCERT_PURPOSE_COUNT; n++)
					fprintf(stderr, " %s", capcert_purpose_name(n));
				fputc('\n', stderr);
				return EXIT_USAGE;
			}
			mask |= 1u << number;
		}
	}
	*ret_mask = mask;
	return EXIT_DONE;
}
