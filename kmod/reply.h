/* SPDX-License-Identifier: GPL-2.0-only */
/* An agent's reply: is it well-formed (anybody's question), is it sane (this question's answer). */
#ifndef KMOD_REPLY_H
#define KMOD_REPLY_H

#include <linux/build_bug.h>
#include <linux/capcert_agent.h>
#include <linux/types.h>

#include "kmod/policy.h"

struct cc_request;
struct file;

#define CC_REPLY_MAX_PATH (CAPCERT_MAX_PATH * sizeof(struct capcert_path_entry))
#define CC_REPLY_MAX (sizeof(struct capcert_agent_reply) + CAPCERT_AGENT_MAX_DATA)
static_assert(CC_REPLY_MAX_PATH <= CAPCERT_AGENT_MAX_DATA);

/**
 * cc_reply_form() - true when the @len bytes of @reply have the form the contract asks for of an
 * agent of @class, CAPCERT_CLASS_*.
 */
bool cc_reply_form(const struct capcert_agent_reply *reply, size_t len, u32 class);

/**
 * cc_reply_file() - the file that a well-formed reply of an agent of @class names, in the agent's
 * own table: for a write() by the agent only.
 * Return: 0 and *@ret, NULL when it names none, to fput(); or as cc_memfd_get().
 */
int cc_reply_file(const struct capcert_agent_reply *reply, u32 class, struct file **ret);

/**
 * cc_reply_sane() - may @request's answer, a verdict on its chain, be believed?
 *
 * What is checked needs no signature: the path begins with the leaf, consists of certificates of
 * the chain and, when valid, ends in an anchor of the pinned state that has the purpose; nothing
 * in it is distrusted; the interval covers the time and stays within the leaf's validity and the
 * policy's clock skew.
 *
 * Return: NULL, or what is wrong with it.
 */
const char *cc_reply_sane(const struct cc_request *request, const struct cc_policy *policy);

#endif
