/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/members.h"

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

#define NAME_LONGEST  3000 /* leaves room in PATH_MAX for the folder to which we unpack */
#define COMPONENT_MAX 255
#define DEPTH_MAX     100

void members_release(struct members *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->v[i].name);
		free(m->v[i].target);
	}
	free(m->v);
	m->v = NULL;
	m->n = 0;
}

/* ---- names ---- */

static bool member_is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* Is the component s nothing but this number of dots (1 or 2)? */
static bool member_is_dots(const char *s, size_t len, size_t dots)
{
	return len == dots && strncmp(s, "..", dots) == 0;
}

/* Append the normalized name to `b`.  Returns NULL, or a static text that says what is wrong. */
static const char *member_plain_name(const char *raw, struct buf *b)
{
	size_t depth = 0;

	if (raw[0] == '/')
		return "an absolute name";
	for (const char *s = raw; *s; s++) {
		if (member_is_control(*s))
			return "a name with a control character";
	}
	for (const char *s = raw; *s;) {
		size_t len = strcspn(s, "/");

		if (member_is_dots(s, len, 2))
			return "a name with \"..\"";
		if (len > COMPONENT_MAX || ++depth > DEPTH_MAX || b->len + len > NAME_LONGEST)
			return "a name that is too long";
		if (len && !member_is_dots(s, len, 1)) {
			buf_adds(b, b->len ? "/" : "");
			buf_add(b, s, len);
		}
		s += len + (s[len] == '/');
	}
	return NULL;
}

/* The name as a message shows it: control characters escaped, cut off after 200 bytes. */
static char *member_shown_name(const char *raw)
{
	struct buf b = BUF_INIT;

	for (const char *s = raw; *s && b.len < 200; s++) {
		if (member_is_control(*s))
			buf_addf(&b, "\\%03o", (unsigned char)*s);
		else
			buf_addch(&b, *s);
	}
	return buf_detach(&b);
}

int member_name(const char *raw, char **ret, struct err *err)
{
	AUTO_BUF struct buf b = BUF_INIT;
	AUTO_FREE char *text = NULL;
	const char *problem = *raw ? member_plain_name(raw, &b) : "an empty name";

	if (!problem) {
		*ret = buf_detach(&b);
		return 0;
	}
	text = member_shown_name(raw);
	return err_set(err, -E_ARCHIVE_BAD, "it has %s: %s", problem, text);
}

static size_t member_depth(const char *name)
{
	size_t n = 0;

	for (; *name; name++)
		n += *name == '/';
	return n;
}

const char *member_link_problem(const char *name, const char *target)
{
	size_t ups = 0, len;
	bool down = false;

	if (!*target)
		return "is empty";
	if (target[0] == '/')
		return "leads to an absolute name";
	if (strlen(target) > NAME_LONGEST)
		return "is too long";
	for (const char *s = target; *s; s += len + (s[len] == '/')) {
		len = strcspn(s, "/");
		if (!member_is_dots(s, len, 2)) {
			/*
			 * Remember that a name was seen.  It may be the name of a symlink; ".."
			 * after it would be the parent of that symlink's target.
			 */
			down = down || (len && !member_is_dots(s, len, 1));
			continue;
		}
		if (down)
			return "has \"..\" after a name";
		if (++ups > member_depth(name))
			return "leads out of the archive";
	}
	return NULL;
}

/* ---- limits ---- */

static int members_check_limits(const struct members *m, struct err *err)
{
	const struct member_limits *l = &m->limits;

	if (m->n > l->count)
		return err_set(err, -E_ARCHIVE_BAD, "it has more than %zu members", l->count);
	if (m->bytes > l->bytes)
		return err_set(err, -E_ARCHIVE_BAD, "it unpacks to more than %" PRIu64 " bytes",
			       l->bytes);
	if (m->bytes > l->free_rise && m->bytes / l->rise > m->archive_size)
		return err_set(err, -E_ARCHIVE_BAD, "it unpacks to more than %u times its size",
			       l->rise);
	return 0;
}

static void members_add_bytes(struct members *m, uint64_t bytes)
{
	m->bytes = bytes > UINT64_MAX - m->bytes ? UINT64_MAX : m->bytes + bytes;
}

int members_add(struct members *m, char *name, enum member_kind kind, char *target, uint64_t size,
		struct err *err)
{
	struct member member = { name, kind, target, size, m->n };

	VEC_PUSH(m->v, m->n, member);
	members_add_bytes(m, size);
	members_add_bytes(m, strlen(name) + (target ? strlen(target) : 0));
	return members_check_limits(m, err);
}

/* ---- all of them ---- */

static int members_compare_names(const void *a, const void *b)
{
	return strcmp(((const struct member *)a)->name, ((const struct member *)b)->name);
}

const struct member *members_get(const struct members *m, const char *name)
{
	struct member key = { .name = (char *)name };

	return m->n ? bsearch(&key, m->v, m->n, sizeof(*m->v), members_compare_names) : NULL;
}

static int members_check_unique(const struct members *m, struct err *err)
{
	for (size_t i = 1; i < m->n; i++) {
		if (strcmp(m->v[i - 1].name, m->v[i].name) == 0 &&
		    (m->v[i - 1].kind != MEMBER_FOLDER || m->v[i].kind != MEMBER_FOLDER))
			return err_set(err, -E_ARCHIVE_BAD, "it has %s twice", m->v[i].name);
	}
	return 0;
}

/*
 * Refuse the member if a name above it is listed as a file or a link.  Folders above it need not be
 * listed, because unpacking makes them.
 */
static int members_check_parents(const struct members *m, const struct member *member,
				 struct err *err)
{
	AUTO_FREE char *path = xstrdup(member->name);

	for (char *s = strrchr(path, '/'); s; s = strrchr(path, '/')) {
		const struct member *parent;

		*s = '\0';
		parent = members_get(m, path);
		if (parent && parent->kind != MEMBER_FOLDER)
			return err_set(err, -E_ARCHIVE_BAD, "it has %s below %s, which is %s",
				       member->name, path,
				       parent->kind == MEMBER_FILE ? "a file" : "a link");
	}
	return 0;
}

static int members_check_link(struct members *m, const struct member *member, struct err *err)
{
	const struct member *file;
	const char *problem;

	if (member->kind == MEMBER_SYMLINK) {
		problem = member_link_problem(member->name, member->target);
		return problem ? err_set(err, -E_ARCHIVE_BAD, "the link %s %s", member->name,
					 problem)
			       : 0;
	}
	file = members_get(m, member->target);
	if (!file || file->kind != MEMBER_FILE || file->order > member->order)
		return err_set(err, -E_ARCHIVE_BAD,
			       "the hard link %s leads to %s, which is no file before it",
			       member->name, member->target);
	members_add_bytes(m, file->size);
	return members_check_limits(m, err);
}

int members_check(struct members *m, struct err *err)
{
	int r;

	if (m->n)
		qsort(m->v, m->n, sizeof(*m->v), members_compare_names);
	r = members_check_unique(m, err);
	for (size_t i = 0; r == 0 && i < m->n; i++) {
		r = members_check_parents(m, &m->v[i], err);
		if (r == 0 && m->v[i].target)
			r = members_check_link(m, &m->v[i], err);
	}
	return r;
}
