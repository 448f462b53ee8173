/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/archivelib.h"

#include <dlfcn.h>
#include <stddef.h>

#include "base/util.h"

/* The soname of libarchive since 3.0. */
#define LIBRARY "libarchive.so.13"

#define DEFINE(name) __typeof__(name) *sym_##name;
ARCHIVELIB_FUNCTIONS(DEFINE)

static int archivelib_bind(void *library, struct err *err)
{
	/* POSIX guarantees that a void * from dlsym(3) can hold a function pointer. */
	static const struct {
		const char *name;
		void **to;
	} all[] = {
#define ENTRY(name) { #name, (void **)&sym_##name },
		ARCHIVELIB_FUNCTIONS(ENTRY)
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		*all[i].to = dlsym(library, all[i].name);
		if (!*all[i].to)
			return err_set(err, -E_GENERAL, "%s has no %s, which tarballs need.",
				       LIBRARY, all[i].name);
	}
	return 0;
}

int archivelib_load(struct err *err)
{
	static void *library;
	int r;

	if (library)
		return 0;
	library = dlopen(LIBRARY, RTLD_NOW);
	if (!library)
		return err_set(err, -E_GENERAL, "Tarballs need libarchive: %s.", dlerror());
	r = archivelib_bind(library, err);
	if (r < 0) {
		dlclose(library);
		library = NULL;
	}
	return r;
}
