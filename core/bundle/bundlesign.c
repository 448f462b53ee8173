/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bundle/bundlesign.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
/* cms.h declares its functions for PEM only if pem.h comes before it. */
#include <openssl/cms.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/alloc.h"
#include "build/mok.h"

#define BLOCKS_MAX 64

static const unsigned int flags = CMS_BINARY | CMS_DETACHED;

struct bundle_trust {
	X509_STORE *store;
	STACK_OF(X509_CRL) * crls;
	size_t n;
	int64_t now; /* 0: by the clock */
};

#define CLEANER(type, name, fn)    \
	static void name(type **p) \
	{                          \
		fn(*p);            \
	}

CLEANER(X509, bundlesign_free_x509, X509_free)
CLEANER(X509_CRL, bundlesign_free_crl, X509_CRL_free)
CLEANER(EVP_PKEY, bundlesign_free_pkey, EVP_PKEY_free)
CLEANER(BIO, bundlesign_free_bio, BIO_free_all)
CLEANER(CMS_ContentInfo, bundlesign_free_cms, CMS_ContentInfo_free)
CLEANER(X509_STORE_CTX, bundlesign_free_ctx, X509_STORE_CTX_free)

static void bundlesign_free_certificates(STACK_OF(X509) * *s)
{
	sk_X509_pop_free(*s, X509_free);
}

static BIO *bundlesign_bio(const void *data, size_t len)
{
	return len > INT_MAX ? NULL : BIO_new_mem_buf(data, (int)len);
}

/* DER begins with a SEQUENCE tag and a long-form length; assume PEM for anything else. */
static bool bundlesign_is_der(const struct buf *b)
{
	return b->len > 2 && (unsigned char)b->s[0] == 0x30 && (b->s[1] & 0x80);
}

static X509 *bundlesign_read_certificate(const struct buf *b)
{
	CLEANUP(bundlesign_free_bio) BIO *bio = bundlesign_bio(b->s, b->len);
	X509 *x = NULL;

	if (bio)
		x = bundlesign_is_der(b) ? d2i_X509_bio(bio, NULL)
					 : PEM_read_bio_X509(bio, NULL, NULL, NULL);
	ERR_clear_error();
	return x;
}

/* Has a file in PEM more than one block?  Only the first one would be read. */
static bool bundlesign_has_more(const struct buf *b)
{
	static const char begin[] = "-----BEGIN ";
	const char *first = memmem(b->s, b->len, begin, strlen(begin));
	const char *rest = first ? first + 1 : NULL;

	return rest && memmem(rest, b->len - (size_t)(rest - b->s), begin, strlen(begin));
}

static X509_CRL *bundlesign_read_crl(const struct buf *b)
{
	CLEANUP(bundlesign_free_bio) BIO *bio = bundlesign_bio(b->s, b->len);
	X509_CRL *crl = NULL;

	if (bio)
		crl = bundlesign_is_der(b) ? d2i_X509_CRL_bio(bio, NULL)
					   : PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
	ERR_clear_error();
	return crl;
}

/* ---- who is trusted ---- */

struct bundle_trust *bundle_trust_new(void)
{
	struct bundle_trust *t = xcalloc(1, sizeof(*t));

	t->store = X509_STORE_new();
	t->crls = sk_X509_CRL_new_null();
	if (!t->store || !t->crls)
		alloc_die();
	return t;
}

void bundle_trust_free(struct bundle_trust **t)
{
	if (!*t)
		return;
	X509_STORE_free((*t)->store);
	sk_X509_CRL_pop_free((*t)->crls, X509_CRL_free);
	free(*t);
	*t = NULL;
}

static const char *bundle_trust_add_crl(struct bundle_trust *t, const struct buf *file)
{
	CLEANUP(bundlesign_free_crl) X509_CRL *crl = bundlesign_read_crl(file);

	if (!crl)
		return "it is no CRL";
	if (!bundlesign_is_der(file) && bundlesign_has_more(file))
		return "it has more than one CRL";
	if (!X509_STORE_add_crl(t->store, crl) || !sk_X509_CRL_push(t->crls, crl))
		return "libcrypto cannot take it";
	crl = NULL;
	return NULL;
}

const char *bundle_trust_add(struct bundle_trust *t, const struct buf *file, bool crl)
{
	CLEANUP(bundlesign_free_x509) X509 *x = NULL;

	if (crl)
		return bundle_trust_add_crl(t, file);
	x = bundlesign_read_certificate(file);
	if (!x)
		return "it is no certificate";
	if (!X509_STORE_add_cert(t->store, x))
		return "libcrypto cannot take it";
	t->n++;
	return NULL;
}

size_t bundle_trust_count(const struct bundle_trust *t)
{
	return t->n;
}

void bundle_trust_at(struct bundle_trust *t, int64_t now)
{
	t->now = now;
}

static bool bundle_trust_has_crl(const struct bundle_trust *t, const X509 *x)
{
	for (int i = 0; i < sk_X509_CRL_num(t->crls); i++) {
		if (!X509_NAME_cmp(X509_CRL_get_issuer(sk_X509_CRL_value(t->crls, i)),
				   X509_get_issuer_name(x)))
			return true;
	}
	return false;
}

static bool bundlesign_is_builder(X509 *x)
{
	return X509_get_ext_by_NID(x, NID_ext_key_usage, -1) >= 0 &&
	       (X509_get_extended_key_usage(x) & XKU_CODE_SIGN);
}

/* Returns NULL if the certificate of a signer counts, else a text; caller frees. */
static char *bundle_trust_judge(const struct bundle_trust *t, X509 *x)
{
	CLEANUP(bundlesign_free_ctx) X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *param;
	STACK_OF(X509) * chain;

	if (!ctx || !X509_STORE_CTX_init(ctx, t->store, x, NULL))
		return xstrdup("libcrypto cannot judge its certificate");
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
	if (bundle_trust_has_crl(t, x))
		X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CRL_CHECK);
	if (t->now)
		X509_VERIFY_PARAM_set_time(param, (time_t)t->now);
	if (X509_verify_cert(ctx) != 1)
		return xasprintf("its certificate: %s",
				 X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
	if (!bundlesign_is_builder(x) || !(X509_get_key_usage(x) & KU_DIGITAL_SIGNATURE))
		return xstrdup("its certificate is not for code signing");
	chain = X509_STORE_CTX_get0_chain(ctx);
	for (int i = 1; i < sk_X509_num(chain); i++) {
		if (bundlesign_is_builder(sk_X509_value(chain, i)))
			return xstrdup("its certificate was issued by another builder");
	}
	return NULL;
}

/* ---- one message ---- */

/* A message that has everything but the signature; NULL: libcrypto cannot make one. */
static CMS_ContentInfo *bundlesign_template(X509 *x, EVP_PKEY *key)
{
	CLEANUP(bundlesign_free_cms)
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags | CMS_PARTIAL | CMS_STREAM);

	if (!cms || !CMS_add1_signer(cms, x, key, EVP_sha256(),
				     flags | CMS_PARTIAL | CMS_NOATTR | CMS_NOSMIMECAP))
		return NULL;
	return TAKE(cms);
}

static void bundlesign_put(CMS_ContentInfo *cms, struct buf *ret)
{
	CLEANUP(bundlesign_free_bio) BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	long len;

	if (!bio || !PEM_write_bio_CMS(bio, cms))
		return;
	len = BIO_get_mem_data(bio, &data);
	buf_add(ret, data, len > 0 ? (size_t)len : 0);
}

static CMS_SignerInfo *bundlesign_only_signer(CMS_ContentInfo *cms)
{
	STACK_OF(CMS_SignerInfo) *all = OBJ_obj2nid(CMS_get0_type(cms)) == NID_pkcs7_signed
						? CMS_get0_SignerInfos(cms)
						: NULL;

	return sk_CMS_SignerInfo_num(all) == 1 ? sk_CMS_SignerInfo_value(all, 0) : NULL;
}

/*
 * Would we have written this message, with the signature that it has?  If another form counted,
 * too, the parts that no signature covers, e.g. numbers of versions, could be changed.
 */
static bool bundlesign_is_ours(CMS_ContentInfo *cms, CMS_SignerInfo *signer, X509 *x)
{
	CLEANUP(bundlesign_free_cms)
	CMS_ContentInfo *again = bundlesign_template(x, X509_get0_pubkey(x));
	ASN1_OCTET_STRING *from = CMS_SignerInfo_get0_signature(signer);
	CMS_SignerInfo *to = again ? bundlesign_only_signer(again) : NULL;
	AUTO_BUF struct buf a = BUF_INIT;
	AUTO_BUF struct buf b = BUF_INIT;

	if (!to || !ASN1_OCTET_STRING_set(CMS_SignerInfo_get0_signature(to),
					  ASN1_STRING_get0_data(from), ASN1_STRING_length(from)))
		return false;
	bundlesign_put(cms, &a);
	bundlesign_put(again, &b);
	return a.len && a.len == b.len && memcmp(a.s, b.s, a.len) == 0;
}

static const char *bundlesign_check_message(CMS_ContentInfo *cms, X509 *x, const void *content,
					    size_t len)
{
	const unsigned int how = CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY;
	CLEANUP(bundlesign_free_bio) BIO *in = bundlesign_bio(content, len);
	CMS_SignerInfo *signer = bundlesign_only_signer(cms);

	if (!signer || !bundlesign_is_ours(cms, signer, x))
		return "it is not in the one form that a signature has";
	if (!in || CMS_verify(cms, NULL, NULL, in, NULL, how) != 1)
		return "it is for other bytes, or by another key";
	return NULL;
}

/* ---- a file of signatures ---- */

struct bundlesign_message {
	CMS_ContentInfo *cms;
	STACK_OF(X509) * certificates;
	X509 *x; /* the one certificate in it; NULL: there is none, or several */
};

static void bundlesign_message_release(struct bundlesign_message *m)
{
	CMS_ContentInfo_free(m->cms);
	bundlesign_free_certificates(&m->certificates);
	*m = (struct bundlesign_message){ 0 };
}

static bool bundlesign_next(BIO *bio, struct bundlesign_message *ret)
{
	bundlesign_message_release(ret);
	ret->cms = PEM_read_bio_CMS(bio, NULL, NULL, NULL);
	if (!ret->cms)
		return false;
	ret->certificates = CMS_get1_certs(ret->cms);
	if (ret->certificates && sk_X509_num(ret->certificates) == 1)
		ret->x = sk_X509_value(ret->certificates, 0);
	return true;
}

bool bundlesign_is_plain(const struct buf *file)
{
	CLEANUP(bundlesign_free_bio) BIO *bio = bundlesign_bio(file->s, file->len);
	CLEANUP(bundlesign_message_release) struct bundlesign_message m = { 0 };
	AUTO_BUF struct buf again = BUF_INIT;

	for (int n = 0; bio && n < BLOCKS_MAX && bundlesign_next(bio, &m); n++)
		bundlesign_put(m.cms, &again);
	ERR_clear_error();
	return again.len == file->len && memcmp(again.s, file->s, file->len) == 0;
}

static char *bundlesign_name(X509 *x)
{
	CLEANUP(bundlesign_free_bio) BIO *bio = BIO_new(BIO_s_mem());
	AUTO_BUF struct buf b = BUF_INIT;
	char *data, *name = NULL;
	long len;

	if (!bio || !i2d_X509_bio(bio, x))
		return xstrdup("?");
	len = BIO_get_mem_data(bio, &data);
	buf_add(&b, data, len > 0 ? (size_t)len : 0);
	return mok_certificate_name(&b, &name) < 0 ? xstrdup("?") : name;
}

static char *bundlesign_judge(const struct bundle_trust *t, const struct bundlesign_message *m,
			      const void *content, size_t len)
{
	const char *problem;

	if (!m->x)
		return xstrdup("it has not the certificate of one signer");
	problem = bundlesign_check_message(m->cms, m->x, content, len);
	ERR_clear_error();
	return problem ? xstrdup(problem) : bundle_trust_judge(t, m->x);
}

/*
 * Are both certificates of one builder?  They are if they have the same key, or the same name from
 * the same authority, as after a renewal.
 */
static bool bundlesign_is_same(X509 *a, X509 *b)
{
	if (EVP_PKEY_eq(X509_get0_pubkey(a), X509_get0_pubkey(b)) == 1)
		return true;
	return X509_NAME_cmp(X509_get_subject_name(a), X509_get_issuer_name(a)) != 0 &&
	       X509_NAME_cmp(X509_get_subject_name(a), X509_get_subject_name(b)) == 0 &&
	       X509_NAME_cmp(X509_get_issuer_name(a), X509_get_issuer_name(b)) == 0;
}

static bool bundlesign_saw(STACK_OF(X509) * seen, X509 *x)
{
	for (int i = 0; i < sk_X509_num(seen); i++) {
		if (bundlesign_is_same(sk_X509_value(seen, i), x))
			return true;
	}
	return false;
}

void bundlesign_check(const struct bundle_trust *t, const struct buf *file, const void *content,
		      size_t len, struct strv *ret, char **ret_why)
{
	CLEANUP(bundlesign_free_bio) BIO *bio = bundlesign_bio(file->s, file->len);
	CLEANUP(bundlesign_message_release) struct bundlesign_message m = { 0 };
	CLEANUP(bundlesign_free_certificates) STACK_OF(X509) *seen = sk_X509_new_null();

	if (!bundlesign_is_plain(file)) {
		*ret_why = xstrdup("the file of signatures has something else in it");
		return;
	}
	for (int n = 0; bio && seen && n < BLOCKS_MAX && bundlesign_next(bio, &m); n++) {
		AUTO_FREE char *problem = bundlesign_judge(t, &m, content, len);
		AUTO_FREE char *name = m.x ? bundlesign_name(m.x) : xstrdup("?");

		if (problem) {
			free(*ret_why);
			*ret_why =
				xasprintf("the signature by %s does not count: %s", name, problem);
		} else if (!bundlesign_saw(seen, m.x) && X509_up_ref(m.x) &&
			   sk_X509_push(seen, m.x)) {
			strv_add(ret, name);
		}
	}
	ERR_clear_error();
}

bool bundlesign_has(const struct buf *file, const struct buf *certificate)
{
	CLEANUP(bundlesign_free_bio) BIO *bio = bundlesign_bio(file->s, file->len);
	CLEANUP(bundlesign_message_release) struct bundlesign_message m = { 0 };
	CLEANUP(bundlesign_free_x509) X509 *x = bundlesign_read_certificate(certificate);
	bool found = false;

	while (!found && bio && x && bundlesign_next(bio, &m))
		found = m.x && X509_cmp(m.x, x) == 0;
	ERR_clear_error();
	return found;
}

/* ---- signing ---- */

static int bundlesign_no_passphrase(char *buf, int size, int writing, void *data)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)data;
	return -1;
}

char *bundlesign_make(const struct buf *key, const struct buf *certificate, const void *content,
		      size_t len, struct buf *file)
{
	CLEANUP(bundlesign_free_bio) BIO *pem = bundlesign_bio(key->s, key->len);
	CLEANUP(bundlesign_free_bio) BIO *in = bundlesign_bio(content, len);
	CLEANUP(bundlesign_free_pkey)
	EVP_PKEY *pkey =
		pem ? PEM_read_bio_PrivateKey(pem, NULL, bundlesign_no_passphrase, NULL) : NULL;
	CLEANUP(bundlesign_free_x509) X509 *x = bundlesign_read_certificate(certificate);
	CLEANUP(bundlesign_free_cms) CMS_ContentInfo *cms = NULL;
	size_t before = file->len;

	ERR_clear_error();
	if (!pkey || !x)
		return xasprintf("the %s cannot be read", pkey ? "certificate" : "key");
	if (X509_check_private_key(x, pkey) != 1)
		return xstrdup("the key does not belong to the certificate");
	cms = bundlesign_template(x, pkey);
	if (cms && in && CMS_final(cms, in, NULL, flags) == 1)
		bundlesign_put(cms, file);
	ERR_clear_error();
	return file->len > before ? NULL : xstrdup("libcrypto cannot sign with this key");
}
