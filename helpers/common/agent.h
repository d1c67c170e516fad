/* SPDX-License-Identifier: GPL-2.0-only */
/* The agent device, as every agent uses it. */
#ifndef HELPERS_COMMON_AGENT_H
#define HELPERS_COMMON_AGENT_H

#include <stddef.h>
#include <stdint.h>

#define AGENT_FD_NAME "capcert-agent" /* FileDescriptorName= of a service manager */

/** agent_open() - the device, for non-blocking reads: the fd that a service manager gave, or opened
 *  with the rights we still have. Return: fd or -errno. */
int agent_open(void);

/** agent_open_failed() - say why, and what to do about it, on the log. Return: 1, an exit status. */
int agent_open_failed(int error);

/** agent_hello() - be an agent of @class, CAPCERT_CLASS_*; @clock: CAPCERT_CLOCK_*.
 *  @ret_max_request: bytes of the largest request. Return: 0 or -errno. */
int agent_hello(int fd, uint32_t class, uint32_t clock, size_t *ret_max_request);

/** agent_state() - CAPCERT_STATE_* @what of request @id, @index of evidence, exactly @len bytes.
 *  Return: 0 or -errno. */
int agent_state(int fd, uint64_t id, uint32_t what, uint32_t index, uint8_t *buf, uint32_t len);

#endif
