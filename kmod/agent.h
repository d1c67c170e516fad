/* SPDX-License-Identifier: GPL-2.0-only */
/* /dev/capcert-agent: where helpers read requests and write replies. */
#ifndef KMOD_AGENT_H
#define KMOD_AGENT_H

/** cc_agent_init() - make the device appear; everything it needs must be ready. */
int cc_agent_init(void);
void cc_agent_exit(void);

#endif
