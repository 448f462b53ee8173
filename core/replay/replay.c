/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/replay.h"

#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/childenv.h"
#include "engine/treepath.h"
#include "replay/compilers.h"
#include "replay/replaylook.h"
#include "replay/room.h"
#include "sys/atomic.h"
#include "sys/fs.h"

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
	if (!replaylook_is_on(e) || !replay_path_is_plain(path))
		return;
	k = replaylook_table(e, t->release, headers, more, &table, &place);
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
