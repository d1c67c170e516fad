/* SPDX-License-Identifier: GPL-2.0-only */
/* Every ioctl as a row of one table, and a world of objects in which each of them succeeds. */
#ifndef KSFT_CALLS_H
#define KSFT_CALLS_H

#include "fake_keyd.h"
#include "slots.h"

/* Files an ioctl can be tried on: the kinds of handle, and these. */
#define FILE_DEVICE	0
#define FILE_AGENT	31

union t_arg {
	__u32 size;
	struct capcert_status status;
	struct capcert_open open;
	struct capcert_open_name open_name;
	struct capcert_open_audit open_audit;
	struct capcert_distrust_entry distrust;
	struct capcert_admit admit;
	struct capcert_floor floor;
	struct capcert_info info;
	struct capcert_read read;
	struct capcert_public public;
	struct capcert_restrict restrict_;
	struct capcert_add add;
	struct capcert_remove remove;
	struct capcert_version version;
	struct capcert_policy_info policy;
	struct capcert_pin pin;
	struct capcert_make_evidence evidence;
	struct capcert_pins_info pins_info;
	struct capcert_verify verify;
	struct capcert_verify_sig verify_sig;
	struct capcert_fetch fetch;
	struct capcert_outcome_get outcome_get;
	struct capcert_audit_read audit_read;
	struct capcert_key_info key_info;
	struct capcert_key_restrict key_restrict;
	struct capcert_sign sign;
	struct capcert_slot_put slot_put;
	struct capcert_slot_get slot_get;
	struct capcert_slot_list slot_list;
	struct capcert_slot_delete slot_delete;
	struct capcert_slot_watch slot_watch;
	struct capcert_slot_next slot_next;
	struct capcert_slot_restrict slot_restrict;
	struct capcert_tls_config tls_config;
	struct capcert_tls_info tls_info;
	struct capcert_tls_use tls_use;
	uint8_t room[4096];
};

struct t_world {
	int file[32];		/* by kind; FILE_DEVICE, FILE_AGENT; -1 = none */
	int key[32];		/* backing keys by kind, 0 = none */
	int pidfd;
	int memfd;		/* what ADMIT gets, 0 = none yet */
	struct tcert root;	/* in the store */
	struct tcert spare;	/* in the store or not, as a call needs it */
	struct tcert leaf;
	struct fake_agent agent;
	struct fake_agent status;
	struct fake_keyd keyd;
	bool production;
	/* what the arguments point to */
	struct capcert_blob chain[2];
	struct capcert_blob subject;
	struct capcert_outcome outcome;
	struct capcert_path_entry path[CAPCERT_MAX_PATH];
	uint8_t buf[8192];
	struct t_put put;
};

#define T_FIELDS 4
struct t_call {
	const char *name;
	unsigned long cmd;
	size_t size;
	uint32_t kinds;			/* mask 1 << kind of the files that know it */
	uint64_t right;			/* needed on that handle, 0 = none */
	uint32_t known_flags;
	int expect;			/* of the valid call: 0 or -errno */
	size_t reserved[T_FIELDS];	/* offsets of __u32 that must be zero; 0 ends */
	size_t pointers[T_FIELDS];	/* offsets of __u64 user addresses; 0 ends */
	size_t fd_out;			/* offset of an fd to close after success, 0 = none */
	void (*fill)(struct t_world *w, uint32_t kind, union t_arg *arg);
};

extern const struct t_call t_calls[];
extern const size_t t_call_count;

/** t_world_make() - objects, handles with all rights, and an agent that finds everything valid.
 *  Return: 0, or -errno with the step that failed on stderr. */
int t_world_make(struct t_world *w);
void t_world_free(struct t_world *w);

/** t_call_prepare() - a valid argument for @call on a file of @kind, and the state it needs. */
void t_call_prepare(struct t_world *w, const struct t_call *call, uint32_t kind,
		    union t_arg *arg);
/** t_call_run() - the ioctl on @fd; closes what it returned. Return: 0 or -errno. */
int t_call_run(const struct t_call *call, int fd, union t_arg *arg);

#endif
