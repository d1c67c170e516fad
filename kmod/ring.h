/* SPDX-License-Identifier: GPL-2.0-only */
/* Ring of audit records: per-CPU buffers nobody waits for, one hash chain over what is read. */
#ifndef KMOD_RING_H
#define KMOD_RING_H

#include <linux/capcert.h>
#include <linux/types.h>

struct wait_queue_head;

/**
 * cc_ring_put() - give @record the next sequence number and keep a copy.
 *
 * Takes no lock and never sleeps; any context but NMI. A full buffer loses the record, not the
 * number: readers see the gap.
 */
u64 cc_ring_put(struct capcert_audit_record *record);

/**
 * cc_ring_fetch() - copy records out of the ring; sleeps.
 * @from: first sequence number wanted; 0 is 1.
 * @buf: room for @count records.
 * @ret_next: sequence number to ask from next.
 * @ret_lost: records before the first one given that are gone.
 * Return: records written, or -errno of the hash.
 */
int cc_ring_fetch(u64 from, struct capcert_audit_record *buf, u32 count, u64 *ret_next,
		  u64 *ret_lost);

/**
 * cc_ring_relieve() - empty the buffers when this CPU's is nearly full; sleeps.
 *
 * For the end of a system call: who makes many records does the work for them, so that nobody can
 * drown the record of what he did in a flood of his own.
 */
void cc_ring_relieve(void);

/** cc_ring_sequence() - the newest number given out, 0 before the first. */
u64 cc_ring_sequence(void);

/** cc_ring_wait() - where a poller sleeps: woken after each drain. */
struct wait_queue_head *cc_ring_wait(void);

int cc_ring_init(void);
void cc_ring_exit(void);

#endif
