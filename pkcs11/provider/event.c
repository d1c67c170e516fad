// SPDX-License-Identifier: LGPL-2.1-or-later
/* C_WaitForSlotEvent. Slots tell when they change. Keyrings do not: the kernel's watches of keys
 * (KEYCTL_WATCH_KEY) are not built into Debian's kernels, and nothing at all happens when a key's time is over.
 * So whoever waits sleeps until one of its watches is readable, and looks at the rest four times a second. */
#include <errno.h>
#include <poll.h>
#include <unistd.h>
#include <sys/eventfd.h>
#include "pkcs11/provider/event.h"
#include "pkcs11/provider/module.h"
#include "pkcs11/provider/source.h"

#define LOOK_MS 250
#define WATCHES_MOST 64

/* On the stack of the thread that waits, with fds of its own: none is closed under another's poll(). */
struct waiter {
	struct waiter *next;
	int wake; /* eventfd */
	int watches[WATCHES_MOST];
	size_t count;
};

static struct waiter *waiters; /* by the module's lock */

void event_wake(void)
{
	const uint64_t one = 1;

	/* A counter that is full wakes as well. */
	for (struct waiter *w = waiters; w; w = w->next)
		if (write(w->wake, &one, sizeof(one)) < 0)
			continue;
}

void event_forget(void)
{
	waiters = NULL;
}

/* Before the first look: what changes after that is seen by poll(). */
static CK_RV begin(struct waiter *w)
{
	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->wake < 0)
		return CKR_HOST_MEMORY;
	w->count = source_watch(w->watches, WATCHES_MOST);
	w->next = waiters;
	waiters = w;
	return CKR_OK;
}

static void end(struct waiter *w)
{
	struct waiter **link = &waiters;

	while (*link && *link != w)
		link = &(*link)->next;
	if (*link)
		*link = w->next;
	close(w->wake);
	while (w->count)
		close(w->watches[--w->count]);
}

/* What was heard is not heard again; a watch that is over would be readable for ever. */
static void hear(struct waiter *w, const struct pollfd *fds)
{
	uint64_t n;
	size_t left = 0;

	if (read(w->wake, &n, sizeof(n)) < 0)
		n = 0;
	for (size_t i = 0; i < w->count; i++) {
		if (fds[i + 1].revents && source_heard(w->watches[i]) < 0)
			close(w->watches[i]);
		else
			w->watches[left++] = w->watches[i];
	}
	w->count = left;
}

/* Without the lock while it sleeps. CKR_CRYPTOKI_NOT_INITIALIZED: after C_Finalize. */
static CK_RV doze(struct waiter *w)
{
	const uint64_t incarnation = module_incarnation();
	struct pollfd fds[1 + WATCHES_MOST] = { { .fd = w->wake, .events = POLLIN } };
	int n;

	for (size_t i = 0; i < w->count; i++)
		fds[i + 1] = (struct pollfd){ .fd = w->watches[i], .events = POLLIN };
	module_leave(CKR_OK);
	n = poll(fds, 1 + w->count, LOOK_MS);
	module_reenter();
	if (module_incarnation() != incarnation)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (n > 0)
		hear(w, fds);
	return CKR_OK;
}

static CK_RV wait_for_one(void)
{
	struct waiter w;
	CK_RV rv = begin(&w);

	if (rv != CKR_OK)
		return rv;
	do
		rv = module_refresh();
	while (rv == CKR_OK && !module_take_event() && (rv = doze(&w)) == CKR_OK);
	end(&w);
	return rv;
}

/* Objects that came or went since the last event that was told. */
CK_RV C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID *slot, void *reserved)
{
	CK_RV rv;

	if (!slot || reserved || flags & ~CKF_DONT_BLOCK)
		return CKR_ARGUMENTS_BAD;
	rv = module_enter();
	if (rv != CKR_OK)
		return rv;
	if (flags & CKF_DONT_BLOCK) {
		rv = module_refresh();
		if (rv == CKR_OK && !module_take_event())
			rv = CKR_NO_EVENT;
	} else {
		rv = wait_for_one();
	}
	if (rv == CKR_OK)
		*slot = MODULE_SLOT;
	return module_leave(rv);
}
