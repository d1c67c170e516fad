// SPDX-License-Identifier: GPL-2.0-only
/* The module: what comes up in which order, and goes down in the other. */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>

#include "core/selftest.h"
#include "kmod/admitted.h"
#include "kmod/agent.h"
#include "kmod/audit.h"
#include "kmod/broker.h"
#include "kmod/bundle_keys.h"
#include "kmod/cache.h"
#include "kmod/digest.h"
#include "kmod/dispatch.h"
#include "kmod/distrust.h"
#include "kmod/fetched.h"
#include "kmod/key.h"
#include "kmod/system.h"
#include "kmod/version.h"

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = cc_dispatch_device,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

/* 0666: it gives nothing by itself, a handle needs a key that the caller may use. */
static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "capcert",
	.mode = 0666,
	.fops = &device_fops,
};

static int device_init(void)
{
	return misc_register(&device);
}

static void device_exit(void)
{
	misc_deregister(&device);
}

/* Nothing to set up, but answers to let go of. */
static int fetched_init(void)
{
	return 0;
}

static int selftest_init(void)
{
	const char *failed = cc_selftest();

	if (!failed)
		return 0;
	pr_err("self-test \"%s\" failed: not loading\n", failed);
	return -EINVAL;
}

/* What user space can reach comes last; what holds nothing open comes first. */
static const struct {
	int (*init)(void);
	void (*exit)(void);
} parts[] = {
	{ selftest_init },
	{ cc_digest_setup, cc_digest_teardown },
	{ cc_audit_init, cc_audit_exit },
	{ cc_distrust_init, cc_distrust_exit },
	{ cc_cache_init, cc_cache_exit },
	{ cc_bundle_keys_init, cc_bundle_keys_exit },
	{ cc_admitted_init, cc_admitted_exit },
	{ cc_system_init, cc_system_exit },
	{ fetched_init, cc_fetched_exit },
	{ cc_key_types_init, cc_key_types_exit },
	{ cc_agent_init, cc_agent_exit },
	{ device_init, device_exit },
};

static void parts_exit(int from)
{
	while (from--)
		if (parts[from].exit)
			parts[from].exit();
}

static int __init capcert_init(void)
{
	int i, error;

	cc_broker_init();
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		error = parts[i].init();
		if (error) {
			parts_exit(i);
			return error;
		}
	}
	pr_info("%s, %s profile\n", CC_VERSION,
		CC_PROFILE == CAPCERT_PROFILE_DEV ? "development" : "production");
	return 0;
}

static void __exit capcert_exit(void)
{
	parts_exit(ARRAY_SIZE(parts));
}

module_init(capcert_init);
module_exit(capcert_exit);

MODULE_DESCRIPTION("Certificates and trust as kernel-held, rights-checked handles");
MODULE_VERSION(CC_VERSION);
MODULE_LICENSE("GPL");
MODULE_SOFTDEP("pre: sha1 sha256 sha512");
