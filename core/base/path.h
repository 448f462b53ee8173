/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* path - absolute paths by their letters; no link is followed. */
#include "base/util.h"

/* One component that is neither "." nor ".."; NULL is none. */
bool path_is_component(const char *s);
/* Absolute, without empty, "." and ".." components, not "/"; NULL is none. */
bool path_is_plain(const char *path);
/* Is one of its components ".."?  Also for relative paths. */
bool path_has_dotdot(const char *path);
/* Is path, a plain one, below folder?  Not folder itself. */
bool path_is_below(const char *path, const char *folder);
/* The folder of a path that has a '/'; caller frees. */
char *path_parent(const char *path);
