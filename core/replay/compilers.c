/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/compilers.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "engine/childenv.h"
#include "engine/digest.h"
#include "engine/statefile.h"
#include "engine/treepath.h"
#include "model/lines.h"
#include "module/elf.h"
#include "replay/part.h"
#include "sys/atomic.h"
#include "sys/fs.h"
#include "sys/proc.h"

#define CACHE_MAX	((size_t)4 << 20)
#define OUTPUT_MAX	((size_t)1 << 20)
#define TIMEOUT		30
#define INTERPRETER_MAX ((size_t)4096)

static void compiler_known_release(struct compiler_known *c)
{
	free(c->name);
	free(c->path);
	free(c->identity);
	free(c->include);
	free(c->searched);
	strv_release(&c->parts);
}

void compilers_release(struct compilers *c)
{
	for (size_t i = 0; i < c->n; i++)
		compiler_known_release(&c->v[i]);
	free(c->v);
	*c = (struct compilers){ 0 };
}

/* Is `s` empty, or a version such as "-12" or "-12.2"? */
static bool compilers_is_version(const char *s)
{
	return !*s ||
	       (*s == '-' && isdigit((unsigned char)s[1]) && !s[1 + strspn(s + 1, "0123456789.")]);
}

bool compilers_is_name(const char *name)
{
	static const char *const bases[] = { "gcc", "clang", "cc" };
	/* c89 and c99 are scripts on some systems. */
	const char *base = name, *dash;

	if (strcmp(name, "c89-gcc") == 0 || strcmp(name, "c99-gcc") == 0)
		return false;
	for (;;) {
		for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
			if (str_begins(base, bases[i]) &&
			    compilers_is_version(base + strlen(bases[i])))
				return true;
		}
		dash = strchr(base, '-');
		if (!dash)
			return false;
		base = dash + 1;
	}
}

/* ---- what was remembered ---- */

static const char *compilers_read_line(const struct strv *words, void *data)
{
	struct compilers *c = data;
	struct compiler_known *last = c->n ? &c->v[c->n - 1] : NULL;
	struct compiler_known k = { .parts = STRV_INIT };
	const char *first = words->v[0];

	if (strcmp(first, "compiler") == 0 && words->n == 3) {
		k.path = xstrdup(words->v[1]);
		k.identity = xstrdup(words->v[2]);
		VEC_PUSH(c->v, c->n, k);
	} else if (strcmp(first, "include") == 0 && words->n == 2 && last && !last->include) {
		last->include = xstrdup(words->v[1]);
	} else if (strcmp(first, "searched") == 0 && words->n == 2 && last && !last->searched) {
		last->searched = xstrdup(words->v[1]);
	} else if (strcmp(first, "part") == 0 && words->n == 2 && last && part_path(words->v[1])) {
		strv_add(&last->parts, words->v[1]);
	} else {
		return "not understood";
	}
	return NULL;
}

int compilers_check(const struct engine *e, struct err *err)
{
	AUTO_FREE char *path = tree_cache_path(e, COMPILERS_NAME);
	AUTO_COMPILERS struct compilers found = { 0 };
	AUTO_BUF struct buf b = BUF_INIT;
	int r = statefile_read(e, path, CACHE_MAX, &b, err);

	return r < 0 ? r : lines_parse(b.s, COMPILERS_NAME, compilers_read_line, &found, err);
}

static void compilers_load(const struct engine *e, struct compilers *ret)
{
	AUTO_FREE char *path = tree_cache_path(e, COMPILERS_NAME);
	AUTO_BUF struct buf b = BUF_INIT;

	if (statefile_read(e, path, CACHE_MAX, &b, NULL) < 0 ||
	    lines_parse(b.s, COMPILERS_NAME, compilers_read_line, ret, NULL) < 0)
		compilers_release(ret);
}

static void compilers_store(const struct engine *e, const struct compilers *c)
{
	AUTO_FREE char *path = tree_cache_path(e, COMPILERS_NAME);
	AUTO_BUF struct buf b = BUF_INIT;
	const char *part;

	buf_adds(&b, "dkms-" COMPILERS_NAME " 1\n");
	for (size_t i = 0; i < c->n; i++) {
		buf_adds(&b, "compiler");
		lines_add_word(&b, c->v[i].path);
		lines_add_word(&b, c->v[i].identity);
		if (c->v[i].include) {
			buf_adds(&b, "\ninclude");
			lines_add_word(&b, c->v[i].include);
		}
		if (c->v[i].searched) {
			buf_adds(&b, "\nsearched");
			lines_add_word(&b, c->v[i].searched);
		}
		STRV_FOREACH (part, &c->v[i].parts) {
			buf_adds(&b, "\npart");
			lines_add_word(&b, part);
		}
		buf_addch(&b, '\n');
	}
	buf_adds(&b, "end\n");
	/* What cannot be remembered is computed again. */
	if (atomic_write_file(&e->root, path, b.s, b.len, 0644) < 0)
		return;
}

static bool compilers_unchanged(const struct engine *e, const struct compiler_known *k)
{
	const char *part;

	STRV_FOREACH (part, &k->parts) {
		const char *path = part_path(part);
		AUTO_FREE char *now = NULL;
		struct stat st;

		now = part_text(path, fs_stat(&e->root, path, &st) < 0 ? NULL : &st);
		if (strcmp(now, part) != 0)
			return false;
	}
	return k->parts.n > 0;
}

/* ---- looking ---- */

/* A file that was hashed in this search: most compilers have the same libraries. */
struct compilers_hashed {
	char *part; /* part.h */
	char hex[DIGEST_HEX];
};

struct compilers_hashes {
	struct compilers_hashed *v;
	size_t n;
};

static void compilers_hashes_release(struct compilers_hashes *h)
{
	for (size_t i = 0; i < h->n; i++)
		free(h->v[i].part);
	free(h->v);
}

struct compilers_look {
	const struct engine *e;
	struct compilers_hashes *hashes;
	const struct strv *env;
	struct compiler_known *k;
	struct digest digest;
	bool bad;
};

/* What a program prints; NULL: it failed.  Caller frees. */
static char *compilers_ask(const struct compilers_look *l, const char *program, const char *arg,
			   const char *arg2)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	struct buf out = BUF_INIT;
	struct proc_result res;

	strv_add(&spec.argv, program);
	strv_add(&spec.argv, arg);
	if (arg2)
		strv_add(&spec.argv, arg2);
	strv_add_all(&spec.env, l->env);
	spec.root = &l->e->root;
	spec.on_output = proc_collect;
	spec.data = &out;
	spec.output_max = OUTPUT_MAX;
	spec.timeout = TIMEOUT;
	if (proc_run(&spec, &res) < 0 || res.end != PROC_EXITED || res.status != 0) {
		buf_release(&out);
		return NULL;
	}
	return buf_detach(&out);
}

/* The hash of a file; NULL: it cannot be read. */
static const char *compilers_hash(const struct compilers_look *l, const char *path,
				  const char *part)
{
	struct compilers_hashes *h = l->hashes;
	struct compilers_hashed new;

	for (size_t i = 0; i < h->n; i++) {
		if (strcmp(h->v[i].part, part) == 0)
			return h->v[i].hex;
	}
	if (digest_file(&l->e->root, path, new.hex) < 0)
		return NULL;
	new.part = xstrdup(part);
	VEC_PUSH(h->v, h->n, new);
	return h->v[h->n - 1].hex;
}

/*
 * Add what stat(2) says of `path`, which may be missing.  Its content is no part of the identity:
 * if it changes, the compiler is looked at again.
 */
static void compilers_add_look(struct compilers_look *l, const char *path)
{
	struct stat st;
	AUTO_FREE char *part = part_text(path, fs_stat(&l->e->root, path, &st) < 0 ? NULL : &st);

	if (!strv_has(&l->k->parts, part))
		strv_take(&l->k->parts, TAKE(part));
}

/* Add the file at `path`, unless it is there.  If it cannot be read, l->bad is set. */
static void compilers_add_part(struct compilers_look *l, const char *path)
{
	AUTO_FREE char *real = NULL, *part = NULL;
	const char *hex = NULL;
	struct stat st;

	if (root_realpath(&l->e->root, path, &real) == 0 && fs_stat(&l->e->root, real, &st) == 0) {
		part = part_text(real, &st);
		if (strv_has(&l->k->parts, part))
			return;
		hex = compilers_hash(l, real, part);
	}
	if (!hex) {
		l->bad = true;
		return;
	}
	digest_add_string(&l->digest, hex);
	strv_take(&l->k->parts, TAKE(part));
	/* A link on the way can be made to lead to another file. */
	if (strcmp(path, real) != 0)
		compilers_add_look(l, path);
}

/*
 * Look for a file `name` with one of the bits `mode` in the folder `dir`.  If it is not there, note
 * that: a file that appears there takes the place of a later one.
 */
static bool compilers_look_in(struct compilers_look *l, const char *dir, const char *name,
			      mode_t mode, char **ret)
{
	AUTO_FREE char *path =
		xasprintf("%s%s%s", dir, dir[strlen(dir) - 1] == '/' ? "" : "/", name);
	struct stat st;

	if (fs_stat(&l->e->root, path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & mode)) {
		*ret = TAKE(path);
		return true;
	}
	compilers_add_look(l, path);
	return false;
}

static char *compilers_find(struct compilers_look *l, const char *name)
{
	AUTO_STRV struct strv dirs = STRV_INIT;
	const char *dir;

	if (name[0] == '/')
		return fs_is_file(&l->e->root, name) ? xstrdup(name) : NULL;
	strv_split(&dirs, childenv_get(l->env, "PATH"), ":");
	STRV_FOREACH (dir, &dirs) {
		char *path;

		if (dir[0] == '/' && compilers_look_in(l, dir, name, 0111, &path))
			return path;
	}
	return NULL;
}

/*
 * The interpreter of the program prints the libraries that the program would load: "NAME => PATH
 * (ADDRESS)".
 */
static void compilers_add_libraries(struct compilers_look *l, const char *program)
{
	AUTO_BUF struct buf interpreter = BUF_INIT;
	AUTO_STRV struct strv words = STRV_INIT;
	AUTO_FREE char *text = NULL;
	const char *word;
	int r = elf_read_section(&l->e->root, program, ".interp", INTERPRETER_MAX, &interpreter);

	if (r == -ENOENT)
		return; /* statically linked */
	text = r < 0 ? NULL : compilers_ask(l, interpreter.s, "--list", program);
	if (!text)
		l->bad = true;
	strv_split(&words, text ? text : "", " \t\n");
	STRV_FOREACH (word, &words) {
		if (word[0] == '/')
			compilers_add_part(l, word);
	}
}

static void compilers_add_program(struct compilers_look *l, const char *name)
{
	AUTO_FREE char *path = compilers_find(l, name);

	if (!path) {
		l->bad = true;
		return;
	}
	compilers_add_part(l, path);
	compilers_add_libraries(l, path);
}

/* The folders of one kind in what gcc prints for -print-search-dirs: "KIND: =DIR:DIR...". */
static void compilers_split_folders(const char *text, const char *kind, struct strv *ret)
{
	AUTO_FREE char *begin = xasprintf("%s: =", kind), *line = NULL;
	const char *at = strstr(text, begin);

	if (!at)
		return;
	at += strlen(begin);
	line = xstrndup(at, strcspn(at, "\n"));
	strv_split(ret, line, ":");
}

/*
 * A program that the driver starts: cc1, as.  The driver looks into `folders`, and then into PATH.
 */
static void compilers_add_started(struct compilers_look *l, const char *driver,
				  const struct strv *folders, const char *name)
{
	const char *folder;
	AUTO_FREE char *option = xasprintf("-print-prog-name=%s", name);
	AUTO_FREE char *text = compilers_ask(l, driver, option, NULL);

	if (text)
		text[strcspn(text, "\n")] = '\0';
	STRV_FOREACH (folder, folders) {
		char *found;

		if (folder[0] != '/' || !compilers_look_in(l, folder, name, 0111, &found))
			continue;
		free(found);
		break;
	}
	if (text && *text)
		compilers_add_program(l, text);
	else
		l->bad = true;
}

/* A file "specs", which changes what is built in: it need not be there. */
static void compilers_add_specs(struct compilers_look *l, const struct strv *folders)
{
	const char *folder;
	char *found;

	STRV_FOREACH (folder, folders) {
		if (folder[0] != '/' || !compilers_look_in(l, folder, "specs", 0444, &found))
			continue;
		compilers_add_part(l, found);
		free(found);
	}
}

/* What gcc starts, and the files that tell it how. */
static void compilers_add_gcc(struct compilers_look *l, const char *driver)
{
	AUTO_FREE char *text = compilers_ask(l, driver, "-print-search-dirs", NULL);
	AUTO_STRV struct strv programs = STRV_INIT, libraries = STRV_INIT;

	compilers_split_folders(text ? text : "", "programs", &programs);
	compilers_split_folders(text ? text : "", "libraries", &libraries);
	if (!programs.n || !libraries.n)
		l->bad = true;
	compilers_add_started(l, driver, &programs, "cc1");
	compilers_add_started(l, driver, &programs, "as");
	/* gcc reads one from the folders of libraries, and one from <libdir>/gcc/TRIPLE. */
	compilers_add_specs(l, &libraries);
	compilers_add_specs(l, &programs);
}

/* clang reads options from files that may lie here.  A new name changes the times of a folder. */
static void compilers_add_clang(struct compilers_look *l, const char *real)
{
	AUTO_FREE char *folder = path_parent(real);

	compilers_add_look(l, folder);
	compilers_add_look(l, "/etc/clang");
}

/* What the loader puts into each program. */
static void compilers_add_loader(struct compilers_look *l)
{
	compilers_add_look(l, "/etc/ld.so.cache");
	compilers_add_look(l, "/etc/ld.so.preload");
}

/*
 * Add a name in the compiler's own folder of headers.  The content of a header is not looked at
 * here: it is compared when an entry says that the call has read it.
 */
static int compilers_add_name(const char *rel, const struct stat *st, void *data)
{
	struct compilers_look *l = data;

	digest_add_string(&l->digest, rel);
	/* A new name changes the times of its folder. */
	if (S_ISDIR(st->st_mode)) {
		AUTO_FREE char *path = xasprintf("%s/%s", l->k->include, rel);

		strv_take(&l->k->parts, part_text(path, st));
	}
	return 0;
}

static void compilers_add_include(struct compilers_look *l, const char *driver)
{
	AUTO_FREE char *text = compilers_ask(l, driver, "-print-file-name=include", NULL);
	struct stat st;

	if (text)
		text[strcspn(text, "\n")] = '\0';
	if (!text || text[0] != '/' || !fs_is_dir(&l->e->root, text) ||
	    root_realpath(&l->e->root, text, &l->k->include) < 0)
		return;
	if (fs_stat(&l->e->root, l->k->include, &st) == 0)
		strv_take(&l->k->parts, part_text(l->k->include, &st));
	if (fs_walk(&l->e->root, l->k->include, compilers_add_name, l) < 0)
		l->bad = true;
}

/*
 * Each call includes stdc-predef.h without being told to, from the first of these folders that has
 * it.
 */
static void compilers_add_predefined(struct compilers_look *l)
{
	static const char name[] = "stdc-predef.h";
	AUTO_STRV struct strv folders = STRV_INIT, names = STRV_INIT;
	const char *folder;

	strv_add(&folders, "/usr/local/include");
	strv_add(&folders, "/usr/include");
	if (fs_list(&l->e->root, "/usr/include", &names) < 0)
		l->bad = true;
	STRV_FOREACH (folder, &names) {
		/* x86_64-linux-gnu */
		if (strchr(folder, '-') && !strchr(folder, '.'))
			strv_addf(&folders, "/usr/include/%s", folder);
	}
	STRV_FOREACH (folder, &folders) {
		AUTO_FREE char *path = xasprintf("%s/%s", folder, name);

		if (fs_exists(&l->e->root, path))
			compilers_add_part(l, path);
		else
			strv_take(&l->k->parts, part_text(path, NULL));
	}
}

static bool compilers_is_clang(const char *name)
{
	return name && strstr(name, "clang");
}

/* Fill l->k for the compiler at l->k->path.  Returns false if it cannot be identified. */
static bool compilers_identify(struct compilers_look *l)
{
	AUTO_FREE char *real = NULL, *specs = NULL, *how = NULL;
	const char *base;
	char hex[DIGEST_HEX];
	bool clang;

	if (root_realpath(&l->e->root, l->k->path, &real) < 0)
		return false;
	base = strrchr(real, '/') + 1;
	clang = compilers_is_clang(base);
	/* ccache and its like stand behind a link with a compiler's name. */
	if (!compilers_is_name(base) || clang != compilers_is_clang(childenv_get(l->env, "CC")))
		return false;
	specs = clang ? NULL : compilers_ask(l, l->k->path, "-dumpspecs", NULL);
	how = clang ? compilers_ask(l, l->k->path, "--version", NULL) : NULL;
	if (!specs && !how)
		return false;
	/* clang's configuration files add options, and name other files. */
	if (how && strstr(how, "Configuration file"))
		return false;
	digest_begin(&l->digest);
	digest_add_string(&l->digest, specs ? specs : how);
	compilers_add_program(l, real);
	compilers_add_look(l, l->k->path);
	if (clang)
		compilers_add_clang(l, real);
	else
		compilers_add_gcc(l, l->k->path);
	compilers_add_loader(l);
	compilers_add_include(l, l->k->path);
	compilers_add_predefined(l);
	digest_end(&l->digest, hex);
	l->k->identity = xstrdup(hex);
	return !l->bad;
}

/* ---- all of them ---- */

static struct compiler_known *compilers_by_path(const struct compilers *c, const char *path)
{
	for (size_t i = 0; i < c->n; i++) {
		if (strcmp(c->v[i].path, path) == 0)
			return &c->v[i];
	}
	return NULL;
}

/*
 * Are both names of one driver in one folder, as gcc and gcc-12?  A driver looks around itself.
 * clang takes its target and its configuration from its name.
 */
static bool compilers_are_one(const struct engine *e, const char *a, const char *b)
{
	AUTO_FREE char *folder_a = path_parent(a), *folder_b = path_parent(b);
	AUTO_FREE char *real_a = NULL, *real_b = NULL;

	return strcmp(folder_a, folder_b) == 0 && root_realpath(&e->root, a, &real_a) == 0 &&
	       root_realpath(&e->root, b, &real_b) == 0 && strcmp(real_a, real_b) == 0 &&
	       !compilers_is_clang(strrchr(real_a, '/') + 1);
}

struct compilers_search {
	const struct engine *e;
	const struct strv *env;
	struct compilers memory;
	struct compilers_hashes hashes;
	struct strv names; /* for which a command was found, a compiler or not */
	bool changed;	   /* the memory */
};

/* What is known of the compiler at `path`, and still so; NULL: nothing. */
static const struct compiler_known *compilers_recall(const struct compilers_search *s,
						     const char *path)
{
	const struct compilers *memory = &s->memory;
	for (size_t i = 0; i < memory->n; i++) {
		const struct compiler_known *k = &memory->v[i];

		if ((strcmp(k->path, path) == 0 || compilers_are_one(s->e, k->path, path)) &&
		    str_equal(k->searched, childenv_get(s->env, "PATH")) &&
		    compilers_unchanged(s->e, k))
			return k;
	}
	return NULL;
}

static void compilers_search_release(struct compilers_search *s)
{
	compilers_release(&s->memory);
	compilers_hashes_release(&s->hashes);
	strv_release(&s->names);
}

/* Identify the compiler at `path`, and remember it.  NULL: it cannot be. */
static const struct compiler_known *compilers_learn(struct compilers_search *s, const char *path)
{
	struct compiler_known *known = compilers_by_path(&s->memory, path);
	struct compiler_known k = { .path = xstrdup(path),
				    .searched = xstrdup(childenv_get(s->env, "PATH")),
				    .parts = STRV_INIT };
	struct compilers_look l = { .e = s->e, .hashes = &s->hashes, .env = s->env, .k = &k };

	if (!compilers_identify(&l)) {
		compiler_known_release(&k);
		return NULL;
	}
	s->changed = true;
	if (known) {
		compiler_known_release(known);
		*known = k;
		return known;
	}
	VEC_PUSH(s->memory.v, s->memory.n, k);
	return &s->memory.v[s->memory.n - 1];
}

static void compilers_add(struct compilers_search *s, const char *name, const char *path,
			  struct compilers *ret)
{
	const struct compiler_known *known = compilers_recall(s, path);
	struct compiler_known k = { .parts = STRV_INIT };

	if (!known)
		known = compilers_learn(s, path);
	if (!known)
		return;
	k.name = xstrdup(name);
	k.path = xstrdup(path);
	k.identity = xstrdup(known->identity);
	k.include = xstrdup(known->include);
	strv_add_all(&k.parts, &known->parts);
	VEC_PUSH(ret->v, ret->n, k);
}

void compilers_look(const struct engine *e, const struct strv *env, struct compilers *ret)
{
	CLEANUP(compilers_search_release)
	struct compilers_search s = { .e = e, .env = env, .names = STRV_INIT };
	AUTO_STRV struct strv dirs = STRV_INIT;
	const char *path = childenv_get(env, "PATH"), *dir, *name;

	*ret = (struct compilers){ 0 };
	compilers_load(e, &s.memory);
	strv_split(&dirs, path ? path : "", ":");
	STRV_FOREACH (dir, &dirs) {
		AUTO_STRV struct strv names = STRV_INIT;

		if (dir[0] != '/' || fs_list(&e->root, dir, &names) < 0)
			continue;
		STRV_FOREACH (name, &names) {
			AUTO_FREE char *file = xasprintf("%s/%s", dir, name);

			/* A script that hides a compiler is what the build calls. */
			if (!compilers_is_name(name) || strv_has(&s.names, name) ||
			    !childenv_has_command(e, env, file))
				continue;
			strv_add(&s.names, name);
			compilers_add(&s, name, file, ret);
		}
	}
	if (s.changed)
		compilers_store(e, &s.memory);
}
