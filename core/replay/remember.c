/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "replay/content.h"
#include "replay/entry.h"
#include "replay/foldernames.h"
#include "replay/packing.h"
#include "replay/part.h"
#include "replay/standin.h"
#include "sys/fd.h"

/* ---- the object ---- */

struct section {
	uint64_t offset, size, flags;
	uint32_t type;
};

/* Section `i` of an object of this machine's byte order.  Returns false if there is none. */
static bool remember_section(const struct buf *object, size_t i, struct section *ret)
{
	Elf64_Ehdr e64;
	Elf32_Ehdr e32;
	Elf64_Shdr s64;
	Elf32_Shdr s32;
	uint64_t at;

	if (object->len < sizeof(e64) || memcmp(object->s, ELFMAG, SELFMAG) != 0)
		return false;
	if (object->s[EI_CLASS] == ELFCLASS64) {
		memcpy(&e64, object->s, sizeof(e64));
		at = e64.e_shoff + i * sizeof(s64);
		if (i >= e64.e_shnum || at > object->len || object->len - at < sizeof(s64))
			return false;
		memcpy(&s64, object->s + at, sizeof(s64));
		*ret = (struct section){ s64.sh_offset, s64.sh_size, s64.sh_flags, s64.sh_type };
		return true;
	}
	memcpy(&e32, object->s, sizeof(e32));
	at = e32.e_shoff + i * sizeof(s32);
	if (i >= e32.e_shnum || at > object->len || object->len - at < sizeof(s32))
		return false;
	memcpy(&s32, object->s + at, sizeof(s32));
	*ret = (struct section){ s32.sh_offset, s32.sh_size, s32.sh_flags, s32.sh_type };
	return true;
}

/* Does the byte at `at` lie in a section that is not loaded, such as one for debuggers? */
static bool remember_is_unloaded(const struct buf *object, size_t at)
{
	struct section s;

	for (size_t i = 0; remember_section(object, i, &s); i++) {
		if (s.type != SHT_NOBITS && s.type != SHT_NULL && at >= s.offset &&
		    at - s.offset < s.size)
			return !(s.flags & SHF_ALLOC);
	}
	return false;
}

static bool remember_words_are_unloaded(const struct standin *s, const struct buf *object)
{
	size_t at = 0;
	unsigned int i;

	while (release_words_next(&s->seen.words, object->s, object->len, &at, &i)) {
		if (!remember_is_unloaded(object, at))
			return false;
		at += strlen(s->seen.words.word[i]);
	}
	return true;
}

/* ---- what was read ---- */

static bool remember_flags_are_good(const struct seen_file *f, bool modpost)
{
	if (f->flags & (CONTENT_CLOCK | CONTENT_INCLUDED))
		return false;
	if (modpost || f->salt)
		return !(f->flags & CONTENT_RELEASE) || (f->header && f->masked);
	return !(f->flags & (CONTENT_RELEASE | CONTENT_SALT));
}

static bool remember_is_part(const struct standin *s, const char *path)
{
	const char *part;

	STRV_FOREACH (part, &s->compiler->parts) {
		if (str_equal(part_path(part), path))
			return true;
	}
	return false;
}

/* Would the key change if another header took the place of this one? */
static bool remember_is_covered(const struct standin *s, const char *real)
{
	const char *folder;

	if (s->compiler->include && path_is_below(real, s->compiler->include))
		return true;
	STRV_FOREACH (folder, &s->listed) {
		if (path_is_below(real, folder))
			return !foldernames_has_temporary(real + strlen(folder)) &&
			       !foldernames_is_made(strrchr(real, '/') + 1);
	}
	return false;
}

static bool remember_is_older(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

/* Has the header the content that the table has? */
static bool remember_header_is_same(const struct standin *s, const char *real)
{
	int64_t begun = s->seen.table.head->begun_ns;
	struct timespec then = { begun / 1000000000, begun % 1000000000 };
	struct stat st;

	return stat(real, &st) == 0 && remember_is_older(&st.st_ctim, &then);
}

/* Read a file that the compiler has made, and not an older one of the same name. */
static bool remember_read_made(const struct standin *s, const char *path, size_t max, struct buf *b)
{
	struct stat st;

	return seen_read(path, max, b, &st) && !remember_is_older(&st.st_ctim, &s->begun);
}

struct remember {
	struct standin *s;
	const struct standin_result *res;
	struct entry entry;
	struct strv paths; /* masked paths of entry.deps */
	bool modpost;
};

static bool remember_add_dep(struct remember *r, const char *dep, bool is_input)
{
	AUTO_FREE char *path = standin_absolute(r->s, dep), *real = NULL;
	AUTO_BUF struct buf masked = BUF_INIT;
	struct entry_dep d = { 0 };
	struct seen_file f;
	bool good;

	if (!seen_look(&r->s->seen, path, &f, &real) || !remember_flags_are_good(&f, r->modpost))
		return false;
	if (remember_is_part(r->s, real))
		return true;
	/* The content of the input is in the key, wherever it lies. */
	good = r->s->call.has_std ? is_input
				  : f.header || is_input || remember_is_covered(r->s, real);
	if (!good || !(f.header ? remember_header_is_same(r->s, real)
				: remember_is_older(&f.changed, &r->s->begun)))
		return false;
	release_words_mask(&r->s->seen.words, real, strlen(real), &masked);
	memcpy(d.hash, f.hash, sizeof(d.hash));
	strv_add(&r->paths, masked.s);
	VEC_PUSH(r->entry.deps, r->entry.n_deps, d);
	return true;
}

static bool remember_deps(struct remember *r)
{
	const char *input = r->s->call.input;
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_STRV struct strv deps = STRV_INIT;

	if (!remember_read_made(r->s, r->res->depfile, ENTRY_MAX, &text))
		/*
		 * If the compiler refuses the options, it writes no such file, and has read only
		 * what is in the key.
		 */
		return r->res->status != 0 && r->s->call.has_std;
	if (!call_parse_deps(text.s, text.len, &deps))
		return false;
	if (strcmp(input, "-") != 0 && (!deps.n || strcmp(deps.v[0], input) != 0))
		return false;
	for (size_t i = 0; i < deps.n; i++) {
		bool is_input = i == 0 && strcmp(input, "-") != 0;

		if (strcmp(deps.v[i], "-") == 0 || strcmp(deps.v[i], "/dev/null") == 0)
			continue;
		if (!remember_add_dep(r, deps.v[i], is_input))
			return false;
	}
	/* The strings do not move any more. */
	for (size_t i = 0; i < r->entry.n_deps; i++)
		r->entry.deps[i].path = (struct entry_text){ r->paths.v[i], strlen(r->paths.v[i]) };
	return true;
}

/* ---- failures ---- */

static bool remember_says(const struct buf *text, const char *word)
{
	return memmem(text->s, text->len, word, strlen(word)) != NULL;
}

static bool remember_either_says(const struct standin_result *res, const char *word)
{
	return remember_says(&res->err, word) || remember_says(&res->out, word);
}

/* Does it tell of a system call that failed, other than by a file that is not there? */
static bool remember_tells_errno(const struct standin_result *res)
{
	/* Linux's last errno is EHWPOISON; later ones would have to be added. */
	for (int i = 1; i <= EHWPOISON; i++) {
		if (i != ENOENT && remember_either_says(res, strerror(i)))
			return true;
	}
	return false;
}

/*
 * Did the compiler judge the source, or did the machine fail?  Both end with status 1, and only the
 * text tells.  What sounds like the machine is compiled again, which costs time and no more.
 */
static bool remember_is_judgement(const struct standin_result *res)
{
	static const char *const machine[] = {
		"Killed", "killed",  "signal",	"memory", "internal", "annot",
		"an't",	  "writing", "reading", "execv",  "fork",     "terminated program",
	};
	/* A header was looked for where no name is in the key. */
	static const char *const elsewhere[] = { "../", "error: /", "error: '/" };
	const char *locale = getenv("LC_ALL");

	if (res->status == 0)
		return true;
	if (res->status != 1 || !locale || strcmp(locale, "C") != 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(machine); i++) {
		if (remember_either_says(res, machine[i]))
			return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++) {
		if (remember_either_says(res, elsewhere[i]))
			return false;
	}
	return !remember_tells_errno(res) && remember_either_says(res, "rror: ");
}

/* ---- the entry ---- */

static bool remember_files(struct remember *r, struct buf *output, struct buf *depfile)
{
	const struct standin *s = r->s;
	const struct call *c = &s->call;

	if (c->output && strcmp(c->output, "/dev/null") != 0) {
		if (r->res->status != 0)
			return access(c->output, F_OK) < 0;
		if (!remember_read_made(s, c->output, ENTRY_MAX / 2, output))
			return false;
		if (c->mode == 'S' && release_words_in(&s->seen.words, output->s, output->len))
			return false;
		if (c->mode == 'c' && !r->modpost && !remember_words_are_unloaded(s, output))
			return false;
		r->entry.output = (struct entry_text){ output->s, output->len };
	}
	if (c->depfile) {
		if (r->res->status != 0)
			return access(c->depfile, F_OK) < 0;
		if (!remember_read_made(s, c->depfile, ENTRY_MAX / 4, depfile))
			return false;
		r->entry.depfile = (struct entry_text){ depfile->s, depfile->len };
	}
	return true;
}

static void remember_write(const struct remember *r)
{
	const struct standin *s = r->s;
	AUTO_FREE char *path = xasprintf("%s/" ROOM_NEW "/%s", s->folder, s->key);
	AUTO_FREE char *temporary = xasprintf("%s.%d", path, (int)getpid());
	AUTO_BUF struct buf body = BUF_INIT, packed = BUF_INIT, file = BUF_INIT;
	AUTO_FD int fd = -1;

	entry_print(&r->entry, &body);
	if (body.len > ENTRY_MAX || !packing_pack(body.s, body.len, &packed))
		return;
	entry_seal(packed.s, packed.len, body.len, &file);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return;
	/* What is cut off is no entry: nothing has to be synced. */
	if (fd_write(fd, file.s, file.len) < 0 || rename(temporary, path) < 0)
		unlink(temporary);
}

void standin_remember(struct standin *s, const struct standin_result *res)
{
	AUTO_BUF struct buf output = BUF_INIT, depfile = BUF_INIT;
	struct remember r = { .s = s, .res = res, .paths = STRV_INIT };
	const struct seen_file input = { .flags = content_flags(&s->seen.words, s->input.s,
								s->input.len) };

	r.entry.key = (struct entry_text){ s->key, strlen(s->key) };
	r.entry.release = (struct entry_text){ s->room.release, strlen(s->room.release) };
	r.entry.status = (unsigned int)res->status;
	r.entry.out = (struct entry_text){ res->out.s, res->out.len };
	r.entry.err = (struct entry_text){ res->err.s, res->err.len };
	if (s->call.kind == CALL_COMPILE) {
		r.modpost = content_is_modpost(s->call.input, s->input.s, s->input.len);
		if (s->call.kept_words || !remember_is_judgement(res) ||
		    !remember_flags_are_good(&input, r.modpost) || !remember_deps(&r) ||
		    !remember_files(&r, &output, &depfile))
			goto out;
	} else if (res->status != 0) {
		goto out;
	}
	remember_write(&r);
out:
	free(r.entry.deps);
	strv_release(&r.paths);
}
