/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* path - checks of absolute paths as text; no symlink is followed. */
#include "base/util.h"

/* Is it one component, and not "." or ".."?  s may be NULL. */
bool path_is_component(const char *s);
/* Is it absolute, not "/", and without empty, "." and ".." components?  path may be NULL. */
bool path_is_plain(const char *path);
/* Is one of its components ".."?  Also for relative paths. */
bool path_has_dotdot(const char *path);
/* Is it a plain path below folder, and not folder itself? */
bool path_is_below(const char *path, const char *folder);
/* The folder that holds path.  path must have a '/'.  Caller frees. */
char *path_parent(const char *path);
