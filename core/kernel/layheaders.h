/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * layheaders - show the unpacked headers of a kernel at the places where its packages will put
 * them.
 *
 * Headers alone are not enough: they need other packages (a common part, kbuild, a compiler), and
 * name the files of these by absolute paths.  So all that was unpacked is laid over /usr and /lib
 * of the root, in a mount namespace of this process.  The machine itself sees none of it, and
 * nothing can be written below these folders.
 */
#include "base/error.h"
#include "engine/engine.h"

/*
 * The folder `unpacked`, inside the root, has usr/ or lib/ as the packages have them.  If no
 * package has the link <install_tree>/RELEASE/build, it is made: to usr/src/linux-headers-RELEASE
 * or usr/src/kernels/RELEASE.  `scratch` is a folder for that, which the caller removes.
 *
 * -E_BAD_HEADERS: there are no headers of this kernel in the folder.  Else -errno: mounting is not
 * possible here.  The process stays in the namespace, also after an error.
 */
int layheaders(struct engine *e, const char *unpacked, const char *release, const char *scratch,
	       struct err *err) MUST_CHECK;
