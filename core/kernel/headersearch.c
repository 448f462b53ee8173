/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/headersearch.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "kernel/kernels.h"
#include "sys/fs.h"

enum {
	HEADER_MAX = 16 << 20, /* headers with a chip's registers can have some megabytes */
	SYMVERS_MAX = 64 << 20,
};

struct search {
	const struct engine *e;
	const char *word;
	bool path;	    /* the word is the path of a header */
	const char *folder; /* the folder that is searched, absolute inside the root */
	const char *top;    /* the name of that folder in ret->file, e.g. "include" */
	size_t files, bytes;
	struct buf text;
	struct headersearch *ret;
};

void headersearch_release(struct headersearch *s)
{
	free(s->file);
	s->file = NULL;
}

static bool word_is_identifier(const char *word)
{
	size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return n && !word[n] && !isdigit((unsigned char)*word);
}

static bool word_is_header(const char *word)
{
	return str_ends(word, ".h") && *word != '/' && !strstr(word, "..");
}

static bool text_is_part(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Does the text have `word` as a whole word? */
static bool text_has_word(const struct buf *text, const char *word)
{
	size_t n = strlen(word);
	const char *end = text->s + text->len, *at = text->s;

	while ((at = memmem(at, (size_t)(end - at), word, n))) {
		if ((at == text->s || !text_is_part(at[-1])) &&
		    (at + n == end || !text_is_part(at[n])))
			return true;
		at++;
	}
	return false;
}

/* Returns 1 if the file has the word, -EFBIG if the search gives up, else 0. */
static int search_file(const char *rel, const struct stat *st, void *data)
{
	struct search *s = data;
	AUTO_FREE char *path = NULL;

	if (!S_ISREG(st->st_mode) || !str_ends(rel, ".h"))
		return 0;
	if (++s->files > HEADERSEARCH_FILES || s->bytes > HEADERSEARCH_BYTES)
		return -EFBIG;
	path = xasprintf("%s/%s", s->folder, rel);
	buf_reset(&s->text);
	if (fs_read(&s->e->root, path, HEADER_MAX, &s->text) < 0)
		return 0;
	s->bytes += s->text.len;
	if (!text_has_word(&s->text, s->word))
		return 0;
	s->ret->file = xasprintf("%s/%s", s->top, rel);
	return 1;
}

/* Search one folder of headers; `top` is its name in ret->file.  Returns 0, 1 (found) or -errno. */
static int search_folder(struct search *s, const char *folder, const char *top)
{
	s->folder = folder;
	s->top = top;
	if (s->path) {
		AUTO_FREE char *path = xasprintf("%s/%s", folder, s->word);

		if (!fs_is_file(&s->e->root, path))
			return 0;
		s->ret->file = xasprintf("%s/%s", top, s->word);
		return 1;
	}
	return fs_is_dir(&s->e->root, folder) ? fs_walk(&s->e->root, folder, search_file, s) : 0;
}

static int search_tree(struct search *s, const char *tree)
{
	AUTO_FREE char *include = xasprintf("%s/include", tree);
	AUTO_FREE char *uapi = xasprintf("%s/include/uapi", tree);
	AUTO_FREE char *arch = xasprintf("%s/arch", tree);
	AUTO_STRV struct strv archs = STRV_INIT;
	int r = search_folder(s, include, "include");

	if (r == 0 && s->path)
		r = search_folder(s, uapi, "include/uapi");
	if (r != 0 || fs_list(&s->e->root, arch, &archs) < 0)
		return r;
	for (size_t i = 0; i < archs.n && r == 0; i++) {
		AUTO_FREE char *folder = xasprintf("%s/%s/include", arch, archs.v[i]);
		AUTO_FREE char *top = xasprintf("arch/%s/include", archs.v[i]);

		r = search_folder(s, folder, top);
	}
	return r;
}

static bool search_symvers(struct search *s, const char *dir)
{
	AUTO_FREE char *path = xasprintf("%s/Module.symvers", dir);
	AUTO_FREE char *field = xasprintf("\t%s\t", s->word);

	buf_reset(&s->text);
	return !s->path && fs_read(&s->e->root, path, SYMVERS_MAX, &s->text) == 0 &&
	       memmem(s->text.s, s->text.len, field, strlen(field));
}

void headersearch(const struct engine *e, const char *release, const char *word,
		  struct headersearch *ret)
{
	AUTO_KERNEL_INFO struct kernel_info k = { 0 };
	AUTO_FREE char *common = NULL;
	struct search s = { .e = e, .word = word, .text = BUF_INIT, .ret = ret };
	int r;

	*ret = (struct headersearch){ 0 };
	s.path = word_is_header(word);
	if ((!s.path && !word_is_identifier(word)) || kernel_look(e, release, NULL, NULL, &k) < 0 ||
	    !k.headers)
		return;
	common = kernel_common_dir(e, k.headers_dir);
	r = common ? search_tree(&s, common) : 0;
	if (r == 0)
		r = search_tree(&s, k.headers_dir);
	ret->known = r >= 0;
	ret->exported = ret->known && search_symvers(&s, k.headers_dir);
	buf_release(&s.text);
}
