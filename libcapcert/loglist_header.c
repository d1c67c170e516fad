// SPDX-License-Identifier: LGPL-2.1-or-later
/* CTKnownLogs.h, the table of CT logs in Firefox, read as the few words of C++ that it consists of:
 * names, numbers, texts, braces and commas. What stands under #ifdef is for tests. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "libcapcert/loglist_text.h"

#define NAME_CAP (LOG_DESCRIPTION_MAX + 1)
#define KEY_MAX 2048
#define WORD_MAX 64
#define OPERATORS_MAX 256
#define VALIDITY ((int64_t)70 * 24 * 60 * 60) /* of the table, from when it was made */

enum kind { END, WORD, NUMBER, TEXT, PUNCTUATION };

struct token {
	enum kind kind;
	char word[WORD_MAX]; /* WORD; PUNCTUATION in word[0] */
	uint64_t number;
	uint8_t text[KEY_MAX + 1];
	size_t len; /* of @text */
};

struct scanner {
	const char *p, *end;
	bool bad;	/* not what a table consists of */
	struct token t; /* the one that is looked at */
};

struct row {
	char name[NAME_CAP];
	bool retired, tiled;
	uint64_t time; /* milliseconds */
	uint64_t operator;
	uint8_t key[KEY_MAX];
	size_t key_len;
};

/* ---- words ---- */

static bool at(const struct scanner *s, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(s->end - s->p) >= n && memcmp(s->p, text, n) == 0;
}

static void skip_to(struct scanner *s, const char *text)
{
	const char *found = memmem(s->p, (size_t)(s->end - s->p), text, strlen(text));

	s->p = found ? found + strlen(text) : s->end;
}

/* A line that begins with '#': without a condition it is passed over, with one all that it guards. */
static void skip_directive(struct scanner *s)
{
	bool condition = at(s, "#ifdef");

	skip_to(s, condition ? "#endif" : "\n");
	if (condition)
		skip_to(s, "\n");
}

static void skip_blanks(struct scanner *s)
{
	for (;;) {
		if (s->p == s->end)
			return;
		if (strchr(" \t\r\n", *s->p) && *s->p)
			s->p++;
		else if (at(s, "//"))
			skip_to(s, "\n");
		else if (at(s, "/*"))
			skip_to(s, "*/");
		else if (*s->p == '#')
			skip_directive(s);
		else
			return;
	}
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One octet of a text: itself, \xHH, \" or \\. False when it is something else. */
static bool text_octet(struct scanner *s, uint8_t *ret)
{
	int high, low;

	if (*s->p != '\\') {
		*ret = (uint8_t)*s->p++;
		return *ret >= 0x20;
	}
	if (s->end - s->p >= 4 && s->p[1] == 'x') {
		high = hex_digit(s->p[2]);
		low = hex_digit(s->p[3]);
		s->p += 4;
		if (high < 0 || low < 0)
			return false;
		*ret = (uint8_t)(high << 4 | low);
		return true;
	}
	if (s->end - s->p >= 2 && (s->p[1] == '"' || s->p[1] == '\\')) {
		*ret = (uint8_t)s->p[1];
		s->p += 2;
		return true;
	}
	return false;
}

/* Texts that stand one behind the other are one. */
static void scan_text(struct scanner *s)
{
	struct token *t = &s->t;

	t->len = 0;
	while (!s->bad && at(s, "\"")) {
		s->p++;
		while (!s->bad && s->p < s->end && *s->p != '"') {
			s->bad = t->len == KEY_MAX || !text_octet(s, &t->text[t->len]);
			t->len++;
		}
		s->bad |= s->p == s->end;
		if (!s->bad)
			s->p++;
		skip_blanks(s);
	}
	if (!s->bad)
		t->text[t->len] = 0;
}

static bool word_char(char c)
{
	return hex_digit(c) >= 0 || ((c | 0x20) >= 'g' && (c | 0x20) <= 'z') || c == '_';
}

static void scan_word(struct scanner *s)
{
	size_t n = 0;

	while (s->p < s->end && word_char(*s->p)) {
		if (n == WORD_MAX - 1) {
			s->bad = true;
			return;
		}
		s->t.word[n++] = *s->p++;
	}
	s->t.word[n] = '\0';
}

static void scan_number(struct scanner *s)
{
	s->t.number = 0;
	for (; s->p < s->end && *s->p >= '0' && *s->p <= '9'; s->p++) {
		if (s->t.number > UINT64_MAX / 10 - 1) {
			s->bad = true;
			return;
		}
		s->t.number = s->t.number * 10 + (uint64_t)(*s->p - '0');
	}
}

static void next(struct scanner *s)
{
	skip_blanks(s);
	if (s->bad || s->p == s->end) {
		s->t.kind = END;
	} else if (*s->p == '"') {
		s->t.kind = TEXT;
		scan_text(s);
	} else if (*s->p >= '0' && *s->p <= '9') {
		s->t.kind = NUMBER;
		scan_number(s);
	} else if (word_char(*s->p)) {
		s->t.kind = WORD;
		scan_word(s);
	} else {
		s->t.kind = PUNCTUATION;
		s->t.word[0] = *s->p++;
		s->t.word[1] = '\0';
	}
}

static bool is(const struct scanner *s, enum kind kind, const char *word)
{
	return !s->bad && s->t.kind == kind && !strcmp(s->t.word, word);
}

static bool take(struct scanner *s, enum kind kind, const char *word)
{
	bool yes = is(s, kind, word);

	if (yes)
		next(s);
	return yes;
}

static bool comma(struct scanner *s)
{
	return take(s, PUNCTUATION, ",");
}

/* "CTLogState::Retired": the part behind the colons, into s->t. */
static bool scoped(struct scanner *s, const char *scope)
{
	return take(s, WORD, scope) && take(s, PUNCTUATION, ":") && take(s, PUNCTUATION, ":") &&
	       !s->bad && s->t.kind == WORD;
}

static bool take_number(struct scanner *s, uint64_t *ret)
{
	if (s->bad || s->t.kind != NUMBER)
		return false;
	*ret = s->t.number;
	next(s);
	return true;
}

static bool take_name(struct scanner *s, char ret[NAME_CAP])
{
	if (s->bad || s->t.kind != TEXT || s->t.len >= NAME_CAP || memchr(s->t.text, 0, s->t.len))
		return false;
	memcpy(ret, s->t.text, s->t.len + 1);
	next(s);
	return true;
}

/* ---- rows ---- */

static bool take_state(struct scanner *s, struct row *row)
{
	if (!scoped(s, "CTLogState"))
		return false;
	row->retired = is(s, WORD, "Retired");
	return take(s, WORD, row->retired ? "Retired" : "Admissible") && comma(s);
}

/* Tables of before 2025 do not have it. */
static bool take_format(struct scanner *s, struct row *row)
{
	row->tiled = false;
	if (!is(s, WORD, "CTLogFormat"))
		return true;
	if (!scoped(s, "CTLogFormat"))
		return false;
	row->tiled = is(s, WORD, "Tiled");
	return take(s, WORD, row->tiled ? "Tiled" : "RFC6962") && comma(s);
}

static bool take_row(struct scanner *s, struct row *row)
{
	uint64_t len;

	if (!take(s, PUNCTUATION, "{") || !take_name(s, row->name) || !comma(s) ||
	    !take_state(s, row) || !take_format(s, row) || !take_number(s, &row->time) ||
	    !comma(s) || !take_number(s, &row->operator) || !comma(s) || s->bad ||
	    s->t.kind != TEXT || s->t.len > KEY_MAX)
		return false;
	memcpy(row->key, s->t.text, s->t.len);
	row->key_len = s->t.len;
	next(s);
	return comma(s) && take_number(s, &len) && len == row->key_len && take(s, PUNCTUATION, "}");
}

/* Up to "NAME[] = {". */
static bool find_array(struct scanner *s, const char *name)
{
	while (!s->bad && s->t.kind != END) {
		if (!is(s, WORD, name)) {
			next(s);
			continue;
		}
		next(s);
		return take(s, PUNCTUATION, "[") && take(s, PUNCTUATION, "]") &&
		       take(s, PUNCTUATION, "=") && take(s, PUNCTUATION, "{");
	}
	return false;
}

static void begin(struct scanner *s, const char *data, size_t len)
{
	memset(s, 0, sizeof(*s));
	s->p = data;
	s->end = data + len;
	next(s);
}

/* When Firefox stops believing it: ten weeks after it was made. Microseconds. */
static int64_t made(const char *data, size_t len)
{
	struct scanner s;
	uint64_t us;

	begin(&s, data, len);
	while (!s.bad && s.t.kind != END && !is(&s, WORD, "kCTExpirationTime"))
		next(&s);
	next(&s);
	if (!take(&s, PUNCTUATION, "=") || !take(&s, WORD, "INT64_C") ||
	    !take(&s, PUNCTUATION, "(") || !take_number(&s, &us) ||
	    us / 1000000 <= (uint64_t)VALIDITY || us / 1000000 > (uint64_t)1 << 37)
		return CAPCERT_TIME_UNKNOWN;
	return (int64_t)(us / 1000000) - VALIDITY;
}

static int read_operators(struct loglist_reader *r, const char *data, size_t len, char *names,
			  size_t *ret_count)
{
	struct scanner s;
	uint64_t number;
	size_t n = 0;

	begin(&s, data, len);
	if (!find_array(&s, "kCTLogOperatorList"))
		return loglist_fail(r, -EBADMSG, "kCTLogOperatorList: missing or malformed");
	while (!take(&s, PUNCTUATION, "}")) {
		if (n == OPERATORS_MAX || !take(&s, PUNCTUATION, "{") ||
		    !take_name(&s, names + n * NAME_CAP) || !comma(&s) ||
		    !take_number(&s, &number) || !take(&s, PUNCTUATION, "}"))
			return loglist_fail(r, -EBADMSG, "kCTLogOperatorList: row %zu is malformed",
					    n + 1);
		comma(&s);
		n++;
	}
	*ret_count = n;
	return 0;
}

static int take_log(struct loglist_reader *r, const struct row *row, const char *names,
		    size_t count)
{
	struct capcert_log_operator whose = { NULL, CAPCERT_TIME_UNKNOWN };
	struct capcert_log_state state = { CAPCERT_LOG_USABLE, 0 };
	struct capcert_log_info info = {
		.key = row->key,
		.key_len = row->key_len,
		.kind = row->tiled ? CAPCERT_LOG_STATIC_CT : CAPCERT_LOG_RFC6962,
		.name = row->name,
		.operators = &whose,
		.operator_count = 1,
		.states = &state,
		.state_count = 1,
	};

	if (row->operator>= count)
		return loglist_fail(r, -EBADMSG, "operator: number %llu is not in the table",
				    (unsigned long long)row->operator);
	whose.name = names + row->operator* NAME_CAP;
	if (row->retired)
		state.state = CAPCERT_LOG_RETIRED;
	state.since = (int64_t)(row->time / 1000);
	return loglist_take(r, NULL, NULL, &info, false);
}

static int read_logs(struct loglist_reader *r, const char *data, size_t len, const char *names,
		     size_t count)
{
	struct scanner s;
	struct row row;
	int result = 0;

	begin(&s, data, len);
	if (!find_array(&s, "kCTLogList"))
		return loglist_fail(r, -EBADMSG, "kCTLogList: missing or malformed");
	while (result == 0 && !take(&s, PUNCTUATION, "}")) {
		r->number++;
		r->name = NULL;
		if (!take_row(&s, &row))
			return loglist_fail(r, -EBADMSG,
					    "not a row {name, state, format, time, operator, key, "
					    "length}");
		comma(&s);
		r->name = row.name;
		result = take_log(r, &row, names, count);
	}
	return result;
}

int loglist_read_header(struct loglist_reader *r, const char *data, size_t len)
{
	char *names = malloc((size_t)OPERATORS_MAX * NAME_CAP);
	size_t count = 0;
	int result;

	if (!names)
		return -ENOMEM;
	r->time = made(data, len);
	snprintf(r->source, sizeof(r->source), "CTKnownLogs.h");
	result = read_operators(r, data, len, names, &count);
	if (result == 0)
		result = read_logs(r, data, len, names, count);
	free(names);
	return result;
}
