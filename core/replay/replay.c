/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/replay.h"

#include <fcntl.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/childenv.h"
#include "engine/treepath.h"
#include "replay/compilers.h"
#include "replay/headerscan.h"
#include "replay/room.h"
#include "sys/atomic.h"
#include "sys/fd.h"
#include "sys/fs.h"

/* Bytes.  What replay keeps must not take the room that a build needs. */
#define REPLAY_FREE_MIN (64U << 20)

static bool replay_has_space(const struct engine *e)
{
	struct fs_space space;

	return fs_free_space(&e->root, e->dkms_tree, &space) == 0 && space.bytes >= REPLAY_FREE_MIN;
}

static bool replay_is_on(const struct engine *e)
{
	return strcmp(settings_get(&e->settings, SET_REPLAY), "off") != 0 &&
	       settings_number(&e->settings, SET_REPLAY_SIZE) > 0 &&
	       fs_is_file(&e->root, REPLAY_STANDIN) && replay_has_space(e);
}

static int replay_map(const struct engine *e, const char *release, struct headertable *ret)
{
	AUTO_FREE char *path = tree_headers_table(e, release);
	AUTO_FD int fd = fs_open_file(&e->root, path, O_NOFOLLOW);

	return fd < 0 ? fd : headertable_map(fd, ret);
}

/* The table of the headers.  In a run it is made, or seen to be unchanged, only once. */
static int replay_table(struct engine *e, const char *release, const char *headers,
			const struct strv *more, struct headertable *ret, char **ret_path)
{
	int r;

	if (!strv_has(&e->headers_read, release)) {
		r = headerscan_table(e, release, headers, more, ret, ret_path);
		if (r == 0)
			strv_add(&e->headers_read, release);
		return r;
	}
	r = replay_map(e, release, ret);
	if (r == 0)
		*ret_path = tree_headers_table(e, release);
	return r;
}

static void replay_plan_compilers(const struct compilers *found, struct room *room)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct compiler_known *k = &found->v[i];
		struct room_compiler c = { xstrdup(k->name), xstrdup(k->path), xstrdup(k->identity),
					   xstrdup(k->include), STRV_INIT };

		strv_add_all(&c.parts, &k->parts);
		VEC_PUSH(room->compilers, room->n, c);
	}
}

/* A PATH with an empty or relative folder means another program in each folder. */
static bool replay_path_is_plain(const char *path)
{
	return path && path[0] == '/' && !strstr(path, "::") && path[strlen(path) - 1] != ':';
}

static int replay_make_links(const struct replay *r, const struct compilers *found)
{
	AUTO_FREE char *links = xasprintf("%s/" ROOM_LINKS, r->room);
	int k = fs_mkdir_p(&r->e->root, links);

	for (size_t i = 0; k == 0 && i < found->n; i++) {
		AUTO_FREE char *link = xasprintf("%s/%s", links, found->v[i].name);

		k = fs_symlink(&r->e->root, REPLAY_STANDIN, link);
	}
	return k;
}

static int replay_write_plan(const struct replay *r, const char *table, const char *build,
			     const struct strv *env, const struct compilers *found)
{
	AUTO_FREE char *path = xasprintf("%s/" ROOM_PLAN, r->room);
	AUTO_ROOM struct room room = ROOM_INIT;
	AUTO_BUF struct buf b = BUF_INIT;
	const char *cc = childenv_get(env, "CC"), *slash = cc ? strrchr(cc, '/') : NULL;

	room.release = xstrdup(r->t->release);
	room.build = xstrdup(build);
	room.store = tree_compiled_of(r->e, r->t->name);
	room.table = xstrdup(table);
	room.path = xstrdup(r->plain);
	cc = slash ? slash + 1 : cc;
	room.cc = cc && compilers_is_name(cc) ? xstrdup(cc) : NULL;
	room.answer = !r->anew;
	replay_plan_compilers(found, &room);
	room_print(&room, &b);
	return atomic_write_file(&r->e->root, path, b.s, b.len, 0644);
}

static int replay_make_room(struct replay *r, const char *table, const char *build,
			    const struct strv *env, struct confine *c)
{
	AUTO_FREE char *new = xasprintf("%s/" ROOM_NEW, r->room);
	AUTO_COMPILERS struct compilers found = { 0 };
	int k = fs_remove_tree(&r->e->root, r->room);

	if (k == 0)
		k = fs_mkdir_p(&r->e->root, new);
	if (k < 0)
		return k;
	compilers_look(r->e, env, &found);
	k = replay_make_links(r, &found);
	if (k == 0)
		k = replay_write_plan(r, table, build, env, &found);
	if (k == 0)
		k = confine_give(c, r->e, new);
	if (k == 0)
		confine_write(c, r->e, new);
	return k;
}

static void replay_drop(struct replay *r)
{
	int k = r->room ? fs_remove_tree(&r->e->root, r->room) : 0;

	if (k < 0)
		log_debug("%s: %s", r->room, error_text(k));
	free(r->room);
	free(r->path);
	free(r->plain);
	*r = (struct replay)REPLAY_INIT;
}

void replay_open(struct replay *r, struct engine *e, const struct target *t, const char *headers,
		 const struct strv *more, const char *build, const struct strv *env, bool anew,
		 struct confine *c)
{
	CLEANUP(headertable_close) struct headertable table = { 0 };
	const char *path = childenv_get(env, "PATH");
	AUTO_FREE char *place = NULL;
	int k;

	*r = (struct replay){ .e = e, .t = t, .anew = anew };
	if (!replay_is_on(e) || !replay_path_is_plain(path))
		return;
	k = replay_table(e, t->release, headers, more, &table, &place);
	if (k == 0) {
		r->room = tree_replay_room(e, t);
		r->plain = xstrdup(path);
		r->path = xasprintf("%s/" ROOM_LINKS ":%s", r->room, path);
		k = replay_make_room(r, place, build, env, c);
	}
	if (k < 0) {
		log_debug("replay: %s", error_text(k));
		replay_drop(r);
	}
}

void replay_begin(const struct replay *r, struct strv *env)
{
	if (r->room)
		childenv_set(env, "PATH", r->path);
}

void replay_end(const struct replay *r, struct strv *env)
{
	if (r->room)
		childenv_set(env, "PATH", r->plain);
}

void replay_close(struct replay *r, struct calls *ret)
{
	int k = r->room ? store_take(r->e, r->t->name, r->room, r->anew, ret) : 0;

	/* A full or read-only disk costs only what could have been remembered. */
	if (k < 0)
		log_debug("replay: %s", error_text(k));
	replay_drop(r);
}

void replay_look(struct engine *e, const char *release, const char *headers,
		 const struct strv *more)
{
	CLEANUP(headertable_close) struct headertable table = { 0 };
	AUTO_FREE char *place = NULL;

	if (replay_is_on(e) && replay_table(e, release, headers, more, &table, &place) < 0)
		log_debug("%s: the headers cannot be read whole", headers);
}

bool replay_alike(const struct engine *e, const char *release, const char *other)
{
	CLEANUP(headertable_close) struct headertable a = { 0 }, b = { 0 };

	return strv_has(&e->headers_read, release) && strv_has(&e->headers_read, other) &&
	       replay_map(e, release, &a) == 0 && replay_map(e, other, &b) == 0 &&
	       memcmp(a.head->identity, b.head->identity, SHA256_SIZE) == 0 &&
	       memcmp(a.head->names, b.head->names, SHA256_SIZE) == 0;
}
