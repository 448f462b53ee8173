/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/mok.h"

#include <errno.h>
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/alloc.h"

#define BITS	    2048
#define SERIAL_BITS 159 /* positive, and within the 20 octets of RFC 5280 */

#define CLEANER(type, name, fn)    \
	static void name(type **p) \
	{                          \
		fn(*p);            \
	}

CLEANER(X509, mok_free_x509, X509_free)
CLEANER(EVP_PKEY, mok_free_pkey, EVP_PKEY_free)
CLEANER(EVP_PKEY_CTX, mok_free_pkey_ctx, EVP_PKEY_CTX_free)
CLEANER(BIO, mok_free_bio, BIO_free_all)
CLEANER(CMS_ContentInfo, mok_free_cms, CMS_ContentInfo_free)
CLEANER(X509_EXTENSION, mok_free_extension, X509_EXTENSION_free)
CLEANER(BIGNUM, mok_free_bignum, BN_free)

static void mok_free_stack(STACK_OF(X509) * *s)
{
	sk_X509_free(*s);
}

/*
 * Take the reason of libcrypto's last error, and clear libcrypto's queue of errors.  Caller frees.
 */
static char *mok_crypto_error(const char *otherwise)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;
	char *text = xstrdup(reason ? reason : otherwise);

	ERR_clear_error();
	return text;
}

/* ---- a new pair ---- */

static EVP_PKEY *mok_new_key(void)
{
	CLEANUP(mok_free_pkey_ctx) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
	EVP_PKEY *key = NULL;

	if (!ctx || EVP_PKEY_keygen_init(ctx) <= 0 ||
	    EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, BITS) <= 0 || EVP_PKEY_keygen(ctx, &key) <= 0)
		return NULL;
	return key;
}

static bool mok_set_serial(X509 *x)
{
	CLEANUP(mok_free_bignum) BIGNUM *n = BN_new();

	return n && BN_rand(n, SERIAL_BITS, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) &&
	       BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
}

static bool mok_set_name(X509 *x)
{
	X509_NAME *name = X509_get_subject_name(x);

	return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)MOK_NAME,
					  -1, -1, 0) &&
	       X509_set_issuer_name(x, name);
}

static bool mok_add_extension(X509 *x, int nid, const char *value)
{
	CLEANUP(mok_free_extension) X509_EXTENSION *ext = NULL;
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	return ext && X509_add_ext(x, ext, -1);
}

/* Add the extensions that `openssl req -x509` adds by default, and the extended key usage. */
static bool mok_add_extensions(X509 *x)
{
	return mok_add_extension(x, NID_subject_key_identifier, "hash") &&
	       mok_add_extension(x, NID_authority_key_identifier, "keyid:always") &&
	       mok_add_extension(x, NID_basic_constraints, "critical,CA:TRUE") &&
	       mok_add_extension(x, NID_ext_key_usage, "codeSigning");
}

static X509 *mok_new_certificate(EVP_PKEY *key)
{
	X509 *x = X509_new();

	if (x && X509_set_version(x, 2) && mok_set_serial(x) &&
	    X509_gmtime_adj(X509_getm_notBefore(x), 0) &&
	    X509_time_adj_ex(X509_getm_notAfter(x), MOK_DAYS, 0, NULL) && mok_set_name(x) &&
	    X509_set_pubkey(x, key) && mok_add_extensions(x) && X509_sign(x, key, EVP_sha256()))
		return x;
	X509_free(x);
	return NULL;
}

static void mok_take_bio(BIO *bio, struct buf *ret)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	buf_add(ret, data, len > 0 ? (size_t)len : 0);
}

int mok_make(struct buf *ret_key, struct buf *ret_certificate, char **ret_why)
{
	CLEANUP(mok_free_pkey) EVP_PKEY *key = mok_new_key();
	CLEANUP(mok_free_x509) X509 *x = key ? mok_new_certificate(key) : NULL;
	CLEANUP(mok_free_bio) BIO *pem = BIO_new(BIO_s_mem());
	CLEANUP(mok_free_bio) BIO *der = BIO_new(BIO_s_mem());

	if (!x || !pem || !der ||
	    !PEM_write_bio_PKCS8PrivateKey(pem, key, NULL, NULL, 0, NULL, NULL) ||
	    !i2d_X509_bio(der, x)) {
		*ret_why = mok_crypto_error("libcrypto cannot make a key");
		return -EIO;
	}
	mok_take_bio(pem, ret_key);
	mok_take_bio(der, ret_certificate);
	return 0;
}

/* ---- reading ---- */

static BIO *mok_open_bio(const void *data, size_t len)
{
	return len > INT_MAX ? NULL : BIO_new_mem_buf(data, (int)len);
}

/* DER begins with a SEQUENCE tag and a long-form length; assume PEM for anything else. */
static X509 *mok_read_certificate(const struct buf *b)
{
	CLEANUP(mok_free_bio) BIO *bio = mok_open_bio(b->s, b->len);
	bool der = b->len > 2 && (unsigned char)b->s[0] == 0x30 && (b->s[1] & 0x80);
	X509 *x = NULL;

	if (bio)
		x = der ? d2i_X509_bio(bio, NULL) : PEM_read_bio_X509(bio, NULL, NULL, NULL);
	if (!x)
		ERR_clear_error();
	return x;
}

int mok_certificate_name(const struct buf *certificate, char **ret)
{
	CLEANUP(mok_free_x509) X509 *x = mok_read_certificate(certificate);
	CLEANUP(mok_free_bio) BIO *bio = BIO_new(BIO_s_mem());
	AUTO_BUF struct buf b = BUF_INIT;
	X509_NAME *name;
	int at;

	if (!x || !bio)
		return -EINVAL;
	name = X509_get_subject_name(x);
	at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	if (at >= 0)
		ASN1_STRING_print_ex(bio, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)),
				     ASN1_STRFLGS_ESC_CTRL | ASN1_STRFLGS_UTF8_CONVERT);
	else
		X509_NAME_print_ex(bio, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
	mok_take_bio(bio, &b);
	*ret = buf_detach(&b);
	return 0;
}

/* ---- signing ---- */

/* Nobody sits at a terminal to type a passphrase. */
static int mok_no_passphrase(char *buf, int size, int writing, void *data)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)data;
	return -1;
}

static EVP_PKEY *mok_read_key(const struct buf *b)
{
	CLEANUP(mok_free_bio) BIO *bio = mok_open_bio(b->s, b->len);

	return bio ? PEM_read_bio_PrivateKey(bio, NULL, mok_no_passphrase, NULL) : NULL;
}

static CMS_ContentInfo *mok_new_message(X509 *x, EVP_PKEY *key, const EVP_MD *digest, BIO *content)
{
	const unsigned int flags = CMS_NOCERTS | CMS_BINARY;
	CLEANUP(mok_free_cms)
	CMS_ContentInfo *cms =
		CMS_sign(NULL, NULL, NULL, NULL, flags | CMS_PARTIAL | CMS_DETACHED | CMS_STREAM);

	if (!cms || !CMS_add1_signer(cms, x, key, digest, flags | CMS_NOSMIMECAP | CMS_NOATTR) ||
	    CMS_final(cms, content, NULL, flags) != 1)
		return NULL;
	return TAKE(cms);
}

char *mok_sign(const struct buf *key, const struct buf *certificate, const char *hash,
	       const void *content, size_t content_len, struct buf *message)
{
	CLEANUP(mok_free_pkey) EVP_PKEY *pkey = mok_read_key(key);
	CLEANUP(mok_free_x509) X509 *x = mok_read_certificate(certificate);
	CLEANUP(mok_free_bio) BIO *in = mok_open_bio(content, content_len);
	CLEANUP(mok_free_bio) BIO *der = BIO_new(BIO_s_mem());
	CLEANUP(mok_free_cms) CMS_ContentInfo *cms = NULL;
	const EVP_MD *digest = EVP_get_digestbyname(hash);

	if (!digest)
		return xasprintf("libcrypto has no digest %s", hash);
	if (!pkey)
		return mok_crypto_error("the key cannot be read");
	if (!x)
		return mok_crypto_error("the certificate cannot be read");
	if (in && der)
		cms = mok_new_message(x, pkey, digest, in);
	if (!cms || !i2d_CMS_bio(der, cms))
		return mok_crypto_error("libcrypto cannot sign");
	mok_take_bio(der, message);
	return NULL;
}

bool mok_verify(const struct buf *certificate, const void *content, size_t content_len,
		const void *message, size_t message_len, char **ret_why)
{
	const unsigned int flags = CMS_BINARY | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY;
	CLEANUP(mok_free_x509) X509 *x = mok_read_certificate(certificate);
	CLEANUP(mok_free_bio) BIO *in = mok_open_bio(content, content_len);
	CLEANUP(mok_free_bio) BIO *bio = mok_open_bio(message, message_len);
	CLEANUP(mok_free_cms) CMS_ContentInfo *cms = bio ? d2i_CMS_bio(bio, NULL) : NULL;
	CLEANUP(mok_free_stack) STACK_OF(X509) *signers = sk_X509_new_null();

	if (!cms) {
		*ret_why = mok_crypto_error("it is no PKCS#7 message");
		return false;
	}
	if (!x || !in || !signers || !sk_X509_push(signers, x)) {
		*ret_why = mok_crypto_error("the certificate cannot be read");
		return false;
	}
	if (CMS_verify(cms, signers, NULL, in, NULL, flags) == 1)
		return true;
	*ret_why = mok_crypto_error("it was made with another key or for other bytes");
	return false;
}

/* ---- what a message says ---- */

CLEANER(unsigned char, mok_free_bytes, OPENSSL_free)

static void mok_add_hex(struct buf *b, const unsigned char *data, int len)
{
	for (int i = 0; i < len; i++)
		buf_addf(b, "%02x", data[i]);
}

static bool mok_add_signer(CMS_SignerInfo *signer, struct buf *ret)
{
	CLEANUP(mok_free_bytes) unsigned char *name = NULL;
	ASN1_OCTET_STRING *id = NULL;
	ASN1_INTEGER *serial = NULL;
	X509_NAME *issuer = NULL;
	int len;

	if (CMS_SignerInfo_get0_signer_id(signer, &id, &issuer, &serial) != 1)
		return false;
	if (id) {
		mok_add_hex(ret, ASN1_STRING_get0_data(id), ASN1_STRING_length(id));
		return true;
	}
	len = issuer && serial ? i2d_X509_NAME(issuer, &name) : -1;
	if (len <= 0)
		return false;
	mok_add_hex(ret, name, len);
	buf_addch(ret, ' ');
	mok_add_hex(ret, ASN1_STRING_get0_data(serial), ASN1_STRING_length(serial));
	return true;
}

const char *mok_read_message(const void *message, size_t len, struct buf *ret_signer)
{
	CLEANUP(mok_free_bio) BIO *bio = mok_open_bio(message, len);
	CLEANUP(mok_free_cms) CMS_ContentInfo *cms = bio ? d2i_CMS_bio(bio, NULL) : NULL;
	STACK_OF(CMS_SignerInfo) * signers;

	if (!cms || BIO_pending(bio) || OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed ||
	    OBJ_obj2nid(CMS_get0_eContentType(cms)) != NID_pkcs7_data) {
		ERR_clear_error();
		return "it is no PKCS#7 message";
	}
	if (!CMS_is_detached(cms))
		return "it has a content of its own";
	signers = CMS_get0_SignerInfos(cms);
	if (!signers || sk_CMS_SignerInfo_num(signers) != 1)
		return "it does not have one signer";
	if (CMS_signed_get_attr_count(sk_CMS_SignerInfo_value(signers, 0)) > 0)
		return "it has signed attributes";
	return mok_add_signer(sk_CMS_SignerInfo_value(signers, 0), ret_signer)
		       ? NULL
		       : "it does not name its key";
}

enum mok_answer mok_ask(const struct buf *certificate, const void *content, size_t content_len,
			const void *message, size_t message_len)
{
	CLEANUP(mok_free_x509) X509 *x = mok_read_certificate(certificate);
	CLEANUP(mok_free_bio) BIO *bio = mok_open_bio(message, message_len);
	CLEANUP(mok_free_cms) CMS_ContentInfo *cms = bio ? d2i_CMS_bio(bio, NULL) : NULL;
	STACK_OF(CMS_SignerInfo) *signers = cms ? CMS_get0_SignerInfos(cms) : NULL;
	AUTO_FREE char *why = NULL;

	ERR_clear_error();
	if (!x || !signers || sk_CMS_SignerInfo_num(signers) != 1 ||
	    CMS_SignerInfo_cert_cmp(sk_CMS_SignerInfo_value(signers, 0), x) != 0)
		return MOK_OTHER_KEY;
	return mok_verify(certificate, content, content_len, message, message_len, &why)
		       ? MOK_SIGNED
		       : MOK_OTHER_BYTES;
}

int mok_certificate_digest(const struct buf *certificate, unsigned char ret[32])
{
	CLEANUP(mok_free_x509) X509 *x = mok_read_certificate(certificate);
	CLEANUP(mok_free_bytes) unsigned char *der = NULL;
	int len = x ? i2d_re_X509_tbs(x, &der) : -1;

	return len > 0 && EVP_Digest(der, (size_t)len, ret, NULL, EVP_sha256(), NULL) == 1
		       ? 0
		       : -EINVAL;
}
