/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "author/template.h"

#include <ctype.h>
#include <errno.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/text.h"
#include "sys/atomic.h"
#include "sys/fs.h"

/*
 * In the texts, @NAME@ is the name of the module, @ID@ the name as a C identifier, and @VERSION@
 * the version.  obj-m is in a Kbuild, which the kernel's build prefers to the Makefile.  So the
 * Makefile is only for a person who types "make", and may ask for the running kernel.
 */
static const struct template_file {
	const char *name, *text;
} template_files[] = {
	{ "dkms.conf", "PACKAGE_NAME=\"@NAME@\"\n"
		       "PACKAGE_VERSION=\"@VERSION@\"\n"
		       "BUILT_MODULE_NAME[0]=\"@NAME@\"\n"
		       "DEST_MODULE_LOCATION[0]=\"/updates/dkms\"\n"
		       "AUTOINSTALL=\"yes\"\n" },
	{ "Kbuild", "# What dkms and the kernel's build read.\n"
		    "obj-m := @NAME@.o\n" },
	{ "Makefile",
	  "# For \"make\" by hand: build for the running kernel. dkms does not use this.\n"
	  "KDIR ?= /lib/modules/$(shell uname -r)/build\n"
	  "\n"
	  "modules clean:\n"
	  "\t$(MAKE) -C $(KDIR) M=$(CURDIR) $@\n"
	  "\n"
	  ".PHONY: modules clean\n" },
	{ "@NAME@.c", "// SPDX-License-Identifier: GPL-2.0\n"
		      "#include <linux/init.h>\n"
		      "#include <linux/module.h>\n"
		      "\n"
		      "static int __init @ID@_init(void)\n"
		      "{\n"
		      "\tpr_info(\"@NAME@: loaded\\n\");\n"
		      "\treturn 0;\n"
		      "}\n"
		      "\n"
		      "static void __exit @ID@_exit(void)\n"
		      "{\n"
		      "\tpr_info(\"@NAME@: unloaded\\n\");\n"
		      "}\n"
		      "\n"
		      "module_init(@ID@_init);\n"
		      "module_exit(@ID@_exit);\n"
		      "\n"
		      "MODULE_DESCRIPTION(\"A module that says hello\");\n"
		      "MODULE_LICENSE(\"GPL\");\n"
		      "MODULE_VERSION(\"@VERSION@\");\n" },
};

/* Why the name is unfit for a module's file and for the texts above; NULL: it is fit. */
static const char *template_name_problem(const char *name)
{
	for (const char *p = name; *p; p++) {
		if (!isalnum((unsigned char)*p) && *p != '_' && *p != '-')
			return "a module's name has letters, digits, '_' and '-' only";
	}
	return modid_name_problem(name);
}

/* A folder "hello-1.2" is for version 1.2 of hello, a folder "hello" for version 0.1. */
static int template_id(const char *folder, struct modid *ret, struct err *err)
{
	const char *base = strrchr(folder, '/') + 1, *dash = strrchr(base, '-');
	bool has_version = dash && isdigit((unsigned char)dash[1]);
	AUTO_FREE char *name = has_version ? xstrndup(base, (size_t)(dash - base)) : xstrdup(base);
	const char *version = has_version ? dash + 1 : "0.1";
	const char *problem = template_name_problem(name);

	if (!problem && modid_version_problem(version))
		problem = modid_version_problem(version);
	if (!problem && strpbrk(version, "@#%\"\\"))
		problem = "a version has letters, digits and dots";
	if (problem)
		return err_set(err, -E_BAD_NAME, "'%s' cannot be the name of a module package: %s.",
			       base, problem);
	*ret = (struct modid){ TAKE(name), xstrdup(version) };
	return 0;
}

static char *template_identifier(const char *name)
{
	char *id = xasprintf("%s%s", isdigit((unsigned char)*name) ? "m" : "", name);

	for (char *p = id; *p; p++) {
		if (*p == '-')
			*p = '_';
	}
	return id;
}

/* Replace @NAME@, @ID@ and @VERSION@ in the text.  Caller frees. */
static char *template_fill(const char *text, const struct modid *id)
{
	AUTO_FREE char *identifier = template_identifier(id->name);
	const char *const words[][2] = {
		{ "@NAME@", id->name },
		{ "@ID@", identifier },
		{ "@VERSION@", id->version },
	};
	struct buf b = BUF_INIT;

	while (*text) {
		size_t i = 0;

		while (i < ARRAY_SIZE(words) && !str_begins(text, words[i][0]))
			i++;
		if (i == ARRAY_SIZE(words)) {
			buf_addch(&b, *text++);
			continue;
		}
		buf_adds(&b, words[i][1]);
		text += strlen(words[i][0]);
	}
	return buf_detach(&b);
}

static int template_check_free(const struct engine *e, const char *folder, const struct modid *id,
			       struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(template_files); i++) {
		AUTO_FREE char *name = template_fill(template_files[i].name, id);
		AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
		struct stat st;

		if (fs_lstat(&e->root, path, &st) == 0)
			return err_set(err, -EEXIST, "%s exists already; nothing is written.",
				       path);
	}
	return 0;
}

int template_write(const struct engine *e, const char *folder, struct modid *ret,
		   struct strv *ret_files, struct err *err)
{
	AUTO_MODID struct modid id = MODID_INIT;
	int r = template_id(folder, &id, err);

	if (r == 0)
		r = template_check_free(e, folder, &id, err);
	if (r < 0)
		return r;
	r = fs_mkdir_p(&e->root, folder);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(template_files); i++) {
		AUTO_FREE char *name = template_fill(template_files[i].name, &id);
		AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
		AUTO_FREE char *text = template_fill(template_files[i].text, &id);

		r = atomic_write_file(&e->root, path, text, strlen(text), 0644);
		strv_add(ret_files, name);
	}
	if (r < 0)
		return err_sys(err, r, "%s", folder);
	modid_copy(ret, &id);
	return 0;
}
