// SPDX-License-Identifier: GPL-2.0-only
/* Every call again and again, the 1st, 2nd, ... allocation or user copy in it made to fail. */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundles.h"
#include "calls.h"

#define POINTS_MAX 500 /* no call has so many: a sweep that gets here has lost its way */
#define MISSES 4
#define ROUNDS 3

/*
 * The debug kernel allocates for itself now and then, so that a point is not always the same one:
 * a sweep ends after several misses in a row, and each is made several times.
 */
struct sweep {
	int n, hits, misses, round;
};

static bool next(struct sweep *s, bool hit)
{
	s->hits += hit;
	s->misses = hit ? 0 : s->misses + 1;
	if (s->misses >= MISSES || s->n >= POINTS_MAX) {
		if (++s->round >= ROUNDS)
			return false;
		s->n = 0;
		s->misses = 0;
	}
	s->n++;
	return true;
}

#define SWEEP          \
	(struct sweep) \
	{              \
		.n = 1 \
	}

static int tests, failures;
static bool current_failed;

static void complain(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	printf("# ");
	vprintf(format, ap);
	printf("\n");
	va_end(ap);
	current_failed = true;
}

static void result(const char *name, int points)
{
	tests++;
	failures += current_failed;
	printf("%s %d - %s: %d points\n", current_failed ? "not ok" : "ok", tests, name, points);
	fflush(stdout);
	current_failed = false;
}

/* ---- injection ---- */

static int nth_fd = -1;

static void inject(int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", n), ret;

	/* What is left of the last injection may hit this very copy: it is over then. */
	do {
		ret = (int)pwrite(nth_fd, text, (size_t)len, 0);
	} while (ret < 0 && errno == EFAULT);
	if (ret != len) {
		perror("fail-nth");
		exit(1);
	}
}

/* Stop injecting. Return: how many points were still to go, 0 = it happened. */
static int left(void)
{
	char text[16] = "";
	ssize_t ret = pread(nth_fd, text, sizeof(text) - 1, 0);
	/* The copy of the number itself was the point. */
	int n = ret < 0 && errno == EFAULT ? 1 : atoi(text);

	if (ret <= 0 && !n) {
		perror("fail-nth");
		exit(1);
	}
	inject(0);
	return n;
}

static bool injected(void)
{
	return !left();
}

/* What a failing allocation or copy may look like from outside. */
static bool sane(int err)
{
	return err == -ENOMEM || err == -EFAULT || err == -ENFILE || err == -EMFILE;
}

/* ---- what must stay as it was ---- */

struct figures {
	struct capcert_status status;
	struct t_state store;
	int fds;
};

static void take(struct t_world *w, struct figures *f)
{
	int err = t_status(&f->status);

	if (!err)
		err = t_state(w->file[CAPCERT_KIND_STORE], &f->store);
	if (err) {
		fprintf(stderr, "figures: %s\n", strerror(-err));
		exit(1);
	}
	f->fds = t_fds();
}

static void compare(const char *name, int n, const struct figures *a, const struct figures *b,
		    bool store)
{
#define SAME(field)                                                                  \
	do {                                                                         \
		if (a->status.field != b->status.field)                              \
			complain("%s, point %d: " #field " %llu, was %llu", name, n, \
				 (unsigned long long)b->status.field,                \
				 (unsigned long long)a->status.field);               \
	} while (0)
	SAME(objects);
	SAME(handles);
	SAME(pending);
	SAME(object_bytes);
	SAME(verify_agents);
	SAME(distrust_generation);
	if (a->fds != b->fds)
		complain("%s, point %d: %d fds, were %d", name, n, b->fds, a->fds);
	if (store && !t_state_equal(&a->store, &b->store))
		complain("%s, point %d: the store has changed", name, n);
}

static void drop(struct figures *f)
{
	t_state_free(&f->store);
}

/* ---- the table of ioctls ---- */

/* No verdict may come from the cache: the way to the agent is what is tried. */
static void fresh(struct t_world *w, const struct t_call *c, union t_arg *arg)
{
	struct t_verify v = { 0 };

	if (c->cmd != CAPCERT_VERIFY)
		return;
	t_unique_name(&v);
	arg->verify.name = v.arg.name;
	arg->verify.name_len = v.arg.name_len;
}

static void undo_distrust(struct t_world *w)
{
	struct capcert_distrust_entry d = {
		.size = sizeof(d),
		.flags = CAPCERT_DISTRUST_REMOVE,
		.len = 32,
		.what = CAPCERT_DISTRUST_FINGERPRINT,
		.ptr = (uintptr_t)w->spare.fingerprint,
	};

	t_ioctl(t_dev(), CAPCERT_DISTRUST, &d);
}

static void close_out(const struct t_call *c, const union t_arg *arg)
{
	int fd;

	if (!c->fd_out)
		return;
	memcpy(&fd, (const uint8_t *)arg + c->fd_out, sizeof(fd));
	if (fd >= 0)
		close(fd);
}

static void sweep(struct t_world *w, const struct t_call *c, uint32_t kind, const char *name,
		  void (*change)(struct t_world *w, union t_arg *arg))
{
	int want = c->cmd == CAPCERT_DISTRUST && w->production ? -EPERM : c->expect;
	struct sweep s = SWEEP;
	bool hit;
	int n, err;

	do {
		n = s.n;
		struct figures before, after;
		union t_arg arg;

		t_call_prepare(w, c, kind, &arg);
		fresh(w, c, &arg);
		if (change)
			change(w, &arg);
		take(w, &before);
		inject(n);
		err = t_ioctl(w->file[kind], c->cmd, &arg);
		hit = injected();
		if (!err)
			close_out(c, &arg);
		if (!err && c->cmd == CAPCERT_DISTRUST) {
			undo_distrust(w);
			before.status.distrust_generation += 2;
		}
		take(w, &after);
		if (!hit && err != want)
			complain("%s without a failure: %d, not %d", name, err, want);
		/* Some losses are made up for: then the call simply succeeds, or fails as ever. */
		if (hit && err && err != want && !sane(err))
			complain("%s, point %d: %d", name, n, err);
		if (err)
			compare(name, n, &before, &after, true);
		else if (c->cmd != CAPCERT_ADD && c->cmd != CAPCERT_REMOVE &&
			 c->cmd != CAPCERT_PINS_ADD && c->cmd != CAPCERT_PINS_REMOVE &&
			 c->cmd != CAPCERT_SLOT_PUT && c->cmd != CAPCERT_SLOT_DELETE)
			compare(name, n, &before, &after, false);
		drop(&before);
		drop(&after);
	} while (next(&s, hit) && !current_failed);
	result(name, s.hits);
}

static void restrict_live(struct t_world *w, union t_arg *arg)
{
	arg->restrict_.flags = CAPCERT_RESTRICT_LIVE;
}

static void restrict_bound(struct t_world *w, union t_arg *arg)
{
	arg->restrict_.flags = CAPCERT_RESTRICT_PIDFD;
	arg->restrict_.pidfd = w->pidfd;
}

static void remove_subject(struct t_world *w, union t_arg *arg)
{
	arg->remove.select = CAPCERT_SELECT_SUBJECT;
	arg->remove.ptr = (uintptr_t)tcert_subject(&w->spare);
	arg->remove.len = (uint32_t)w->spare.subject_len;
}

static void by_handle(struct t_world *w, union t_arg *arg)
{
	arg->add.cert = (struct capcert_blob){ .fd = w->file[CAPCERT_KIND_CERT] };
	arg->add.pin = (uintptr_t)w->leaf.spki_hash;
	t_remove(w->file[CAPCERT_KIND_STORE], &w->leaf);
}

static void chain_by_handle(struct t_world *w, union t_arg *arg)
{
	w->chain[0] = (struct capcert_blob){ .fd = w->file[CAPCERT_KIND_CERT] };
}

static void slot_with_key(struct t_world *w, union t_arg *arg)
{
	arg->slot_put.key_fd = w->file[CAPCERT_KIND_KEY];
}

static void get_with_key(struct t_world *w, union t_arg *arg)
{
	w->put.arg.key_fd = w->file[CAPCERT_KIND_KEY];
	t_put(w->file[CAPCERT_KIND_SLOT], &w->put);
	arg->slot_get.flags = CAPCERT_SLOT_KEY;
}

static const struct {
	unsigned long cmd;
	uint32_t kind;
	const char *name;
	void (*change)(struct t_world *w, union t_arg *arg);
} variants[] = {
	{ CAPCERT_RESTRICT, CAPCERT_KIND_STORE, "RESTRICT live", restrict_live },
	{ CAPCERT_RESTRICT, CAPCERT_KIND_STORE, "RESTRICT bound", restrict_bound },
	{ CAPCERT_REMOVE, CAPCERT_KIND_STORE, "REMOVE by subject", remove_subject },
	{ CAPCERT_ADD, CAPCERT_KIND_STORE, "ADD by handle", by_handle },
	{ CAPCERT_VERIFY, CAPCERT_KIND_VERIFIER, "VERIFY by handle", chain_by_handle },
	{ CAPCERT_SLOT_PUT, CAPCERT_KIND_SLOT, "SLOT_PUT with key", slot_with_key },
	{ CAPCERT_SLOT_GET, CAPCERT_KIND_SLOT, "SLOT_GET with key", get_with_key },
};

/* @only: calls whose names begin so. */
static void sweep_table(struct t_world *w, const char *only)
{
	const size_t n = strlen(only);
	const struct t_call *c;
	char name[64];
	uint32_t kind;
	size_t i;

	for (c = t_calls; c < t_calls + t_call_count; c++)
		for (kind = 0; kind < 32; kind++) {
			if (!(c->kinds & (1u << kind)) || strncmp(c->name, only, n))
				continue;
			snprintf(name, sizeof(name), "%s on kind %u", c->name, kind);
			sweep(w, c, kind, name, NULL);
		}
	w->pidfd = (int)syscall(434, getpid(), 0);
	for (i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		if (strncmp(variants[i].name, only, n))
			continue;
		for (c = t_calls; c->cmd != variants[i].cmd; c++)
			;
		sweep(w, c, variants[i].kind, variants[i].name, variants[i].change);
	}
	close(w->pidfd);
}

/* ---- admission ---- */

static int system_state(const char *name, struct t_state *ret)
{
	const uint64_t rights = CAPCERT_RIGHT_INFO | CAPCERT_RIGHT_READ;
	int fd = t_open_name(CAPCERT_OPEN_SYSTEM, CAPCERT_KIND_STORE, name, rights), err;

	memset(ret, 0, sizeof(*ret));
	if (fd < 0)
		return fd;
	err = t_state(fd, ret);
	close(fd);
	return err;
}

/*
 * @b admitted, a number higher each time it was. A failure leaves the store of its name as it is,
 * and the same bundle is admitted right afterwards: the floor has not moved either.
 */
static void sweep_admit(struct t_world *w, struct tbundle *b, const char *what)
{
	struct tbytes der = { 0 };
	struct sweep s = SWEEP;
	char name[64];
	bool hit;
	int n, err;

	do {
		n = s.n;
		struct capcert_admit arg = { .size = sizeof(arg) };
		struct t_state last, now;
		struct figures before, after;
		int had;

		b->number++;
		if (b->kind == 1)
			b->base = b->number - 1;
		tbundle_make(b, TSIGN_BUILT_IN, &der);
		arg.fd = t_memfd(der.p, der.n);
		had = system_state(b->name, &last);
		take(w, &before);
		inject(n);
		err = t_ioctl(t_dev(), CAPCERT_ADMIT, &arg);
		hit = injected();
		take(w, &after);
		if (err && (!hit || !sane(err)))
			complain("point %d: %d", n, err);
		if (err) {
			compare(what, n, &before, &after, true);
			if (system_state(b->name, &now) != had || !t_state_equal(&last, &now))
				complain("point %d: failed, and the store has changed", n);
			t_state_free(&now);
			err = t_ioctl(t_dev(), CAPCERT_ADMIT, &arg);
		}
		if (err)
			complain("point %d: afterwards it is not admitted: %d", n, err);
		t_state_free(&last);
		drop(&before);
		drop(&after);
		close(arg.fd);
	} while (next(&s, hit) && !current_failed);
	tbytes_free(&der);
	snprintf(name, sizeof(name), "ADMIT, %s", what);
	result(name, s.hits);
}

static void sweep_admissions(struct t_world *w)
{
	struct tbundle b = { .name = "swept" },
		       o = { .kind = 3, .name = "swept-over", .of = "swept" };
	struct tbundle d = { .kind = 2, .name = "distrust" };
	const struct tlimits limits = { .distrust_after = "20350101000000Z" };
	struct tcert certs[3];
	uint32_t i;

	if (!tsigner_there(TSIGN_BUILT_IN)) {
		printf("ok %d - ADMIT # SKIP no key to sign by: make bundle-keys\n", ++tests);
		return;
	}
	for (i = 0; i < 3; i++)
		tcert_root(500 + i, &certs[i]);
	tbundle_anchors_but(&b, certs, 2, 1, &limits);
	sweep_admit(w, &b, "a store");
	tbytes_put(&o.remove, certs[0].fingerprint, 32);
	tbundle_anchors(&o, &certs[2], 1);
	sweep_admit(w, &o, "an override");
	b.kind = 1;
	b.anchors.n = 0;
	tbundle_anchors(&b, &certs[0], 1);
	sweep_admit(w, &b, "a delta");
	tbytes_put(&d.entries, certs[2].fingerprint, 32);
	tder(&d.entries, 0x80, 0);
	sweep_admit(w, &d, "a distrust list");
	tbundle_free(&b);
	tbundle_free(&o);
	tbundle_free(&d);
	for (i = 0; i < 3; i++)
		tcert_free(&certs[i]);
}

/* ---- a live view that is behind ---- */

static void sweep_live(struct t_world *w)
{
	struct capcert_restrict r = { .rights = T_RIGHTS_STORE &
						~(CAPCERT_RIGHT_ADD | CAPCERT_RIGHT_REMOVE),
				      .flags = CAPCERT_RESTRICT_LIVE,
				      .purposes = 1 };
	int store = w->file[CAPCERT_KIND_STORE], live, n, err;
	struct capcert_version v;
	struct sweep s = SWEEP;
	bool hit;

	live = t_restrict_arg(store, &r);
	if (live < 0)
		complain("LIVE: %d", live);
	do {
		n = s.n;
		uint32_t want;

		t_remove(store, &w->spare);
		t_version(live, &v);
		want = v.count + 1;
		t_add(store, &w->spare, 0);
		memset(&v, 0, sizeof(v));
		v.size = sizeof(v);
		inject(n);
		err = t_ioctl(live, CAPCERT_VERSION, &v);
		hit = injected();
		if (err && (!hit || !sane(err)))
			complain("point %d: %d", n, err);
		if (!err && v.count != want)
			complain("point %d: %u anchors, not %u", n, v.count, want);
		/* After a failure the view is not stuck. */
		if (t_version(live, &v) || v.count != want)
			complain("point %d: stuck", n);
	} while (next(&s, hit) && !current_failed);
	close(live);
	result("VERSION of a live view that is behind", s.hits);
}

/* ---- keys ---- */

struct key_case {
	const char *type, *what;
	const void *payload;
	size_t len;
};

static void sweep_key(struct t_world *w, const struct key_case *k)
{
	struct sweep s = SWEEP;
	bool hit;
	char buf[4096];
	int n, err;
	long key;

	do {
		n = s.n;
		struct capcert_status before, after;

		t_settle(&before);
		inject(n);
		key = add_key(k->type, "swept", k->payload, k->len, KEY_SPEC_SESSION_KEYRING);
		err = key < 0 ? -errno : 0;
		hit = injected();
		if (err && (!hit || !sane(err)))
			complain("add_key, point %d: %d", n, err);
		if (key >= 0) {
			keyctl_unlink((key_serial_t)key, KEY_SPEC_SESSION_KEYRING);
		} else {
			t_settle(&after);
			if (after.objects != before.objects ||
			    after.object_bytes != before.object_bytes)
				complain("add_key, point %d: %llu objects, were %llu", n,
					 (unsigned long long)after.objects,
					 (unsigned long long)before.objects);
		}
	} while (next(&s, hit) && !current_failed);
	snprintf(buf, sizeof(buf), "add_key %s", k->what);
	result(buf, s.hits);
}

static void sweep_key_calls(struct t_world *w)
{
	static const struct {
		const char *name;
		int kind;
	} rows[] = {
		{ "keyctl print", CAPCERT_KIND_CERT },
		{ "keyctl print", CAPCERT_KIND_STORE },
		{ "keyctl print", CAPCERT_KIND_VERIFIER },
		{ "keyctl describe", CAPCERT_KIND_CERT },
		{ "keyctl describe", CAPCERT_KIND_STORE },
		{ "keyctl pkey_query", CAPCERT_KIND_CERT },
	};
	struct keyctl_pkey_query query;
	char buf[4096], name[64];
	size_t i;
	int n;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		key_serial_t key = w->key[rows[i].kind];
		struct sweep s = SWEEP;
		bool hit;
		long ret;

		do {
			n = s.n;
			inject(n);
			if (strstr(rows[i].name, "print"))
				ret = keyctl_read(key, buf, sizeof(buf));
			else if (strstr(rows[i].name, "describe"))
				ret = keyctl_describe(key, buf, sizeof(buf));
			else
				ret = keyctl_pkey_query(key, "enc=x962 hash=sha256", &query);
			ret = ret < 0 ? -errno : 0;
			hit = injected();
			if (ret && (!hit || !sane((int)ret)))
				complain("%s, point %d: %ld", rows[i].name, n, ret);
		} while (next(&s, hit) && !current_failed);
		snprintf(name, sizeof(name), "%s of kind %d", rows[i].name, rows[i].kind);
		result(name, s.hits);
	}
}

/* ---- the agent's side ---- */

static void sweep_agent_open(struct t_world *w)
{
	struct capcert_agent_hello h = { .size = sizeof(h),
					 .class = CAPCERT_CLASS_SIGN,
					 .abi = CAPCERT_ABI_VERSION };
	struct capcert_status before, after;
	struct sweep s = SWEEP;
	bool hit;
	int n, fd, err;

	do {
		n = s.n;
		t_status(&before);
		inject(n);
		fd = agent_open(0);
		err = fd < 0 ? fd : t_ioctl(fd, CAPCERT_AGENT_HELLO, &h);
		hit = injected();
		if (fd >= 0)
			close(fd);
		if (err && (!hit || !sane(err)))
			complain("point %d: %d", n, err);
		t_status(&after);
		if (after.sign_agents != before.sign_agents)
			complain("point %d: an agent is left", n);
	} while (next(&s, hit) && !current_failed);
	result("agent open and HELLO", s.hits);
}

/* One request through our own hands: read, STATE twice, write; each failure is made good for. */
static int serve_once(int fd, struct t_world *w, uint8_t *buf, int point, bool *ret_hit, int *step)
{
	struct capcert_agent_state st = { .size = sizeof(st),
					  .buf = (uintptr_t)buf + 65536,
					  .len = 65536 };
	struct fake_reply reply;
	int err, first = 0;
	uint64_t id = 0;

	fake_valid(&reply, &w->leaf, &w->root);
	*ret_hit = false;
	for (*step = 0; *step < 4; (*step)++) {
		bool again = false;

		do {
			if (!*ret_hit && !again)
				inject(point - first > 0 ? point - first : 1);
			switch (*step) {
			case 0:
				err = agent_read(fd, buf);
				if (err > 0)
					id = ((struct capcert_agent_request *)buf)->id;
				err = err > 0 ? 0 : err;
				break;
			case 3:
				err = agent_write(fd, &reply, id);
				break;
			default:
				st.what = (uint32_t)*step;
				st.id = id;
				err = t_ioctl(fd, CAPCERT_AGENT_STATE, &st);
			}
			if (!*ret_hit && !again) {
				int rest = left();

				*ret_hit = !rest;
				first = point - rest;
			}
			if (err && (!*ret_hit || !sane(err) || again))
				return err;
			again = err;
		} while (again);
	}
	return 0;
}

static void sweep_agent_serve(struct t_world *w)
{
	struct fake_agent *a = &w->agent;
	uint8_t *buf = malloc(AGENT_BUF);
	struct sweep s = SWEEP;
	bool hit;
	int n, fd, err, step;

	/* The world's own agent would take the requests. */
	agent_stop(a);
	w->file[FILE_AGENT] = -1;
	fd = agent_hello(CAPCERT_CLASS_VERIFY, 0);
	do {
		n = s.n;
		struct t_async async;

		t_async_verify(&async, w->file[CAPCERT_KIND_STORE], w->file[CAPCERT_KIND_VERIFIER],
			       &w->leaf, 20000);
		if (!t_pending_becomes(1))
			complain("point %d: no request", n);
		err = serve_once(fd, w, buf, n, &hit, &step);
		if (err)
			complain("point %d, step %d: %d", n, step, err);
		err = t_async_join(&async);
		if (err || !async.v.outcome.valid)
			complain("point %d: the caller got %d", n, err);
	} while (next(&s, hit) && !current_failed);
	close(fd);
	free(buf);
	result("agent read, STATE and write", s.hits);
}

/* With an argument: the calls alone whose names begin so. */
int main(int argc, char **argv)
{
	static const char uri[] = T_URI ";purpose=tls-server,tls-client";
	static const char pins[] = "mode=enforce;expires=never";
	static const char policy[] = "preset=webpki-lenient;time=any";
	struct t_world w;
	struct tcert cert;
	char *pem;

	if (t_world_make(&w))
		return 1;
	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (nth_fd < 0) {
		printf("1..0 # SKIP this kernel has no fault injection\n");
		return 0;
	}
	tcert_root(77, &cert);
	pem = malloc(TCERT_PEM_LEN(cert.len));
	printf("TAP version 13\n");
	sweep_table(&w, argc > 1 ? argv[1] : "");
	if (argc > 1) {
		printf("1..%d\n", tests);
		return failures > 0;
	}
	sweep_admissions(&w);
	sweep_live(&w);
	sweep_key(&w, &(struct key_case){ "captrust", "captrust", NULL, 0 });
	sweep_key(&w, &(struct key_case){ "capcert", "capcert, DER", cert.der, cert.len });
	sweep_key(&w, &(struct key_case){ "capcert", "capcert, PEM", pem, tcert_pem(&cert, pem) });
	sweep_key(&w, &(struct key_case){ "capverify", "capverify", policy, sizeof(policy) - 1 });
	sweep_key(&w, &(struct key_case){ "cappin", "cappin", pins, sizeof(pins) - 1 });
	sweep_key(&w, &(struct key_case){ "capkey", "capkey", uri, sizeof(uri) - 1 });
	sweep_key(&w, &(struct key_case){ "capslot", "capslot", NULL, 0 });
	sweep_key_calls(&w);
	sweep_agent_open(&w);
	sweep_agent_serve(&w);
	printf("1..%d\n", tests);
	return failures > 0;
}
