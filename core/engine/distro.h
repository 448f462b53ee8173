/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * distro - which distribution the root holds, and where it wants modules.
 *
 * The name is DKMS's: "ubuntu" if that is the ID; else the whole ID_LIKE
 * ("rhel fedora"), else ID.  Everyone tests its beginning only.
 */
#include "base/error.h"
#include "base/util.h"

struct engine;

/*
 * From the text of an os-release file, without a shell: quotes, backslashes and comments are
 * understood, nothing is executed.  "" when it says nothing.  Caller frees.
 */
char *distro_parse(const char *os_release);
/*
 * The first of /etc/os-release and /usr/lib/os-release that exists decides.
 * -E_NO_OS_RELEASE when there is none.  Caller frees *ret.
 */
int distro_detect(const struct engine *e, char **ret, struct err *err) MUST_CHECK;
/* Does it begin with prefix? */
bool distro_is(const char *distro, const char *prefix);
/* The same of the engine's own. */
bool distro_is_here(const struct engine *e, const char *prefix);
/*
 * Folder below <install_tree>/K that the distribution puts all modules in: "/extra",
 * "/updates", "/updates/dkms", or NULL: the conf's DEST_MODULE_LOCATION counts.  Static string.
 */
const char *distro_target_dir(const char *distro);
/* The same with the setting ADDON_MODULES_DIR, which wins.  NULL as above; caller frees. */
char *engine_target_dir(const struct engine *e);
