/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "replay/entry.h"
#include "replay/packing.h"
#include "replay/standin.h"
#include "sys/fd.h"

/* Does each file that the earlier call read still have the same content? */
static bool answer_deps_hold(struct standin *s, const struct entry *e)
{
	for (size_t i = 0; i < e->n_deps; i++) {
		AUTO_BUF struct buf path = BUF_INIT;
		AUTO_FREE char *real = NULL;
		struct seen_file file;

		if (!release_words_unmask(&s->seen.words, e->deps[i].path.s, e->deps[i].path.len,
					  &path) ||
		    path.s[0] != '/' || !seen_look(&s->seen, path.s, &file, &real) ||
		    memcmp(file.hash, e->deps[i].hash, SHA256_SIZE) != 0)
			return false;
	}
	return true;
}

/*
 * Remove the file, if there is one.  A device, a FIFO or a symlink stays: the compiler writes into
 * what it leads to.
 */
static bool answer_remove_file(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT;
	return S_ISREG(st.st_mode) && unlink(path) == 0;
}

/* Put the text in the place of the file, as a compiler does: other links to it stay as they are. */
static bool answer_write_file(const char *path, const struct buf *text)
{
	AUTO_FD int fd = -1;

	if (!answer_remove_file(path))
		return false;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	return fd >= 0 && fd_write(fd, text->s, text->len) == 0;
}

struct answer {
	struct standin *s;
	const struct entry *e;
	struct release_words then; /* of the kernel for which the earlier call was made */
};

static void answer_translate(const struct answer *a, const struct entry_text *t, struct buf *ret)
{
	buf_reset(ret);
	release_words_replace(&a->then, &a->s->seen.words, t->s ? t->s : "", t->len, ret);
}

/* Nothing is printed before all files are written: until then the compiler can still be started. */
static bool answer_give(const struct answer *a)
{
	const struct call *c = &a->s->call;
	AUTO_BUF struct buf text = BUF_INIT;

	/* A compiler that fails leaves no output, not even an older one. */
	if (!a->e->output.s && c->output && strcmp(c->output, "/dev/null") != 0 &&
	    !answer_remove_file(c->output))
		return false;
	if (a->e->output.s) {
		answer_translate(a, &a->e->output, &text);
		if (!c->output || !answer_write_file(c->output, &text))
			return false;
	}
	if (a->e->depfile.s) {
		answer_translate(a, &a->e->depfile, &text);
		if (!c->depfile || !answer_write_file(c->depfile, &text))
			return false;
	}
	answer_translate(a, &a->e->out, &text);
	if (fd_write(STDOUT_FILENO, text.s, text.len) < 0)
		return true;
	answer_translate(a, &a->e->err, &text);
	return fd_write(STDERR_FILENO, text.s, text.len) <= 0;
}

/* Is the entry about this call, and can it be given for this kernel? */
static bool answer_fits(struct answer *a)
{
	const struct standin *s = a->s;
	const struct entry *e = a->e;

	if (e->key.len != strlen(s->key) || memcmp(e->key.s, s->key, e->key.len) != 0)
		return false;
	/* In an object a word can only be replaced by one of the same length. */
	if (s->call.mode == 'c' && !release_words_fit(&a->then, &s->seen.words))
		return false;
	return answer_deps_hold(a->s, e);
}

static bool answer_try(struct standin *s, const char *path, int *ret_status)
{
	AUTO_BUF struct buf file = BUF_INIT, body = BUF_INIT;
	AUTO_ENTRY struct entry e = { 0 };
	struct answer a = { s, &e, { { NULL } } };
	AUTO_FREE char *release = NULL;
	size_t size = 0;
	bool good;

	if (!seen_read(path, ENTRY_MAX, &file, NULL) || !entry_sealed(file.s, file.len, &size) ||
	    !packing_unpack(file.s + ENTRY_SEAL, file.len - ENTRY_SEAL, size, &body) ||
	    !entry_parse(body.s, body.len, &e))
		return false;
	release = xstrndup(e.release.s, e.release.len);
	release_words_init(&a.then, release);
	good = answer_fits(&a) && answer_give(&a);
	release_words_release(&a.then);
	*ret_status = (int)e.status;
	return good;
}

bool standin_answer(struct standin *s, int *ret_status)
{
	AUTO_FREE char *mine = xasprintf("%s/" ROOM_NEW "/%s", s->folder, s->key);
	const char *what = s->call.is_object ? ROOM_REPLAYED : ROOM_ANSWERED;

	if (!s->room.answer)
		return false;
	for (int i = 0; i < ROOM_SLOTS; i++) {
		AUTO_FREE char *name = xasprintf("%s.%d", s->key, i);
		AUTO_FREE char *path = xasprintf("%s/%.2s/%s", s->room.store, s->key, name);

		if (answer_try(s, path, ret_status)) {
			standin_log(s, what, name);
			return true;
		}
	}
	if (!answer_try(s, mine, ret_status))
		return false;
	standin_log(s, what, s->key);
	return true;
}
