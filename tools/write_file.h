/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that are there as a whole or not at all, whenever the power goes. */
#ifndef TOOLS_WRITE_FILE_H
#define TOOLS_WRITE_FILE_H

#include <stddef.h>

/** write_file() - @path becomes @data: written beside it, synced, renamed over it, mode 0644.
 *  Return: EXIT_DONE, or EXIT_TROUBLE after saying why; @path is then as it was. */
int write_file(const char *path, const void *data, size_t len);

/** write_dir_begin() - a new folder beside @path, to be filled. @ret_temp: freed by the caller.
 *  Refuses when @path is there and not empty. Return: as write_file(). */
int write_dir_begin(const char *path, char **ret_temp);
/** write_dir_end() - @temp becomes @path. */
int write_dir_end(const char *temp, const char *path);

#endif
