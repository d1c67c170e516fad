/* SPDX-License-Identifier: GPL-2.0-only */
/* The anchors of a store as a file for programs that know nothing of handles, and the variables that make
 * them read it and nothing else. */
#ifndef TOOLS_CA_FILE_H
#define TOOLS_CA_FILE_H

#include <stddef.h>

/* Files that a program is handed, in the order of their numbers. */
enum ca_file { CA_FILE_PEM, CA_FILE_EMPTY_DIR, CA_FILE_WGETRC, CA_FILES };

/* The number of the first, for data/curl/.curlrc says them too. */
#define CA_FILE_FIRST 67

/** ca_file_open() - @store_fd, right READ: its anchors for TLS servers as a sealed memfd of PEM; and a
 *  directory that is empty and stays so, for what looks into directories of certificates.
 *  In the program they have to be CA_FILE_FIRST and the numbers after it.
 *  @word: names the store in messages. Return: EXIT_DONE, or another status after saying why. */
int ca_file_open(int store_fd, const char *word, int ret[CA_FILES]);

/** ca_file_environment() - set the variables. Return: as above. */
int ca_file_environment(void);

#endif
