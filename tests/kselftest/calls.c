// SPDX-License-Identifier: GPL-2.0-only
/* Every ioctl as a row of one table, and a world of objects in which each of them succeeds. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "calls.h"

#define KIND(name) (1u << CAPCERT_KIND_##name)
#define DEVICE (1u << FILE_DEVICE)
#define ALL_KINDS (KIND(CERT) | KIND(STORE) | KIND(VERIFIER) | KIND(PINS) | KIND(KEY) | \
		   KIND(AUDIT) | KIND(OUTCOME) | KIND(EVIDENCE) | KIND(SLOT) | KIND(WATCH) | \
		   KIND(TLS))
#define OFF(type, field) offsetof(struct capcert_##type, field)
#define PTR(x) ((uint64_t)(uintptr_t)(x))

#define STORE_NAME "world store"
#define POLICY "preset=webpki-lenient;time=any"

static void fill_none(struct t_world *w, uint32_t kind, union t_arg *arg)
{
}

static void fill_open(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	arg->open.rights = T_RIGHTS_STORE;
	arg->open.serial = w->key[CAPCERT_KIND_STORE];
}

static void fill_open_name(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	arg->open_name.rights = T_RIGHTS_STORE;
	arg->open_name.kind = CAPCERT_KIND_STORE;
	arg->open_name.name = PTR(STORE_NAME);
	arg->open_name.name_len = sizeof(STORE_NAME) - 1;
}

static void fill_open_audit(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	arg->open_audit.rights = T_RIGHTS_AUDIT;
}

static void fill_distrust(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	arg->distrust.what = CAPCERT_DISTRUST_FINGERPRINT;
	arg->distrust.ptr = PTR(w->spare.fingerprint);
	arg->distrust.len = 32;
}

/* The call gets as far as the bundle, which is none: the world is to stay as it is. */
static void fill_admit(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	if (!w->memfd)
		w->memfd = t_memfd("no bundle", 9);
	arg->admit.fd = w->memfd;
}

static void fill_floor(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	arg->floor.name = PTR("world");
	arg->floor.name_len = 5;
}

static void fill_read(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	switch (kind) {
	case CAPCERT_KIND_CERT:
		arg->read.what = CAPCERT_READ_DER;
		break;
	case CAPCERT_KIND_STORE:
		arg->read.what = CAPCERT_READ_ANCHORS;
		break;
	case CAPCERT_KIND_PINS:
		arg->read.what = CAPCERT_READ_PINS;
		break;
	case CAPCERT_KIND_EVIDENCE:
		arg->read.what = CAPCERT_READ_EVIDENCE;
		break;
	default:
		arg->read.what = CAPCERT_READ_POLICY;
	}
	arg->read.buf = PTR(w->buf);
	arg->read.len = sizeof(w->buf);
}

static void fill_public(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	arg->public.buf = PTR(w->buf);
	arg->public.len = sizeof(w->buf);
}

static void fill_restrict(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	arg->restrict_.rights = CAPCERT_RIGHT_INFO;
	arg->restrict_.pidfd = -1;
	if (kind != CAPCERT_KIND_STORE)
		return;
	w->subject = (struct capcert_blob){ PTR(tcert_subject(&w->root)),
					    (uint32_t)w->root.subject_len, -1 };
	arg->restrict_.fingerprints = PTR(w->root.fingerprint);
	arg->restrict_.fingerprint_count = 1;
	arg->restrict_.exclude = PTR(w->spare.fingerprint);
	arg->restrict_.exclude_count = 1;
	arg->restrict_.subjects = PTR(&w->subject);
	arg->restrict_.subject_count = 1;
}

static void fill_add(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	t_remove(w->file[CAPCERT_KIND_STORE], &w->spare);
	arg->add.cert = (struct capcert_blob){ PTR(w->spare.der), (uint32_t)w->spare.len, -1 };
	arg->add.pin_hash = CAPCERT_HASH_SHA256;
	arg->add.pin = PTR(w->spare.spki_hash);
	arg->add.pin_len = 32;
}

static void fill_remove(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	t_add(w->file[CAPCERT_KIND_STORE], &w->spare, 0);
	arg->remove.select = CAPCERT_SELECT_FINGERPRINT;
	arg->remove.ptr = PTR(w->spare.fingerprint);
	arg->remove.len = 32;
}

static void fill_pin(struct t_world *w, union t_arg *arg)
{
	arg->pin.hash = CAPCERT_HASH_SHA256;
	arg->pin.ptr = PTR(w->spare.spki_hash);
	arg->pin.len = 32;
}

static void fill_pins_add(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	t_pin(w->file[CAPCERT_KIND_PINS], CAPCERT_PINS_REMOVE, &w->spare, NULL);
	fill_pin(w, arg);
}

static void fill_pins_remove(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	t_pin(w->file[CAPCERT_KIND_PINS], CAPCERT_PINS_ADD, &w->spare, NULL);
	fill_pin(w, arg);
}

static void fill_evidence(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	arg->evidence.ptr = PTR(w->leaf.der);
	arg->evidence.len = (uint32_t)w->leaf.len;
	arg->evidence.type = CAPCERT_EVIDENCE_CRL;
}

static void fill_verify(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	w->chain[0] = (struct capcert_blob){ PTR(w->leaf.der), (uint32_t)w->leaf.len, -1 };
	arg->verify.store_fd = w->file[CAPCERT_KIND_STORE];
	arg->verify.pins_fd = -1;
	arg->verify.chain = PTR(w->chain);
	arg->verify.chain_count = 1;
	arg->verify.name = PTR(T_NAME);
	arg->verify.name_len = sizeof(T_NAME) - 1;
	arg->verify.name_type = CAPCERT_NAME_DNS;
	arg->verify.timeout_ms = 5000;
	arg->verify.outcome = PTR(&w->outcome);
	arg->verify.outcome_size = sizeof(w->outcome);
	arg->verify.path = PTR(w->path);
	arg->verify.path_max = CAPCERT_MAX_PATH;
	arg->verify.flags = CAPCERT_VERIFY_FD;
	arg->verify.fd = -1;
}

static void fill_verify_sig(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	arg->verify_sig.cert_fd = w->file[CAPCERT_KIND_CERT];
	arg->verify_sig.scheme = 0x0403;
	arg->verify_sig.message = PTR("message");
	arg->verify_sig.message_len = 7;
	arg->verify_sig.signature = PTR("signature");
	arg->verify_sig.signature_len = 9;
	arg->verify_sig.timeout_ms = 5000;
}

static void fill_fetch(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	w->chain[0] = (struct capcert_blob){ PTR(w->leaf.der), (uint32_t)w->leaf.len, -1 };
	w->chain[1] = (struct capcert_blob){ PTR(w->root.der), (uint32_t)w->root.len, -1 };
	arg->fetch.store_fd = -1;
	arg->fetch.chain = PTR(w->chain);
	arg->fetch.chain_count = 2;
	arg->fetch.issuer = 1;
	arg->fetch.want = CAPCERT_MISSING_OCSP;
	arg->fetch.timeout_ms = 5000;
	arg->fetch.fd = -1;
}

static void fill_outcome_get(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	arg->outcome_get.outcome = PTR(&w->outcome);
	arg->outcome_get.outcome_size = sizeof(w->outcome);
	arg->outcome_get.path = PTR(w->path);
	arg->outcome_get.path_max = CAPCERT_MAX_PATH;
}

static void fill_audit_read(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	struct capcert_status s = { 0 };

	t_status(&s);
	arg->audit_read.from = s.audit_sequence;
	arg->audit_read.buf = PTR(w->buf);
	arg->audit_read.count = 4;
	arg->audit_read.record_size = sizeof(struct capcert_audit_record);
}

static void fill_key_restrict(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	arg->key_restrict.rights = CAPCERT_RIGHT_INFO;
	arg->key_restrict.max_uses = 5;
	arg->key_restrict.per_minute = 5;
}

static void fill_sign(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	arg->sign.purpose = CAPCERT_KEY_TLS_SERVER;
	arg->sign.scheme = 0x0403;
	arg->sign.message = PTR("message");
	arg->sign.message_len = 7;
	arg->sign.signature = PTR(w->buf);
	arg->sign.signature_len = sizeof(w->buf);
	arg->sign.timeout_ms = 5000;
}

#define SLOT_NAME "world/" T_NAME

static void fill_slot_put(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	t_put_init(&w->put, SLOT_NAME, &w->leaf, &w->root);
	w->put.arg.staple_len = (uint32_t)t_staple(&w->leaf, &w->root, t_now() + 86400, 0,
						   w->put.staple);
	w->put.arg.scts_len = (uint32_t)t_scts(w->put.scts);
	arg->slot_put = w->put.arg;
}

static void slot_is_there(struct t_world *w)
{
	union t_arg arg;

	fill_slot_put(w, CAPCERT_KIND_SLOT, &arg);
	t_ioctl(w->file[CAPCERT_KIND_SLOT], CAPCERT_SLOT_PUT, &arg);
}

static void fill_slot_get(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	slot_is_there(w);
	arg->slot_get.name = PTR(SLOT_NAME);
	arg->slot_get.name_len = sizeof(SLOT_NAME) - 1;
	arg->slot_get.chain = PTR(w->buf);
	arg->slot_get.chain_len = 4096;
	arg->slot_get.staple = PTR(w->buf + 4096);
	arg->slot_get.staple_len = 2048;
	arg->slot_get.scts = PTR(w->buf + 6144);
	arg->slot_get.scts_len = 2048;
}

static void fill_slot_list(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	slot_is_there(w);
	arg->slot_list.after = PTR("before");
	arg->slot_list.after_len = 6;
	arg->slot_list.buf = PTR(w->buf);
	arg->slot_list.count = 4;
	arg->slot_list.entry_size = sizeof(struct capcert_slot_entry);
}

static void fill_slot_delete(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	slot_is_there(w);
	arg->slot_delete.name = PTR(SLOT_NAME);
	arg->slot_delete.name_len = sizeof(SLOT_NAME) - 1;
}

static void fill_slot_watch(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	arg->slot_watch.patterns = PTR("world/");
	arg->slot_watch.patterns_len = 6;
}

static void fill_slot_next(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	slot_is_there(w);
	arg->slot_next.buf = PTR(w->buf);
	arg->slot_next.count = 2;
	arg->slot_next.event_size = sizeof(struct capcert_slot_event);
}

static void fill_slot_restrict(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	arg->slot_restrict.rights = CAPCERT_RIGHT_INFO;
	arg->slot_restrict.pidfd = -1;
	arg->slot_restrict.patterns = PTR("world/");
	arg->slot_restrict.patterns_len = 6;
}

static void fill_tls_config(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	struct capcert_tls_config *c = &arg->tls_config;

	c->rights = CAPCERT_RIGHT_INFO | CAPCERT_RIGHT_USE;
	c->role = CAPCERT_TLS_SERVER;
	c->client_auth = CAPCERT_TLS_AUTH_OPTIONAL;
	c->slots_fd = w->file[CAPCERT_KIND_SLOT];
	c->key_fd = -1;
	c->verifier_fd = w->file[CAPCERT_KIND_VERIFIER];
	c->store_fd = w->file[CAPCERT_KIND_STORE];
	c->pins_fd = -1;
	c->slots = PTR("world/");
	c->slots_len = 6;
	c->default_slot = PTR(SLOT_NAME);
	c->default_slot_len = sizeof(SLOT_NAME) - 1;
	c->alpn = PTR("\x02h2");
	c->alpn_len = 3;
}

static void fill_tls_info(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	arg->tls_info.slots = PTR(w->buf);
	arg->tls_info.slots_len = 100;
	arg->tls_info.alpn = PTR(w->buf + 100);
	arg->tls_info.alpn_len = 100;
}

static void fill_tls_use(struct t_world *w, uint32_t kind, union t_arg *arg)
{
	arg->tls_use.part = CAPCERT_TLS_PART_STORE;
}

/* A key in the session keyring, too: what is opened by it. */
static int world_tls(struct t_world *w)
{
	union t_arg arg = { .size = sizeof(arg.tls_config) };
	int err;

	fill_tls_config(w, FILE_DEVICE, &arg);
	arg.tls_config.ring = keyctl_get_keyring_ID(KEY_SPEC_SESSION_KEYRING, 0);
	arg.tls_config.description = PTR("world config");
	arg.tls_config.description_len = 12;
	err = t_ioctl(t_dev(), CAPCERT_TLS_CONFIG, &arg);
	if (err)
		return err;
	close(arg.tls_config.fd);
	w->key[CAPCERT_KIND_TLS] = arg.tls_config.serial;
	w->file[CAPCERT_KIND_TLS] = t_open(arg.tls_config.serial, T_RIGHTS_TLS);
	return w->file[CAPCERT_KIND_TLS] < 0 ? w->file[CAPCERT_KIND_TLS] : 0;
}

#define CALL(cmd_, type, kinds_, right_, ...) \
	{ .name = #cmd_, .cmd = CAPCERT_##cmd_, .size = sizeof(struct capcert_##type), \
	  .kinds = kinds_, .right = right_, __VA_ARGS__ }

const struct t_call t_calls[] = {
	CALL(STATUS, status, DEVICE, 0, .fill = fill_none),
	CALL(OPEN, open, DEVICE, 0, .fill = fill_open, .fd_out = OFF(open, fd),
	     .reserved = { OFF(open, reserved) }),
	CALL(OPEN_NAME, open_name, DEVICE, 0, .fill = fill_open_name, .fd_out = OFF(open_name, fd),
	     .reserved = { OFF(open_name, reserved) }, .pointers = { OFF(open_name, name) }),
	CALL(OPEN_SYSTEM, open_name, DEVICE, 0, .fill = fill_open_name, .expect = -ENOKEY,
	     .reserved = { OFF(open_name, reserved) }, .pointers = { OFF(open_name, name) }),
	CALL(OPEN_AUDIT, open_audit, DEVICE, 0, .fill = fill_open_audit,
	     .fd_out = OFF(open_audit, fd), .reserved = { OFF(open_audit, reserved) }),
	CALL(DISTRUST, distrust_entry, DEVICE, 0, .fill = fill_distrust,
	     .known_flags = CAPCERT_DISTRUST_REMOVE, .pointers = { OFF(distrust_entry, ptr) }),
	CALL(ADMIT, admit, DEVICE, 0, .fill = fill_admit, .expect = -EBADMSG,
	     .reserved = { OFF(admit, reserved) }),
	CALL(FLOOR, floor, DEVICE, 0, .fill = fill_floor, .reserved = { OFF(floor, reserved) },
	     .pointers = { OFF(floor, name) }),
	CALL(EVIDENCE, make_evidence, DEVICE, 0, .fill = fill_evidence,
	     .fd_out = OFF(make_evidence, fd), .reserved = { OFF(make_evidence, reserved) },
	     .pointers = { OFF(make_evidence, ptr) }),
	CALL(INFO, info, ALL_KINDS, CAPCERT_RIGHT_INFO, .fill = fill_none),
	CALL(READ, read, KIND(CERT) | KIND(STORE) | KIND(VERIFIER) | KIND(PINS) |
	     KIND(EVIDENCE),
	     CAPCERT_RIGHT_READ,
	     .fill = fill_read, .pointers = { OFF(read, buf) }),
	CALL(RESTRICT, restrict, ALL_KINDS, CAPCERT_RIGHT_RESTRICT, .fill = fill_restrict,
	     .known_flags = CAPCERT_RESTRICT_LIVE | CAPCERT_RESTRICT_PIDFD,
	     .fd_out = OFF(restrict, fd)),
	CALL(PUBLIC, public, KIND(CERT) | KIND(KEY), CAPCERT_RIGHT_PUBLIC, .fill = fill_public,
	     .pointers = { OFF(public, buf) }),
	CALL(ADD, add, KIND(STORE), CAPCERT_RIGHT_ADD, .fill = fill_add,
	     .reserved = { OFF(add, reserved) }, .pointers = { OFF(add, cert), OFF(add, pin) }),
	CALL(REMOVE, remove, KIND(STORE), CAPCERT_RIGHT_REMOVE, .fill = fill_remove,
	     .reserved = { OFF(remove, reserved) }, .pointers = { OFF(remove, ptr) }),
	CALL(VERSION, version, KIND(STORE), CAPCERT_RIGHT_INFO, .fill = fill_none,
	     .reserved = { OFF(version, reserved) }),
	CALL(PINS_ADD, pin, KIND(PINS), CAPCERT_RIGHT_ADD, .fill = fill_pins_add,
	     .pointers = { OFF(pin, ptr) }),
	CALL(PINS_REMOVE, pin, KIND(PINS), CAPCERT_RIGHT_REMOVE, .fill = fill_pins_remove,
	     .pointers = { OFF(pin, ptr) }),
	CALL(PINS_INFO, pins_info, KIND(PINS), CAPCERT_RIGHT_INFO, .fill = fill_none),
	CALL(POLICY, policy_info, KIND(VERIFIER), CAPCERT_RIGHT_INFO, .fill = fill_none),
	CALL(VERIFY, verify, KIND(VERIFIER), CAPCERT_RIGHT_VERIFY, .fill = fill_verify,
	     .known_flags = CAPCERT_VERIFY_TIME | CAPCERT_VERIFY_FD | CAPCERT_VERIFY_FETCHED,
	     .fd_out = OFF(verify, fd),
	     .reserved = { OFF(verify, evidence) },
	     .pointers = { OFF(verify, chain), OFF(verify, name), OFF(verify, outcome),
			   OFF(verify, path) }),
	CALL(VERIFY_SIG, verify_sig, KIND(VERIFIER), CAPCERT_RIGHT_VERIFY, .fill = fill_verify_sig,
	     .reserved = { OFF(verify_sig, reserved) },
	     .pointers = { OFF(verify_sig, message), OFF(verify_sig, signature) }),
	CALL(FETCH, fetch, KIND(VERIFIER), CAPCERT_RIGHT_FETCH, .fill = fill_fetch,
	     .fd_out = OFF(fetch, fd), .reserved = { OFF(fetch, reserved) },
	     .pointers = { OFF(fetch, chain) }),
	CALL(KEY_INFO, key_info, KIND(KEY), CAPCERT_RIGHT_INFO, .fill = fill_none,
	     .reserved = { OFF(key_info, reserved) }),
	CALL(KEY_RESTRICT, key_restrict, KIND(KEY), CAPCERT_RIGHT_RESTRICT,
	     .fill = fill_key_restrict, .known_flags = CAPCERT_RESTRICT_PIDFD,
	     .fd_out = OFF(key_restrict, fd)),
	CALL(SIGN, sign, KIND(KEY), CAPCERT_RIGHT_SIGN, .fill = fill_sign,
	     .known_flags = CAPCERT_SIGN_DIGEST,
	     .pointers = { OFF(sign, message), OFF(sign, signature) }),
	CALL(SLOT_PUT, slot_put, KIND(SLOT), CAPCERT_RIGHT_PUT, .fill = fill_slot_put,
	     .known_flags = CAPCERT_SLOT_EXPECT | CAPCERT_SLOT_STAPLE,
	     .reserved = { OFF(slot_put, reserved) },
	     .pointers = { OFF(slot_put, name), OFF(slot_put, chain), OFF(slot_put, staple),
			   OFF(slot_put, scts) }),
	CALL(SLOT_GET, slot_get, KIND(SLOT), CAPCERT_RIGHT_GET, .fill = fill_slot_get,
	     .known_flags = CAPCERT_SLOT_KEY | CAPCERT_SLOT_VERSION,
	     .fd_out = OFF(slot_get, key_fd),
	     .pointers = { OFF(slot_get, name), OFF(slot_get, chain), OFF(slot_get, staple),
			   OFF(slot_get, scts) }),
	CALL(SLOT_LIST, slot_list, KIND(SLOT), CAPCERT_RIGHT_LIST, .fill = fill_slot_list,
	     .reserved = { OFF(slot_list, reserved) },
	     .pointers = { OFF(slot_list, after), OFF(slot_list, buf) }),
	CALL(SLOT_DELETE, slot_delete, KIND(SLOT), CAPCERT_RIGHT_DELETE, .fill = fill_slot_delete,
	     .known_flags = CAPCERT_SLOT_EXPECT, .reserved = { OFF(slot_delete, reserved) },
	     .pointers = { OFF(slot_delete, name) }),
	CALL(SLOT_WATCH, slot_watch, KIND(SLOT), CAPCERT_RIGHT_WATCH, .fill = fill_slot_watch,
	     .known_flags = CAPCERT_SLOT_FROM, .fd_out = OFF(slot_watch, fd),
	     .pointers = { OFF(slot_watch, patterns) }),
	CALL(SLOT_NEXT, slot_next, KIND(WATCH), CAPCERT_RIGHT_WATCH, .fill = fill_slot_next,
	     .pointers = { OFF(slot_next, buf) }),
	CALL(SLOT_RESTRICT, slot_restrict, KIND(SLOT), CAPCERT_RIGHT_RESTRICT,
	     .fill = fill_slot_restrict, .known_flags = CAPCERT_RESTRICT_PIDFD,
	     .reserved = { OFF(slot_restrict, reserved) }, .fd_out = OFF(slot_restrict, fd),
	     .pointers = { OFF(slot_restrict, patterns) }),
	CALL(TLS_CONFIG, tls_config, DEVICE, 0, .fill = fill_tls_config,
	     .known_flags = CAPCERT_TLS_STAPLE | CAPCERT_TLS_STAPLE_REQUIRED |
			    CAPCERT_TLS_LEGACY_OK,
	     .reserved = { OFF(tls_config, reserved) }, .fd_out = OFF(tls_config, fd),
	     .pointers = { OFF(tls_config, slots), OFF(tls_config, default_slot),
			   OFF(tls_config, alpn) }),
	CALL(TLS_INFO, tls_info, KIND(TLS), CAPCERT_RIGHT_INFO, .fill = fill_tls_info,
	     .pointers = { OFF(tls_info, slots), OFF(tls_info, alpn) }),
	CALL(TLS_USE, tls_use, KIND(TLS), CAPCERT_RIGHT_USE, .fill = fill_tls_use,
	     .fd_out = OFF(tls_use, fd)),
	CALL(OUTCOME_GET, outcome_get, KIND(OUTCOME), CAPCERT_RIGHT_READ, .fill = fill_outcome_get,
	     .pointers = { OFF(outcome_get, outcome), OFF(outcome_get, path) }),
	CALL(AUDIT_READ, audit_read, KIND(AUDIT), CAPCERT_RIGHT_READ, .fill = fill_audit_read,
	     .pointers = { OFF(audit_read, buf) }),
};

const size_t t_call_count = sizeof(t_calls) / sizeof(t_calls[0]);

void t_call_prepare(struct t_world *w, const struct t_call *call, uint32_t kind, union t_arg *arg)
{
	memset(arg, 0, sizeof(*arg));
	arg->size = (__u32)call->size;
	call->fill(w, kind, arg);
}

/* DISTRUST is taken back at once: a list left behind would meet the next test. */
int t_call_run(const struct t_call *call, int fd, union t_arg *arg)
{
	int err = t_ioctl(fd, call->cmd, arg), out;

	if (!err && call->fd_out) {
		memcpy(&out, (uint8_t *)arg + call->fd_out, sizeof(out));
		if (out >= 0)
			close(out);
	}
	if (!err && call->cmd == CAPCERT_DISTRUST && !(arg->distrust.flags)) {
		arg->distrust.flags = CAPCERT_DISTRUST_REMOVE;
		err = t_ioctl(fd, call->cmd, arg);
		arg->distrust.flags = 0;
	}
	return err;
}

static void world_answer(struct fake_agent *a, const struct capcert_agent_request *request)
{
	struct t_world *w = a->user;
	struct fake_reply reply;

	fake_valid(&reply, &w->leaf, &w->root);
	if (request->op != CAPCERT_AGENT_OP_VERIFY)
		reply.r.path_count = 0;
	a->write_error = agent_write(a->fd, &reply, request->id);
}

static void world_status(struct fake_agent *a, const struct capcert_agent_request *request)
{
	struct fake_status status;

	/* Of no use to the next call: each asks for itself. */
	fake_good(&status, -1);
	a->write_error = agent_status(a->fd, &status, 16, request->id);
}

static int fail(const char *step, int err)
{
	fprintf(stderr, "# world: %s: %s\n", step, strerror(-err));
	return err;
}

int t_world_make(struct t_world *w)
{
	struct capcert_status s;
	union t_arg arg;
	int err, i;

	memset(w, 0, sizeof(*w));
	for (i = 0; i < 32; i++)
		w->file[i] = -1;
	t_session();
	tcert_root(1, &w->root);
	tcert_root(2, &w->spare);
	tcert_leaf(T_NAME, 1, 1, &w->leaf);
	w->file[FILE_DEVICE] = t_dev();
	err = t_status(&s);
	if (err)
		return fail("STATUS", err);
	w->production = s.profile == CAPCERT_PROFILE_PRODUCTION;
	w->key[CAPCERT_KIND_STORE] = t_key_store(STORE_NAME);
	w->key[CAPCERT_KIND_CERT] = t_key_cert("world cert", &w->leaf);
	w->key[CAPCERT_KIND_VERIFIER] = t_key_verifier("world verifier", POLICY);
	w->key[CAPCERT_KIND_PINS] = t_key_pins("world pins", "mode=report-only;expires=never");
	w->keyd.cert = &w->leaf;
	err = keyd_start(&w->keyd);
	if (err)
		return fail("keeper of keys", err);
	w->key[CAPCERT_KIND_KEY] = t_key_private("world key", "tls-server");
	w->key[CAPCERT_KIND_SLOT] = t_key_slots("world slots");
	for (i = CAPCERT_KIND_CERT; i <= CAPCERT_KIND_SLOT; i++) {
		if (w->key[i] < 0)
			return fail("add_key", w->key[i]);
		w->file[i] = t_open(w->key[i], t_rights_of_kind((uint32_t)i));
		if (w->file[i] < 0)
			return fail("OPEN", w->file[i]);
	}
	err = t_add(w->file[CAPCERT_KIND_STORE], &w->root, 0);
	if (err)
		return fail("ADD", err);
	w->file[CAPCERT_KIND_WATCH] = t_watch(w->file[CAPCERT_KIND_SLOT], NULL, NULL);
	if (w->file[CAPCERT_KIND_WATCH] < 0)
		return fail("SLOT_WATCH", w->file[CAPCERT_KIND_WATCH]);
	err = world_tls(w);
	if (err)
		return fail("TLS_CONFIG", err);
	w->file[CAPCERT_KIND_AUDIT] = t_open_audit(T_RIGHTS_AUDIT);
	if (w->file[CAPCERT_KIND_AUDIT] < 0)
		return fail("OPEN_AUDIT", w->file[CAPCERT_KIND_AUDIT]);
	memset(&arg, 0, sizeof(arg));
	arg.size = sizeof(arg.evidence);
	fill_evidence(w, FILE_DEVICE, &arg);
	err = t_ioctl(t_dev(), CAPCERT_EVIDENCE, &arg);
	if (err)
		return fail("EVIDENCE", err);
	w->file[CAPCERT_KIND_EVIDENCE] = arg.evidence.fd;
	w->agent.answer = world_answer;
	w->agent.user = w;
	err = agent_start(&w->agent);
	if (err)
		return fail("agent", err);
	w->file[FILE_AGENT] = w->agent.fd;
	w->status.class = CAPCERT_CLASS_STATUS;
	w->status.answer = world_status;
	err = agent_start(&w->status);
	if (err)
		return fail("status agent", err);
	/* Kept from now on, replaced by each later one: no call changes how many there are. */
	memset(&arg, 0, sizeof(arg));
	arg.size = sizeof(arg.fetch);
	fill_fetch(w, CAPCERT_KIND_VERIFIER, &arg);
	err = t_ioctl(w->file[CAPCERT_KIND_VERIFIER], CAPCERT_FETCH, &arg);
	if (err)
		return fail("FETCH", err);
	close(arg.fetch.fd);
	memset(&arg, 0, sizeof(arg));
	arg.size = sizeof(arg.verify);
	fill_verify(w, CAPCERT_KIND_VERIFIER, &arg);
	err = t_ioctl(w->file[CAPCERT_KIND_VERIFIER], CAPCERT_VERIFY, &arg);
	if (err)
		return fail("VERIFY", err);
	w->file[CAPCERT_KIND_OUTCOME] = arg.verify.fd;
	return 0;
}

void t_world_free(struct t_world *w)
{
	int i;

	agent_stop(&w->status);
	agent_stop(&w->agent);
	keyd_stop(&w->keyd);
	for (i = 1; i < FILE_AGENT; i++)
		if (w->file[i] >= 0)
			close(w->file[i]);
	if (w->memfd > 0)
		close(w->memfd);
	tcert_free(&w->root);
	tcert_free(&w->spare);
	tcert_free(&w->leaf);
}
