/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/replaylook.h"

#include <fcntl.h>
#include <string.h>

#include "base/log.h"
#include "engine/treepath.h"
#include "replay/headerscan.h"
#include "replay/store.h"
#include "sys/fd.h"
#include "sys/fs.h"

/* Bytes.  What replay keeps must not take the room that a build needs. */
#define REPLAYLOOK_FREE_MIN (64U << 20)

static bool replaylook_has_space(const struct engine *e)
{
	struct fs_space space;

	return fs_free_space(&e->root, e->dkms_tree, &space) == 0 &&
	       space.bytes >= REPLAYLOOK_FREE_MIN;
}

bool replaylook_is_on(const struct engine *e)
{
	return strcmp(settings_get(&e->settings, SET_REPLAY), "off") != 0 &&
	       settings_number(&e->settings, SET_REPLAY_SIZE) > 0 &&
	       fs_is_file(&e->root, REPLAY_STANDIN) && replaylook_has_space(e);
}

static int replaylook_map(const struct engine *e, const char *release, struct headertable *ret)
{
	AUTO_FREE char *path = tree_headers_table(e, release);
	AUTO_FD int fd = fs_open_file(&e->root, path, O_NOFOLLOW);

	return fd < 0 ? fd : headertable_map(fd, ret);
}

int replaylook_table(struct engine *e, const char *release, const char *headers,
		     const struct strv *more, struct headertable *ret, char **ret_path)
{
	int r;

	if (!strv_has(&e->headers_read, release)) {
		r = headerscan_table(e, release, headers, more, ret, ret_path);
		if (r == 0)
			strv_add(&e->headers_read, release);
		return r;
	}
	r = replaylook_map(e, release, ret);
	if (r == 0)
		*ret_path = tree_headers_table(e, release);
	return r;
}

void replaylook_headers(struct engine *e, const char *release, const char *headers,
			const struct strv *more)
{
	CLEANUP(headertable_close) struct headertable table = { 0 };
	AUTO_FREE char *place = NULL;

	if (replaylook_is_on(e) && replaylook_table(e, release, headers, more, &table, &place) < 0)
		log_debug("%s: the headers cannot be read whole", headers);
}

bool replaylook_alike(const struct engine *e, const char *release, const char *other)
{
	CLEANUP(headertable_close) struct headertable a = { 0 }, b = { 0 };

	return strv_has(&e->headers_read, release) && strv_has(&e->headers_read, other) &&
	       replaylook_map(e, release, &a) == 0 && replaylook_map(e, other, &b) == 0 &&
	       memcmp(a.head->identity, b.head->identity, SHA256_SIZE) == 0 &&
	       memcmp(a.head->names, b.head->names, SHA256_SIZE) == 0;
}
