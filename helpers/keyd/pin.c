// SPDX-License-Identifier: GPL-2.0-only
/* A PIN comes from a file that only root reads or from a kernel key, never from an argument or the
 * environment, where others see it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "helpers/keyd/pin.h"

struct pin {
	char label[33];
	int len;
	char text[CAPCERT_VAULT_MAX_PIN];
};

struct pins {
	int count;
	struct pin pin[PINS_MOST];
};

int pins_new(struct pins **ret)
{
	struct pins *pins = mmap(NULL, sizeof(*pins), PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pins == MAP_FAILED)
		return -errno;
	if (madvise(pins, sizeof(*pins), MADV_DONTDUMP) < 0 ||
	    madvise(pins, sizeof(*pins), MADV_DONTFORK) < 0)
		return -errno;
	/* Where locked memory is not allowed, the system's swap is the administrator's choice. */
	if (mlock(pins, sizeof(*pins)) < 0 && errno != EPERM && errno != ENOMEM)
		return -errno;
	*ret = pins;
	return 0;
}

/* Return: length, -ENOENT, -errno. */
static int read_file(const char *dir, const char *label, char *buf, size_t cap)
{
	char path[4096];
	struct stat st;
	ssize_t n;
	int fd, r = 0;

	if (!dir || strchr(label, '/') ||
	    snprintf(path, sizeof(path), "%s/pin.%s", dir, label) >= (int)sizeof(path))
		return -ENOENT;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		r = -errno;
	else if (!S_ISREG(st.st_mode) || (st.st_mode & (S_IRWXG | S_IRWXO)))
		r = -EPERM;
	n = r < 0 ? r : read(fd, buf, cap);
	r = n < 0 && r == 0 ? -errno : (int)n;
	close(fd);
	return r;
}

/* The user keyring is looked through as well, which a service's session does not reach. */
static int read_key(const char *label, char *buf, size_t cap)
{
	char name[64];
	long key, linked, n;
	int r;

	snprintf(name, sizeof(name), "capcert-keyd:pin:%s", label);
	linked = syscall(SYS_keyctl, KEYCTL_LINK, KEY_SPEC_USER_KEYRING, KEY_SPEC_PROCESS_KEYRING);
	key = syscall(SYS_request_key, "user", name, NULL, 0);
	n = key < 0 ? key : syscall(SYS_keyctl, KEYCTL_READ, key, buf, cap);
	r = n < 0 ? -errno : n > (long)cap ? -EINVAL : (int)n;
	if (linked == 0)
		syscall(SYS_keyctl, KEYCTL_UNLINK, KEY_SPEC_USER_KEYRING, KEY_SPEC_PROCESS_KEYRING);
	return r == -ENOKEY || r == -ENOSYS ? -ENOENT : r;
}

int pins_read(struct pins *pins, const char *dir, const char *label)
{
	char buf[CAPCERT_VAULT_MAX_PIN + 2];
	struct pin *pin = &pins->pin[pins->count];
	int n = read_file(dir, label, buf, sizeof(buf));

	if (pins->count == PINS_MOST || strlen(label) >= sizeof(pin->label))
		return -EINVAL;
	if (n == -ENOENT)
		n = read_file(getenv("CREDENTIALS_DIRECTORY"), label, buf, sizeof(buf));
	if (n == -ENOENT)
		n = read_key(label, buf, sizeof(buf));
	if (n > 0 && buf[n - 1] == '\n')
		n--;
	if (n == 0 || n > CAPCERT_VAULT_MAX_PIN)
		n = -EINVAL;
	if (n > 0) {
		strcpy(pin->label, label);
		memcpy(pin->text, buf, (size_t)n);
		pin->len = n;
		pins->count++;
	}
	explicit_bzero(buf, sizeof(buf));
	return n < 0 ? n : 0;
}

int pins_get(void *ctx, const char *label, const char *serial, char buf[CAPCERT_VAULT_MAX_PIN])
{
	const struct pins *pins = ctx;

	for (int i = 0; i < pins->count; i++)
		if (!strcmp(pins->pin[i].label, label)) {
			memcpy(buf, pins->pin[i].text, (size_t)pins->pin[i].len);
			return pins->pin[i].len;
		}
	return -ENOKEY;
}
