/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * template - the files of a new module source, which builds and in which lint finds no fault.
 */
#include "engine/engine.h"
#include "model/modid.h"

/*
 * Write dkms.conf, Kbuild, Makefile and a C file into `folder` (absolute inside the root), which is
 * made if it is not there.  The folder's name, NAME or NAME-VERSION, is that of the module package.
 * No file that exists is changed.  *ret: name and version; *ret_files: the names of the files.
 *
 * -E_BAD_NAME: this cannot be the name of a module package.  -EEXIST: one of the files exists.
 */
int template_write(const struct engine *e, const char *folder, struct modid *ret,
		   struct strv *ret_files, struct err *err) MUST_CHECK;
