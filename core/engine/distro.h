/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * distro - which distribution is in the root, and where it wants modules.
 *
 * The name is formed as in DKMS: "ubuntu" if ID is "ubuntu"; else all of ID_LIKE ("rhel fedora") if
 * that is set; else ID.  As in DKMS, only the beginning of the name is compared (distro_is()).
 */
#include "base/error.h"
#include "base/util.h"

struct engine;

/*
 * The name from the text of an os-release file, "" if it has neither ID nor ID_LIKE.  Quotes,
 * backslashes and comments are read as a shell would, but nothing is executed.  Caller frees.
 */
char *distro_parse(const char *os_release);
/*
 * The name from /etc/os-release, or from /usr/lib/os-release if the former does not exist.
 * -E_NO_OS_RELEASE: neither file exists.  Caller frees *ret.
 */
int distro_detect(const struct engine *e, char **ret, struct err *err) MUST_CHECK;
/* Does the name begin with `prefix`? */
bool distro_is(const char *distro, const char *prefix);
/* distro_is() for the distribution in the root (engine.distro). */
bool distro_is_here(const struct engine *e, const char *prefix);
/*
 * The folder below <install_tree>/K where the distribution wants all modules: "/extra", "/updates"
 * or "/updates/dkms".  NULL: the conf's DEST_MODULE_LOCATION decides.  Static string.
 */
const char *distro_target_dir(const char *distro);
/*
 * The folder that the setting ADDON_MODULES_DIR names; if it names none, distro_target_dir() for
 * the distribution in the root.  NULL: the conf's DEST_MODULE_LOCATION decides.  Caller frees.
 */
char *engine_target_dir(const struct engine *e);
