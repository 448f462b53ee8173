/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/look.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/path.h"
#include "build/mok.h"
#include "build/signature.h"
#include "engine/digest.h"
#include "engine/distro.h"
#include "engine/packed.h"
#include "kernel/kernels.h"
#include "module/kerneltree.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "verify/lookimage.h"

#define CONTENT_MAX	((size_t)512 << 20)
#define SYMVERS_MAX	(64 << 20)
#define CONFIG_MAX	(4 << 20)
#define CERTIFICATE_MAX (1 << 20)

/* What is needed while the scene of one kernel is filled. */
struct view {
	const struct look *l;
	struct scene *s;
	char *folder; /* <install_tree>/K */
	struct modinfo_index index;
	bool has_index;
	struct buf built_in; /* modules.builtin */
	bool listed;	     /* modules outside of kernel/ have been added */
};

/*
 * Append the module's bytes, unpacked if the file is compressed.  The errors are those of
 * fs_open_file() and packed_open(); -EFBIG: it has more than 512 MiB.
 */
static int look_load(const struct root *r, const char *path, struct buf *content)
{
	AUTO_FD int fd = fs_open_file(r, path, 0);
	AUTO_FD int plain = -1;
	AUTO_FREE char *chunk = NULL;
	size_t start = content->len;
	off_t at = 0;
	ssize_t n;
	int rc = fd < 0 ? fd : packed_open(fd, &plain);

	if (rc < 0)
		return rc;
	chunk = xmalloc(1 << 16);
	while ((n = pread(plain < 0 ? fd : plain, chunk, 1 << 16, at)) > 0) {
		if (content->len - start > CONTENT_MAX) {
			buf_truncate(content, start);
			return -EFBIG;
		}
		buf_add(content, chunk, (size_t)n);
		at += n;
	}
	return n < 0 ? -errno : 0;
}

/* ---- the kernel ---- */

static void view_read_config(struct view *v)
{
	const struct engine *e = v->l->e;
	AUTO_FREE char *boot = xasprintf("/boot/config-%s", v->s->release);
	AUTO_FREE char *tree = xasprintf("%s/config", v->folder);
	const char *const paths[] = { boot, tree };
	AUTO_BUF struct buf text = BUF_INIT;

	v->s->has_config = kernel_config(e, v->s->release, &v->s->config) == 0;
	for (size_t i = 0; i < ARRAY_SIZE(paths) && !v->s->has_config; i++) {
		if (fs_read(&e->root, paths[i], CONFIG_MAX, &text) == 0 && text.len) {
			kconfig_parse(text.s, &v->s->config);
			v->s->has_config = true;
		}
	}
}

/* Headers have Module.symvers.  Fedora and its kin keep it in the other places, too. */
void look_symvers_paths(const struct engine *e, const char *release, struct strv *ret)
{
	static const char *const suffixes[] = { "xz", "gz", "zst" };
	AUTO_FREE char *headers = engine_headers_dir(e, release);
	AUTO_FREE char *folder = engine_modules(e, "%s", release);

	strv_addf(ret, "%s/Module.symvers", headers);
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		strv_addf(ret, "%s/symvers.%s", folder, suffixes[i]);
		strv_addf(ret, "/boot/symvers-%s.%s", release, suffixes[i]);
	}
}

static void view_read_symvers(struct view *v)
{
	const struct engine *e = v->l->e;
	AUTO_STRV struct strv paths = STRV_INIT;
	const char *path;

	look_symvers_paths(e, v->s->release, &paths);
	STRV_FOREACH (path, &paths) {
		buf_reset(&v->s->symvers.text);
		if (look_load(&e->root, path, &v->s->symvers.text) == 0 &&
		    v->s->symvers.text.len <= SYMVERS_MAX)
			symvers_parse(&v->s->symvers);
		if (v->s->symvers.n)
			return;
	}
}

static bool view_is_in_tree(const struct view *v, const char *path)
{
	AUTO_FREE char *below = xasprintf("%s/kernel", v->folder);
	AUTO_FREE char *real = v->has_index ? xasprintf("%s/kernel", v->index.folder) : NULL;

	return path_is_below(path, below) || (real && path_is_below(path, real));
}

static bool view_is_ours(const struct view *v, const char *path)
{
	const char *slash = strrchr(path, '/');
	AUTO_FREE char *name = kerneltree_module_name(slash ? slash + 1 : path);
	size_t i = name ? names_first(&v->s->module_names, name) : NAMES_NONE;

	for (; i != NAMES_NONE; i = names_next(&v->s->module_names, i)) {
		const struct scene_module *m = &v->s->v[i];

		if (m->ours && m->path && root_same_place(&v->l->e->root, m->path, path))
			return true;
	}
	return false;
}

static int view_read_signer(const char *rel, const struct stat *st, void *data)
{
	struct view *v = data;
	AUTO_FREE char *path = xasprintf("%s/kernel/%s", v->folder, rel);
	AUTO_BUF struct buf content = BUF_INIT, signer = BUF_INIT;
	struct signature sig = { 0 };
	AUTO_KO struct ko k = KO_INIT;
	bool is_signed;

	if (!S_ISREG(st->st_mode) || !kerneltree_suffix(rel) || view_is_ours(v, path) ||
	    look_load(&v->l->e->root, path, &content) < 0)
		return 0;
	is_signed = !signature_find(content.s, content.len, &sig);
	if (ko_parse(&content, is_signed ? sig.content_len : content.len, &k) < 0 || k.damage ||
	    !k.vermagic || !str_begins(k.vermagic, v->s->release))
		return 0;
	v->s->vermagic = xstrdup(k.vermagic);
	if (is_signed && !mok_read_message(content.s + sig.at, sig.len, &signer))
		buf_adds(&v->s->signer, signer.s);
	return 1;
}

/* The kernel's own modules tell its vermagic, and with which key they are signed. */
static void view_read_kernel(struct view *v)
{
	AUTO_FREE char *own = xasprintf("%s/kernel", v->folder);

	if (fs_is_dir(&v->l->e->root, own) && fs_walk(&v->l->e->root, own, view_read_signer, v) < 0)
		log_debug("%s cannot be listed", own);
}

static void view_add_key(struct view *v, const char *path, enum key_place place)
{
	AUTO_BUF struct buf certificate = BUF_INIT;

	if (fs_read(&v->l->e->root, path, CERTIFICATE_MAX, &certificate) == 0)
		firmware_add_key(v->l->firmware, &certificate, place);
}

static void view_read_keys(struct view *v)
{
	const struct engine *e = v->l->e;
	AUTO_FREE char *headers = engine_headers_dir(e, v->s->release);
	AUTO_FREE char *kernel = xasprintf("%s/certs/signing_key.x509", headers);
	AUTO_MOK struct mok mok = { NULL, NULL };

	mok_locate(e, v->s->release, v->s->has_config ? &v->s->config : NULL, &mok);
	view_add_key(v, kernel, KEY_KERNEL);
	if (mok.certificate) {
		view_add_key(v, mok.certificate, KEY_OURS);
		v->s->certificate = xstrdup(mok.certificate);
	}
	v->s->firmware_keys = distro_is_here(e, "debian") || distro_is_here(e, "ubuntu") ||
			      distro_is_here(e, "fedora") || distro_is_here(e, "rhel") ||
			      distro_is_here(e, "centos") || distro_is_here(e, "suse") ||
			      distro_is_here(e, "opensuse");
}

/* ---- a module's file ---- */

/* Find the key by which the module is signed, and see whether the signature is for these bytes. */
static void view_ask_keys(const struct view *v, const struct buf *content,
			  const struct signature *sig, struct scene_module *m)
{
	const struct firmware *f = v->l->firmware;

	m->signature = m->kernel_key ? SIGNATURE_KERNEL : SIGNATURE_OTHER;
	for (size_t i = 0; i < f->n; i++) {
		enum mok_answer a = mok_ask(&f->keys[i].certificate, content->s, sig->content_len,
					    content->s + sig->at, sig->len);

		if (a == MOK_OTHER_KEY)
			continue;
		m->signature = a == MOK_SIGNED ? SIGNATURE_GOOD : SIGNATURE_BAD;
		m->key = i;
		return;
	}
}

static size_t view_read_signature(const struct view *v, const struct buf *content,
				  struct scene_module *m)
{
	AUTO_BUF struct buf signer = BUF_INIT;
	struct signature sig = { 0 };

	if (!signature_is_there(content->s, content->len))
		return content->len;
	m->signature = SIGNATURE_DAMAGED;
	m->signature_why = signature_find(content->s, content->len, &sig);
	if (m->signature_why)
		return content->len;
	m->signature_why = mok_read_message(content->s + sig.at, sig.len, &signer);
	if (!m->signature_why) {
		m->kernel_key = signer.len && strcmp(signer.s, v->s->signer.s) == 0;
		view_ask_keys(v, content, &sig, m);
	}
	return sig.content_len;
}

/* A file FILE.sig or FILE.p7s is a signature that the kernel does not look at. */
static bool view_has_detached(const struct view *v, const char *path)
{
	AUTO_FREE char *sig = xasprintf("%s.sig", path);
	AUTO_FREE char *p7s = xasprintf("%s.p7s", path);

	return fs_is_file(&v->l->e->root, sig) || fs_is_file(&v->l->e->root, p7s);
}

static void view_hash(const struct view *v, const struct buf *content, size_t len,
		      struct scene_module *m)
{
	unsigned char hash[32];
	char hex[DIGEST_HEX];

	if (!v->l->firmware->n_hashes)
		return;
	digest_bytes(content->s, len, hex);
	for (size_t i = 0; i < sizeof(hash); i++) {
		char pair[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

		hash[i] = (unsigned char)strtoul(pair, NULL, 16);
	}
	m->hash_revoked = firmware_has_hash(v->l->firmware, hash);
}

static void view_read_module(const struct view *v, size_t i)
{
	struct scene_module *m = &v->s->v[i];
	AUTO_BUF struct buf content = BUF_INIT;
	size_t len;

	m->error = m->path ? look_load(&v->l->e->root, m->path, &content) : -ENOENT;
	if (m->error)
		return;
	len = view_read_signature(v, &content, m);
	m->error = ko_parse(&content, len, &m->ko);
	scene_index_exports(v->s, i);
	if (!m->ours)
		return;
	m->detached = m->signature == SIGNATURE_NONE && view_has_detached(v, m->path);
	view_hash(v, &content, len, m);
	m->identity = image_identity(&content);
}

/* ---- which file the loader takes ---- */

static bool view_is_built_in(const struct view *v, const char *name)
{
	AUTO_STRV struct strv lines = STRV_INIT;
	const char *line;

	strv_split(&lines, v->built_in.s, "\n");
	STRV_FOREACH (line, &lines) {
		const char *slash = strrchr(line, '/');
		AUTO_FREE char *module = kerneltree_module_name(slash ? slash + 1 : line);

		if (module && strcmp(module, name) == 0)
			return true;
	}
	return false;
}

static void view_ask_index(const struct view *v, struct scene_module *m)
{
	AUTO_FREE char *found = NULL;

	m->built_in = view_is_built_in(v, m->name);
	if (!v->has_index) {
		m->not_indexed = true;
		return;
	}
	if (modinfo_index_find(&v->index, m->name, &found) < 0)
		m->not_indexed = true;
	else if (m->path && !root_same_place(&v->l->e->root, found, m->path))
		m->taken = TAKE(found);
}

/* Add the module of that name, which another one needs, as the loader finds it. */
static void view_add_needed(struct view *v, const char *name)
{
	AUTO_FREE char *known_as = modinfo_loader_name(name), *path = NULL;
	struct scene_module *m;

	if (scene_find(v->s, known_as) != SCENE_NONE)
		return;
	if (v->has_index && modinfo_index_find(&v->index, known_as, &path) < 0)
		path = NULL;
	m = scene_add(v->s, known_as, path);
	m->in_tree = path && view_is_in_tree(v, path);
	view_read_module(v, v->s->n - 1);
}

static int view_add_outside(const char *rel, const struct stat *st, void *data)
{
	struct view *v = data;
	const char *slash = strrchr(rel, '/');
	AUTO_FREE char *path = xasprintf("%s/%s", v->folder, rel);
	AUTO_FREE char *name = kerneltree_module_name(slash ? slash + 1 : rel), *found = NULL;

	if (S_ISDIR(st->st_mode) || !name || str_begins(rel, "kernel/") ||
	    scene_find(v->s, name) != SCENE_NONE)
		return 0;
	if (v->has_index && (modinfo_index_find(&v->index, name, &found) < 0 ||
			     !root_same_place(&v->l->e->root, found, path)))
		return 0;
	scene_add(v->s, name, path);
	view_read_module(v, v->s->n - 1);
	return 0;
}

/*
 * Symbols that Module.symvers does not have can only come from modules that are not the kernel's
 * own.
 */
static void view_list_outside(struct view *v)
{
	if (v->listed)
		return;
	v->listed = true;
	if (fs_walk(&v->l->e->root, v->folder, view_add_outside, v) < 0)
		log_debug("%s cannot be listed", v->folder);
}

/* Modules that are added are asked for their needs, too. */
static void view_follow_needs(struct view *v)
{
	for (size_t i = 0; i < v->s->n; i++) {
		for (size_t j = 0; j < v->s->v[i].ko.n_needs; j++) {
			const char *symbol = v->s->v[i].ko.needs[j].name;
			const struct symvers_symbol *found = symvers_find(&v->s->symvers, symbol);

			if (found && found->module)
				view_add_needed(v, found->module);
			else if (!found)
				view_list_outside(v);
		}
	}
}

/* ---- our modules ---- */

static void view_add_ours(struct view *v, const struct target *t, const char *dest,
			  const char *path)
{
	struct scene_module *m = scene_add(v->s, dest, path);

	m->ours = true;
	m->package = xstrdup(t->name);
	m->version = xstrdup(t->version);
	free(v->s->arch);
	v->s->arch = xstrdup(t->arch);
}

/* A build by DKMS has no record: its modules have the names of the files in its module folder. */
static void view_add_unrecorded(struct view *v, const struct target *t)
{
	AUTO_FREE char *dir = tree_built_dir(v->l->e, t);
	AUTO_STRV struct strv files = STRV_INIT;
	const char *file;

	if (fs_list(&v->l->e->root, dir, &files) < 0)
		return;
	STRV_FOREACH (file, &files) {
		const char *suffix = kerneltree_suffix(file);
		AUTO_FREE char *dest =
			suffix ? xstrndup(file, strlen(file) - strlen(suffix)) : NULL;
		AUTO_FREE char *path = dest ? tree_find_installed(v->l->e, t, dest) : NULL;

		if (dest)
			view_add_ours(v, t, dest, path);
	}
}

static void view_add_build(struct view *v, const struct target *t)
{
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };

	if (tree_record_read(v->l->e, t, &rec, NULL) < 0) {
		view_add_unrecorded(v, t);
		return;
	}
	for (size_t i = 0; i < rec.n_modules; i++) {
		/* A module that was refused is not to be loaded: another one is in its place. */
		if (rec.modules[i].path)
			view_add_ours(v, t, rec.modules[i].dest, rec.modules[i].path);
	}
}

/* Modules in updates/dkms of which the tree knows nothing are loaded all the same. */
static int view_add_stray(const char *rel, const struct stat *st, void *data)
{
	struct view *v = data;
	const char *slash = strrchr(rel, '/');
	AUTO_FREE char *path = xasprintf("%s/updates/dkms/%s", v->folder, rel);
	AUTO_FREE char *name = kerneltree_module_name(slash ? slash + 1 : rel);

	if (!S_ISDIR(st->st_mode) && name && !view_is_ours(v, path))
		scene_add(v->s, name, path)->ours = true;
	return 0;
}

static void view_list_ours(struct view *v)
{
	const struct tree *tree = v->l->tree;
	AUTO_FREE char *ours = xasprintf("%s/updates/dkms", v->folder);

	for (size_t i = 0; i < tree->n_modules; i++) {
		const struct tree_module *m = &tree->modules[i];

		for (size_t k = 0; k < m->n_actives; k++) {
			const struct tree_active *a = &m->actives[k];
			struct target t = { m->name, a->version, a->release, a->arch };

			if (!a->dangling && strcmp(a->release, v->s->release) == 0)
				view_add_build(v, &t);
		}
	}
	if (fs_is_dir(&v->l->e->root, ours) && fs_walk(&v->l->e->root, ours, view_add_stray, v) < 0)
		log_debug("%s cannot be listed", ours);
}

void look_for_ours(const struct look *l, const char *release, struct scene *ret)
{
	struct view v = { .l = l, .s = ret };

	ret->release = xstrdup(release);
	ret->arch = xstrdup(l->e->arch);
	ret->firmware = l->firmware;
	v.folder = engine_modules(l->e, "%s", release);
	view_list_ours(&v);
	free(v.folder);
}

void look_at_kernel(const struct look *l, struct scene *ret)
{
	struct view v = { .l = l, .s = ret, .index = MODINFO_INDEX_INIT, .built_in = BUF_INIT };
	AUTO_FREE char *builtin = engine_modules(l->e, "%s/modules.builtin", ret->release);
	size_t ours = ret->n;

	if (!ours)
		return;
	v.folder = engine_modules(l->e, "%s", ret->release);
	v.has_index = modinfo_index_read(&l->e->root, v.folder, &v.index) == 0;
	if (fs_read(&l->e->root, builtin, CONFIG_MAX, &v.built_in) < 0)
		buf_reset(&v.built_in);
	view_read_config(&v);
	view_read_symvers(&v);
	view_read_kernel(&v);
	view_read_keys(&v);
	boot_words(l->e, l->boot, ret->release, &ret->words);
	modprobe_read(l->e, &ret->modprobe);
	modprobe_add_words(&ret->words, &ret->modprobe);
	for (size_t i = 0; i < ours; i++) {
		view_read_module(&v, i);
		view_ask_index(&v, &ret->v[i]);
	}
	view_follow_needs(&v);
	look_at_images(l->e, ret);
	modinfo_index_release(&v.index);
	buf_release(&v.built_in);
	free(v.folder);
}
