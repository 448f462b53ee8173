/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "survey/toolchain.h"

#include <string.h>

#include "base/alloc.h"
#include "conf/source.h"
#include "engine/childenv.h"
#include "kernel/kernels.h"
#include "sys/fs.h"

#define MAX_VARIABLES (64 * 1024)

void toolchain_compilers(const char *text, struct strv *ret)
{
	AUTO_STRV struct strv words = STRV_INIT;
	const char *word;

	strv_split(&words, text, " \t\r\n=:$(){},;\"'");
	STRV_FOREACH (word, &words) {
		const char *base = strrchr(word, '/') ? strrchr(word, '/') + 1 : word;

		if ((strstr(base, "gcc") || strstr(base, "clang")) && !strv_has(ret, base))
			strv_add(ret, base);
	}
}

/* ---- programs ---- */

/* Append size and time of the first program of that name in the PATH of builds. */
static void toolchain_add_program(const struct engine *e, const char *name, struct buf *b)
{
	AUTO_STRV struct strv folders = STRV_INIT;
	const char *folder;
	struct stat st;

	strv_split(&folders, CHILDENV_PATH, ":");
	STRV_FOREACH (folder, &folders) {
		AUTO_FREE char *path = xasprintf("%s/%s", folder, name);

		if (fs_stat(&e->root, path, &st) < 0)
			continue;
		buf_addf(b, "%s %lld %lld\n", path, (long long)st.st_size, (long long)st.st_mtime);
		return;
	}
	buf_addf(b, "%s -\n", name);
}

/*
 * Append the compilers that the kernel's headers and configuration name.  The text of these files
 * is searched, because asking make would start a process.
 */
static void toolchain_named_compilers(const struct engine *e, const char *release,
				      const char *headers, struct strv *ret)
{
	AUTO_FREE char *variables = xasprintf("%s/.kernelvariables", headers);
	AUTO_BUF struct buf text = BUF_INIT;
	struct kconfig config = { 0 };
	const char *version;

	if (fs_read(&e->root, variables, MAX_VARIABLES, &text) == 0)
		toolchain_compilers(text.s, ret);
	if (kernel_config(e, release, &config) < 0)
		return;
	version = kconfig_get(&config, "CONFIG_CC_VERSION_TEXT");
	if (version)
		toolchain_compilers(version, ret);
	kconfig_release(&config);
}

static void toolchain_add_programs(const struct engine *e, const char *release, const char *headers,
				   struct buf *b)
{
	static const char *const usual[] = { "gcc", "clang",   "make",	  "ld",	   "ld.lld", "as",
					     "ar",  "objcopy", "objdump", "strip", "nm" };
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		strv_add(&names, usual[i]);
	toolchain_named_compilers(e, release, headers, &names);
	STRV_FOREACH (name, &names)
		toolchain_add_program(e, name, b);
}

/* ---- files of the headers ---- */

static void toolchain_list_makefiles(const struct engine *e, const char *dir, struct strv *ret)
{
	static const char *const names[] = { "Makefile",
					     "Kbuild",
					     ".kernelvariables",
					     "include/config/auto.conf",
					     "tools/objtool/objtool",
					     "tools/bpf/resolve_btfids/resolve_btfids" };
	AUTO_FREE char *arch = xasprintf("%s/arch", dir);
	AUTO_STRV struct strv archs = STRV_INIT;
	const char *name;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		strv_addf(ret, "%s/%s", dir, names[i]);
	if (fs_list(&e->root, arch, &archs) < 0)
		return;
	STRV_FOREACH (name, &archs)
		strv_addf(ret, "%s/%s/Makefile", arch, name);
}

static void toolchain_hash_files(const struct engine *e, const struct strv *files,
				 char ret[DIGEST_HEX])
{
	struct digest d;
	const char *file;

	digest_begin(&d);
	STRV_FOREACH (file, files) {
		char hex[DIGEST_HEX] = "";

		digest_add_string(&d, file);
		if (digest_file(&e->root, file, hex) < 0)
			hex[0] = '\0';
		digest_add_string(&d, hex);
	}
	digest_end(&d, ret);
}

static void toolchain_add_makefiles(const struct engine *e, const char *dir, struct cache *c,
				    struct buf *b)
{
	AUTO_FREE char *key = xasprintf("%s makefiles", dir);
	AUTO_STRV struct strv files = STRV_INIT;
	char hex[DIGEST_HEX];
	struct stamp stamp;
	const char *file, *known;

	toolchain_list_makefiles(e, dir, &files);
	stamp_begin(&stamp);
	STRV_FOREACH (file, &files) {
		struct stat st;

		stamp_add(&stamp, file, fs_stat(&e->root, file, &st) < 0 ? NULL : &st);
	}
	stamp_end(&stamp);
	known = cache_get(c, key, &stamp);
	if (!known) {
		toolchain_hash_files(e, &files, hex);
		cache_put(c, key, &stamp, hex);
	}
	buf_addf(b, "%s\n", known ? known : hex);
}

/*
 * Append the hash of the headers' folder "scripts", or "-" if that folder cannot be read.  In
 * Debian's headers it is a symlink into the package linux-kbuild-6.1, which may be installed later.
 */
static void toolchain_add_scripts(const struct engine *e, const char *dir, struct cache *c,
				  struct buf *b)
{
	AUTO_FREE char *scripts = xasprintf("%s/scripts", dir);
	AUTO_FREE char *content = NULL;

	if (source_content(e, scripts, c, &content) < 0)
		content = NULL;
	buf_addf(b, "%s\n", content ? content : "-");
}

char *toolchain_identity(const struct engine *e, const char *release, struct cache *headers,
			 struct cache *sources)
{
	AUTO_FREE char *dir = engine_headers_dir(e, release);
	AUTO_FREE char *common = kernel_common_dir(e, dir);
	AUTO_BUF struct buf b = BUF_INIT;
	char hex[DIGEST_HEX];

	toolchain_add_programs(e, release, dir, &b);
	toolchain_add_makefiles(e, dir, headers, &b);
	toolchain_add_scripts(e, dir, sources, &b);
	if (common) {
		toolchain_add_makefiles(e, common, headers, &b);
		toolchain_add_scripts(e, common, sources, &b);
	}
	digest_bytes(b.s, b.len, hex);
	return xstrdup(hex);
}
