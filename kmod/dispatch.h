/* SPDX-License-Identifier: GPL-2.0-only */
/* One table of all ioctls: who may call what, with which struct; and the calls in flight. */
#ifndef KMOD_DISPATCH_H
#define KMOD_DISPATCH_H

#include <linux/fs.h>
#include <linux/types.h>

#include "kmod/handle.h"

/* Which file a row belongs to. */
enum cc_file {
	CC_FILE_DEVICE, /* /dev/capcert */
	CC_FILE_AGENT,	/* /dev/capcert-agent */
	CC_FILE_HANDLE, /* a handle whose kind is in the row's mask */
};

struct cc_row;

/* One call: made on the stack of the dispatcher, passed to the handler. */
struct cc_call {
	const struct cc_row *row;
	struct file *file;
	struct cc_handle *handle; /* CC_FILE_HANDLE only; checked, outlives the call */
	u32 size;		  /* of the caller's struct */
	/* Files that the caller gets: installed after the answer was copied out, or dropped. */
	int new_fd;
	struct file *new_file;
};

/*
 * A handler gets a kernel copy of the caller's struct, as long as this kernel knows it, missing
 * tail zero; size, tail, flags and reserved fields are checked, and so are the rights of
 * call->handle. It fills the output fields of @arg and returns 0; on an error nothing is copied
 * back, except after -EMSGSIZE for rows with CC_ROW_RET_LEN.
 */
typedef int cc_handler(struct cc_call *call, void *arg);

#define CC_ROW_RET_LEN (1u << 0) /* copy the struct back after -EMSGSIZE as well */

#define CC_ROW_CHANGES (1u << 1) /* changes an object: first see that the answer can be written */

struct cc_row {
	u32 command;
	const char *name;
	cc_handler *handler;
	u16 size;	/* of the struct as this kernel knows it */
	u16 min_size;	/* of its first version */
	u16 reserved;	/* offset of a __u32 that must be zero, 0 = none */
	u8 file;	/* enum cc_file */
	u8 row_flags;	/* CC_ROW_* */
	u32 kinds;	/* mask 1 << CAPCERT_KIND_*, for CC_FILE_HANDLE */
	u32 flags;	/* flags that the caller may set */
	u64 rights;	/* needed on the handle */
};

extern const struct cc_row cc_rows[];
extern const unsigned int cc_row_count;

/* The ioctl entry of each kind of file. */
long cc_dispatch_device(struct file *file, unsigned int command, unsigned long arg);
long cc_dispatch_agent(struct file *file, unsigned int command, unsigned long arg);
long cc_dispatch_handle(struct file *file, unsigned int command, unsigned long arg);

/*
 * cc_call_publish() - a new fd (close-on-exec) for @handle, whose reference it takes over (on
 * failure too). The fd appears in the caller's table when the answer has been copied out.
 * Return: the number, or -errno. At most one per call.
 */
int cc_call_publish(struct cc_call *call, struct cc_handle *handle);

/*
 * cc_handle_from_fd() - a handle named by an fd argument, checked for use by this process.
 * Return: with a reference for cc_handle_put(), or ERR_PTR: -EBADF not open, -EBADFD no handle
 * or none of @kind (0 = any), else as cc_handle_check(). Refusals are audited as @call's.
 */
struct cc_handle *cc_handle_from_fd(struct cc_call *call, int fd, u32 kind, u64 rights);

/* Handlers, by the file that has them. */
cc_handler cc_status_ioctl;				      /* status.c */
cc_handler cc_open_ioctl, cc_open_name_ioctl, cc_open_system_ioctl; /* open.c */
cc_handler cc_info_ioctl, cc_read_ioctl, cc_public_ioctl;     /* info.c */
cc_handler cc_restrict_ioctl;				      /* restrict.c */
cc_handler cc_key_info_ioctl, cc_key_restrict_ioctl;	      /* key_handle.c */
cc_handler cc_sign_ioctl;				      /* sign.c */
cc_handler cc_slot_put_ioctl, cc_slot_delete_ioctl;	      /* slot_put.c */
cc_handler cc_slot_get_ioctl, cc_slot_list_ioctl;	      /* slot_get.c */
cc_handler cc_slot_restrict_ioctl;
cc_handler cc_slot_watch_ioctl, cc_slot_next_ioctl;	      /* slot_watch.c */
cc_handler cc_add_ioctl, cc_remove_ioctl, cc_version_ioctl;   /* anchors.c */
cc_handler cc_pins_add_ioctl, cc_pins_remove_ioctl, cc_pins_info_ioctl; /* pins.c */
cc_handler cc_evidence_ioctl;			      /* evidence.c */
cc_handler cc_policy_ioctl;				      /* policy.c */
cc_handler cc_open_audit_ioctl, cc_audit_read_ioctl;	      /* audit */
cc_handler cc_distrust_ioctl;				      /* distrust.c */
cc_handler cc_admit_ioctl;				      /* admit.c */
cc_handler cc_floor_ioctl;				      /* admitted.c */
cc_handler cc_verify_ioctl;				      /* verify.c */
cc_handler cc_fetch_ioctl;				      /* fetch.c */
cc_handler cc_verify_sig_ioctl;				      /* verify_sig.c */
cc_handler cc_tls_config_ioctl, cc_tls_info_ioctl, cc_tls_use_ioctl; /* tls_calls.c */
cc_handler cc_outcome_get_ioctl;			      /* outcome.c */
cc_handler cc_agent_hello_ioctl, cc_agent_state_ioctl;	      /* agent.c */

#endif
