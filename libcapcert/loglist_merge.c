// SPDX-License-Identifier: LGPL-2.1-or-later
/* Two lists into one: the later one counts, the other fills what it leaves open. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "libcapcert/loglist.h"

/* Room for both histories, and for the day on which a list shows a change. */
struct merged {
	struct capcert_log_operator operators[2 * LOG_HISTORY_MAX + 1];
	struct capcert_log_state states[2 * LOG_HISTORY_MAX];
};

/* What @old knows from before @new begins, then @new; without steps that change nothing. */
static size_t merge_states(const struct capcert_log_info *old, const struct capcert_log_info *new,
			   struct capcert_log_state *ret)
{
	size_t n = 0, i;

	for (i = 0; i < old->state_count; i++)
		if (!new->state_count || old->states[i].since < new->states[0].since)
			ret[n++] = old->states[i];
	for (i = 0; i < new->state_count; i++)
		if (!n || ret[n - 1].state != new->states[i].state)
			ret[n++] = new->states[i];
	return n;
}

/* Nobody says since when the first of a history was the operator. If the other list knows him, it
 * knows more of the time before; if it knows somebody else, the change was made when we heard. */
static size_t merge_operators(const struct capcert_log_info *old,
			      const struct capcert_log_info *new, int64_t time,
			      struct capcert_log_operator *ret)
{
	int64_t next = new->operator_count > 1 ? new->operators[1].since : INT64_MAX;
	const char *first = new->operators[0].name;
	size_t n = 0, i;

	for (i = 0; i < old->operator_count && old->operators[i].since < next; i++)
		ret[n++] = old->operators[i];
	if (strcmp(first, LOG_OPERATOR_UNKNOWN) != 0 && strcmp(ret[n - 1].name, first) != 0) {
		/* A guess, or no time at which it could have changed. */
		if (!strcmp(ret[n - 1].name, LOG_OPERATOR_UNKNOWN) || time <= 0 ||
		    time <= ret[n - 1].since || time >= next)
			n = 0;
		ret[n].name = first;
		ret[n].since = n ? time : CAPCERT_TIME_UNKNOWN;
		n++;
	}
	for (i = 1; i < new->operator_count; i++)
		if (strcmp(ret[n - 1].name, new->operators[i].name) != 0)
			ret[n++] = new->operators[i];
	return n;
}

/* @time: when @new was made. */
static int merge_log(const capcert_log *old_log, const capcert_log *new_log, int64_t time,
		     capcert_log **ret)
{
	struct capcert_log_info old, new, info;
	struct merged m;

	capcert_log_get(old_log, &old);
	capcert_log_get(new_log, &new);
	info = new;
	info.operators = m.operators;
	info.operator_count = merge_operators(&old, &new, time, m.operators);
	info.states = m.states;
	info.state_count = merge_states(&old, &new, m.states);
	if (info.operator_count > LOG_HISTORY_MAX || info.state_count > LOG_HISTORY_MAX)
		return -EMSGSIZE;
	if (!new.has_interval) {
		info.has_interval = old.has_interval;
		info.interval_start = old.interval_start;
		info.interval_end = old.interval_end;
	}
	if (!strcmp(new.name, LOG_UNNAMED))
		info.name = old.name;
	if (!new.mmd)
		info.mmd = old.mmd;
	if (!new.submission && !new.monitoring) {
		info.kind = old.kind; /* nobody who knows no address knows how to speak there */
		info.submission = old.submission;
		info.monitoring = old.monitoring;
	}
	if (!new.source) {
		info.source = old.source;
		info.source_date = old.source_date;
	}
	return capcert_log_new(&info, ret, NULL);
}

static void release(capcert_log **logs, size_t count)
{
	while (count)
		capcert_log_free(logs[--count]);
	free(logs);
}

int capcert_loglist_merge(const capcert_loglist *a, const capcert_loglist *b, capcert_loglist **ret)
{
	bool a_later = capcert_loglist_time(a) > capcert_loglist_time(b);
	const capcert_loglist *old = a_later ? b : a, *new = a_later ? a : b;
	size_t count = 0, max = capcert_loglist_count(old) + capcert_loglist_count(new), i;
	capcert_log **logs = calloc(max + 1, sizeof(capcert_log *));
	const capcert_log *log, *other;
	int r = 0;

	if (!logs)
		return -ENOMEM;
	for (i = 0; (log = capcert_loglist_at(old, i)); i++)
		if (!capcert_loglist_find(new, log->facts.id))
			logs[count++] = capcert_log_ref(log);
	for (i = 0; r == 0 && (log = capcert_loglist_at(new, i)); i++) {
		other = capcert_loglist_find(old, log->facts.id);
		if (other)
			r = merge_log(other, log, capcert_loglist_time(new), &logs[count]);
		else
			logs[count] = capcert_log_ref(log);
		if (r == 0)
			count++;
	}
	if (r == 0)
		r = loglist_of(logs, count, capcert_loglist_time(new), ret);
	release(logs, count);
	return r;
}
