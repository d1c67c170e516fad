/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes in memory that nobody can change any more, to be handed to the kernel by their fd. */
#ifndef HELPERS_STATUSD_SEALED_H
#define HELPERS_STATUSD_SEALED_H

#include <stddef.h>
#include <stdint.h>

/** sealed_new() - a memfd with a copy of @data, sealed as the kernel wants it. Return: fd or -errno. */
int sealed_new(const void *data, size_t len);

/** sealed_map() - the bytes of such an fd, to read; munmap() them. Return: 0 or -errno. */
int sealed_map(int fd, const uint8_t **ret_data, size_t *ret_len);

#endif
