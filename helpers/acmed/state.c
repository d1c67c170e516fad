// SPDX-License-Identifier: GPL-2.0-only
/* SQLite: open, one transaction per call, and what each step of an order writes. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include "helpers/acmed/state.h"

#define VERSION 1
#define APPLICATION 0x63617061 /* "capa" */

struct state {
	sqlite3 *db;
	int lock;
	char error[256];
};

/* The journal is a file beside it, complete before the database is touched. FULL: each step is on the disk before
 * the next one begins, at the price of some fsync() calls per order. */
static const char settings[] = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE;"
			       "PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;"
			       "PRAGMA cell_size_check = ON; PRAGMA cache_size = -512;";

static const char schema[] =
	"CREATE TABLE account(directory TEXT NOT NULL, key BLOB NOT NULL, url TEXT NOT NULL,"
	" PRIMARY KEY(directory, key)) WITHOUT ROWID;"
	"CREATE TABLE certificate(name TEXT PRIMARY KEY, phase INT NOT NULL DEFAULT 0, recipe BLOB,"
	" wanted BLOB, have INT NOT NULL DEFAULT 0, not_before INT NOT NULL DEFAULT 0,"
	" not_after INT NOT NULL DEFAULT 0, ari INT NOT NULL DEFAULT 0,"
	" ari_start INT NOT NULL DEFAULT 0, ari_end INT NOT NULL DEFAULT 0,"
	" ari_next INT NOT NULL DEFAULT 0, seed INT NOT NULL, failures INT NOT NULL DEFAULT 0,"
	" failed_at INT NOT NULL DEFAULT 0, not_until INT NOT NULL DEFAULT 0,"
	" order_url TEXT NOT NULL DEFAULT '', failure TEXT NOT NULL DEFAULT '',"
	" cert_id TEXT NOT NULL DEFAULT '', chain BLOB, fresh BLOB);"
	"CREATE TABLE published(solver TEXT NOT NULL, challenge BLOB NOT NULL,"
	" PRIMARY KEY(solver, challenge)) WITHOUT ROWID;"
	"CREATE TABLE clock(id INT PRIMARY KEY CHECK(id = 0), newest INT NOT NULL);"
	"INSERT INTO clock VALUES(0, 0);"
	"PRAGMA application_id = 1667330145; PRAGMA user_version = 1;";

static int to_errno(int r)
{
	switch (r & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW:
		return 0;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return -EBADMSG;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
		return -EACCES;
	default:
		return -EIO;
	}
}

static int failed(struct state *s, int r)
{
	snprintf(s->error, sizeof(s->error), "%s%s", sqlite3_errmsg(s->db),
		 (r & 0xff) == SQLITE_FULL ? ": make room on the disk of the state folder" : "");
	return to_errno(r);
}

const char *state_error(const struct state *s)
{
	return s->error;
}

static int run(struct state *s, const char *sql)
{
	int r = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return r == SQLITE_OK ? 0 : failed(s, r);
}

int state_begin(struct state *s)
{
	return run(s, "BEGIN IMMEDIATE");
}

int state_commit(struct state *s)
{
	int r = run(s, "COMMIT");

	if (r < 0 && !sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return r;
}

static int number(struct state *s, const char *sql, int64_t *ret)
{
	sqlite3_stmt *q;
	int r = sqlite3_prepare_v2(s->db, sql, -1, &q, NULL);

	if (r != SQLITE_OK)
		return failed(s, r);
	r = sqlite3_step(q);
	if (r == SQLITE_ROW)
		*ret = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return r == SQLITE_ROW ? 0 : failed(s, r);
}

/* Made as one transaction: a folder that a crash left half made is empty. */
static int make_tables(struct state *s)
{
	int r = state_begin(s);

	if (r == 0)
		r = run(s, schema);
	if (r == 0)
		r = state_commit(s);
	if (r < 0 && !sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return r;
}

static int check_version(struct state *s)
{
	int64_t application, version, tables;
	int r = number(s, "PRAGMA application_id", &application);

	if (r == 0)
		r = number(s, "PRAGMA user_version", &version);
	if (r == 0)
		r = number(s, "SELECT count(*) FROM sqlite_schema", &tables);
	if (r < 0)
		return r;
	if (!tables)
		return make_tables(s);
	if (application == APPLICATION && version == VERSION)
		return 0;
	snprintf(s->error, sizeof(s->error),
		 "acme.db is not of this version (%lld): use the capcert-acmed that wrote it",
		 (long long)version);
	return -EBADMSG;
}

/* SQLite's own locks are POSIX ones, which any close() of the file in the process ends; and a second daemon is
 * told what it is that stands in its way. */
static int take_lock(struct state *s, const char *folder)
{
	char path[4096];

	if (snprintf(path, sizeof(path), "%s/lock", folder) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->lock < 0)
		return -errno;
	if (flock(s->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return errno == EWOULDBLOCK ? -EBUSY : -errno;
}

static int open_db(struct state *s, const char *folder)
{
	char path[4096];
	int r;

	snprintf(path, sizeof(path), "%s/acme.db", folder);
	r = sqlite3_open_v2(path, &s->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
				    SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE,
			    NULL);
	if (r != SQLITE_OK)
		return s->db ? failed(s, r) : -ENOMEM;
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	r = run(s, settings);
	return r == 0 ? check_version(s) : r;
}

int state_open(const char *folder, struct state **ret, char *error)
{
	struct state *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->lock = -1;
	r = take_lock(s, folder);
	if (r == -EBUSY)
		snprintf(s->error, sizeof(s->error), "another capcert-acmed has it: stop that one");
	else if (r < 0)
		snprintf(s->error, sizeof(s->error), "%s", strerror(-r));
	else
		r = open_db(s, folder);
	if (r == 0) {
		*ret = s;
		return 0;
	}
	snprintf(error, 256, "%.90s: %.160s", folder, s->error[0] ? s->error : strerror(-r));
	state_close(s);
	return r;
}

void state_close(struct state *s)
{
	if (!s)
		return;
	sqlite3_close(s->db);
	if (s->lock >= 0)
		close(s->lock);
	free(s);
}

/* ---- statements ---- */

/* One value of a statement: its parameters in their order. */
struct value {
	enum { V_NUMBER, V_TEXT, V_BLOB } kind;
	int64_t number;
	const void *p;
	size_t n;
};
#define NUMBER(v)                    \
	{                            \
		V_NUMBER, v, NULL, 0 \
	}
#define TEXT(v)                 \
	{                       \
		V_TEXT, 0, v, 0 \
	}
#define BLOB(v, l)              \
	{                       \
		V_BLOB, 0, v, l \
	}

static int bind(sqlite3_stmt *q, int at, const struct value *v)
{
	switch (v->kind) {
	case V_NUMBER:
		return sqlite3_bind_int64(q, at, v->number);
	case V_TEXT:
		return sqlite3_bind_text(q, at, v->p, -1, SQLITE_STATIC);
	default:
		return sqlite3_bind_blob(q, at, v->p, (int)v->n, SQLITE_STATIC);
	}
}

static int prepare(struct state *s, const char *sql, const struct value *values, size_t count,
		   sqlite3_stmt **ret)
{
	int r = sqlite3_prepare_v2(s->db, sql, -1, ret, NULL);

	for (size_t i = 0; r == SQLITE_OK && i < count; i++)
		r = bind(*ret, (int)i + 1, &values[i]);
	if (r == SQLITE_OK)
		return 0;
	sqlite3_finalize(*ret);
	return failed(s, r);
}

/* One statement, which is one transaction. */
static int change(struct state *s, const char *sql, const struct value *values, size_t count)
{
	sqlite3_stmt *q;
	int r = prepare(s, sql, values, count, &q);

	if (r < 0)
		return r;
	r = sqlite3_step(q);
	if (r != SQLITE_DONE) {
		r = failed(s, r);
		sqlite3_finalize(q);
		return r;
	}
	sqlite3_finalize(q);
	return sqlite3_changes(s->db) ? 0 : -ENOENT;
}
#define CHANGE(s, sql, ...)                                                    \
	({                                                                     \
		const struct value values_[] = { __VA_ARGS__ };                \
		change(s, sql, values_, sizeof(values_) / sizeof(values_[0])); \
	})

/* ---- accounts ---- */

int state_account(struct state *s, const char *directory, const uint8_t key[32],
		  char ret_url[STATE_TEXT])
{
	const struct value values[] = { TEXT(directory), BLOB(key, 32) };
	sqlite3_stmt *q;
	int r = prepare(s, "SELECT url FROM account WHERE directory = ?1 AND key = ?2", values, 2,
			&q);

	if (r < 0)
		return r;
	r = sqlite3_step(q);
	if (r == SQLITE_ROW)
		snprintf(ret_url, STATE_TEXT, "%s", (const char *)sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
	return r == SQLITE_ROW ? 0 : r == SQLITE_DONE ? -ENOENT : failed(s, r);
}

int state_account_put(struct state *s, const char *directory, const uint8_t key[32],
		      const char *url)
{
	return CHANGE(s, "INSERT OR REPLACE INTO account VALUES(?1, ?2, ?3)", TEXT(directory),
		      BLOB(key, 32), TEXT(url));
}

int state_account_remove(struct state *s, const char *directory, const uint8_t key[32])
{
	return CHANGE(s, "DELETE FROM account WHERE directory = ?1 AND key = ?2", TEXT(directory),
		      BLOB(key, 32));
}

int state_accounts(struct state *s, int (*each)(void *ctx, const char *directory, const char *url),
		   void *ctx)
{
	sqlite3_stmt *q;
	int r = prepare(s, "SELECT directory, url FROM account ORDER BY 1, 2", NULL, 0, &q);
	int ended = 0;

	if (r < 0)
		return r;
	while (!ended && (r = sqlite3_step(q)) == SQLITE_ROW)
		ended = each(ctx, (const char *)sqlite3_column_text(q, 0),
			     (const char *)sqlite3_column_text(q, 1));
	sqlite3_finalize(q);
	return ended ? ended : to_errno(r);
}

/* ---- certificates ---- */

static void copy_text(sqlite3_stmt *q, int column, char *buf, size_t cap)
{
	const char *text = (const char *)sqlite3_column_text(q, column);

	snprintf(buf, cap, "%s", text ? text : "");
}

static void copy_digest(sqlite3_stmt *q, int column, uint8_t ret[32])
{
	const void *p = sqlite3_column_blob(q, column);

	memset(ret, 0, 32);
	if (p && sqlite3_column_bytes(q, column) == 32)
		memcpy(ret, p, 32);
}

static void take_row(sqlite3_stmt *q, struct state_cert *c)
{
	*c = (struct state_cert){
		.phase = (enum state_phase)sqlite3_column_int(q, 0),
		.have = sqlite3_column_int(q, 3) != 0,
		.not_before = sqlite3_column_int64(q, 4),
		.not_after = sqlite3_column_int64(q, 5),
		.ari = sqlite3_column_int(q, 6) != 0,
		.ari_start = sqlite3_column_int64(q, 7),
		.ari_end = sqlite3_column_int64(q, 8),
		.ari_next = sqlite3_column_int64(q, 9),
		.seed = (uint32_t)sqlite3_column_int64(q, 10),
		.failures = (uint32_t)sqlite3_column_int64(q, 11),
		.failed_at = sqlite3_column_int64(q, 12),
		.not_until = sqlite3_column_int64(q, 13),
	};
	copy_digest(q, 1, c->recipe);
	copy_digest(q, 2, c->wanted);
	copy_text(q, 14, c->order, sizeof(c->order));
	copy_text(q, 15, c->failure, sizeof(c->failure));
	copy_text(q, 16, c->cert_id, sizeof(c->cert_id));
}

static int read_cert(struct state *s, const char *name, struct state_cert *ret)
{
	const struct value values[] = { TEXT(name) };
	sqlite3_stmt *q;
	int r = prepare(s,
			"SELECT phase, recipe, wanted, have, not_before, not_after, ari, ari_start,"
			" ari_end, ari_next, seed, failures, failed_at, not_until, order_url,"
			" failure, cert_id FROM certificate WHERE name = ?1",
			values, 1, &q);

	if (r < 0)
		return r;
	r = sqlite3_step(q);
	if (r == SQLITE_ROW)
		take_row(q, ret);
	sqlite3_finalize(q);
	return r == SQLITE_ROW ? 0 : r == SQLITE_DONE ? -ENOENT : failed(s, r);
}

int state_cert(struct state *s, const char *name, uint32_t seed, struct state_cert *ret)
{
	int r = read_cert(s, name, ret);

	if (r != -ENOENT)
		return r;
	r = CHANGE(s, "INSERT INTO certificate(name, seed) VALUES(?1, ?2)", TEXT(name),
		   NUMBER(seed));
	return r == 0 ? read_cert(s, name, ret) : r;
}

int64_t state_newest(struct state *s)
{
	int64_t newest;

	return number(s, "SELECT newest FROM clock", &newest) == 0 ? newest : 0;
}

/* A change of one certificate and of the clock, as one. */
static int dated(struct state *s, const char *sql, const struct value *values, size_t count,
		 int64_t now)
{
	int r = state_begin(s);

	if (r == 0)
		r = change(s, sql, values, count);
	if (r == 0)
		r = CHANGE(s, "UPDATE clock SET newest = max(newest, ?1)", NUMBER(now));
	if (r == 0)
		r = state_commit(s);
	if (r < 0 && !sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return r;
}
#define DATED(s, now, sql, ...)                                                    \
	({                                                                         \
		const struct value values_[] = { __VA_ARGS__ };                    \
		dated(s, sql, values_, sizeof(values_) / sizeof(values_[0]), now); \
	})

int state_want(struct state *s, const char *name, const uint8_t recipe[32], int64_t now)
{
	return DATED(s, now,
		     "UPDATE certificate SET phase = 1, wanted = ?2, order_url = '', fresh = NULL"
		     " WHERE name = ?1",
		     TEXT(name), BLOB(recipe, 32));
}

int state_ordered(struct state *s, const char *name, const char *url)
{
	return CHANGE(s,
		      "UPDATE certificate SET phase = 2, order_url = ?2"
		      " WHERE name = ?1 AND phase IN (1, 2)",
		      TEXT(name), TEXT(url));
}

int state_issued(struct state *s, const char *name, const uint8_t *chain, size_t len)
{
	if (!len || len > STATE_CHAIN)
		return -EMSGSIZE;
	return CHANGE(s,
		      "UPDATE certificate SET phase = 3, fresh = ?2, order_url = ''"
		      " WHERE name = ?1 AND phase = 2",
		      TEXT(name), BLOB(chain, len));
}

int state_installed(struct state *s, const char *name, const struct state_installed *what,
		    int64_t now)
{
	return DATED(
		s, now,
		"UPDATE certificate SET phase = 0, chain = fresh, fresh = NULL, recipe = wanted,"
		" have = 1, not_before = ?2, not_after = ?3, cert_id = ?4, ari = 0,"
		" ari_next = 0, failures = 0, failed_at = 0, not_until = 0, failure = ''"
		" WHERE name = ?1 AND phase = 3",
		TEXT(name), NUMBER(what->not_before), NUMBER(what->not_after), TEXT(what->cert_id));
}

int state_failed(struct state *s, const char *name, const char *failure, int64_t not_until,
		 bool keep, int64_t now)
{
	return DATED(s, now,
		     "UPDATE certificate SET failures = failures + 1, failed_at = ?3, failure = ?2,"
		     " not_until = ?4, phase = iif(?5, phase, 0),"
		     " order_url = iif(?5, order_url, ''), fresh = iif(?5, fresh, NULL)"
		     " WHERE name = ?1",
		     TEXT(name), TEXT(failure), NUMBER(now), NUMBER(not_until), NUMBER(keep));
}

int state_window(struct state *s, const char *name, int64_t start, int64_t end, int64_t next)
{
	return CHANGE(s,
		      "UPDATE certificate SET ari = ?2, ari_start = ?3, ari_end = ?4, ari_next = ?5"
		      " WHERE name = ?1",
		      TEXT(name), NUMBER(start != 0), NUMBER(start), NUMBER(end), NUMBER(next));
}

int state_chain(struct state *s, const char *name, bool fresh, uint8_t **ret, size_t *ret_len)
{
	const struct value values[] = { TEXT(name), NUMBER(fresh) };
	sqlite3_stmt *q;
	int r = prepare(s, "SELECT iif(?2, fresh, chain) FROM certificate WHERE name = ?1", values,
			2, &q);
	uint8_t *copy = NULL;
	size_t n = 0;

	if (r < 0)
		return r;
	r = sqlite3_step(q);
	if (r == SQLITE_ROW && sqlite3_column_type(q, 0) == SQLITE_BLOB) {
		n = (size_t)sqlite3_column_bytes(q, 0);
		copy = malloc(n + 1);
		if (copy)
			memcpy(copy, sqlite3_column_blob(q, 0), n);
	}
	sqlite3_finalize(q);
	if (r != SQLITE_ROW && r != SQLITE_DONE)
		return failed(s, r);
	if (!copy)
		return n ? -ENOMEM : -ENOENT;
	*ret = copy;
	*ret_len = n;
	return 0;
}

int state_published(struct state *s, const char *solver, const uint8_t *challenge, size_t len)
{
	return CHANGE(s, "INSERT OR REPLACE INTO published VALUES(?1, ?2)", TEXT(solver),
		      BLOB(challenge, len));
}

int state_withdrawn(struct state *s, const char *solver, const uint8_t *challenge, size_t len)
{
	return CHANGE(s, "DELETE FROM published WHERE solver = ?1 AND challenge = ?2", TEXT(solver),
		      BLOB(challenge, len));
}

int state_publications(struct state *s,
		       int (*each)(void *ctx, const char *solver, const uint8_t *challenge,
				   size_t len),
		       void *ctx)
{
	sqlite3_stmt *q;
	int r = prepare(s, "SELECT solver, challenge FROM published", NULL, 0, &q);
	int ended = 0;

	if (r < 0)
		return r;
	while (!ended && (r = sqlite3_step(q)) == SQLITE_ROW)
		ended = each(ctx, (const char *)sqlite3_column_text(q, 0),
			     sqlite3_column_blob(q, 1), (size_t)sqlite3_column_bytes(q, 1));
	sqlite3_finalize(q);
	return ended ? ended : to_errno(r);
}

void state_facts(const struct state_cert *c, const uint8_t recipe[32], struct schedule_facts *ret)
{
	*ret = (struct schedule_facts){
		.have = c->have,
		/* What was begun is brought to its end, whoever asked for it. */
		.changed = c->have && (c->phase != STATE_IDLE || memcmp(c->recipe, recipe, 32)),
		.not_before = c->not_before,
		.not_after = c->not_after,
		.ari = c->ari,
		.ari_start = c->ari_start,
		.ari_end = c->ari_end,
		.seed = c->seed,
		.failures = c->failures,
		.failed_at = c->failed_at,
		.not_until = c->not_until,
	};
}
