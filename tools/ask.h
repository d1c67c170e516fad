/* SPDX-License-Identifier: GPL-2.0-only */
/* Asks a daemon of ours at its UNIX socket: one line of JSON there, if any, one object back, then the end. */
#ifndef TOOLS_ASK_H
#define TOOLS_ASK_H

#include <jansson.h>

/** ask() - @path may begin with "unix:". @question NULL: the daemon speaks unasked; is released. *@ret is an object of the
 *  caller's (answer.h). Return: 0; -ENAMETOOLONG; -ETIMEDOUT it was not all there within 60 s; -EMSGSIZE an answer of
 *  32 MiB; -EBADMSG no object; -errno of connecting. */
int ask(const char *path, json_t *question, json_t **ret);

#endif
