/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packages/metered.h"

#include <string.h>

#include "packages/ask.h"
#include "sys/fs.h"

bool network_is_metered(const struct engine *e)
{
	static const char command[] =
		"busctl --timeout=5 get-property org.freedesktop.NetworkManager "
		"/org/freedesktop/NetworkManager org.freedesktop.NetworkManager Metered";
	AUTO_STRV struct strv argv = STRV_INIT;
	AUTO_BUF struct buf answer = BUF_INIT;
	AUTO_ERR struct err ignored = ERR_INIT;

	if (root_is_foreign(&e->root) || !fs_is_dir(&e->root, "/run/NetworkManager"))
		return false;
	strv_split(&argv, command, " ");
	if (ask(e, &argv, NULL, &answer, &ignored) < 0)
		return false;
	/* 1: yes, 3: probably */
	return str_begins(answer.s, "u 1") || str_begins(answer.s, "u 3");
}
