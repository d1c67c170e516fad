// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sessions and the one login that they share. A PIN is tried once. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "pkcs11/consumer/token.h"

void vault_warn(capcert_vault *v, const char *format, ...)
{
	char line[256];
	va_list args;

	if (!v->options.warn)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	v->options.warn(v->options.ctx, line);
}

/* ---- login ---- */

static void forget_pin(struct token *t)
{
	explicit_bzero(t->pin, sizeof(t->pin));
	t->pin_len = 0;
	t->pin_state = PIN_REFUSED;
}

static int ask_pin(capcert_vault *v, struct token *t)
{
	int n;

	if (t->pin_state == PIN_KNOWN)
		return 0;
	n = v->options.pin(v->options.ctx, t->label, t->serial, t->pin);
	if (n < 0)
		return n;
	t->pin_len = n;
	t->pin_state = PIN_KNOWN;
	return 0;
}

/* What the token says of earlier tries, which may have been anybody's. */
static int tries_left(capcert_vault *v, struct token *t)
{
	CK_TOKEN_INFO info;

	if (t->module->f->C_GetTokenInfo(t->slot, &info) != CKR_OK)
		return -ENODEV;
	if (info.flags & CKF_USER_PIN_LOCKED) {
		vault_warn(v, "token %s: its PIN is locked", t->label);
		return -EUSERS;
	}
	if (info.flags & CKF_USER_PIN_FINAL_TRY) {
		vault_warn(v, "token %s: one wrong PIN more would lock it; not tried", t->label);
		return -EUSERS;
	}
	if ((info.flags & CKF_USER_PIN_COUNT_LOW) && !v->options.pin_again) {
		vault_warn(
			v,
			"token %s: somebody got its PIN wrong since it was last right; not tried",
			t->label);
		return -EKEYREJECTED;
	}
	return 0;
}

/* With the token's lock, with a session open. */
static int login(capcert_vault *v, struct token *t, CK_SESSION_HANDLE session)
{
	CK_RV rv;
	int r;

	if (t->logged_in || !v->options.pin || !(t->info.flags & CKF_LOGIN_REQUIRED))
		return 0;
	if (t->pin_state == PIN_REFUSED)
		return -EKEYREJECTED;
	r = tries_left(v, t);
	if (r == 0)
		r = ask_pin(v, t);
	if (r < 0)
		return r;
	rv = t->module->f->C_Login(session, CKU_USER, (unsigned char *)t->pin,
				   (CK_ULONG)t->pin_len);
	if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN) {
		t->logged_in = true;
		return 0;
	}
	r = rv_error(rv);
	if (r == -EKEYREJECTED || r == -EUSERS) {
		vault_warn(v, "token %s: the PIN is wrong; it will not be tried again", t->label);
		forget_pin(t);
	}
	return r;
}

/* ---- sessions ---- */

static void close_one(struct token *t, CK_SESSION_HANDLE session)
{
	t->module->f->C_CloseSession(session);
}

/* With the token's lock: it counts no more. With its last session an application is logged out. */
static void close_counted(struct token *t, const struct session *s)
{
	close_one(t, s->handle);
	*(s->pooled ? &t->open : &t->writers) -= 1;
	if (!t->open && !t->writers)
		t->logged_in = false;
	pthread_cond_signal(&t->freed);
}

/* With the token's lock: one of the pool's, or leave to open another. Return: 0, 1 = open. */
static int take(struct token *t, CK_SESSION_HANDLE *ret)
{
	while (!t->idle_count && t->open >= t->limit)
		pthread_cond_wait(&t->freed, &t->lock);
	if (t->idle_count) {
		*ret = t->idle[--t->idle_count];
		return 0;
	}
	t->open++;
	return 1;
}

/* With the token's lock. When the token has fewer sessions than it said, that is the limit then. */
static int open_pooled(struct token *t, CK_SESSION_HANDLE *ret)
{
	for (;;) {
		CK_RV rv;

		if (take(t, ret) == 0)
			return 0;
		rv = t->module->f->C_OpenSession(t->slot, CKF_SERIAL_SESSION, NULL, NULL, ret);
		if (rv == CKR_OK)
			return 0;
		t->open--;
		if (rv != CKR_SESSION_COUNT || !t->open) {
			pthread_cond_signal(&t->freed);
			return rv_error(rv);
		}
		t->limit = t->open;
	}
}

int session_get(capcert_vault *v, struct token *t, bool writing, struct session *ret)
{
	int r;

	pthread_mutex_lock(&t->lock);
	ret->pooled = !writing;
	if (writing)
		r = rv_error(t->module->f->C_OpenSession(
			t->slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &ret->handle));
	else
		r = open_pooled(t, &ret->handle);
	ret->epoch = t->epoch;
	if (r == 0) {
		t->writers += writing;
		r = login(v, t, ret->handle);
		if (r < 0)
			close_counted(t, ret);
	}
	pthread_mutex_unlock(&t->lock);
	return r;
}

void session_put(struct token *t, const struct session *s, bool good)
{
	pthread_mutex_lock(&t->lock);
	if (s->epoch != t->epoch) {
		close_one(t, s->handle);
	} else if (good && s->pooled) {
		t->idle[t->idle_count++] = s->handle;
		pthread_cond_signal(&t->freed);
	} else {
		close_counted(t, s);
	}
	pthread_mutex_unlock(&t->lock);
}

void token_reset(struct token *t, uint64_t epoch)
{
	pthread_mutex_lock(&t->lock);
	if (t->epoch == epoch) {
		for (unsigned int i = 0; i < t->idle_count; i++)
			close_one(t, t->idle[i]);
		t->idle_count = 0;
		t->open = 0;
		t->writers = 0;
		t->logged_in = false;
		t->epoch++;
		pthread_cond_broadcast(&t->freed);
	}
	pthread_mutex_unlock(&t->lock);
}
