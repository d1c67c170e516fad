/* SPDX-License-Identifier: GPL-2.0-only */
/* What a service manager gives and wants: inherited fds, readiness. No library, no search path. */
#ifndef HELPERS_COMMON_SERVICE_H
#define HELPERS_COMMON_SERVICE_H

/** service_fd() - the inherited fd called @name (sd_listen_fds(3)), now close-on-exec.
 *  Return: fd, or -ENOENT. */
int service_fd(const char *name);

/** service_notify_open() - connect to the manager's socket. Call before the sandbox.
 *  Return: fd, -ENOENT without a manager, or -errno. */
int service_notify_open(void);

/** service_notify() - tell the manager "READY=1" and the like; @fd < 0: nobody to tell. */
void service_notify(int fd, const char *state);

#endif
