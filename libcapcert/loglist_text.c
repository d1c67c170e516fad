// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lists of CT logs from text of any form: which form, which logs, what is wrong. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <nettle/base64.h>
#include "core/time.h"
#include "libcapcert/loglist_text.h"

int loglist_fail(struct loglist_reader *r, int result, const char *format, ...)
{
	char *at = r->error;
	size_t room = sizeof(r->error), n = 0;
	va_list args;

	if (r->number)
		n = (size_t)snprintf(at, room, "log %zu", r->number);
	if (r->number && r->name)
		n += (size_t)snprintf(at + n, room - n, " (%.120s)", r->name);
	if (n)
		n += (size_t)snprintf(at + n, room - n, ": ");
	va_start(args, format);
	vsnprintf(at + n, room - n, format, args);
	va_end(args);
	/* It goes to terminals and into logs, and has words of strangers. */
	for (; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			*at = '?';
	return result;
}

bool loglist_time_parse(const char *text, int64_t *ret)
{
	struct cc_civil c;
	unsigned int part[6];
	char end;
	int n = 0;

	if (strspn(text, "0123456789-T:Z") != strlen(text) || strlen(text) != 20 ||
	    sscanf(text, "%4u-%2u-%2uT%2u:%2u:%2u%c%n", &part[0], &part[1], &part[2], &part[3],
		   &part[4], &part[5], &end, &n) != 7 ||
	    end != 'Z' || n != 20)
		return false;
	c.year = (int32_t)part[0];
	c.month = (uint8_t)part[1];
	c.day = (uint8_t)part[2];
	c.hour = (uint8_t)part[3];
	c.minute = (uint8_t)part[4];
	c.second = (uint8_t)part[5];
	return cc_time_from_civil(&c, ret);
}

static bool id_parse(const char *text, uint8_t ret[32])
{
	uint8_t raw[BASE64_DECODE_LENGTH(44)];
	struct base64_decode_ctx ctx;
	size_t n = sizeof(raw);

	base64_decode_init(&ctx);
	if (strlen(text) != 44 || !base64_decode_update(&ctx, &n, raw, 44, text) ||
	    !base64_decode_final(&ctx) || n != 32)
		return false;
	memcpy(ret, raw, 32);
	return true;
}

static int put(struct loglist_reader *r, capcert_log *log)
{
	size_t i;

	for (i = 0; i < r->count; i++) {
		if (memcmp(r->logs[i]->facts.id, log->facts.id, 32) == 0) {
			capcert_log_free(log);
			return loglist_fail(r, -EBADMSG, "key: it stands twice in this list");
		}
	}
	if (r->count == r->room) {
		size_t room = r->room ? 2 * r->room : 64;
		capcert_log **logs = reallocarray(r->logs, room, sizeof(capcert_log *));

		if (!logs) {
			capcert_log_free(log);
			return -ENOMEM;
		}
		r->logs = logs;
		r->room = room;
	}
	r->logs[r->count++] = log;
	return 0;
}

static int refuse(struct loglist_reader *r, bool strict)
{
	r->refused++;
	if (!strict)
		return 0;
	return loglist_fail(r, -EPERM, "id: its private key is published: it is refused always");
}

int loglist_take(struct loglist_reader *r, const char *key, const char *id,
		 struct capcert_log_info *info, bool strict)
{
	const char *error = NULL;
	uint8_t claimed[32];
	capcert_log *log;
	int result;

	if (id && !id_parse(id, claimed))
		return loglist_fail(r, -EBADMSG, "id: not 32 octets in base64");
	if (id && log_mimic(claimed))
		return refuse(r, strict);
	if (r->count == CAPCERT_LOGLIST_MAX)
		return loglist_fail(r, -EMSGSIZE, "more than %d logs", CAPCERT_LOGLIST_MAX);
	if (!info->source && r->source[0]) {
		info->source = r->source;
		info->source_date = r->time;
	}
	result = key ? capcert_log_new_base64(key, info, &log, &error)
		     : capcert_log_new(info, &log, &error);
	if (result == -EPERM)
		return refuse(r, strict);
	if (result == -ENOMEM)
		return result;
	if (result < 0)
		return loglist_fail(r, result == -EINVAL ? -EBADMSG : result, "%s", error);
	if (id && memcmp(claimed, log->facts.id, 32) != 0) {
		capcert_log_free(log);
		return loglist_fail(r, -EBADMSG, "id: not the SHA-256 of the key");
	}
	return put(r, log);
}

static int read_any(struct loglist_reader *r, uint32_t format, const char *data, size_t len)
{
	size_t at = 0;

	if (len > CAPCERT_LOGLIST_TEXT_MAX)
		return loglist_fail(r, -EMSGSIZE, "larger than %u octets: not a list of CT logs",
				    CAPCERT_LOGLIST_TEXT_MAX);
	if (format == CAPCERT_LOGLIST_MOZILLA)
		return loglist_read_header(r, data, len);
	while (at < len && strchr(" \t\r\n", data[at]) && data[at])
		at++;
	if (at < len && data[at] == '{')
		return loglist_read_json(r, format, data, len);
	if (format != CAPCERT_LOGLIST_ANY)
		return loglist_fail(r, -EBADMSG, "not a JSON object");
	if (memmem(data, len, "kCTLogList", 10))
		return loglist_read_header(r, data, len);
	return loglist_fail(r, -EBADMSG, "neither a JSON object nor CTKnownLogs.h");
}

static int finish(struct loglist_reader *r, int result, capcert_loglist **ret, char *error)
{
	if (result == 0)
		result = loglist_of(r->logs, r->count, r->time, ret);
	if (result == 0 && r->refused) {
		r->number = 0;
		loglist_fail(r, 0, "left out %zu whose private keys are published", r->refused);
	}
	if (result == -ENOMEM)
		snprintf(r->error, sizeof(r->error), "out of memory");
	while (r->count)
		capcert_log_free(r->logs[--r->count]);
	free(r->logs);
	if (error)
		memcpy(error, r->error, sizeof(r->error));
	return result;
}

int capcert_loglist_import(uint32_t format, const void *data, size_t len, capcert_loglist **ret,
			   char *error)
{
	struct loglist_reader r = { .time = CAPCERT_TIME_UNKNOWN };

	if (format > CAPCERT_LOGLIST_MOZILLA)
		return finish(&r, loglist_fail(&r, -EINVAL, "unknown format %u", format), ret,
			      error);
	return finish(&r, read_any(&r, format, data, len), ret, error);
}

int capcert_loglist_from_json(const char *data, size_t len, capcert_loglist **ret, char *error)
{
	struct loglist_reader r = { .time = CAPCERT_TIME_UNKNOWN };
	int result;

	if (len > CAPCERT_LOGLIST_TEXT_MAX)
		result = read_any(&r, CAPCERT_LOGLIST_ANY, data, len);
	else
		result = loglist_read_json(&r, CAPCERT_LOGLIST_ANY, data, len);
	return finish(&r, result, ret, error);
}

static int read_file(const char *path, char **ret, size_t *ret_len)
{
	size_t len = 0, room = CAPCERT_LOGLIST_TEXT_MAX + 1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *data;
	ssize_t n;

	if (fd < 0)
		return -errno;
	data = malloc(room);
	if (!data) {
		close(fd);
		return -ENOMEM;
	}
	/* One octet more than is allowed: who has it is too long. */
	while ((n = read(fd, data + len, room - len)) > 0)
		len += (size_t)n;
	n = n < 0 ? -errno : 0;
	close(fd);
	if (n < 0) {
		free(data);
		return (int)n;
	}
	*ret = data;
	*ret_len = len;
	return 0;
}

int capcert_loglist_load(const char *path, capcert_loglist **ret, char *error)
{
	char *data = NULL;
	size_t len = 0;
	int r = read_file(path, &data, &len);

	if (r < 0) {
		if (error)
			snprintf(error, CAPCERT_LOGLIST_ERROR, "%s", strerrordesc_np(-r));
		return r;
	}
	r = capcert_loglist_import(CAPCERT_LOGLIST_ANY, data, len, ret, error);
	free(data);
	return r;
}

static const char *const formats[] = { "auto", "capcert", "google", "apple", "known", "mozilla" };

const char *capcert_loglist_format_name(uint32_t format)
{
	return format < CC_ARRAY_SIZE(formats) ? formats[format] : NULL;
}

int capcert_loglist_format_parse(const char *text)
{
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(formats); i++)
		if (!strcmp(formats[i], text))
			return (int)i;
	return -1;
}
