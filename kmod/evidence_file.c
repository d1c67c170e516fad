// SPDX-License-Identifier: GPL-2.0-only
/* Evidence in a sealed file of the status agent's: kept once, however many hold it. */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hashtable.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "kmod/digest.h"
#include "kmod/evidence_file.h"
#include "kmod/uaccess.h"

#define FILE_STEP (64 * 1024)

/* Objects stand here as long as they live; without a reference, so one may be about to go. */
static DEFINE_SPINLOCK(evidence_files_lock);
static DEFINE_HASHTABLE(evidence_files, 6);

/* One long hash at a time: who waits for it will not need another. */
static DEFINE_MUTEX(evidence_files_hash);

/* An inode is not reused while somebody holds its file. */
static struct cc_evidence *file_find(u32 type, const struct inode *inode)
{
	struct cc_evidence *evidence, *found = NULL;

	spin_lock(&evidence_files_lock);
	hash_for_each_possible(evidence_files, evidence, node, (unsigned long)inode)
		if (evidence->type == type && file_inode(evidence->file) == inode &&
		    refcount_inc_not_zero(&evidence->base.refs)) {
			found = evidence;
			break;
		}
	spin_unlock(&evidence_files_lock);
	return found;
}

void cc_evidence_file_forget(struct cc_evidence *evidence)
{
	if (!evidence->file)
		return;
	spin_lock(&evidence_files_lock);
	if (!hlist_unhashed(&evidence->node))
		hash_del(&evidence->node);
	spin_unlock(&evidence_files_lock);
	fput(evidence->file);
}

static int file_hash(struct cc_evidence *evidence)
{
	struct cc_digest digest;
	loff_t at = 0;
	int error = 0;
	void *buf;

	buf = kvmalloc(FILE_STEP, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	cc_digest_init(&digest);
	while (at < evidence->len && !error) {
		const size_t step = min_t(size_t, evidence->len - at, FILE_STEP);
		ssize_t n = kernel_read(evidence->file, buf, step, &at);

		if (n <= 0)
			error = n ?: -EIO;
		else
			cc_digest_absorb(&digest, buf, n);
		if (fatal_signal_pending(current))
			error = -EINTR;
		cond_resched();
	}
	kvfree(buf);
	return cc_digest_final(&digest, evidence->digest) ?: error;
}

/*
 * A file of our own on the same inode: the agent's remembers who made it, and with that a session
 * keyring and all that is in it, which may be keys that hold this module.
 */
static struct file *file_own(const struct file *file)
{
	struct cred *cred = prepare_kernel_cred(&init_task);
	struct file *own;

	if (!cred)
		return ERR_PTR(-ENOMEM);
	own = dentry_open(&file->f_path, O_RDONLY | O_LARGEFILE, cred);
	put_cred(cred);
	return own;
}

/* Under evidence_files_hash. */
static struct cc_evidence *file_make(u32 type, struct file *file, size_t len)
{
	struct cc_evidence *evidence = cc_evidence_alloc(type, len);
	struct file *own;
	int error;

	if (IS_ERR(evidence))
		return evidence;
	own = file_own(file);
	if (IS_ERR(own)) {
		cc_object_put(&evidence->base);
		return ERR_CAST(own);
	}
	evidence->base.origin = CAPCERT_ORIGIN_SYSTEM;
	evidence->file = own;
	evidence->len = len;
	error = file_hash(evidence);
	if (error) {
		cc_object_put(&evidence->base);
		return ERR_PTR(error);
	}
	spin_lock(&evidence_files_lock);
	hash_add(evidence_files, &evidence->node, (unsigned long)file_inode(file));
	spin_unlock(&evidence_files_lock);
	return evidence;
}

struct cc_evidence *cc_evidence_of_file(u32 type, struct file *file, size_t len)
{
	struct cc_evidence *evidence = file_find(type, file_inode(file));

	if (evidence)
		return evidence;
	if (mutex_lock_killable(&evidence_files_hash))
		return ERR_PTR(-EINTR);
	evidence = file_find(type, file_inode(file));
	if (!evidence)
		evidence = file_make(type, file, len);
	mutex_unlock(&evidence_files_hash);
	return evidence;
}

int cc_evidence_file_out(const struct cc_evidence *evidence, u64 ptr, u32 cap, u32 *ret_len)
{
	loff_t at = 0;
	int error = 0;
	void *buf;

	*ret_len = evidence->len;
	if (evidence->len > cap)
		return -EMSGSIZE;
	buf = kvmalloc(min_t(size_t, evidence->len, FILE_STEP), GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	while (at < evidence->len && !error) {
		const loff_t from = at;
		const size_t step = min_t(size_t, evidence->len - at, FILE_STEP);
		ssize_t n = kernel_read(evidence->file, buf, step, &at);

		error = n > 0 ? cc_user_out(ptr + from, buf, n) : n ?: -EIO;
		cond_resched();
	}
	kvfree(buf);
	return error;
}
