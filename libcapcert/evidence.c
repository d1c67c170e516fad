// SPDX-License-Identifier: LGPL-2.1-or-later
/* Evidence that a caller brings: a set of revocation lists, each once, newest first by issuer; OCSP
 * responses in the order they came. */
#include <errno.h>
#include <stdlib.h>
#include "core/cert.h"
#include "core/policy.h"
#include "libcapcert/evidence.h"
#include "libcapcert/pem.h"

struct capcert_evidence {
	struct crl **lists; /* by hash of the issuer's name, then the newest first */
	uint32_t count;
	uint32_t room;
	struct ocsp_response *responses[EVIDENCE_MAX_RESPONSES];
	uint32_t response_count;
	uint32_t staples; /* of them: none or one */
	uint8_t (*unreachable)[32];
	uint32_t unreachable_count;
	capcert_scts *scts; /* NULL: none */
	struct sct_list {
		uint32_t type; /* CAPCERT_EVIDENCE_* */
		uint8_t *tls;
		size_t len;
	} sct_lists[EVIDENCE_MAX_SCT_LISTS]; /* what @scts was made from */
	uint32_t sct_list_count;
};

int capcert_evidence_new(capcert_evidence **ret)
{
	capcert_evidence *e = calloc(1, sizeof(*e));

	if (!e)
		return -ENOMEM;
	*ret = e;
	return 0;
}

void capcert_evidence_free(capcert_evidence *e)
{
	uint32_t i;

	if (!e)
		return;
	for (i = 0; i < e->count; i++)
		crl_free(e->lists[i]);
	for (i = 0; i < e->response_count; i++)
		ocsp_response_free(e->responses[i]);
	free(e->unreachable);
	for (i = 0; i < e->sct_list_count; i++)
		free(e->sct_lists[i].tls);
	capcert_scts_free(e->scts);
	free(e->lists);
	free(e);
}

bool evidence_has(const capcert_evidence *e, uint32_t kinds)
{
	return e && (((kinds & CC_EVIDENCE_CRL) && e->count) ||
		     ((kinds & CC_EVIDENCE_STAPLE) && e->staples) ||
		     ((kinds & CC_EVIDENCE_OCSP) && e->response_count > e->staples));
}

/* Of two lists by one issuer the newer one is asked first: it alone knows what was taken back. */
static int order(const struct crl *a, const struct crl *b)
{
	int c;

	if (a->issuer_hash != b->issuer_hash)
		return a->issuer_hash < b->issuer_hash ? -1 : 1;
	if (a->list.this_update != b->list.this_update)
		return a->list.this_update > b->list.this_update ? -1 : 1;
	c = cc_crl_number_compare(b->list.number, a->list.number);
	if (c)
		return c;
	if (a->list.der.n != b->list.der.n)
		return a->list.der.n < b->list.der.n ? -1 : 1;
	return memcmp(a->list.der.p, b->list.der.p, a->list.der.n);
}

static uint32_t position(const capcert_evidence *e, const struct crl *crl, bool *ret_found)
{
	uint32_t lo = 0, hi = e->count;

	*ret_found = false;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int c = order(e->lists[mid], crl);

		if (c == 0) {
			*ret_found = true;
			return mid;
		}
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int make_room(capcert_evidence *e, uint32_t more)
{
	uint32_t room = e->room ? e->room : 16;
	struct crl **lists;

	if (more > EVIDENCE_MAX_LISTS - e->count)
		return -EMSGSIZE;
	while (room < e->count + more)
		room *= 2;
	if (room == e->room)
		return 0;
	lists = realloc(e->lists, room * sizeof(struct crl *));
	if (!lists)
		return -ENOMEM;
	e->lists = lists;
	e->room = room;
	return 0;
}

/* There is room. A list that is there already is freed. */
static int insert(capcert_evidence *e, struct crl *crl)
{
	bool found;
	uint32_t at = position(e, crl, &found);

	if (found) {
		crl_free(crl);
		return -EEXIST;
	}
	memmove(e->lists + at + 1, e->lists + at, (e->count - at) * sizeof(struct crl *));
	e->lists[at] = crl;
	e->count++;
	return 0;
}

static int put_der(capcert_evidence *e, const uint8_t *der, size_t len)
{
	struct crl *crl;
	uint8_t *copy;
	int r;

	if (len == 0)
		return -EBADMSG;
	if (len > CC_CRL_MAX)
		return -EMSGSIZE;
	r = make_room(e, 1);
	if (r < 0)
		return r;
	copy = malloc(len);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, der, len);
	r = crl_new(copy, len, &crl);
	if (r < 0) {
		free(copy);
		return r;
	}
	return insert(e, crl);
}

int evidence_put_list(capcert_evidence *e, struct crl *crl)
{
	int r = make_room(e, 1);

	return r < 0 ? r : insert(e, crl_ref(crl));
}

/* All blocks of the text into @lists. Return: their number, or -errno. */
static int read_pem(struct cc_span text, struct crl ***ret)
{
	struct crl **lists = NULL;
	int count = 0, r;

	for (;;) {
		struct crl **more;
		const char *error;
		uint8_t *der;
		size_t len;

		r = pem_next_of(&text, PEM_CRL, CC_CRL_MAX, &der, &len, &error);
		if (r <= 0)
			break;
		more = realloc(lists, ((size_t)count + 1) * sizeof(struct crl *));
		if (more)
			lists = more;
		r = more ? crl_new(der, len, &lists[count]) : -ENOMEM;
		if (r < 0) {
			free(der);
			break;
		}
		if (++count == EVIDENCE_MAX_LISTS) {
			r = -EMSGSIZE;
			break;
		}
	}
	if (r == 0 && count == 0)
		r = -EBADMSG;
	while (r < 0 && count > 0)
		crl_free(lists[--count]);
	if (r < 0)
		free(lists);
	else
		*ret = lists;
	return r < 0 ? r : count;
}

static int put_pem(capcert_evidence *e, struct cc_span text)
{
	struct crl **lists;
	int count = read_pem(text, &lists), i, r, result = 0;

	if (count < 0)
		return count;
	r = make_room(e, (uint32_t)count);
	for (i = 0; i < count; i++) {
		if (r < 0) {
			crl_free(lists[i]);
			continue;
		}
		if (insert(e, lists[i]) == -EEXIST)
			result = -EEXIST;
	}
	free(lists);
	return r < 0 ? r : result;
}

int capcert_evidence_put_crl(capcert_evidence *e, const uint8_t *der, size_t len)
{
	/* A list begins with a SEQUENCE, 0x30, and text may begin with that octet too. */
	if (len && pem_found(cc_span(der, len)) && cc_cert_size(cc_span(der, len)) != len)
		return put_pem(e, cc_span(der, len));
	return put_der(e, der, len);
}

static bool response_known(const capcert_evidence *e, struct cc_span der, bool staple)
{
	uint32_t i;

	for (i = 0; i < e->response_count; i++)
		if (e->responses[i]->staple == staple &&
		    cc_span_equal(e->responses[i]->ocsp.der, der))
			return true;
	return false;
}

static int put_response(capcert_evidence *e, const uint8_t *der, size_t len, bool staple)
{
	struct ocsp_response *response;
	uint8_t *copy;
	int r;

	if (len == 0)
		return -EBADMSG;
	if (len > CC_OCSP_MAX)
		return -EMSGSIZE;
	if ((staple && e->staples) || response_known(e, cc_span(der, len), staple))
		return -EEXIST;
	if (e->response_count == EVIDENCE_MAX_RESPONSES)
		return -EMSGSIZE;
	copy = malloc(len);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, der, len);
	r = ocsp_response_new(copy, len, staple, &response);
	if (r < 0) {
		free(copy);
		return r;
	}
	e->responses[e->response_count++] = response;
	e->staples += staple;
	return 0;
}

int capcert_evidence_put_ocsp(capcert_evidence *e, const uint8_t *der, size_t len)
{
	return put_response(e, der, len, false);
}

int capcert_evidence_put_staple(capcert_evidence *e, const uint8_t *der, size_t len)
{
	return put_response(e, der, len, true);
}

const struct ocsp_response *evidence_response(const capcert_evidence *e, uint32_t at)
{
	return e && at < e->response_count ? e->responses[at] : NULL;
}

bool evidence_unreachable(const capcert_evidence *e, const uint8_t fingerprint[32])
{
	uint32_t i;

	for (i = 0; e && i < e->unreachable_count; i++)
		if (memcmp(e->unreachable[i], fingerprint, 32) == 0)
			return true;
	return false;
}

int capcert_evidence_put_unreachable(capcert_evidence *e, const uint8_t fingerprint[32])
{
	if (evidence_unreachable(e, fingerprint))
		return 0;
	if (e->unreachable_count == EVIDENCE_MAX_RESPONSES)
		return -EMSGSIZE;
	if (!e->unreachable) {
		e->unreachable = calloc(EVIDENCE_MAX_RESPONSES, sizeof(*e->unreachable));
		if (!e->unreachable)
			return -ENOMEM;
	}
	memcpy(e->unreachable[e->unreachable_count++], fingerprint, 32);
	return 0;
}

uint32_t evidence_first(const capcert_evidence *e, uint32_t hash)
{
	uint32_t lo = 0, hi = e->count;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (e->lists[mid]->issuer_hash < hash)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct crl *evidence_at(const capcert_evidence *e, uint32_t at, uint32_t hash)
{
	if (at >= e->count || e->lists[at]->issuer_hash != hash)
		return NULL;
	return e->lists[at];
}

int capcert_evidence_put_scts(capcert_evidence *e, uint32_t source, const uint8_t *tls, size_t len)
{
	struct sct_list *list = &e->sct_lists[e->sct_list_count];
	uint8_t *copy;
	int r = 0;

	if (source != CAPCERT_SCT_TLS && source != CAPCERT_SCT_OCSP)
		return -EINVAL;
	if (e->sct_list_count == EVIDENCE_MAX_SCT_LISTS)
		return -EMSGSIZE;
	copy = malloc(len ? len : 1);
	if (!copy)
		return -ENOMEM;
	if (!e->scts)
		r = capcert_scts_new(&e->scts);
	if (r == 0)
		r = capcert_scts_add_list(e->scts, tls, len, source);
	if (r < 0) {
		free(copy);
		return r;
	}
	memcpy(copy, tls, len);
	list->type = source == CAPCERT_SCT_TLS ? CAPCERT_EVIDENCE_SCTS : CAPCERT_EVIDENCE_OCSP_SCTS;
	list->tls = copy;
	list->len = len;
	e->sct_list_count++;
	return 0;
}

uint32_t evidence_items(const capcert_evidence *e)
{
	return e ? e->count + e->response_count + e->unreachable_count + e->sct_list_count : 0;
}

struct cc_span evidence_item(const capcert_evidence *e, uint32_t at, uint32_t *ret_type)
{
	const struct sct_list *list;

	if (at < e->count) {
		*ret_type = CAPCERT_EVIDENCE_CRL;
		return e->lists[at]->list.der;
	}
	at -= e->count;
	if (at < e->response_count) {
		*ret_type =
			e->responses[at]->staple ? CAPCERT_EVIDENCE_STAPLE : CAPCERT_EVIDENCE_OCSP;
		return e->responses[at]->ocsp.der;
	}
	at -= e->response_count;
	if (at < e->unreachable_count) {
		*ret_type = CAPCERT_EVIDENCE_UNREACHABLE;
		return cc_span(e->unreachable[at], sizeof(e->unreachable[at]));
	}
	list = &e->sct_lists[at - e->unreachable_count];
	*ret_type = list->type;
	return cc_span(list->tls, list->len);
}

const capcert_scts *evidence_scts(const capcert_evidence *e)
{
	return e ? e->scts : NULL;
}
