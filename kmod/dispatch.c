// SPDX-License-Identifier: GPL-2.0-only
/* One table of all ioctls; the only code that checks rights, sizes, flags, and copies structs. */
#include <linux/build_bug.h>
#include <linux/capcert_agent.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "kmod/audit.h"
#include "kmod/dispatch.h"
#include "kmod/ring.h"

#define ARG_MAX_SIZE 512

#define KINDS_ALL                                                                              \
	(1u << CAPCERT_KIND_CERT | 1u << CAPCERT_KIND_STORE | 1u << CAPCERT_KIND_VERIFIER |    \
	 1u << CAPCERT_KIND_PINS | 1u << CAPCERT_KIND_KEY | 1u << CAPCERT_KIND_AUDIT |         \
	 1u << CAPCERT_KIND_OUTCOME | 1u << CAPCERT_KIND_EVIDENCE | 1u << CAPCERT_KIND_SLOT |  \
	 1u << CAPCERT_KIND_WATCH | 1u << CAPCERT_KIND_TLS)
#define KINDS_READ                                                                             \
	(1u << CAPCERT_KIND_CERT | 1u << CAPCERT_KIND_STORE | 1u << CAPCERT_KIND_VERIFIER |    \
	 1u << CAPCERT_KIND_PINS | 1u << CAPCERT_KIND_EVIDENCE)

/* Every struct begins with size and flags; @last is the last member of its first version. */
#define ROW(_name, _command, _handler, _file, _struct, _last, ...)                             \
	{                                                                                      \
		.command = (_command), .name = (_name), .handler = (_handler),                 \
		.file = (_file), .size = sizeof(struct _struct),                               \
		.min_size = offsetofend(struct _struct, _last), ##__VA_ARGS__                  \
	}
#define DEVICE(_name, _command, _handler, _struct, _last, ...)                                 \
	ROW(_name, _command, _handler, CC_FILE_DEVICE, _struct, _last, ##__VA_ARGS__)
#define AGENT(_name, _command, _handler, _struct, _last, ...)                                  \
	ROW(_name, _command, _handler, CC_FILE_AGENT, _struct, _last, ##__VA_ARGS__)
#define HANDLE(_name, _command, _handler, _kinds, _rights, _struct, _last, ...)                \
	ROW(_name, _command, _handler, CC_FILE_HANDLE, _struct, _last, .kinds = (_kinds),      \
	    .rights = (_rights), ##__VA_ARGS__)
#define RESERVED(_struct) .reserved = offsetof(struct _struct, reserved)
#define RET_LEN .row_flags = CC_ROW_RET_LEN
#define CHANGES .row_flags = CC_ROW_CHANGES
#define KIND(_kind) (1u << CAPCERT_KIND_##_kind)

const struct cc_row cc_rows[] = {
	/* The hot ones first. */
	HANDLE("VERIFY", CAPCERT_VERIFY, cc_verify_ioctl, KIND(VERIFIER), CAPCERT_RIGHT_VERIFY,
	       capcert_verify, rights, .flags = CAPCERT_VERIFY_TIME | CAPCERT_VERIFY_FD |
			CAPCERT_VERIFY_FETCHED),
	HANDLE("VERIFY_SIG", CAPCERT_VERIFY_SIG, cc_verify_sig_ioctl, KIND(VERIFIER),
	       CAPCERT_RIGHT_VERIFY, capcert_verify_sig, reserved, RESERVED(capcert_verify_sig)),
	HANDLE("FETCH", CAPCERT_FETCH, cc_fetch_ioctl, KIND(VERIFIER), CAPCERT_RIGHT_FETCH,
	       capcert_fetch, detail, RESERVED(capcert_fetch)),
	HANDLE("SIGN", CAPCERT_SIGN, cc_sign_ioctl, KIND(KEY), CAPCERT_RIGHT_SIGN,
	       capcert_sign, ret_len, .flags = CAPCERT_SIGN_DIGEST, RET_LEN),
	HANDLE("SLOT_GET", CAPCERT_SLOT_GET, cc_slot_get_ioctl, KIND(SLOT), CAPCERT_RIGHT_GET,
	       capcert_slot_get, leaf, .flags = CAPCERT_SLOT_KEY | CAPCERT_SLOT_VERSION, RET_LEN),
	HANDLE("SLOT_NEXT", CAPCERT_SLOT_NEXT, cc_slot_next_ioctl, KIND(WATCH),
	       CAPCERT_RIGHT_WATCH, capcert_slot_next, event_size, CHANGES),
	HANDLE("INFO", CAPCERT_INFO, cc_info_ioctl, KINDS_ALL, CAPCERT_RIGHT_INFO,
	       capcert_info, created),
	HANDLE("READ", CAPCERT_READ, cc_read_ioctl, KINDS_READ, CAPCERT_RIGHT_READ,
	       capcert_read, version, RET_LEN),
	HANDLE("RESTRICT", CAPCERT_RESTRICT, cc_restrict_ioctl, KINDS_ALL, CAPCERT_RIGHT_RESTRICT,
	       capcert_restrict, id, .flags = CAPCERT_RESTRICT_LIVE | CAPCERT_RESTRICT_PIDFD),
	HANDLE("PUBLIC", CAPCERT_PUBLIC, cc_public_ioctl, KIND(CERT) | KIND(KEY),
	       CAPCERT_RIGHT_PUBLIC, capcert_public, ret_len, RET_LEN),
	HANDLE("ADD", CAPCERT_ADD, cc_add_ioctl, KIND(STORE), CAPCERT_RIGHT_ADD,
	       capcert_add, version, RESERVED(capcert_add), CHANGES),
	HANDLE("REMOVE", CAPCERT_REMOVE, cc_remove_ioctl, KIND(STORE), CAPCERT_RIGHT_REMOVE,
	       capcert_remove, version, RESERVED(capcert_remove), CHANGES),
	HANDLE("VERSION", CAPCERT_VERSION, cc_version_ioctl, KIND(STORE), CAPCERT_RIGHT_INFO,
	       capcert_version, digest, RESERVED(capcert_version)),
	HANDLE("PINS_ADD", CAPCERT_PINS_ADD, cc_pins_add_ioctl, KIND(PINS), CAPCERT_RIGHT_ADD,
	       capcert_pin, version, CHANGES),
	HANDLE("PINS_REMOVE", CAPCERT_PINS_REMOVE, cc_pins_remove_ioctl, KIND(PINS),
	       CAPCERT_RIGHT_REMOVE, capcert_pin, version, CHANGES),
	HANDLE("PINS_INFO", CAPCERT_PINS_INFO, cc_pins_info_ioctl, KIND(PINS), CAPCERT_RIGHT_INFO,
	       capcert_pins_info, digest),
	HANDLE("POLICY", CAPCERT_POLICY, cc_policy_ioctl, KIND(VERIFIER), CAPCERT_RIGHT_INFO,
	       capcert_policy_info, profile),
	HANDLE("KEY_INFO", CAPCERT_KEY_INFO, cc_key_info_ioctl, KIND(KEY), CAPCERT_RIGHT_INFO,
	       capcert_key_info, spki_hash, RESERVED(capcert_key_info)),
	HANDLE("KEY_RESTRICT", CAPCERT_KEY_RESTRICT, cc_key_restrict_ioctl, KIND(KEY),
	       CAPCERT_RIGHT_RESTRICT, capcert_key_restrict, id,
	       .flags = CAPCERT_RESTRICT_PIDFD),
	HANDLE("SLOT_PUT", CAPCERT_SLOT_PUT, cc_slot_put_ioctl, KIND(SLOT), CAPCERT_RIGHT_PUT,
	       capcert_slot_put, time, RESERVED(capcert_slot_put),
	       .flags = CAPCERT_SLOT_EXPECT | CAPCERT_SLOT_STAPLE, CHANGES),
	HANDLE("SLOT_LIST", CAPCERT_SLOT_LIST, cc_slot_list_ioctl, KIND(SLOT), CAPCERT_RIGHT_LIST,
	       capcert_slot_list, version, RESERVED(capcert_slot_list)),
	HANDLE("SLOT_DELETE", CAPCERT_SLOT_DELETE, cc_slot_delete_ioctl, KIND(SLOT),
	       CAPCERT_RIGHT_DELETE, capcert_slot_delete, version, RESERVED(capcert_slot_delete),
	       .flags = CAPCERT_SLOT_EXPECT, CHANGES),
	HANDLE("SLOT_WATCH", CAPCERT_SLOT_WATCH, cc_slot_watch_ioctl, KIND(SLOT),
	       CAPCERT_RIGHT_WATCH, capcert_slot_watch, id, .flags = CAPCERT_SLOT_FROM),
	HANDLE("SLOT_RESTRICT", CAPCERT_SLOT_RESTRICT, cc_slot_restrict_ioctl, KIND(SLOT),
	       CAPCERT_RIGHT_RESTRICT, capcert_slot_restrict, id,
	       RESERVED(capcert_slot_restrict), .flags = CAPCERT_RESTRICT_PIDFD),
	HANDLE("TLS_INFO", CAPCERT_TLS_INFO, cc_tls_info_ioctl, KIND(TLS), CAPCERT_RIGHT_INFO,
	       capcert_tls_info, host, RET_LEN),
	HANDLE("TLS_USE", CAPCERT_TLS_USE, cc_tls_use_ioctl, KIND(TLS), CAPCERT_RIGHT_USE,
	       capcert_tls_use, id),
	HANDLE("OUTCOME_GET", CAPCERT_OUTCOME_GET, cc_outcome_get_ioctl, KIND(OUTCOME),
	       CAPCERT_RIGHT_READ, capcert_outcome_get, superseded),
	HANDLE("AUDIT_READ", CAPCERT_AUDIT_READ, cc_audit_read_ioctl, KIND(AUDIT),
	       CAPCERT_RIGHT_READ, capcert_audit_read, lost),

	DEVICE("STATUS", CAPCERT_STATUS, cc_status_ioctl, capcert_status, fetch_hits),
	DEVICE("OPEN", CAPCERT_OPEN, cc_open_ioctl, capcert_open, id, RESERVED(capcert_open)),
	DEVICE("OPEN_NAME", CAPCERT_OPEN_NAME, cc_open_name_ioctl, capcert_open_name, id,
	       RESERVED(capcert_open_name)),
	DEVICE("OPEN_SYSTEM", CAPCERT_OPEN_SYSTEM, cc_open_system_ioctl, capcert_open_name, id,
	       RESERVED(capcert_open_name)),
	DEVICE("OPEN_AUDIT", CAPCERT_OPEN_AUDIT, cc_open_audit_ioctl, capcert_open_audit, reserved,
	       RESERVED(capcert_open_audit)),
	DEVICE("DISTRUST", CAPCERT_DISTRUST, cc_distrust_ioctl, capcert_distrust_entry, generation,
	       .flags = CAPCERT_DISTRUST_REMOVE, CHANGES),
	DEVICE("ADMIT", CAPCERT_ADMIT, cc_admit_ioctl, capcert_admit, name, RESERVED(capcert_admit),
	       CHANGES),
	DEVICE("FLOOR", CAPCERT_FLOOR, cc_floor_ioctl, capcert_floor, number,
	       RESERVED(capcert_floor), CHANGES),

	DEVICE("EVIDENCE", CAPCERT_EVIDENCE, cc_evidence_ioctl, capcert_make_evidence, digest,
	       RESERVED(capcert_make_evidence)),

	DEVICE("TLS_CONFIG", CAPCERT_TLS_CONFIG, cc_tls_config_ioctl, capcert_tls_config, reserved,
	       RESERVED(capcert_tls_config), CHANGES,
	       .flags = CAPCERT_TLS_STAPLE | CAPCERT_TLS_STAPLE_REQUIRED | CAPCERT_TLS_LEGACY_OK),

	AGENT("AGENT_HELLO", CAPCERT_AGENT_HELLO, cc_agent_hello_ioctl, capcert_agent_hello,
	      max_request),
	AGENT("AGENT_STATE", CAPCERT_AGENT_STATE, cc_agent_state_ioctl, capcert_agent_state,
	      index, RET_LEN),
};

const unsigned int cc_row_count = ARRAY_SIZE(cc_rows);

static const struct cc_row *row_find(enum cc_file file, u32 kind, u32 command)
{
	unsigned int i;

	for (i = 0; i < cc_row_count; i++) {
		const struct cc_row *row = &cc_rows[i];

		if (row->command != command || row->file != file)
			continue;
		return file != CC_FILE_HANDLE || row->kinds & 1u << kind ? row : NULL;
	}
	return NULL;
}

static void deny_audit(const struct cc_row *row, const struct cc_handle *handle, int error)
{
	const struct cc_object *object = handle->object;

	struct cc_audit_event event = CC_AUDIT_EVENT(CAPCERT_AUDIT_DENY,
		.kind = object->kind, .origin = object->origin, .command = row->command,
		.error = error, .handle_id = handle->id, .rights = handle->rights,
		.object_id = object->id, .text = row->name, .text_len = (u32)strlen(row->name));

	cc_audit(&event);
}

/* The caller's struct into @arg: size first, unknown tail zero, flags known, reserved zero. */
static int arg_in(const struct cc_row *row, void *arg, void __user *user, u32 *ret_size)
{
	u32 *head = arg;
	u32 size;
	int error;

	if (get_user(size, (u32 __user *)user))
		return -EFAULT;
	if (size < row->min_size)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	error = copy_struct_from_user(arg, row->size, user, size);
	if (error)
		return error;
	/* What was read first is what counts, whatever another thread wrote there since. */
	head[0] = size;
	if (head[1] & ~row->flags)
		return -EINVAL;
	if (row->reserved && *(u32 *)(arg + row->reserved))
		return -EINVAL;
	*ret_size = size;
	return 0;
}

/* Publish last: the answer first, then the new fd, which cannot be taken back. */
static long call_finish(struct cc_call *call, void *arg, void __user *user, int error)
{
	const bool answer = !error || (error == -EMSGSIZE &&
				       call->row->row_flags & CC_ROW_RET_LEN);

	/*
	 * A change that was made is not reported as a failure: the struct was writable when it
	 * began, and who took that away since has lost the version number, not an anchor he
	 * believes absent. But a file whose number nobody learns would stay open for ever.
	 */
	if (answer && copy_to_user(user, arg, min_t(u32, call->size, call->row->size)) &&
	    (call->new_file || !(call->row->row_flags & CC_ROW_CHANGES)))
		error = -EFAULT;
	if (!call->new_file)
		return error;
	if (error) {
		put_unused_fd(call->new_fd);
		fput(call->new_file);
		return error;
	}
	fd_install(call->new_fd, call->new_file);
	return 0;
}

static long dispatch(struct cc_call *call, void __user *user)
{
	u64 arg[ARG_MAX_SIZE / sizeof(u64)];
	int error;

	error = arg_in(call->row, arg, user, &call->size);
	if (error)
		return error;
	/* What cannot be told must not happen: a new fd can be dropped again, a change cannot. */
	if (call->row->row_flags & CC_ROW_CHANGES &&
	    copy_to_user(user, arg, min_t(u32, call->size, call->row->size)))
		return -EFAULT;
	error = call->row->handler(call, arg);
	return call_finish(call, arg, user, error);
}

static long dispatch_file(struct file *file, enum cc_file which, u32 command, unsigned long arg)
{
	struct cc_call call = { .file = file, .row = row_find(which, 0, command) };
	long ret;

	if (!call.row)
		return -ENOTTY;
	ret = dispatch(&call, (void __user *)arg);
	cc_ring_relieve();
	return ret;
}

long cc_dispatch_device(struct file *file, unsigned int command, unsigned long arg)
{
	return dispatch_file(file, CC_FILE_DEVICE, command, arg);
}

long cc_dispatch_agent(struct file *file, unsigned int command, unsigned long arg)
{
	return dispatch_file(file, CC_FILE_AGENT, command, arg);
}

long cc_dispatch_handle(struct file *file, unsigned int command, unsigned long arg)
{
	struct cc_handle *handle = file->private_data;
	struct cc_call call = {
		.file = file,
		.handle = handle, /* kept by the file, which the system call holds */
		.row = row_find(CC_FILE_HANDLE, handle->object->kind, command),
	};
	long ret;

	if (!call.row)
		return -ENOTTY;
	ret = cc_handle_check(handle, call.row->rights);
	if (ret)
		deny_audit(call.row, handle, (int)ret);
	else
		ret = dispatch(&call, (void __user *)arg);
	cc_ring_relieve();
	return ret;
}

int cc_call_publish(struct cc_call *call, struct cc_handle *handle)
{
	struct file *file;
	int fd;

	if (WARN_ON_ONCE(call->new_file)) {
		cc_handle_put(handle);
		return -EINVAL;
	}
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		cc_handle_put(handle);
		return fd;
	}
	file = cc_handle_file(handle);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	call->new_fd = fd;
	call->new_file = file;
	return fd;
}

struct cc_handle *cc_handle_from_fd(struct cc_call *call, int fd, u32 kind, u64 rights)
{
	struct file *file = fd >= 0 ? fget(fd) : NULL;
	struct cc_handle *handle;
	int error;

	if (!file)
		return ERR_PTR(-EBADF);
	handle = cc_handle_of(file);
	if (!handle || (kind && handle->object->kind != kind)) {
		fput(file);
		return ERR_PTR(-EBADFD);
	}
	cc_handle_get(handle);
	fput(file);
	error = cc_handle_check(handle, rights);
	if (error) {
		deny_audit(call->row, handle, error);
		cc_handle_put(handle);
		return ERR_PTR(error);
	}
	return handle;
}

static_assert(sizeof(struct capcert_info) <= ARG_MAX_SIZE);
