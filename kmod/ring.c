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
#define RING_BATCH		64	/* records drained between two chances to reschedule */

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
	u32 tail ____cacheline_aligned_in_smp;	/* next slot to drain; under ring_mutex */
};

static struct ring_cpu __percpu *ring_cpus;
static atomic64_t ring_sequence = ATOMIC64_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(ring_waiters);

/* Everything below belongs to the drain and its readers. */
static DEFINE_MUTEX(ring_mutex);
static struct capcert_audit_record *ring_records;	/* audit_records of them */
static u64 ring_count;			/* records ever appended; the newest is ring_count - 1 */
static u64 ring_upto;			/* every sequence number up to here is appended or lost */
static u64 ring_linked;			/* position of the first record without its link */
static struct {
	u8 link[CAPCERT_DIGEST_SIZE];	/* of the newest record */
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
		cond_resched();
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

static u64 ring_oldest_position(void)
{
	return ring_count > audit_records ? ring_count - audit_records : 0;
}

/*
 * Links are made when the first reader comes by: what the ring dropped unread is in nobody's
 * copy of the chain, so it costs nobody a hash. Under ring_mutex.
 */
static int ring_link(u64 upto)
{
	int ret;

	for (ring_linked = max(ring_linked, ring_oldest_position()); ring_linked < upto;
	     ring_linked++) {
		struct capcert_audit_record *record =
			&ring_records[ring_linked & (audit_records - 1)];

		ring_chain.record = *record;
		ret = cc_sha256(&ring_chain, sizeof(ring_chain), record->link);
		if (ret) {
			memset(record->link, 0, sizeof(record->link));
			return ret;
		}
		memcpy(ring_chain.link, record->link, sizeof(ring_chain.link));
		if (ring_linked % RING_BATCH == 0)
			cond_resched();
	}
	return 0;
}

static void ring_drain(void)
{
	struct ring_cpu *cpu;
	unsigned int n = 0;
	u64 upto;
	int i;

	lockdep_assert_held(&ring_mutex);
	upto = atomic64_read_acquire(&ring_sequence);
	for_each_possible_cpu(i)
		ring_settle(per_cpu_ptr(ring_cpus, i));
	while ((cpu = ring_oldest(upto))) {
		ring_records[ring_count & (audit_records - 1)] =
			cpu->slots[cpu->tail & (audit_buffer - 1)];
		ring_count++;
		/* Pairs with the acquire in cc_ring_put(). */
		smp_store_release(&cpu->tail, cpu->tail + 1);
		if (++n % RING_BATCH == 0)
			cond_resched();
	}
	ring_upto = upto;
}

void cc_ring_relieve(void)
{
	const struct ring_cpu *cpu = raw_cpu_ptr(ring_cpus);

	/* The work runs from half full on. On which CPU we are by now does not matter. */
	if (READ_ONCE(cpu->head) - READ_ONCE(cpu->tail) < audit_buffer / 4 * 3)
		return;
	/* Whoever has it empties this CPU's as well: producers never wait for one another. */
	if (!mutex_trylock(&ring_mutex))
		return;
	ring_drain();
	mutex_unlock(&ring_mutex);
}

static void ring_work(struct work_struct *work)
{
	mutex_lock(&ring_mutex);
	ring_drain();
	mutex_unlock(&ring_mutex);
	wake_up_interruptible(&ring_waiters);
}

/* Position of the first record with a number of at least @from. */
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

int cc_ring_fetch(u64 from, struct capcert_audit_record *buf, u32 count, u64 *ret_next,
		  u64 *ret_lost)
{
	u64 pos, next;
	u32 n = 0;
	int ret;

	if (!from)
		from = 1;
	mutex_lock(&ring_mutex);
	ring_drain();
	next = max(from, ring_upto + 1);
	pos = ring_find(from);
	ret = ring_link(min(pos + count, ring_count));
	if (ret) {
		mutex_unlock(&ring_mutex);
		return ret;
	}
	for (; pos < ring_count && n < count; pos++)
		buf[n++] = ring_records[pos & (audit_records - 1)];
	if (!n && pos < ring_count)
		next = ring_records[pos & (audit_records - 1)].sequence;
	mutex_unlock(&ring_mutex);

	if (n)
		next = buf[n - 1].sequence + 1;
	*ret_next = next;
	*ret_lost = (n ? buf[0].sequence : next) - from;
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
