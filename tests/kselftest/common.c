// SPDX-License-Identifier: GPL-2.0-only
/* What every test needs: keys, handles, calls, and a look at their state. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <nettle/sha2.h>

#include "common.h"
#include "core/digest.h"

uint64_t t_rights_of_kind(uint32_t kind)
{
	switch (kind) {
	case CAPCERT_KIND_CERT:
		return T_RIGHTS_CERT;
	case CAPCERT_KIND_STORE:
		return T_RIGHTS_STORE;
	case CAPCERT_KIND_VERIFIER:
		return T_RIGHTS_VERIFIER;
	case CAPCERT_KIND_AUDIT:
		return T_RIGHTS_AUDIT;
	case CAPCERT_KIND_OUTCOME:
		return T_RIGHTS_OUTCOME;
	case CAPCERT_KIND_PINS:
		return T_RIGHTS_PINS;
	case CAPCERT_KIND_EVIDENCE:
		return T_RIGHTS_EVIDENCE;
	case CAPCERT_KIND_KEY:
		return T_RIGHTS_KEY;
	case CAPCERT_KIND_SLOT:
		return T_RIGHTS_SLOT;
	case CAPCERT_KIND_TLS:
		return T_RIGHTS_TLS;
	case CAPCERT_KIND_WATCH:
		return T_RIGHTS_WATCH;
	default:
		return 0;
	}
}

void t_session(void)
{
	if (keyctl_join_session_keyring(NULL) < 0) {
		perror("keyctl_join_session_keyring");
		exit(1);
	}
}

int t_key(const char *type, const char *name, const void *payload, size_t len)
{
	key_serial_t key = add_key(type, name, payload, len, KEY_SPEC_SESSION_KEYRING);

	if (key < 0)
		return -errno;
	if (keyctl_setperm(key, T_PERM) < 0)
		return -errno;
	return key;
}

int t_key_store(const char *name)
{
	return t_key("captrust", name, NULL, 0);
}

int t_key_verifier(const char *name, const char *policy)
{
	return t_key("capverify", name, policy, strlen(policy));
}

int t_key_cert(const char *name, const struct tcert *cert)
{
	return t_key("capcert", name, cert->der, cert->len);
}

int t_key_pins(const char *name, const char *text)
{
	return t_key("cappin", name, text, strlen(text));
}

int t_pins(const char *name, const char *text)
{
	int key = t_key_pins(name, text);

	return key < 0 ? key : t_open(key, T_RIGHTS_PINS);
}

int t_pin(int pins, unsigned long cmd, const struct tcert *cert, uint64_t *ret_version)
{
	struct capcert_pin arg = {
		.size = sizeof(arg), .hash = CAPCERT_HASH_SHA256, .len = 32,
		.ptr = (uintptr_t)cert->spki_hash,
	};
	int err = t_ioctl(pins, cmd, &arg);

	if (!err && ret_version)
		*ret_version = arg.version;
	return err;
}

int t_dev(void)
{
	static int fd = -1;

	if (fd < 0) {
		fd = open(CAPCERT_DEVICE, O_RDWR | O_CLOEXEC);
		if (fd < 0) {
			perror(CAPCERT_DEVICE);
			exit(1);
		}
	}
	return fd;
}

int t_ioctl(int fd, unsigned long cmd, void *arg)
{
	return ioctl(fd, cmd, arg) < 0 ? -errno : 0;
}

int t_memfd(const void *data, size_t len)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -errno;
	if (write(fd, data, len) == (ssize_t)len &&
	    !fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE))
		return fd;
	close(fd);
	return -EIO;
}

int t_open_kind(int key, uint64_t rights, uint32_t *ret_kind, uint64_t *ret_id)
{
	struct capcert_open arg = {
		.size = sizeof(arg), .rights = rights, .serial = key, .fd = -77,
	};
	int err = t_ioctl(t_dev(), CAPCERT_OPEN, &arg);

	if (err)
		return arg.fd == -77 ? err : -EPROTO;
	if (ret_kind)
		*ret_kind = arg.kind;
	if (ret_id)
		*ret_id = arg.id;
	return arg.fd;
}

int t_open(int key, uint64_t rights)
{
	return t_open_kind(key, rights, NULL, NULL);
}

int t_open_name(unsigned long cmd, uint32_t kind, const char *name, uint64_t rights)
{
	struct capcert_open_name arg = {
		.size = sizeof(arg), .rights = rights, .kind = kind, .fd = -77,
		.name = (uintptr_t)name, .name_len = (uint32_t)strlen(name),
	};
	int err = t_ioctl(t_dev(), cmd, &arg);

	if (err)
		return arg.fd == -77 ? err : -EPROTO;
	return arg.fd;
}

int t_open_audit(uint64_t rights)
{
	struct capcert_open_audit arg = { .size = sizeof(arg), .rights = rights };
	int err = t_ioctl(t_dev(), CAPCERT_OPEN_AUDIT, &arg);

	return err ? err : arg.fd;
}

int t_restrict_arg(int fd, struct capcert_restrict *arg)
{
	int err;

	arg->size = sizeof(*arg);
	arg->fd = -77;
	err = t_ioctl(fd, CAPCERT_RESTRICT, arg);
	if (err)
		return arg->fd == -77 ? err : -EPROTO;
	return arg->fd;
}

int t_restrict(int fd, uint64_t rights)
{
	struct capcert_restrict arg = { .rights = rights };

	return t_restrict_arg(fd, &arg);
}

int t_info(int fd, struct capcert_info *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->size = sizeof(*ret);
	return t_ioctl(fd, CAPCERT_INFO, ret);
}

int t_status(struct capcert_status *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->size = sizeof(*ret);
	return t_ioctl(t_dev(), CAPCERT_STATUS, ret);
}

/*
 * The last fput() of a handle is task work of whoever closed it, and keys are freed by a collector:
 * wait until nothing has gone for a while.
 */
int t_settle(struct capcert_status *ret)
{
	uint64_t handles = UINT64_MAX, objects = 0, bytes = 0;
	int same = 0, err;

	while (same < 5) {
		err = t_status(ret);
		if (err)
			return err;
		same = ret->handles == handles && ret->objects == objects &&
		       ret->object_bytes == bytes ? same + 1 : 0;
		handles = ret->handles;
		objects = ret->objects;
		bytes = ret->object_bytes;
		usleep(20000);
	}
	return 0;
}

uint64_t t_handles(void)
{
	struct capcert_status s = { 0 };

	return t_settle(&s) ? UINT64_MAX : s.handles;
}

int t_store(const char *name)
{
	int key = t_key_store(name);

	return key < 0 ? key : t_open(key, T_RIGHTS_STORE);
}

int t_verifier(const char *name, const char *policy)
{
	int key = t_key_verifier(name, policy);

	return key < 0 ? key : t_open(key, T_RIGHTS_VERIFIER);
}

int t_cert(const char *name, const struct tcert *cert)
{
	int key = t_key_cert(name, cert);

	return key < 0 ? key : t_open(key, T_RIGHTS_CERT);
}

/* ADD with the right pin. */
int t_add_arg(int store, const struct tcert *cert, struct capcert_add *arg)
{
	arg->size = sizeof(*arg);
	arg->cert.ptr = (uintptr_t)cert->der;
	arg->cert.len = (uint32_t)cert->len;
	arg->cert.fd = -1;
	arg->pin_hash = CAPCERT_HASH_SHA256;
	arg->pin = (uintptr_t)cert->spki_hash;
	arg->pin_len = 32;
	return t_ioctl(store, CAPCERT_ADD, arg);
}

int t_add(int store, const struct tcert *cert, uint32_t purposes)
{
	struct capcert_add arg = { .purposes = purposes };

	return t_add_arg(store, cert, &arg);
}

int t_remove(int store, const struct tcert *cert)
{
	struct capcert_remove arg = {
		.size = sizeof(arg), .select = CAPCERT_SELECT_FINGERPRINT,
		.ptr = (uintptr_t)cert->fingerprint, .len = 32,
	};

	return t_ioctl(store, CAPCERT_REMOVE, &arg);
}

int t_remove_subject(int store, const struct tcert *cert, uint32_t *ret_count)
{
	struct capcert_remove arg = {
		.size = sizeof(arg), .select = CAPCERT_SELECT_SUBJECT,
		.ptr = (uintptr_t)tcert_subject(cert), .len = (uint32_t)cert->subject_len,
	};
	int err = t_ioctl(store, CAPCERT_REMOVE, &arg);

	if (!err && ret_count)
		*ret_count = arg.count;
	return err;
}

int t_version(int store, struct capcert_version *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->size = sizeof(*ret);
	return t_ioctl(store, CAPCERT_VERSION, ret);
}

int t_state(int store, struct t_state *ret)
{
	struct capcert_version v;
	struct capcert_read r = { .size = sizeof(r), .what = CAPCERT_READ_ANCHORS };
	int err = t_version(store, &v);

	if (err)
		return err;
	memset(ret, 0, sizeof(*ret));
	ret->version = v.version;
	ret->count = v.count;
	memcpy(ret->digest, v.digest, 32);
	ret->anchors = calloc(v.count + 1, sizeof(*ret->anchors));
	r.buf = (uintptr_t)ret->anchors;
	r.len = v.count * (uint32_t)sizeof(*ret->anchors);
	err = v.count ? t_ioctl(store, CAPCERT_READ, &r) : 0;
	if (!err && v.count && (r.ret_len != r.len || r.version != v.version))
		err = -EPROTO;
	if (err)
		t_state_free(ret);
	return err;
}

bool t_state_equal(const struct t_state *a, const struct t_state *b)
{
	return a->version == b->version && a->count == b->count &&
	       !memcmp(a->digest, b->digest, 32) &&
	       !memcmp(a->anchors, b->anchors, a->count * sizeof(*a->anchors));
}

bool t_state_has(const struct t_state *s, const struct tcert *cert)
{
	uint32_t i;

	for (i = 0; i < s->count; i++)
		if (!memcmp(s->anchors[i].fingerprint, cert->fingerprint, 32))
			return true;
	return false;
}

static void absorb(void *ctx, const void *p, size_t n)
{
	sha256_update(ctx, n, p);
}

void t_state_digest(const struct t_state *s, uint8_t ret[32])
{
	struct sha256_ctx ctx;
	uint32_t i;

	sha256_init(&ctx);
	cc_absorb_store_head(absorb, &ctx, s->count);
	for (i = 0; i < s->count; i++)
		cc_absorb_store_anchor(absorb, &ctx, s->anchors[i].fingerprint,
				       s->anchors[i].purposes);
	sha256_digest(&ctx, 32, ret);
}

void t_state_free(struct t_state *s)
{
	free(s->anchors);
	s->anchors = NULL;
}

void t_verify_init(struct t_verify *v, int store, const struct tcert *leaf)
{
	memset(v, 0, sizeof(*v));
	v->arg.size = sizeof(v->arg);
	v->arg.store_fd = store;
	v->arg.pins_fd = -1;
	v->arg.chain = (uintptr_t)v->chain;
	v->arg.purpose = CAPCERT_PURPOSE_TLS_SERVER_AUTH;
	v->arg.name = (uintptr_t)T_NAME;
	v->arg.name_len = sizeof(T_NAME) - 1;
	v->arg.name_type = CAPCERT_NAME_DNS;
	v->arg.outcome = (uintptr_t)&v->outcome;
	v->arg.outcome_size = sizeof(v->outcome);
	v->arg.path = (uintptr_t)v->path;
	v->arg.path_max = CAPCERT_MAX_PATH;
	v->arg.fd = -1;
	t_verify_push(v, leaf);
}

void t_verify_push(struct t_verify *v, const struct tcert *cert)
{
	struct capcert_blob *b = &v->chain[v->arg.chain_count++];

	b->ptr = (uintptr_t)cert->der;
	b->len = (uint32_t)cert->len;
	b->fd = -1;
}

int t_verify_run(struct t_verify *v, int verifier)
{
	memset(&v->outcome, 0xa5, sizeof(v->outcome));
	return t_ioctl(verifier, CAPCERT_VERIFY, &v->arg);
}

int t_child(int (*f)(void *arg), void *arg)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return -1;
	if (!pid)
		_exit(f(arg));
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

int t_drop(void)
{
	if (setgroups(0, NULL) || setresgid(12345, 12345, 12345) || setresuid(12345, 12345, 12345))
		return -errno;
	t_session();
	return 0;
}

int t_send_fd(int sock, int fd)
{
	char data = 'x';
	struct iovec iov = { &data, 1 };
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} u = { 0 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = u.buf, .msg_controllen = sizeof(u.buf),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	return sendmsg(sock, &msg, 0) == 1 ? 0 : -errno;
}

int t_recv_fd(int sock)
{
	char data;
	struct iovec iov = { &data, 1 };
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} u = { 0 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = u.buf, .msg_controllen = sizeof(u.buf),
	};
	struct cmsghdr *c;
	int fd;

	if (recvmsg(sock, &msg, MSG_CMSG_CLOEXEC) != 1)
		return -errno;
	c = CMSG_FIRSTHDR(&msg);
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return -EPROTO;
	memcpy(&fd, CMSG_DATA(c), sizeof(int));
	return fd;
}

int t_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	if (!d)
		return -errno;
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

int t_fdinfo(int fd, const char *key, char *buf, size_t cap)
{
	char path[64], line[512];
	size_t key_len = strlen(key);
	const char *value;
	int ret = -ENOENT;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (ret < 0 && fgets(line, sizeof(line), f)) {
		if (strncmp(line, key, key_len) || line[key_len] != ':')
			continue;
		value = line + key_len + 1;
		ret = snprintf(buf, cap, "%s", value + strspn(value, " \t"));
		buf[strcspn(buf, "\n")] = 0;
	}
	fclose(f);
	return ret;
}

int64_t t_now(void)
{
	return (int64_t)time(NULL);
}
