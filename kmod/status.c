// SPDX-License-Identifier: GPL-2.0-only
/* STATUS: what this module is and how it fares. */
#include <linux/capcert_agent.h>
#include <linux/string.h>

#include "kmod/audit.h"
#include "kmod/broker.h"
#include "kmod/cache.h"
#include "kmod/clock.h"
#include "kmod/dispatch.h"
#include "kmod/distrust.h"
#include "kmod/fetched.h"
#include "kmod/version.h"

int cc_status_ioctl(struct cc_call *call, void *arg)
{
	struct capcert_status *status = arg;
	const u32 size = status->size;
	struct cc_fetched_stats fetched;
	struct cc_cache_stats cache;

	cc_fetched_stats(&fetched);
	cc_cache_stats(&cache);
	*status = (struct capcert_status){
		.size = size,
		.abi = CAPCERT_ABI_VERSION,
		.profile = CC_PROFILE,
		.verify_agents = cc_broker_agents(CAPCERT_CLASS_VERIFY),
		.sign_agents = cc_broker_agents(CAPCERT_CLASS_SIGN),
		.status_agents = cc_broker_agents(CAPCERT_CLASS_STATUS),
		.clock = cc_clock_provenance(),
		.distrust_generation = cc_distrust_generation(),
		.audit_sequence = cc_audit_sequence(),
		.cache_entries = cache.entries,
		.cache_hits = cache.hits,
		.cache_misses = cache.misses,
		.objects = cc_object_count(),
		.handles = cc_handle_count(),
		.pending = cc_broker_pending(),
		.object_bytes = cc_object_bytes(),
		.version = CC_VERSION,
		.verify_requests = cc_broker_requests(CAPCERT_CLASS_VERIFY),
		.sign_requests = cc_broker_requests(CAPCERT_CLASS_SIGN),
		.status_requests = cc_broker_requests(CAPCERT_CLASS_STATUS),
		.fetch_entries = fetched.entries,
		.fetch_hits = fetched.hits,
	};
	return 0;
}
