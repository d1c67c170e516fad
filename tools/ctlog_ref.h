/* SPDX-License-Identifier: GPL-2.0-only */
/* Which log a command is about, how to speak to it, and what was seen of it last time. */
#ifndef TOOLS_CTLOG_REF_H
#define TOOLS_CTLOG_REF_H

#include <capcert/net/ctclient.h>
#include "tools/opt.h"

/* The options of all verbs of capcert ctlog; each verb's own come behind them. */
#define CTLOG_OPTIONS                                                                        \
	{ .name = "logs", .meta = "FILE", .help = "a list of logs that has it" },             \
	{ .name = "log", .meta = "NAME", .help = "its name or id there, or how that begins" }, \
	{ .name = "url", .meta = "URL", .help = "where the log takes chains in" },           \
	{ .name = "monitoring", .meta = "URL",                                               \
	  .help = "where the log is read, if elsewhere" },                                   \
	{ .name = "key", .meta = "KEY", .help = "the log's public key in base 64" },         \
	{ .name = "kind", .meta = "KIND", .help = "rfc6962 (if not given) or static-ct" },   \
	{ .name = "state", .meta = "FILE",                                                   \
	  .help = "head seen last time: compared with this one's, then replaced" },          \
	{ .name = "ca-file", .meta = "FILE", .help = "roots for https, in place of the system's" }, \
	{ .name = "timeout", .meta = "SECONDS", .help = "for one request, 30 if not given" }, \
	{ .name = "attempts", .meta = "N", .help = "at one request, 5 if not given" },       \
	{ .name = "patience", .meta = "SECONDS",                                             \
	  .help = "between attempts in all, 60 if not given, whatever the log asks for" },   \
	{ .name = "insecure_http", .help = "allow a URL without TLS, for tests on loopback" }

/** ctlog_open() - a client for the log that the options name, which has resumed from --state.
 *  Return: EXIT_DONE, or another status after saying why. */
int ctlog_open(const struct args *args, capcert_ctclient **ret);

/** ctlog_save() - the head into --state, if that was given, by a new file in its place. */
int ctlog_save(const struct args *args, const struct capcert_sth *sth);

/** ctlog_failed() - say what @error of a call was. Return: EXIT_NO for a log that contradicts
 *  itself, what it signed or what it promised; else EXIT_TROUBLE. */
int ctlog_failed(const capcert_ctclient *client, int error, const char *what);

#endif
