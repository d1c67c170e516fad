// SPDX-License-Identifier: GPL-2.0-only
/* Ring of audit records: per-CPU buffers nobody waits for, one hash chain over what is read. */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/ktime.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "kmod/digest.h"
#include "kmod/ring.h"

#define RING_DRAIN_DELAY	(HZ / 10)
#define RING_BATCH		64	/* records drained while ring_lock is held */
#define RING_TRIES		8	/* of a reader whose records are overwritten under him */

static unsigned int audit_records = 16384;
module_param(audit_records, uint, 0444);
MODULE_PARM_DESC(audit_records, "audit records kept in memory (256 to 1048576, a power of two)");

static unsigned int audit_buffer = 512;
module_param(audit_buffer, uint, 0444);
MODULE_PARM_DESC(audit_buffer, "audit records buffered per CPU (64 to 65536, a power of two)");

/*
 * One producer at a time: whoever runs on this CPU with interrupts off. @active is odd while it
 * is inside, so that a drain can tell a record that is on its way from one that was lost.
 */
struct ring_cpu {
	u64 active;
	u32 head;			/* next slot to write; producer */
	struct capcert_audit_record *slots;
	u32 tail ____cacheline_aligned_in_smp;	/* next slot to drain; under ring_lock */
};

static struct ring_cpu __percpu *ring_cpus;
static atomic64_t ring_sequence = ATOMIC64_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(ring_waiters);

/*
 * Under ring_lock, which is held for RING_BATCH records at most and never by a producer inside
 * cc_ring_put(). Who only wants the buffers emptied tries it and goes on: its holder runs, and
 * does the same work.
 */
static DEFINE_SPINLOCK(ring_lock);
static struct capcert_audit_record *ring_records;	/* audit_records of them */
static u64 ring_count;			/* records ever appended; the newest is ring_count - 1 */
static u64 ring_upto;			/* every sequence number up to here is appended or lost */

/* Readers, one at a time; taken before ring_lock. */
static DEFINE_MUTEX(ring_readers);
static u64 ring_linked;			/* position of the first record without its link */
static struct {
	u8 link[CAPCERT_DIGEST_SIZE];	/* of the last record that has one */
	struct capcert_audit_record record;
} ring_chain;

static void ring_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(ring_drain_work, ring_work);

u64 cc_ring_put(struct capcert_audit_record *record)
{
	struct ring_cpu *cpu;
	unsigned long flags;
	u32 used;
	u64 seq;

	local_irq_save(flags);
	cpu = this_cpu_ptr(ring_cpus);
	WRITE_ONCE(cpu->active, cpu->active + 1);
	/* Fully ordered: who sees the number also sees @active odd, or the record. */
	seq = atomic64_inc_return(&ring_sequence);
	record->sequence = seq;
	record->mono_ns = ktime_get_ns();
	/* Pairs with the release in ring_drain(): the slot was read before it is reused. */
	used = cpu->head - smp_load_acquire(&cpu->tail);
	if (used < audit_buffer) {
		cpu->slots[cpu->head & (audit_buffer - 1)] = *record;
		/* Pairs with the acquire in ring_oldest(): the slot is whole. */
		smp_store_release(&cpu->head, cpu->head + 1);
	}
	/* Pairs with the acquire in ring_settle(): @head is where it belongs. */
	smp_store_release(&cpu->active, cpu->active + 1);
	local_irq_restore(flags);

	if (used == audit_buffer / 2)
		mod_delayed_work(system_unbound_wq, &ring_drain_work, 0);
	else if (!delayed_work_pending(&ring_drain_work))
		queue_delayed_work(system_unbound_wq, &ring_drain_work, RING_DRAIN_DELAY);
	return seq;
}

u64 cc_ring_sequence(void)
{
	return atomic64_read(&ring_sequence);
}

struct wait_queue_head *cc_ring_wait(void)
{
	return &ring_waiters;
}

/* Wait until no producer is inside that may have taken a number before this call. */
static void ring_settle(struct ring_cpu *cpu)
{
	/* Both pair with the releases in cc_ring_put(). */
	u64 active = smp_load_acquire(&cpu->active);

	if (!(active & 1))
		return;
	while (smp_load_acquire(&cpu->active) == active) /* pairs as above */
		cpu_relax();
}

/* Every number up to the one returned is in a buffer, drained, or lost. */
static u64 ring_horizon(void)
{
	u64 upto = atomic64_read_acquire(&ring_sequence);
	int i;

	for_each_possible_cpu(i)
		ring_settle(per_cpu_ptr(ring_cpus, i));
	return upto;
}

/* The CPU whose oldest buffered record has the least number up to @upto. */
static struct ring_cpu *ring_oldest(u64 upto)
{
	struct ring_cpu *best = NULL;
	u64 best_seq = upto;
	int i;

	for_each_possible_cpu(i) {
		struct ring_cpu *cpu = per_cpu_ptr(ring_cpus, i);
		u64 seq;

		/* Pairs with the release in cc_ring_put(). */
		if (cpu->tail == smp_load_acquire(&cpu->head))
			continue;
		seq = cpu->slots[cpu->tail & (audit_buffer - 1)].sequence;
		if (seq <= best_seq) {
			best = cpu;
			best_seq = seq;
		}
	}
	return best;
}

/* Under ring_lock. Return: true when there may be more up to @upto. */
static bool ring_drain_batch(u64 upto)
{
	struct ring_cpu *cpu;
	int n;

	for (n = 0; n < RING_BATCH; n++) {
		cpu = ring_oldest(upto);
		if (!cpu) {
			WRITE_ONCE(ring_upto, max(ring_upto, upto));
			return false;
		}
		ring_records[ring_count & (audit_records - 1)] =
			cpu->slots[cpu->tail & (audit_buffer - 1)];
		ring_count++;
		/* Pairs with the acquire in cc_ring_put(). */
		smp_store_release(&cpu->tail, cpu->tail + 1);
	}
	return true;
}

static void ring_drain(void)
{
	u64 upto = ring_horizon();
	bool more;

	do {
		spin_lock(&ring_lock);
		more = ring_drain_batch(upto);
		spin_unlock(&ring_lock);
		cond_resched();
	} while (more);
}

void cc_ring_relieve(void)
{
	const struct ring_cpu *cpu = raw_cpu_ptr(ring_cpus);
	bool more = true;
	u64 upto;

	/* The work runs from half full on. On which CPU we are by now does not matter. */
	if (READ_ONCE(cpu->head) - READ_ONCE(cpu->tail) < audit_buffer / 4 * 3)
		return;
	upto = ring_horizon();
	while (more && spin_trylock(&ring_lock)) {
		more = ring_drain_batch(upto);
		spin_unlock(&ring_lock);
	}
}

static void ring_work(struct work_struct *work)
{
	ring_drain();
	wake_up_interruptible(&ring_waiters);
}

/* The rest is for readers, under ring_readers. */

/* Under ring_lock. */
static u64 ring_oldest_position(void)
{
	return ring_count > audit_records ? ring_count - audit_records : 0;
}

/* Under ring_lock: position of the first record with a number of at least @from. */
static u64 ring_find(u64 from)
{
	u64 lo = ring_oldest_position();
	u64 hi = ring_count;

	while (lo < hi) {
		u64 mid = lo + (hi - lo) / 2;

		if (ring_records[mid & (audit_records - 1)].sequence < from)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* A copy of the record at *@pos, or of the oldest when that one is gone. false: there is none. */
static bool ring_copy(u64 *pos, struct capcert_audit_record *ret)
{
	bool found;

	spin_lock(&ring_lock);
	*pos = max(*pos, ring_oldest_position());
	found = *pos < ring_count;
	if (found)
		*ret = ring_records[*pos & (audit_records - 1)];
	spin_unlock(&ring_lock);
	return found;
}

/*
 * Links are made when the first reader comes by: what the ring dropped unread is in nobody's
 * copy of the chain, so it costs nobody a hash. Makes them for all records before @upto.
 */
static int ring_link(u64 upto)
{
	u8 link[CAPCERT_DIGEST_SIZE];
	int ret;

	while (ring_linked < upto && ring_copy(&ring_linked, &ring_chain.record) &&
	       ring_linked < upto) {
		ret = cc_sha256(&ring_chain, sizeof(ring_chain), link);
		if (ret)
			return ret;
		memcpy(ring_chain.link, link, sizeof(link));
		spin_lock(&ring_lock);
		if (ring_linked >= ring_oldest_position())
			memcpy(ring_records[ring_linked & (audit_records - 1)].link, link,
			       sizeof(link));
		spin_unlock(&ring_lock);
		ring_linked++;
		cond_resched();
	}
	return 0;
}

/*
 * Records from @from on whose links are made. Where the ring dropped one meanwhile this call
 * ends: the next one reports it as lost.
 */
static u32 ring_take(u64 from, struct capcert_audit_record *buf, u32 count, u64 *ret_next)
{
	u64 pos, at, next;
	u32 n = 0;

	spin_lock(&ring_lock);
	next = max(from, ring_upto + 1);
	pos = ring_find(from);
	if (pos < ring_count)
		next = ring_records[pos & (audit_records - 1)].sequence;
	spin_unlock(&ring_lock);

	while (n < count) {
		at = pos;
		if (!ring_copy(&pos, &buf[n]) || pos >= ring_linked || (n && pos != at))
			break;
		next = buf[n++].sequence + 1;
		pos++;
	}
	*ret_next = next;
	return n;
}

int cc_ring_fetch(u64 from, struct capcert_audit_record *buf, u32 count, u64 *ret_next,
		  u64 *ret_lost)
{
	int tries = RING_TRIES, ret;
	u64 upto;
	u32 n = 0;

	if (!from)
		from = 1;
	ring_drain();
	mutex_lock(&ring_readers);
	do {
		spin_lock(&ring_lock);
		upto = min(ring_find(from) + count, ring_count);
		spin_unlock(&ring_lock);
		ret = ring_link(upto);
		if (!ret)
			n = ring_take(from, buf, count, ret_next);
		/* None, though some were there: the ring ran away under this reader. */
	} while (!ret && !n && count && *ret_next <= READ_ONCE(ring_upto) && --tries);
	mutex_unlock(&ring_readers);
	if (ret)
		return ret;
	*ret_lost = (n ? buf[0].sequence : *ret_next) - from;
	return n;
}

static void ring_free(void)
{
	int i;

	if (ring_cpus)
		for_each_possible_cpu(i)
			kvfree(per_cpu_ptr(ring_cpus, i)->slots);
	free_percpu(ring_cpus);
	ring_cpus = NULL;
	vfree(ring_records);
	ring_records = NULL;
}

int cc_ring_init(void)
{
	int i;

	audit_records = roundup_pow_of_two(clamp(audit_records, 256u, 1048576u));
	audit_buffer = roundup_pow_of_two(clamp(audit_buffer, 64u, 65536u));
	ring_records = vzalloc(array_size(audit_records, sizeof(*ring_records)));
	ring_cpus = alloc_percpu(struct ring_cpu);
	if (!ring_records || !ring_cpus)
		goto nomem;
	for_each_possible_cpu(i) {
		struct ring_cpu *cpu = per_cpu_ptr(ring_cpus, i);

		cpu->slots = kvmalloc_node(array_size(audit_buffer, sizeof(*cpu->slots)),
					   GFP_KERNEL | __GFP_ZERO, cpu_to_node(i));
		if (!cpu->slots)
			goto nomem;
	}
	return 0;
nomem:
	ring_free();
	return -ENOMEM;
}

/* After the last producer: nothing may call cc_ring_put() any more. */
void cc_ring_exit(void)
{
	cancel_delayed_work_sync(&ring_drain_work);
	ring_free();
}
