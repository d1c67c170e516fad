/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Path building: from the leaf up, over all candidates, within the budget. */
#ifndef LIBCAPCERT_PATH_H
#define LIBCAPCERT_PATH_H

#include "libcapcert/evaluation.h"

/** path_search() - look for a valid path from ev->nodes[0]. Afterwards ev->valid says whether
 *  ev->best is one; if not, ev->best is the best failing path. */
void path_search(struct evaluation *ev);

/** path_survey() - after the verdict: all paths and what was refused, into the request's report. */
void path_survey(struct evaluation *ev);

/** path_gather() - fill in @node's issuers, best first. False: out of memory, ev->no_memory. */
bool path_gather(struct evaluation *ev, struct node *node);

/** path_check_edge() - the signature of @node by the key of its issuer @e. */
enum edge_state path_check_edge(struct evaluation *ev, struct node *node, struct edge *e);

/** path_loops() - would @next bring @path back to where it has been? */
bool path_loops(struct evaluation *ev, const struct path *path, const struct node *next);

/** path_free() - what the search has allocated in @ev. */
void path_free(struct evaluation *ev);

#endif
