/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* path - what a path says as text; the disk is not looked at. */
#include "base/util.h"

/* Is `s` one component of a path, other than "." and ".."?  `s` may be NULL. */
bool path_is_component(const char *s);
/* Is `path` absolute, not "/", and without empty, "." and ".." components?  It may be NULL. */
bool path_is_plain(const char *path);
/* Is one of the components of `path` ".."?  `path` may be relative. */
bool path_has_dotdot(const char *path);
/* Is `path` plain (path_is_plain()) and below `folder`?  False for `folder` itself. */
bool path_is_below(const char *path, const char *folder);
/* The folder that holds `path`, which must have a '/'.  Caller frees. */
char *path_parent(const char *path);
