// SPDX-License-Identifier: GPL-2.0-only
/* What /proc/PID/fdinfo/N says about a handle. */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#include "kmod/fdinfo.h"
#include "kmod/handle.h"
#include "kmod/info.h"
#include "kmod/private_key.h"
#include "kmod/slots.h"

/* Names that users chose: no reader may take a part of them for another line or field. */
static void fdinfo_escaped(struct seq_file *m, const char *text)
{
	for (; *text; text++) {
		u8 c = (u8)*text;

		if (c >= 0x20 && c < 0x7f && c != '\\')
			seq_putc(m, (char)c);
		else
			seq_printf(m, "\\x%02x", c);
	}
}

static const char *fdinfo_view(u32 view)
{
	switch (view) {
	case CAPCERT_VIEW_SNAPSHOT:
		return "snapshot";
	case CAPCERT_VIEW_LIVE:
		return "live";
	default:
		return "direct";
	}
}

static const char *fdinfo_origin(u32 origin)
{
	switch (origin) {
	case CAPCERT_ORIGIN_SYSTEM:
		return "system";
	case CAPCERT_ORIGIN_DEV:
		return "dev";
	default:
		return "user";
	}
}

static const char *fdinfo_keys(const struct cc_handle *handle)
{
	switch (cc_handle_keys_valid(handle)) {
	case 0:
		return "valid";
	case -EKEYREVOKED:
		return "revoked";
	case -EKEYEXPIRED:
		return "expired";
	default:
		return "invalidated";
	}
}

/* What this handle may sign, and how often yet; -1 = without limit. */
static void fdinfo_private_key(struct seq_file *m, const struct cc_private_key *key)
{
	struct capcert_key_info info = {};
	char text[CC_PRIVATE_KEY_TEXT];

	cc_private_key_info(key, &info);
	cc_private_key_format(key, text, sizeof(text));
	seq_printf(m, "capcert-purposes:\t%s\n", text);
	seq_printf(m, "capcert-uses-left:\t%lld\n", (s64)info.uses_left);
}

/* Which slots this handle stands for: names and prefixes, "*" = all. */
static void fdinfo_slots(struct seq_file *m, const struct cc_slot_view *view)
{
	struct cc_span patterns = cc_slot_view_patterns(view);

	seq_puts(m, "capcert-slots:\t");
	if (patterns.n)
		seq_write(m, patterns.p, patterns.n);
	else
		seq_putc(m, '*');
	seq_putc(m, '\n');
}

void cc_fdinfo_show(struct seq_file *m, struct file *file)
{
	const struct cc_handle *handle = file->private_data;
	char rights[CC_RIGHTS_TEXT_MAX];
	struct capcert_info info = {};
	pid_t bound = 0;

	if (cc_info_fill(handle, &info))
		return;
	cc_rights_format(handle->rights, rights, sizeof(rights));
	if (handle->bound)
		bound = pid_nr_ns(handle->bound, proc_pid_ns(file_inode(m->file)->i_sb));
	seq_printf(m, "capcert-kind:\t%s\n", cc_kind_name(info.kind));
	seq_printf(m, "capcert-id:\t%llu\n", info.id);
	seq_printf(m, "capcert-handle:\t%llu\n", handle->id);
	seq_printf(m, "capcert-origin:\t%s\n", fdinfo_origin(info.origin));
	seq_printf(m, "capcert-rights:\t%s\n", rights);
	seq_printf(m, "capcert-version:\t%llu\n", info.version);
	seq_printf(m, "capcert-view:\t%s\n", fdinfo_view(info.view));
	seq_printf(m, "capcert-bound:\t%d\n", bound);
	seq_printf(m, "capcert-key:\t%d %s\n", info.serial, fdinfo_keys(handle));
	seq_puts(m, "capcert-description:\t");
	fdinfo_escaped(m, info.description);
	seq_putc(m, '\n');
	if (info.kind == CAPCERT_KIND_KEY)
		fdinfo_private_key(m, cc_private_key_of(handle->object));
	if (info.kind == CAPCERT_KIND_SLOT)
		fdinfo_slots(m, cc_slot_view_of(handle->object));
	if (info.kind == CAPCERT_KIND_WATCH)
		fdinfo_slots(m, cc_slot_watch_of(handle->object)->view);
}
