/* SPDX-License-Identifier: GPL-2.0-only */
/* The solver process of dns-01 and dns-persist-01. */
#ifndef HELPERS_ACMED_DNS_SOLVER_H
#define HELPERS_ACMED_DNS_SOLVER_H

#include "helpers/acmed/conf.h"

/** dns_solver_main() - put up the walls, and serve the keeper at @fd until it is gone. Return: an exit status. */
int dns_solver_main(const struct conf_solver *s, int fd);

#endif
