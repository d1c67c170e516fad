// SPDX-License-Identifier: GPL-2.0-only
/* Opening a token on a command line on which no PIN may stand. */

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "tools/key_vault.h"
#include "tools/out.h"

#define KEEPER "capcert-keyd"

static struct {
	const char *file, *key; /* where the PIN is */
	uid_t uid;		/* the keeper's; 0 = as who runs this */
	gid_t gid;
} way;

/* ---- PIN ---- */

static int pin_of_fd(int fd, char *buf, size_t cap)
{
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (st.st_mode & (S_IRWXG | S_IRWXO))) {
		close(fd);
		return -EPERM;
	}
	n = read(fd, buf, cap);
	close(fd);
	return n < 0 ? -EIO : (int)n;
}

static int pin_of_key(const char *name, char *buf, size_t cap)
{
	long key = syscall(SYS_request_key, "user", name, NULL, 0);
	long n = key < 0 ? key : syscall(SYS_keyctl, KEYCTL_READ, key, buf, cap);

	return n < 0 ? -errno : n > (long)cap ? -EINVAL : (int)n;
}

static int pin_of_credentials(const char *label, char *buf, size_t cap)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	char path[4096];

	if (!dir || strchr(label, '/') ||
	    snprintf(path, sizeof(path), "%s/pin.%s", dir, label) >= (int)sizeof(path))
		return -ENOKEY;
	return pin_of_fd(open(path, O_RDONLY | O_CLOEXEC), buf, cap);
}

static int pin(void *ctx, const char *label, const char *serial, char ret[CAPCERT_VAULT_MAX_PIN])
{
	char buf[CAPCERT_VAULT_MAX_PIN + 2];
	int n;

	/* The file is for who runs this, not for the keeper. */
	key_vault_as_self();
	if (way.file)
		n = pin_of_fd(open(way.file, O_RDONLY | O_CLOEXEC), buf, sizeof(buf));
	else if (way.key)
		n = pin_of_key(way.key, buf, sizeof(buf));
	else
		n = pin_of_credentials(label, buf, sizeof(buf));
	key_vault_as_keeper();
	if (n == -EPERM)
		fail(EXIT_TROUBLE, "the PIN's file: others may read it; chmod 0400 it");
	if (n > 0 && buf[n - 1] == '\n')
		n--;
	if (n > 0 && n <= CAPCERT_VAULT_MAX_PIN)
		memcpy(ret, buf, (size_t)n);
	else if (n >= 0)
		n = -ENOKEY;
	explicit_bzero(buf, sizeof(buf));
	return n == -ENOENT ? -ENOKEY : n;
}

/* ---- who opens it ---- */

static int choose_user(const char *name)
{
	const struct passwd *user;

	if (geteuid()) {
		if (name)
			return fail(EXIT_USAGE, "--user is for root");
		return EXIT_DONE;
	}
	user = getpwnam(name ? name : KEEPER);
	if (!user && name)
		return fail(EXIT_USAGE, "no user '%s'", name);
	if (user) {
		way.uid = user->pw_uid;
		way.gid = user->pw_gid;
		if (initgroups(user->pw_name, user->pw_gid) < 0)
			return fail_errno(-errno, "groups of %s", user->pw_name);
	}
	return EXIT_DONE;
}

static void become(uid_t uid, gid_t gid)
{
	/* Root first: nobody else may change the group. */
	if (seteuid(0) < 0 || setegid(gid) < 0 || seteuid(uid) < 0) {
		fail_errno(-errno, "changing the user");
		_exit(EXIT_TROUBLE);
	}
}

void key_vault_as_keeper(void)
{
	if (way.uid)
		become(way.uid, way.gid);
}

void key_vault_as_self(void)
{
	if (way.uid)
		become(0, 0);
}

/* ---- open ---- */

static void warn(void *ctx, const char *line)
{
	fprintf(stderr, "  %s\n", line);
}

int key_vault_open(const struct args *args, struct key_vault *ret)
{
	const char *module = opt_text(args, "module");
	struct capcert_vault_options options = {
		.modules = module ? &module : NULL,
		.module_count = module ? 1 : 0,
		.max_sessions = 2,
		.pin = pin,
		.warn = warn,
		.pin_again = true,
	};
	int r;

	way.file = opt_text(args, "pin-file");
	way.key = opt_text(args, "pin-key");
	if (way.file && way.key)
		return fail(EXIT_USAGE, "one PIN is enough: --pin-file or --pin-key");
	r = choose_user(opt_text(args, "user"));
	if (r)
		return r;
	*ret = (struct key_vault){ .records = -1, .records_path = opt_text(args, "records") };
	if (!ret->records_path)
		ret->records_path = CAPCERT_KEY_RECORDS;
	key_vault_as_keeper();
	r = capcert_vault_new(&options, &ret->vault);
	key_vault_as_self();
	if (r == -ENODEV) {
		fail(EXIT_TROUBLE, "%s: cannot be loaded", module ? module : "no PKCS#11 module");
		advise("--module PATH names one; p11-kit list-modules says which there are");
		return EXIT_TROUBLE;
	}
	return r < 0 ? fail_errno(r, "loading PKCS#11 modules") : EXIT_DONE;
}

void key_vault_close(struct key_vault *v)
{
	key_vault_as_keeper();
	capcert_vault_free(v->vault);
	key_vault_as_self();
	if (v->records >= 0)
		close(v->records);
}

int key_vault_records(struct key_vault *v, bool make)
{
	if (make) {
		/* The parent, where the system has none yet; elsewhere it is the caller's. */
		if (!strcmp(v->records_path, CAPCERT_KEY_RECORDS))
			mkdir("/var/lib/capcert", 0755);
		if (mkdir(v->records_path, 0755) < 0 && errno != EEXIST)
			return fail_errno(-errno, "%s", v->records_path);
	}
	v->records = open(v->records_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (v->records < 0 && (make || errno != ENOENT))
		return fail_errno(-errno, "%s", v->records_path);
	return EXIT_DONE;
}

int key_vault_fail(int error, const char *uri)
{
	static const struct {
		int error;
		const char *what, *next;
	} texts[] = {
		{ -EINVAL, "is not a URI for this (RFC 7512)",
		  "pkcs11:token=LABEL;object=LABEL, or id= instead of object=; no slot, no PIN" },
		{ -ENODEV, "no such token is there, or its module failed",
		  "p11tool --list-tokens says which there are; --module PATH loads another "
		  "module" },
		{ -EKEYREJECTED, "the PIN is wrong",
		  "it was tried once and is not tried again; correct it first" },
		{ -EUSERS, "the PIN is locked, or would be by one wrong try",
		  "the security officer's PIN sets a new one" },
		{ -ENOKEY, "no PIN is known", "--pin-file FILE or --pin-key NAME gives it" },
		{ -ENOENT, "the token has no such private key",
		  "capcert key list --token LABEL lists them" },
		{ -ENOTUNIQ, "several tokens or keys match", "serial= and id= tell them apart" },
		{ -EEXIST, "a key with this label is there",
		  "choose another label, or destroy that key first" },
		{ -EOPNOTSUPP, "the token cannot do that",
		  "pkcs11-tool --list-mechanisms says what it can" },
		{ -EBADMSG, "the token has no public key or certificate that belongs to the key",
		  "put one there with the same id" },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (texts[i].error == error) {
			fail(EXIT_TROUBLE, "%s: %s", uri, texts[i].what);
			advise("%s", texts[i].next);
			return EXIT_TROUBLE;
		}
	return fail_errno(error, "%s", uri);
}
