/* SPDX-License-Identifier: GPL-2.0-only */
/* Values of certificate slots out of files: for put, and for restore at boot. */
#ifndef TOOLS_SLOT_FILES_H
#define TOOLS_SLOT_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slot_files {
	const char *chain;  /* NULL: none, with @staple_only */
	const char *staple; /* NULL = none, as the next */
	const char *scts;
	const char *key; /* as ref_open() takes it */
	bool staple_only;
};

/** slot_put_files() - one PUT. Return: EXIT_DONE, or another status after saying why. */
int slot_put_files(int slots_fd, const char *name, const struct slot_files *files,
		   const uint64_t *expect, uint64_t *ret_version);

/** slot_failed() - says what an error of a slot's call means here. Return: EXIT_TROUBLE. */
int slot_failed(int error, const char *name);

/** slot_restore() - every slot below @dir. @count: grows by those that were put. Goes on after one
 *  that cannot be. Return: EXIT_DONE, or EXIT_TROUBLE after saying why of each. */
int slot_restore(int slots_fd, const char *dir, size_t *count);

#endif
