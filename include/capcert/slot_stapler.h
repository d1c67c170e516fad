/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeping the staple of a certificate slot fresh: <capcert/stapler.h> decides when the responder is asked
 * and what is believed of its answers, <capcert/slot.h> is where the certificate comes from and where the
 * staple goes. The slot may be given another certificate at any moment, by anybody: what was learned of
 * the one before never gets into it, and nothing but the staple is ever changed.
 *
 * It needs GET and PUT on that slot alone; WATCH beside them says when to look again. One thread at a
 * time may use a slot stapler. */
#ifndef CAPCERT_SLOT_STAPLER_H
#define CAPCERT_SLOT_STAPLER_H

#include <capcert/slot.h>
#include <capcert/stapler.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct capcert_slot_stapler capcert_slot_stapler;

/**
 * capcert_slot_stapler_new() - the slot need not be there yet.
 * @slots_fd: rights GET and PUT; borrowed, outlives the stapler.
 * @options: as of capcert_stapler_new(); its fetch is called by capcert_slot_stapler_step() alone.
 * @issuers: certificates among which the leaf's issuer is looked for where the slot's chain leaves it
 * out; NULL = none. Borrowed, outlives the stapler.
 * Return: 0; -EINVAL no slot name, or as capcert_stapler_new(); -ENOMEM. Free with
 * capcert_slot_stapler_free().
 */
CAPCERT_API int capcert_slot_stapler_new(int slots_fd, const char *name,
					 const struct capcert_stapler_options *options,
					 const capcert_chain *issuers, capcert_slot_stapler **ret);
CAPCERT_API void capcert_slot_stapler_free(capcert_slot_stapler *stapler); /* NULL is fine */

/**
 * capcert_slot_stapler_step() - look at the slot; ask the responder if it is time to; put what holds.
 * To be called at the time of capcert_slot_stapler_due() and when the slot has changed; more often does
 * no harm, and costs one system call.
 *
 * The staple that the slot has is judged like any answer: what does not count is taken out, what is
 * older than what is known is replaced. A PUT is made on the version that was looked at, so a rotation
 * between the two is looked at anew, and never undone.
 * @ask_now: ask whether it is due or not.
 * Return: 0, the slot has all that is to be had; -ENOENT there is no such slot; -ENXIO nothing can be
 * stapled: the certificate names no responder (and options no URL), or its issuer is not there; of a
 * responder that was asked: as capcert_stapler_refresh(); else as capcert_slot_get() and
 * capcert_slot_put_staple(). capcert_slot_stapler_get() says more.
 */
CAPCERT_API int capcert_slot_stapler_step(capcert_slot_stapler *stapler, int ask_now);

/** capcert_slot_stapler_due() - when to call capcert_slot_stapler_step() again: seconds since 1970, UTC,
 *  maybe past; INT64_MAX: only when the slot changes. */
CAPCERT_API int64_t capcert_slot_stapler_due(capcert_slot_stapler *stapler);

struct capcert_slot_stapler_info {
	uint64_t version;   /* of the slot, as last seen; 0 = it is not there */
	uint64_t puts;	    /* staples put into it or taken out by this stapler */
	struct capcert_stapler_info staple;
	int error;	    /* of the last step; 0 = it went well */
	const char *why;    /* static: what an error means; NULL */
};
CAPCERT_API void capcert_slot_stapler_get(capcert_slot_stapler *stapler,
					  struct capcert_slot_stapler_info *ret);

#ifdef __cplusplus
}
#endif
#endif
