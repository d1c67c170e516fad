/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Known-answer tables of core/, run by the unit tests and by the module when it loads. */
#ifndef CORE_SELFTEST_H
#define CORE_SELFTEST_H

/** cc_selftest() - run every table. Return: NULL when all hold, else the name of the first case
 *  that does not. No allocation; takes well under a millisecond. */
const char *cc_selftest(void);

#endif
