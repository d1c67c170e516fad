/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who waits in C_WaitForSlotEvent, and how others wake them. */
#ifndef PKCS11_PROVIDER_EVENT_H
#define PKCS11_PROVIDER_EVENT_H

/* Under the module's lock: */

/** event_wake() - all who wait look again: at objects, or at whether the module is still initialised. */
void event_wake(void);

/** event_forget() - in a child of fork: those who waited are the parent's threads. */
void event_forget(void);

#endif
