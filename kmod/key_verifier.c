// SPDX-License-Identifier: GPL-2.0-only
/* Key type capverify: a verifier with a frozen policy, given as text. */
#include <linux/err.h>
#include <linux/seq_file.h>

#include "kmod/key.h"
#include "kmod/policy.h"

static int verifier_preparse(struct key_preparsed_payload *prep)
{
	struct cc_verifier *verifier = cc_verifier_new(prep->data ?: "", prep->datalen);

	if (IS_ERR(verifier))
		return PTR_ERR(verifier);
	prep->payload.data[0] = &verifier->base;
	prep->quotalen = verifier->text_len;
	return 0;
}

static void verifier_describe(const struct key *key, struct seq_file *m)
{
	struct cc_object *object = cc_key_payload(key);

	seq_puts(m, key->description);
	if (object)
		seq_printf(m, ": %s", cc_preset_name(cc_verifier_of(object)->policy.preset));
}

/*
 * The canonical text with ';' for the newlines, the other separator of the text form: a newline
 * would make `keyctl print` show everything in hexadecimal.
 */
static long verifier_read(const struct key *key, char *buffer, size_t len)
{
	const struct cc_verifier *verifier = cc_verifier_of(cc_key_payload(key));
	size_t i, n = verifier->text_len;

	while (n && verifier->text[n - 1] == '\n')
		n--;
	for (i = 0; buffer && i < min(n, len); i++)
		buffer[i] = verifier->text[i] == '\n' ? ';' : verifier->text[i];
	return (long)n;
}

/*
 * No .update: the policy is frozen. The same name again makes a new key in its place; handles of
 * the old one keep the old policy.
 */
struct key_type cc_key_verifier = {
	.name = "capverify",
	.vet_description = cc_key_vet_description,
	.preparse = verifier_preparse,
	.free_preparse = cc_key_free_preparse,
	.instantiate = cc_key_instantiate,
	.destroy = cc_key_destroy,
	.describe = verifier_describe,
	.read = verifier_read,
};
