/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/remember.h"

#include <string.h>

#include "base/alloc.h"
#include "build/mok.h"
#include "sys/fs.h"
#include "verify/lookimage.h"

static void remember_add_file(const struct look *l, const char *path, struct stamp *ret)
{
	struct stat st;

	stamp_add(ret, path, fs_stat(&l->e->root, path, &st) < 0 ? NULL : &st);
}

/* The configuration of an initramfs generator may begin to ask for a module. */
static void remember_add_generators(struct strv *ret)
{
	static const char *const paths[] = { "/etc/initramfs-tools/modules", "/etc/mkinitcpio.conf",
					     "/etc/mkinitcpio.conf.d", "/etc/dracut.conf",
					     "/etc/dracut.conf.d" };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		strv_add(ret, paths[i]);
}

static void remember_list(const struct look *l, const struct scene *s, struct strv *ret)
{
	AUTO_FREE char *headers = engine_headers_dir(l->e, s->release);
	AUTO_FREE char *folder = engine_modules(l->e, "%s", s->release);
	AUTO_MOK struct mok mok = { NULL, NULL };

	for (size_t i = 0; i < s->n; i++)
		strv_add(ret, s->v[i].path ? s->v[i].path : s->v[i].name);
	strv_addf(ret, "%s/modules.dep.bin", folder);
	strv_addf(ret, "%s/modules.builtin", folder);
	strv_addf(ret, "%s/kernel", folder);
	strv_addf(ret, "%s/include/config/auto.conf", headers);
	strv_addf(ret, "/boot/config-%s", s->release);
	look_symvers_paths(l->e, s->release, ret);
	look_image_paths(l->e, s->release, ret);
	modprobe_paths(l->e, ret);
	remember_add_generators(ret);
	mok_locate(l->e, s->release, NULL, &mok);
	if (mok.certificate)
		strv_add(ret, mok.certificate);
}

void remember_stamp(const struct look *l, const struct scene *s, struct stamp *ret)
{
	AUTO_STRV struct strv files = STRV_INIT, words = STRV_INIT;
	char hex[DIGEST_HEX];
	const char *text;

	remember_list(l, s, &files);
	boot_words(l->e, l->boot, s->release, &words);
	firmware_digest(l->firmware, hex);
	stamp_begin(ret);
	stamp_add(ret, PACKAGE_VERSION, NULL);
	stamp_add(ret, hex, NULL);
	stamp_add(ret, l->boot->next ? l->boot->next : "", NULL);
	STRV_FOREACH (text, &words)
		stamp_add(ret, text, NULL);
	STRV_FOREACH (text, &files)
		remember_add_file(l, text, ret);
	stamp_end(ret);
}

/* ---- as text ---- */

enum { W_NAME, W_PATH, W_PACKAGE, W_VERSION, W_REASON, W_TEXT, W_CURE, W_COUNT };

static void remember_add_word(struct buf *b, const char *word)
{
	buf_add_escaped(b, word ? word : "");
	buf_addch(b, ' ');
}

void remember_print(const struct verify_kernel *k, struct buf *ret)
{
	remember_add_word(ret, k->release);
	remember_add_word(ret, k->arch);
	remember_add_word(ret, k->next ? "next" : "");
	for (size_t i = 0; i < k->n; i++) {
		const struct verify_module *m = &k->v[i];

		buf_addch(ret, '\n');
		remember_add_word(ret, m->name);
		remember_add_word(ret, m->path);
		remember_add_word(ret, m->package);
		remember_add_word(ret, m->version);
		remember_add_word(ret, reason_name(m->judgement.reason));
		remember_add_word(ret, m->judgement.text);
		remember_add_word(ret, m->judgement.cure);
	}
}

/* Cut the line into `n` words.  "" becomes NULL.  False: it does not have so many. */
static bool remember_split(const char *line, char *words[], size_t n)
{
	AUTO_STRV struct strv parts = STRV_INIT;

	strv_split(&parts, line, " ");
	if (parts.n != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		AUTO_BUF struct buf b = BUF_INIT;

		if (!buf_add_unescaped(&b, parts.v[i], strlen(parts.v[i])))
			return false;
		words[i] = b.len ? buf_detach(&b) : NULL;
	}
	return true;
}

static bool remember_parse_module(const char *line, struct verify_kernel *k)
{
	char *w[W_COUNT] = { NULL };
	struct verify_module m = { 0 };
	bool good = remember_split(line, w, W_COUNT);

	m.name = w[W_NAME];
	m.path = w[W_PATH];
	m.package = w[W_PACKAGE];
	m.version = w[W_VERSION];
	m.judgement = (struct judgement){ REASON_COUNT_, w[W_TEXT], w[W_CURE] };
	for (size_t i = 0; i < REASON_COUNT_; i++) {
		if (w[W_REASON] && strcmp(w[W_REASON], reason_name((enum reason)i)) == 0)
			m.judgement.reason = (enum reason)i;
	}
	free(w[W_REASON]);
	good = good && m.name && m.judgement.reason != REASON_COUNT_ &&
	       (m.judgement.reason == REASON_NONE || m.judgement.text);
	VEC_PUSH(k->v, k->n, m);
	return good;
}

int remember_parse(const char *text, struct verify_kernel *ret)
{
	AUTO_STRV struct strv lines = STRV_INIT;
	char *w[3] = { NULL };
	bool good;

	strv_split(&lines, text, "\n");
	good = lines.n && remember_split(lines.v[0], w, 3);
	*ret = (struct verify_kernel){ .release = w[0], .arch = w[1], .next = w[2] };
	free(w[2]);
	for (size_t i = 1; i < lines.n && good; i++)
		good = remember_parse_module(lines.v[i], ret);
	if (good && ret->release && ret->arch)
		return 0;
	verify_kernel_release(ret);
	return -E_CORRUPT;
}
