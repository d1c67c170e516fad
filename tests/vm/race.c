// SPDX-License-Identifier: GPL-2.0-only
/* Everything at once, for a given number of seconds; then nothing may be left of it. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_agent.h"
#include "race.h"

#define WORKERS 3 /* processes */
#define THREADS 3 /* in each */
#define SLOTS 32  /* fds that the threads of a process fight over */
#define KEYS 6
#define ROOTS 8
#define ERRNOS 160
#define KEPT_MOST 512 /* bytes of an answer that is kept, with its object */
#define RIGHT(name) CAPCERT_RIGHT_##name

/* Shared by all processes. */
struct arena {
	int stop;
	int store_key[KEYS], verifier_key[KEYS], cert_key[KEYS];
	int private_key[RACE_KEYS];
	int slots_key;
	uint64_t done[64]; /* by operation */
	uint64_t errors[64][ERRNOS];
	uint64_t bad; /* answers that were wrong, not just refused */
};

static struct arena *arena;
static struct tcert roots[ROOTS], leaf;
static int slot[SLOTS]; /* per process; -1 = empty */
static int pair[2];
static const char policy[] = "preset=webpki-lenient;time=any";

uint32_t rnd(struct luck *l, uint32_t n)
{
	l->x ^= l->x << 13;
	l->x ^= l->x >> 17;
	l->x ^= l->x << 5;
	return l->x % n;
}

int any_fd(struct luck *l)
{
	return __atomic_load_n(&slot[rnd(l, SLOTS)], __ATOMIC_RELAXED);
}

int keep(struct luck *l, int fd)
{
	int old;

	if (fd < 0)
		return fd;
	old = __atomic_exchange_n(&slot[rnd(l, SLOTS)], fd, __ATOMIC_RELAXED);
	if (old >= 0)
		close(old);
	return 0;
}

void wrong(const char *what)
{
	__atomic_add_fetch(&arena->bad, 1, __ATOMIC_RELAXED);
	fprintf(stderr, "# wrong: %s\n", what);
}

int racing(void)
{
	return !__atomic_load_n(&arena->stop, __ATOMIC_RELAXED);
}

/* ---- operations: 0 or -errno ---- */

static int op_open_store(struct luck *l)
{
	return keep(l, t_open(arena->store_key[rnd(l, KEYS)], T_RIGHTS_STORE));
}

static int op_open_verifier(struct luck *l)
{
	return keep(l, t_open(arena->verifier_key[rnd(l, KEYS)], T_RIGHTS_VERIFIER));
}

static int op_open_cert(struct luck *l)
{
	return keep(l, t_open(arena->cert_key[rnd(l, KEYS)], T_RIGHTS_CERT));
}

static int op_open_name(struct luck *l)
{
	char name[16];

	snprintf(name, sizeof(name), "race %u", rnd(l, KEYS));
	return keep(l, t_open_name(CAPCERT_OPEN_NAME, CAPCERT_KIND_STORE, name, RIGHT(VERIFY)));
}

static int op_restrict(struct luck *l)
{
	struct capcert_restrict r = { .rights = T_RIGHTS_STORE };
	uint8_t list[ROOTS][32];
	uint32_t i;

	if (rnd(l, 2))
		r.flags = CAPCERT_RESTRICT_LIVE;
	if (rnd(l, 2)) {
		for (i = 0; i < ROOTS; i++)
			memcpy(list[i], roots[i].fingerprint, 32);
		r.fingerprints = (uintptr_t)list;
		r.fingerprint_count = 1 + rnd(l, ROOTS);
		if (r.flags)
			r.rights &= ~(RIGHT(ADD) | RIGHT(REMOVE));
	}
	if (!rnd(l, 4))
		r.rights &= ~RIGHT(TRANSFER);
	return keep(l, t_restrict_arg(any_fd(l), &r));
}

static int op_restrict_any(struct luck *l)
{
	return keep(l, t_restrict(any_fd(l), RIGHT(INFO) | RIGHT(READ)));
}

static int op_add(struct luck *l)
{
	return t_add(any_fd(l), &roots[rnd(l, ROOTS)], 1u << rnd(l, 3));
}

static int op_remove(struct luck *l)
{
	const struct tcert *c = &roots[rnd(l, ROOTS)];

	return rnd(l, 2) ? t_remove(any_fd(l), c) : t_remove_subject(any_fd(l), c, NULL);
}

static int op_info(struct luck *l)
{
	struct capcert_info info;
	int err = t_info(any_fd(l), &info);

	if (!err && (info.kind < 1 || info.kind > CAPCERT_KIND_WATCH || !info.rights || !info.id))
		wrong("INFO");
	return err;
}

static int op_read(struct luck *l)
{
	struct capcert_anchor a[ROOTS];
	struct capcert_read r = { .size = sizeof(r),
				  .what = CAPCERT_READ_ANCHORS,
				  .buf = (uintptr_t)a,
				  .len = sizeof(a) };
	uint32_t i, n;
	int err = t_ioctl(any_fd(l), CAPCERT_READ, &r);

	if (err)
		return err;
	/* Whatever the others do: one state, sorted, nothing twice. */
	n = r.ret_len / (uint32_t)sizeof(a[0]);
	for (i = 1; i < n; i++)
		if (memcmp(a[i - 1].fingerprint, a[i].fingerprint, 32) >= 0)
			wrong("READ_ANCHORS is not sorted");
	return 0;
}

static int op_version(struct luck *l)
{
	struct capcert_version v;

	return t_version(any_fd(l), &v);
}

static int op_verify(struct luck *l)
{
	struct t_verify v;
	char name[24];
	int err;

	t_verify_init(&v, any_fd(l), &leaf);
	snprintf(name, sizeof(name), "r%u.example.org", rnd(l, 12));
	v.arg.name = (uintptr_t)name;
	v.arg.name_len = (uint32_t)strlen(name);
	v.arg.timeout_ms = 300 + rnd(l, 700);
	if (rnd(l, 2))
		v.arg.flags = CAPCERT_VERIFY_FD;
	if (!rnd(l, 3))
		v.chain[0] = (struct capcert_blob){ .fd = any_fd(l) & 0xffff };
	err = t_verify_run(&v, any_fd(l));
	if (err)
		return err;
	if (v.outcome.valid && memcmp(v.outcome.anchor, roots[0].fingerprint, 32))
		wrong("an anchor that no agent named");
	if (memcmp(v.outcome.name, name, strlen(name)))
		wrong("a verdict about another name");
	return v.arg.flags ? keep(l, v.arg.fd) : 0;
}

static int op_fetch(struct luck *l)
{
	struct tcert *issuer = &roots[rnd(l, ROOTS)];
	struct capcert_blob chain[2] = {
		{ (uintptr_t)leaf.der, (uint32_t)leaf.len, -1 },
		{ (uintptr_t)issuer->der, (uint32_t)issuer->len, -1 },
	};
	struct capcert_fetch f = {
		.size = sizeof(f),
		.store_fd = -1,
		.chain = (uintptr_t)chain,
		.chain_count = 2,
		.issuer = 1,
		.want = CAPCERT_MISSING_OCSP,
		.timeout_ms = 100 + rnd(l, 400),
	};
	int err;

	if (!rnd(l, 3)) {
		f.chain_count = 1;
		f.issuer = CAPCERT_FETCH_ANCHOR;
		f.store_fd = any_fd(l);
		memcpy(f.anchor, issuer->fingerprint, 32);
	}
	err = t_ioctl(any_fd(l), CAPCERT_FETCH, &f);
	if (err)
		return err;
	if (f.type != CAPCERT_EVIDENCE_OCSP || !f.len)
		wrong("an answer that no agent gave");
	return keep(l, f.fd);
}

static int op_verify_sig(struct luck *l)
{
	struct capcert_verify_sig a = {
		.size = sizeof(a),
		.cert_fd = any_fd(l),
		.scheme = 0x0403,
		.message = (uintptr_t) "m",
		.message_len = 1,
		.signature = (uintptr_t) "s",
		.signature_len = 1,
		.timeout_ms = 300,
	};

	return t_ioctl(any_fd(l), CAPCERT_VERIFY_SIG, &a);
}

static int op_outcome(struct luck *l)
{
	struct capcert_outcome o;
	struct capcert_path_entry path[4];
	struct capcert_outcome_get g = { .size = sizeof(g),
					 .outcome = (uintptr_t)&o,
					 .outcome_size = sizeof(o),
					 .path = (uintptr_t)path,
					 .path_max = 4 };

	return t_ioctl(any_fd(l), CAPCERT_OUTCOME_GET, &g);
}

static int op_close(struct luck *l)
{
	int fd = __atomic_exchange_n(&slot[rnd(l, SLOTS)], -1, __ATOMIC_RELAXED);

	if (fd >= 0)
		close(fd);
	return 0;
}

static int op_dup(struct luck *l)
{
	int fd = dup(any_fd(l));

	return fd < 0 ? -errno : keep(l, fd);
}

static int op_send(struct luck *l)
{
	int fd = any_fd(l);

	return fd < 0 ? 0 : t_send_fd(pair[0], fd);
}

static int op_receive(struct luck *l)
{
	return keep(l, t_recv_fd(pair[1]));
}

static int op_fdinfo(struct luck *l)
{
	char buf[256];
	int fd = any_fd(l);

	if (fd >= 0)
		t_fdinfo(fd, "capcert-rights", buf, sizeof(buf));
	return 0;
}

static int op_audit(struct luck *l)
{
	struct capcert_audit_record r[8];
	struct capcert_audit_read a = {
		.size = sizeof(a), .buf = (uintptr_t)r, .count = 8, .record_size = sizeof(r[0])
	};
	struct capcert_status s;
	int fd = t_open_audit(RIGHT(READ)), err = fd;

	if (fd < 0)
		return fd;
	if (!t_status(&s) && s.audit_sequence > 8) {
		a.from = s.audit_sequence - 8;
		err = t_ioctl(fd, CAPCERT_AUDIT_READ, &a);
	}
	close(fd);
	return err < 0 ? err : 0;
}

static int op_distrust(struct luck *l)
{
	struct capcert_distrust_entry d = {
		.size = sizeof(d),
		.flags = rnd(l, 2) ? CAPCERT_DISTRUST_REMOVE : 0,
		.len = 32,
		.what = CAPCERT_DISTRUST_FINGERPRINT,
		.ptr = (uintptr_t)roots[1 + rnd(l, ROOTS - 1)].fingerprint,
	};

	return t_ioctl(t_dev(), CAPCERT_DISTRUST, &d);
}

static int op_keyctl(struct luck *l)
{
	char buf[4096];
	int key = arena->store_key[rnd(l, KEYS)];
	long ret;

	switch (rnd(l, 4)) {
	case 0:
		ret = keyctl_read(key, buf, sizeof(buf));
		break;
	case 1:
		ret = keyctl_describe(key, buf, sizeof(buf));
		break;
	case 2:
		ret = keyctl_read(arena->cert_key[rnd(l, KEYS)], buf, sizeof(buf));
		break;
	default:
		ret = keyctl_setperm(key, T_PERM | (rnd(l, 2) ? KEY_OTH_SEARCH : 0));
	}
	return ret < 0 ? -errno : 0;
}

/* One key goes, by one of the four ways; another takes its place in the table. */
static int op_replace_key(struct luck *l)
{
	uint32_t n = rnd(l, KEYS);
	char name[16];
	int *place, key;

	snprintf(name, sizeof(name), "race %u", n);
	switch (rnd(l, 3)) {
	case 0:
		place = &arena->store_key[n];
		break;
	case 1:
		place = &arena->verifier_key[n];
		break;
	default:
		place = &arena->cert_key[n];
	}
	key = __atomic_load_n(place, __ATOMIC_RELAXED);
	switch (rnd(l, 4)) {
	case 0:
		keyctl_revoke(key);
		break;
	case 1:
		keyctl_invalidate(key);
		break;
	case 2:
		keyctl_set_timeout(key, 1);
		break;
	default:
		keyctl_unlink(key, KEY_SPEC_SESSION_KEYRING);
	}
	if (place >= arena->cert_key)
		key = t_key_cert(name, &leaf);
	else if (place >= arena->verifier_key)
		key = t_key_verifier(name, policy);
	else
		key = t_key_store(name);
	if (key > 0)
		__atomic_store_n(place, key, __ATOMIC_RELAXED);
	return key < 0 ? key : 0;
}

static int op_unload(struct luck *l)
{
	int err = syscall(SYS_delete_module, "capcert", O_NONBLOCK) ? -errno : 0;

	if (err != -EWOULDBLOCK)
		wrong("the module was unloaded");
	return 0;
}

static const struct {
	const char *name;
	int (*run)(struct luck *l);
	unsigned int weight;
	bool einval; /* right when the slot holds another kind of handle */
} ops[] = {
	{ "open store", op_open_store, 6 },
	{ "open verifier", op_open_verifier, 4 },
	{ "open certificate", op_open_cert, 3 },
	{ "open by name", op_open_name, 2 },
	{ "restrict store", op_restrict, 8, true },
	{ "restrict", op_restrict_any, 3 },
	{ "add", op_add, 10 },
	{ "remove", op_remove, 10 },
	{ "info", op_info, 4 },
	{ "read", op_read, 6, true },
	{ "version", op_version, 6 },
	{ "verify", op_verify, 16 },
	{ "verify_sig", op_verify_sig, 4 },
	{ "fetch", op_fetch, 8 },
	{ "outcome", op_outcome, 4 },
	{ "close", op_close, 6 },
	{ "dup", op_dup, 2 },
	{ "send", op_send, 4 },
	{ "receive", op_receive, 4 },
	{ "fdinfo", op_fdinfo, 3 },
	{ "audit", op_audit, 2 },
	{ "distrust", op_distrust, 1 },
	{ "keyctl", op_keyctl, 3 },
	{ "replace key", op_replace_key, 1 },
	{ "make private", op_make_private, 1 },
	{ "open private", op_open_private, 4 },
	{ "sign", op_sign, 8 },
	{ "narrow private", op_key_restrict, 3 },
	{ "pkey_sign", op_pkey_sign, 3 },
	{ "open slots", op_open_slots, 5 },
	{ "slot put", op_slot_put, 8 },
	{ "slot get", op_slot_get, 8 },
	{ "slot delete", op_slot_delete, 2 },
	{ "slot watch", op_slot_watch, 4 },
	{ "slot next", op_slot_next, 6 },
	{ "slot list", op_slot_list, 3 },
	{ "tls config", op_tls_config, 3 },
	{ "tls use", op_tls_use, 3 },
	{ "unload", op_unload, 1 },
};
#define OPS (sizeof(ops) / sizeof(ops[0]))

/*
 * Refusals that are right when fds, keys and states change under one's hands. Anything else, above
 * all EINVAL, EFAULT and ENOMEM, is somebody's mistake.
 */
static bool expected(int err)
{
	switch (-err) {
	case 0:
	case EACCES:
	case EKEYREVOKED:
	case EKEYEXPIRED:
	case ENOKEY:
	case EEXIST:
	case ENOENT:
	case EAGAIN:
	case ETIMEDOUT:
	case EIO:
	case EBADF:
	case EBADFD:
	case ENOTTY:
	case EDQUOT:
	case EMLINK:
	case EXDEV:
	case EPERM:
	case ENOTCONN:
	case EPROTO:
	case EHOSTUNREACH:
	case EKEYREJECTED: /* a key that is not the leaf's */
	case ENOSPC:	   /* limits on limits */
		return true;
	default:
		return false;
	}
}

static void *racer(void *arg)
{
	struct luck l = { (uint32_t)(uintptr_t)arg };
	unsigned int total = 0;
	size_t i;

	for (i = 0; i < OPS; i++)
		total += ops[i].weight;
	while (racing()) {
		unsigned int at = rnd(&l, total);
		int err;

		for (i = 0; at >= ops[i].weight; i++)
			at -= ops[i].weight;
		err = ops[i].run(&l);
		__atomic_add_fetch(&arena->done[i], 1, __ATOMIC_RELAXED);
		if (err < 0 && -err < ERRNOS)
			__atomic_add_fetch(&arena->errors[i][-err], 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void worker(unsigned int n)
{
	pthread_t thread[THREADS];
	size_t i;

	for (i = 0; i < SLOTS; i++)
		slot[i] = -1;
	for (i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, racer,
			       (void *)(uintptr_t)(0x9e3779b9u * (n * THREADS + (uint32_t)i + 1)));
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	_exit(0);
}

/* Mostly answers well; now and then garbage, twice, never, or dies in the middle. */
static void *agent_life(void *arg)
{
	struct luck l = { (uint32_t)(uintptr_t)arg };
	uint8_t *buf = malloc(AGENT_BUF);

	while (buf && racing()) {
		int fd = agent_hello(CAPCERT_CLASS_VERIFY, O_NONBLOCK), served = 0;

		while (fd >= 0 && served < 40 && racing()) {
			struct capcert_agent_request *r = (void *)buf;
			struct capcert_agent_state st = {
				.size = sizeof(st),
				.what = 1 + rnd(&l, 2),
				.len = AGENT_BUF / 2,
				.buf = (uintptr_t)buf + AGENT_BUF / 2,
			};
			struct fake_reply reply;
			uint32_t mood;

			if (agent_read(fd, buf) < 0) {
				usleep(1000);
				continue;
			}
			served++;
			st.id = r->id;
			t_ioctl(fd, CAPCERT_AGENT_STATE, &st);
			fake_valid(&reply, &leaf, &roots[0]);
			if (r->op != CAPCERT_AGENT_OP_VERIFY)
				reply.r.path_count = 0;
			mood = rnd(&l, 32);
			if (mood == 0)
				reply.r.valid = 9;
			if (mood == 1)
				reply.path[1].fingerprint[0] ^= 1;
			if (mood == 2)
				fake_invalid(&reply, &leaf, CAPCERT_REASON_INTERNAL);
			if (mood == 3)
				break;
			if (mood == 4)
				continue;
			agent_write(fd, &reply, r->id);
			if (mood == 5)
				agent_write(fd, &reply, r->id);
		}
		if (fd >= 0)
			close(fd);
	}
	free(buf);
	return NULL;
}

/* The same with status: now and then garbage, out of date, never, or dead. */
static void *status_life(void *arg)
{
	struct luck l = { (uint32_t)(uintptr_t)arg };
	uint8_t *buf = malloc(AGENT_BUF);

	while (buf && racing()) {
		int fd = agent_hello(CAPCERT_CLASS_STATUS, O_NONBLOCK), served = 0;

		while (fd >= 0 && served < 20 && racing()) {
			struct capcert_agent_request *r = (void *)buf;
			struct fake_status status;
			uint32_t mood = rnd(&l, 16);

			if (agent_read(fd, buf) < 0) {
				usleep(1000);
				continue;
			}
			served++;
			fake_good(&status, mood < 8 ? 3600 : -1);
			if (mood == 0)
				status.s.type = 77;
			if (mood == 1)
				break;
			if (mood == 2)
				continue;
			agent_status(fd, &status, 100, r->id);
		}
		if (fd >= 0)
			close(fd);
	}
	free(buf);
	return NULL;
}

static void agents(void)
{
	pthread_t thread[4];
	int i;

	for (i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, agent_life, (void *)(uintptr_t)(77 + i));
	pthread_create(&thread[2], NULL, status_life, (void *)(uintptr_t)79);
	pthread_create(&thread[3], NULL, keeper_life, (void *)(uintptr_t)80);
	for (i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	_exit(0);
}

/* ---- afterwards ---- */

static int tests, failures;

static void check(bool ok, const char *what)
{
	tests++;
	failures += !ok;
	printf("%s %d - %s\n", ok ? "ok" : "not ok", tests, what);
}

static bool errors_ok(void)
{
	bool ok = true;
	size_t i, e;

	for (i = 0; i < OPS; i++) {
		printf("# %-16s %8llu", ops[i].name, (unsigned long long)arena->done[i]);
		for (e = 1; e < ERRNOS; e++) {
			if (!arena->errors[i][e])
				continue;
			printf("  %s %llu", strerrorname_np((int)e),
			       (unsigned long long)arena->errors[i][e]);
			if (!expected(-(int)e) && !(e == EINVAL && ops[i].einval)) {
				printf(" (!)");
				ok = false;
			}
		}
		printf("\n");
	}
	return ok;
}

static bool all_done(void)
{
	size_t i;

	for (i = 0; i < OPS; i++)
		if (!arena->done[i])
			return false;
	return true;
}

static void forget_distrust(void)
{
	struct capcert_distrust_entry d = { .size = sizeof(d),
					    .flags = CAPCERT_DISTRUST_REMOVE,
					    .len = 32,
					    .what = CAPCERT_DISTRUST_FINGERPRINT };
	int i;

	for (i = 0; i < ROOTS; i++) {
		d.ptr = (uintptr_t)roots[i].fingerprint;
		t_ioctl(t_dev(), CAPCERT_DISTRUST, &d);
	}
}

static void make_keys(void)
{
	char name[16];
	int i;

	for (i = 0; i < KEYS; i++) {
		snprintf(name, sizeof(name), "race %d", i);
		arena->store_key[i] = t_key_store(name);
		arena->verifier_key[i] = t_key_verifier(name, policy);
		arena->cert_key[i] = t_key_cert(name, &leaf);
		if (arena->store_key[i] < 0 || arena->verifier_key[i] < 0 ||
		    arena->cert_key[i] < 0) {
			fprintf(stderr, "cannot make keys\n");
			exit(1);
		}
	}
}

/* Keys, workers and agents live and die with this process, and whatever holds its credentials. */
static int direct(void *arg)
{
	unsigned int seconds = *(unsigned int *)arg, i;
	pid_t pid[WORKERS + 1];
	int status, ret = 0;

	t_session();
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair))
		return 1;
	make_keys();
	race_slots_make(&arena->slots_key);
	for (i = 0; i <= WORKERS; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			if (i == WORKERS)
				agents();
			worker(i);
		}
	}
	sleep(seconds);
	__atomic_store_n(&arena->stop, 1, __ATOMIC_RELAXED);
	for (i = 0; i <= WORKERS; i++)
		if (waitpid(pid[i], &status, 0) != pid[i] || status)
			ret = 2;
	return ret;
}

int main(int argc, char **argv)
{
	unsigned int seconds = argc > 1 ? (unsigned int)atoi(argv[1]) : 60, i;
	struct capcert_status start, end;
	bool same = false;

	arena = mmap(NULL, sizeof(*arena), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (arena == MAP_FAILED)
		return 1;
	race_private = arena->private_key;
	for (i = 0; i < ROOTS; i++)
		tcert_root(i, &roots[i]);
	tcert_leaf(T_NAME, 1, 0, &leaf);
	if (t_settle(&start))
		return 1;
	printf("TAP version 13\n");
	check(!t_child(direct, &seconds), "every process ended by itself");
	forget_distrust();
	for (i = 0; i < 60 && !same; i++) {
		if (t_settle(&end))
			return 1;
		/* An answer of FETCH's is kept for the next who asks: an object of 100 octets. */
		same = end.objects == start.objects + end.fetch_entries &&
		       end.handles == start.handles;
	}
	check(errors_ok(), "no error that should not be");
	check(all_done(), "every operation was tried");
	check(!arena->bad, "no wrong answer");
	printf("# answers kept %llu\n", (unsigned long long)end.fetch_entries);
	printf("# objects %llu handles %llu bytes %llu, at the start %llu %llu %llu\n",
	       (unsigned long long)end.objects, (unsigned long long)end.handles,
	       (unsigned long long)end.object_bytes, (unsigned long long)start.objects,
	       (unsigned long long)start.handles, (unsigned long long)start.object_bytes);
	check(end.objects == start.objects + end.fetch_entries, "no object is left but answers");
	check(end.handles == start.handles, "no handle is left");
	check(end.object_bytes <= start.object_bytes + end.fetch_entries * KEPT_MOST,
	      "no memory is left but theirs");
	check(!end.pending, "no request is left");
	check(!end.verify_agents, "no agent is left");
	printf("1..%d\n", tests);
	return failures > 0;
}
