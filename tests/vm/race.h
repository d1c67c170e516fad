/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the race share: luck, the fds that its threads fight over, and the word for a wrong answer. */
#ifndef TESTS_VM_RACE_H
#define TESTS_VM_RACE_H

#include <stdint.h>

#include "certs.h"

struct luck {
	uint32_t x;
};

uint32_t rnd(struct luck *l, uint32_t n); /* below @n */
int any_fd(struct luck *l);		  /* of a random slot; -1: it is empty */
/* Into a random slot; what was there is closed, whoever may be using it. Return: 0, or @fd if that is an error. */
int keep(struct luck *l, int fd);
void wrong(const char *what); /* an answer was wrong, not just refused */
int racing(void);

/* Private keys. Operations: 0 or -errno. */
#define RACE_KEYS 3
extern int *race_private; /* RACE_KEYS serials, shared by all processes; 0 = none yet */
int op_make_private(struct luck *l);
int op_open_private(struct luck *l);
int op_sign(struct luck *l);
int op_key_restrict(struct luck *l);
int op_pkey_sign(struct luck *l);
/* A keeper for as long as racing(): mostly signs; now and then garbage, twice, never, or dies. @arg: a number. */
void *keeper_life(void *arg);

/* Certificate slots and TLS configs. @place: of the store's key, shared by all processes. */
void race_slots_make(int *place);
extern struct tcert race_leaf[]; /* the keeper has the key of the first */
int op_open_slots(struct luck *l);
int op_slot_put(struct luck *l);
int op_slot_get(struct luck *l);
int op_slot_delete(struct luck *l);
int op_slot_watch(struct luck *l);
int op_slot_next(struct luck *l);
int op_slot_list(struct luck *l);
int op_tls_config(struct luck *l);
int op_tls_use(struct luck *l);

#endif
