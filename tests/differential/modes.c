// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Chains: an honest one, then rows of the grammar, or something whose truth is computed. */
#include <stdlib.h>
#include <string.h>
#include "tests/differential/differential.h"

void case_label(struct diff_case *c, const char *label)
{
	if (c->label_count < DIFF_LABELS)
		c->labels[c->label_count++] = label;
}

static void truth(struct diff_case *c, bool passes, const char *section)
{
	c->truth = passes ? MUST_PASS : MUST_FAIL;
	c->section = section;
}

/* Leaf, @cas CAs, root; signed by keys of all common kinds. */
static void honest(struct diff_case *c, uint32_t cas)
{
	uint32_t i;

	memset(c, 0, sizeof(*c));
	c->count = cas + 2;
	c->root = cas + 1;
	for (i = 0; i < c->count; i++) {
		c->spec[i].issuer = i == c->root ? i : i + 1;
		c->spec[i].part[KEY] = make_any_key();
	}
	c->spec[c->root].anchor = true;
	for (i = 0; i < c->root; i++)
		c->order[c->presented++] = i;
	c->name = DIFF_HOST;
	c->time = DIFF_NOW;
	c->webpki = random_below(4) == 0;
	c->policies = random_below(4) == 0;
}

static const char **slot(struct diff_case *c, const char *request[PART_COUNT], enum who who,
			 enum part part, uint32_t any)
{
	switch (who) {
	case LEAF:
		return &c->spec[0].part[part];
	case CA:
		return &c->spec[1].part[part];
	case ANY_CA:
		return &c->spec[any].part[part];
	case ROOT:
		return &c->spec[c->root].part[part];
	default:
		return &request[part];
	}
}

/* Has a row said something of one of its extensions? */
static bool has_extensions(const struct cert_spec *spec)
{
	int part;

	for (part = FIRST_EXT; part <= RAW_EXT; part++)
		if (spec->part[part])
			return true;
	return false;
}

/* No row may undo another's: nothing is changed twice. Keys are free until a row asks for one. */
static bool apply(struct diff_case *c, const char *request[PART_COUNT], bool keyed[DIFF_CERTS],
		  const struct mutation *m)
{
	/* What signs ANY_CA in such a row is the root. */
	bool root_key = m->change[2].who == ROOT || m->change[1].who == ROOT;
	uint32_t any = root_key ? c->root - 1 : 1 + random_below(c->root - 1), i;

	for (i = 0; i < MUTATION_CHANGES && m->change[i].part; i++) {
		const char **p = slot(c, request, m->change[i].who, m->change[i].part, any);
		enum who who = m->change[i].who;
		uint32_t at = who == LEAF ? 0 : who == CA ? 1 : who == ANY_CA ? any : c->root;

		if (m->change[i].part == KEY ? keyed[at] : *p != NULL)
			return false;
		/* A key is said by name or spelled out. */
		if (who != REQUEST && ((m->change[i].part == SPKI && keyed[at]) ||
				       (m->change[i].part == KEY && c->spec[at].part[SPKI])))
			return false;
		/* Instead of all extensions: then none may have been changed, nor may be later. */
		if (who != REQUEST && c->spec[at].part[EXTS])
			return false;
		if (m->change[i].part == EXTS && has_extensions(&c->spec[at]))
			return false;
	}
	for (i = 0; i < MUTATION_CHANGES && m->change[i].part; i++) {
		enum who who = m->change[i].who;
		uint32_t at = who == LEAF ? 0 : who == CA ? 1 : who == ANY_CA ? any : c->root;

		*slot(c, request, who, m->change[i].part, any) = m->change[i].text;
		if (m->change[i].part == KEY)
			keyed[at] = true;
	}
	return true;
}

/* "explicit" only counts where the row that wants it stays. */
static void table(struct diff_case *c)
{
	uint32_t wanted = random_below(5) < 3 ? 1 : 2 + random_below(2), tries = 0;
	const char *request[PART_COUNT] = { NULL };
	bool keyed[DIFF_CERTS] = { false };

	honest(c, 1 + random_below(3));
	while (c->label_count < wanted && tries++ < 8) {
		const struct mutation *m = &mutations[random_below((uint32_t)mutation_count)];

		if (!apply(c, request, keyed, m))
			continue;
		case_label(c, m->label);
		if ((m->truth == MUST_FAIL || (m->truth == MUST_FAIL_RFC5280 && !c->webpki)) &&
		    c->truth != MUST_FAIL)
			truth(c, false, m->section);
		else if (m->truth == MUST_PASS && c->label_count == 1 && wanted == 1)
			truth(c, true, m->section);
	}
	if (request[NAME])
		c->name = *request[NAME] == '-' ? NULL : request[NAME];
	if (request[TIME])
		c->time += atol(request[TIME]);
}

struct relation {
	const char *base, *name; /* notation of der_text.h, as GeneralNames */
	bool within;
	const char *host; /* to ask for; NULL: none */
};

/* RFC 5280 section 4.2.1.10, form by form. */
static const struct relation relations[] = {
	{ "82{'example.com'}", "82{'example.com'}", true, "example.com" },
	{ "82{'example.com'}", "82{'www.example.com'}", true, "www.example.com" },
	{ "82{'EXAMPLE.com'}", "82{'www.example.COM'}", true, "www.example.com" },
	{ "82{'example.com'}", "82{'a.b.c.example.com'}", true, "a.b.c.example.com" },
	{ "82{'example.com'}", "82{'wexample.com'}", false, "wexample.com" },
	{ "82{'example.com'}", "82{'example.com.evil.org'}", false, "example.com.evil.org" },
	{ "82{'example.com'}", "82{'com'}", false, "com" },
	{ "82{'www.example.com'}", "82{'example.com'}", false, "example.com" },
	{ "82{'example.com'}", "82{'*.example.com'}", true, "a.example.com" },
	{ "82{'com'}", "82{'a.example.com'}", true, "a.example.com" },
	{ "81{'a@example.com'}", "81{'a@example.com'}", true, "a@example.com" },
	{ "81{'a@example.com'}", "81{'a@EXAMPLE.com'}", true, "a@example.com" },
	{ "81{'a@example.com'}", "81{'A@example.com'}", false, NULL },
	{ "81{'a@example.com'}", "81{'b@example.com'}", false, NULL },
	{ "81{'example.com'}", "81{'b@example.com'}", true, "b@example.com" },
	{ "81{'example.com'}", "81{'b@www.example.com'}", false, NULL },
	{ "81{'.example.com'}", "81{'b@www.example.com'}", true, NULL },
	{ "81{'.example.com'}", "81{'b@example.com'}", false, NULL },
	{ "81{'.example.com'}", "81{'b@wexample.com'}", false, NULL },
	{ "86{'example.com'}", "86{'https://example.com/a'}", true, NULL },
	{ "86{'example.com'}", "86{'https://EXAMPLE.com:8443/a'}", true, NULL },
	{ "86{'example.com'}", "86{'https://www.example.com/'}", false, NULL },
	{ "86{'.example.com'}", "86{'https://www.example.com'}", true, NULL },
	{ "86{'.example.com'}", "86{'https://example.com'}", false, NULL },
	{ "86{'.example.com'}", "86{'https://a@b.example.com:1/x?y#z'}", true, NULL },
	{ "86{'example.com'}", "86{'https://example.com@evil.org/'}", false, NULL },
	{ "86{'example.com'}", "86{'https://evil.org/@example.com'}", false, NULL },
	{ "86{'example.com'}", "86{'https://evil.org?@example.com'}", false, NULL },
	{ "86{'example.com'}", "86{'https://evil.org#@example.com'}", false, NULL },
	{ "87{c0000200 ffffff00}", "87{c0000201}", true, "192.0.2.1" },
	{ "87{c0000200 ffffff00}", "87{c0000301}", false, "192.0.3.1" },
	{ "87{c0000200 ffffff80}", "87{c0000281}", false, "192.0.2.129" },
	{ "87{c0000200 fffffffe}", "87{c0000201}", true, "192.0.2.1" },
	{ "87{00000000 00000000}", "87{c0000201}", true, "192.0.2.1" },
	{ "87{20010db8 *12(00) ffffffff *12(00)}", "87{20010db8 *11(00) 01}", true, "2001:db8::1" },
	{ "87{20010db8 *12(00) ffffffff *12(00)}", "87{20010db9 *11(00) 01}", false,
	  "2001:db9::1" },
	{ "a4{30{31{30{06{55040a} 0c{'Org'}}}}}",
	  "a4{30{31{30{06{55040a} 0c{'Org'}}} 31{30{06{550403} 0c{'x'}}}}}", true, NULL },
	{ "a4{30{31{30{06{55040a} 0c{'Org'}}}}}",
	  "a4{30{31{30{06{55040a} 13{'oRG'}}} 31{30{06{550403} 0c{'x'}}}}}", true, NULL },
	{ "a4{30{31{30{06{55040a} 0c{'Org'}}}}}", "a4{30{31{30{06{55040a} 0c{'Orgs'}}}}}", false,
	  NULL },
	{ "a4{30{31{30{06{55040a} 0c{'Org'}}}}}", "a4{30{31{30{06{55040b} 0c{'Org'}}}}}", false,
	  NULL },
};

/* A directory constraint is about the subject of every certificate below, too. */
static void subject_too(struct diff_case *c, const struct relation *r)
{
	if (r->name[0] == 'a' && r->name[1] == '4') {
		size_t n = strlen(r->name);

		c->spec[0].part[SUBJECT] = make_text("%.*s", (int)n - 4, r->name + 3);
	}
}

/* One or two subtrees in one CA or two; the names of the leaf must be in all permitted, in none
 * excluded. */
static void constraints(struct diff_case *c)
{
	const size_t count = sizeof(relations) / sizeof(relations[0]);
	const struct relation *r = &relations[random_below((uint32_t)count)];
	bool exclude = random_below(2), directory = r->base[0] == 'a';
	/* Constraints of a higher CA hold the subjects of lower ones: keep those out of the way. */
	uint32_t holder;

	honest(c, 1 + random_below(3));
	holder = directory ? 1 : 1 + random_below(c->root - 1);
	case_label(c, make_text("constraint-%c%c-%s-%s", r->base[0], r->base[1],
				exclude ? "excluded" : "permitted", r->within ? "in" : "out"));
	c->spec[holder].part[CONSTRAINTS] =
		make_text("!30{%s{30{%s}}}", exclude ? "a1" : "a0", r->base);
	c->spec[0].part[ALT_NAMES] = make_text("30{%s}", r->name);
	if (directory) {
		c->spec[0].part[ALT_NAMES] = "-";
		c->spec[0].part[SUBJECT] = make_text("%.*s", (int)strlen(r->name) - 4, r->name + 3);
	}
	subject_too(c, r);
	c->name = r->host;
	truth(c, r->within != exclude, "4.2.1.10");
	/* Another of the same form, so that one list has two. */
	if (!exclude && random_below(3) == 0) {
		c->spec[holder].part[CONSTRAINTS] =
			make_text("!30{a0{30{82{'nowhere.example'}} 30{%s}}}", r->base);
		if (r->base[1] != '2')
			case_label(c, "constraint-and-dns");
	}
}

/* What RFC 5280 section 6.1.4 (l) and (m) count, said again in other words. */
static void lengths(struct diff_case *c)
{
	bool good = true;
	uint32_t i, k;

	honest(c, 1 + random_below(6));
	case_label(c, "path-length");
	for (i = 1; i < c->root; i++) {
		if (random_below(4) == 0 && i + 1 < c->root) {
			/* Self-issued: the name of the one above. */
			c->spec[i + 1].part[SUBJECT] =
				make_text("30{31{30{06{550403} 0c{'Twice %u'}}}}", i);
			c->spec[i].part[SUBJECT] = c->spec[i + 1].part[SUBJECT];
			/* Of different keys, else there is a path without this one. */
			c->spec[i].part[KEY] = "p256";
			c->spec[i + 1].part[KEY] = "p256b";
			i++;
		}
	}
	for (i = 1; i <= c->root; i++) {
		uint32_t limit = random_below(8), between = 0;

		if (limit > 5)
			continue;
		for (k = 1; k < i; k++)
			between += strcmp(make_part(c, k, SUBJECT), make_part(c, k, ISSUER)) != 0;
		good &= between <= limit;
		c->spec[i].part[BASIC] = make_text("!30{0101ff 0201%02x}", limit);
	}
	truth(c, good, "6.1.4 (l), (m)");
}

/* To the second: leaf 2026-05-01 00:00:00 to 2026-07-31 23:59:59. */
static void edges(struct diff_case *c)
{
	static const struct {
		int64_t at;
		bool good;
	} table_of[] = {
		{ 1777593599, false }, { 1777593600, true },  { 1777593601, true },
		{ 1785542398, true },  { 1785542399, true },  { 1785542400, false },
		{ 0, false },	       { 4102444800, false },
	};
	uint32_t i = random_below(8);

	honest(c, 1);
	case_label(c, "time-edge");
	c->time = table_of[i].at;
	truth(c, table_of[i].good, "4.1.2.5, 6.1.3 (a) (2)");
}

static void shuffle(struct diff_case *c)
{
	uint32_t i;

	for (i = c->presented - 1; i > 1; i--) {
		uint32_t k = 1 + random_below(i), t = c->order[i];

		c->order[i] = c->order[k];
		c->order[k] = t;
	}
}

/* Another certificate of the name and key of @of, issued by @issuer. */
static uint32_t twin(struct diff_case *c, uint32_t of, uint32_t issuer)
{
	uint32_t i = c->count++;

	memset(&c->spec[i], 0, sizeof(c->spec[i]));
	c->spec[i].part[SUBJECT] = make_part(c, of, SUBJECT);
	c->spec[i].part[SKID] = make_part(c, of, SKID);
	c->spec[i].part[KEY] = c->spec[of].part[KEY];
	c->spec[i].issuer = issuer;
	return i;
}

#define EXPIRED "30{17{'250101000000Z'} 17{'250601000000Z'}}"

/* More than one way up: good as long as one is (section 6 leaves the search to the verifier). */
static void pools(struct diff_case *c)
{
	uint32_t kind = random_below(9), other, ca;

	honest(c, 2);
	truth(c, true, "6, 6.1");
	switch (kind) {
	case 0:
		case_label(c, "pool-shuffled");
		break;
	case 1:
		case_label(c, "pool-repeated");
		c->order[c->presented++] = 1;
		c->order[c->presented++] = 0;
		break;
	case 2:
		case_label(c, "pool-with-root");
		c->order[c->presented++] = c->root;
		break;
	case 3: /* an expired twin of the CA */
		case_label(c, "pool-expired-twin");
		other = twin(c, 1, 2);
		c->spec[other].part[VALIDITY] = EXPIRED;
		c->order[c->presented++] = other;
		break;
	case 4: /* the CA again, by a root that nobody trusts */
		case_label(c, "pool-untrusted-cross");
		other = c->count++;
		c->spec[other].issuer = other;
		c->spec[other].part[SUBJECT] = "30{31{30{06{550403} 0c{'Other Root'}}}}";
		ca = twin(c, 1, other);
		c->order[c->presented++] = ca;
		break;
	case 5: /* two CAs that signed each other, beside the way up */
		case_label(c, "pool-loop");
		other = twin(c, 2, 1);
		c->order[c->presented++] = other;
		break;
	case 6: /* a CA of the same name and another key */
		case_label(c, "pool-same-name");
		other = twin(c, 1, 2);
		c->spec[other].part[KEY] = strcmp(c->spec[1].part[KEY], "p256") ? "p256" : "p256b";
		c->spec[other].part[SKID] = "04{*20(66)}";
		c->order[c->presented++] = other;
		break;
	case 7: /* the only way is a loop */
		case_label(c, "pool-only-loop");
		c->spec[2].issuer = 1;
		truth(c, false, "6.1");
		break;
	default: /* a CA is missing */
		case_label(c, "pool-gap");
		c->presented = 2;
		truth(c, false, "6.1");
		break;
	}
	shuffle(c);
}

static void policy_world(struct diff_case *c)
{
	honest(c, 1 + random_below(4));
	c->webpki = false;
	c->policies = true;
	c->explicit_policy = random_below(2);
	case_label(c, "policy-world");
	truth(c, policy_world_make(c), "6.1.3 (d) to 6.1.5 (g)");
}

static void honest_only(struct diff_case *c)
{
	honest(c, 1 + random_below(3));
	case_label(c, "honest");
	truth(c, true, "6.1");
}

/* Octets of a good chain changed, put in or taken out below the root: nothing that is not in the
 * root may be changed unnoticed (sections 4.1.1.2, 4.1.1.3, 6.1.3 (a) (1)). */
static void spoil(struct diff_case *c)
{
	uint32_t victim = random_below(c->root), n = (uint32_t)c->der[victim].n;
	uint32_t at = random_below(n), kind = random_below(5);
	struct cc_span copy = make_copy(c->der[victim], 8);
	uint8_t *p = (uint8_t *)(uintptr_t)copy.p;

	case_label(c, "octets");
	truth(c, false, "4.1.1.3");
	switch (kind) {
	case 0:
		p[at] ^= (uint8_t)(1u << random_below(8));
		break;
	case 1:
		p[at] = (uint8_t)(p[at] + 1 + random_below(255));
		break;
	case 2: /* truncated */
		copy.n = at;
		break;
	case 3: /* put in */
		memmove(p + at + 1, p + at, n - at);
		p[at] = (uint8_t)random_below(256);
		copy.n++;
		break;
	default: /* a length here and there: 30 -> longer or shorter */
		p[at] = (uint8_t)(random_below(2) ? p[at] + 1 : p[at] - 1);
		break;
	}
	c->der[victim] = copy;
}

static void sign_all(struct diff_case *c)
{
	uint32_t i;

	for (i = 0; i < c->count; i++)
		c->der[i] = make_cert(c, i);
}

void case_make(struct diff_case *c)
{
	static void (*const modes[])(struct diff_case *) = {
		constraints, lengths, edges, pools, policy_world, honest_only,
	};
	static const uint8_t weights[] = { 12, 6, 3, 8, 8, 1 };
	uint32_t roll = random_below(100), i;

	if (roll < 12) {
		honest(c, 1);
		sign_all(c);
		spoil(c);
		return;
	}
	roll -= 12;
	for (i = 0; i < sizeof(weights); i++) {
		if (roll < weights[i]) {
			modes[i](c);
			sign_all(c);
			return;
		}
		roll -= weights[i];
	}
	table(c);
	sign_all(c);
}
