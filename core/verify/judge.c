/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/judge.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <string.h>

#include "base/alloc.h"
#include "module/modinfo.h"
#include "verify/trusted.h"

void judgement_release(struct judgement *j)
{
	free(j->text);
	free(j->cure);
	*j = (struct judgement){ 0 };
}

/* What is known of a module so far, and what has been asked of the others. */
struct court {
	const struct scene *s;
	const struct scene_module *m;
	bool dependency; /* m is judged because another module needs it */
	char *states;	 /* of all modules: 0, or 1 for those that have been asked for */
	struct judgement *j;
};

static void court_find(struct court *c, enum reason r, const char *cure, const char *fmt, ...)
	PRINTF(4, 5);

/* What fails replaces what cannot be told; nothing else replaces an earlier reason. */
static void court_find(struct court *c, enum reason r, const char *cure, const char *fmt, ...)
{
	AUTO_BUF struct buf b = BUF_INIT;
	va_list ap;

	if (reason_forecast(c->j->reason) == FORECAST_FAILS ||
	    (c->j->reason != REASON_NONE && reason_forecast(r) != FORECAST_FAILS))
		return;
	judgement_release(c->j);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	*c->j = (struct judgement){ r, buf_detach(&b), xstrdup(cure) };
}

/* The command that builds and installs the module package again; NULL: there is none. */
static char *court_rebuild(const struct court *c)
{
	if (!c->m->package)
		return NULL;
	return xasprintf("dkms build --force %s/%s -k %s, then dkms install --force %s/%s -k %s",
			 c->m->package, c->m->version, c->s->release, c->m->package, c->m->version,
			 c->s->release);
}

/* ---- the file, and whether the loader takes it ---- */

static void court_file(struct court *c)
{
	AUTO_FREE char *cure = court_rebuild(c);

	switch (c->m->error) {
	case 0: break;
	case -ENOENT:
		court_find(c, REASON_MISSING, cure, "%s is missing",
			   c->m->path ? c->m->path : c->m->name);
		break;
	case -ENOEXEC:
	case -EFBIG:
	case -EINVAL:
		court_find(c, REASON_DAMAGED, cure, "%s cannot be unpacked", c->m->path);
		break;
	default:
		court_find(c, REASON_UNREADABLE, NULL, "%s: %s", c->m->path,
			   error_text(c->m->error));
	}
}

static void court_loader(struct court *c)
{
	AUTO_FREE char *depmod = xasprintf("depmod %s", c->s->release);

	if (c->m->error)
		return;
	if (c->m->built_in)
		court_find(c, REASON_BUILT_IN, NULL, "this kernel has %s built in", c->m->name);
	if (c->m->taken)
		court_find(c, REASON_SHADOWED, depmod,
			   "the loader takes %s in its place; is there an override in depmod.d?",
			   c->m->taken);
	if (c->m->not_indexed)
		court_find(c, REASON_NOT_INDEXED, depmod, "depmod has not indexed it");
}

static void court_modprobe(struct court *c)
{
	const struct modprobe_line *l = modprobe_about(&c->s->modprobe, c->m->name);

	switch (l ? l->rule : MODPROBE_NONE) {
	case MODPROBE_NONE: break;
	case MODPROBE_REFUSED:
		court_find(c, REASON_BLACKLISTED, NULL, "blacklisted by %s on the command line",
			   l->file);
		break;
	case MODPROBE_BLACKLIST:
		/* If another module needs it, modprobe loads it all the same. */
		if (!c->dependency)
			court_find(c, REASON_BLACKLISTED, NULL, "blacklisted by %s", l->file);
		break;
	case MODPROBE_NEVER:
		court_find(c, REASON_BLACKLISTED, NULL, "%s has modprobe load nothing instead",
			   l->file);
		break;
	case MODPROBE_COMMAND:
		court_find(c, REASON_COMMAND, NULL, "%s has modprobe run a command instead",
			   l->file);
		break;
	}
}

/* ---- the kernel's checks ---- */

static void court_signature(struct court *c)
{
	AUTO_FREE char *text = NULL, *cure = NULL, *rebuild = court_rebuild(c);
	enum reason r;

	if (c->m->error)
		return;
	r = trusted_judge(c->s, c->m, &text, &cure);
	if (r != REASON_NONE)
		court_find(c, r, cure ? cure : rebuild, "%s", text);
}

static const char *court_config(const struct court *c, const char *name)
{
	return c->s->has_config && kconfig_enabled(&c->s->config, name) ? name : NULL;
}

bool judge_vermagic(const char *have, const char *want, bool versions)
{
	if (versions) {
		have += strcspn(have, " ");
		want += strcspn(want, " ");
	}
	return strcmp(have, want) == 0;
}

static unsigned int court_machine(const struct court *c)
{
	return modelf_machine(c->s->arch);
}

static void court_format(struct court *c)
{
	const struct ko *k = &c->m->ko;
	AUTO_FREE char *cure = court_rebuild(c);
	unsigned int machine = court_machine(c);

	if (c->m->error)
		return;
	if (k->damage)
		court_find(c, REASON_DAMAGED, cure, "%s: %s", c->m->path, k->damage);
	else if (machine && k->machine != machine)
		court_find(c, REASON_MACHINE, cure, "it is for %s, and the kernel for %s",
			   modelf_machine_text(k->machine), modelf_machine_text(machine));
}

static bool court_has_modversions(const struct court *c)
{
	if (c->s->vermagic)
		return strstr(c->s->vermagic, " modversions ") ||
		       str_ends(c->s->vermagic, " modversions");
	return !c->s->has_config || kconfig_enabled(&c->s->config, "CONFIG_MODVERSIONS");
}

static void court_vermagic(struct court *c)
{
	const struct ko *k = &c->m->ko;
	AUTO_FREE char *cure = court_rebuild(c);

	if (!k->vermagic) {
		if (!court_config(c, "CONFIG_MODULE_FORCE_LOAD"))
			court_find(c, REASON_VERMAGIC, cure,
				   "it does not say for which kernel it is");
	} else if (!c->s->vermagic) {
		court_find(c, REASON_NO_VERMAGIC, NULL,
			   "no module of the kernel itself can be read, to compare with");
	} else if (!judge_vermagic(k->vermagic, c->s->vermagic, k->has_versions)) {
		court_find(c, REASON_VERMAGIC, cure, "built for \"%s\", and the kernel is \"%s\"",
			   k->vermagic, c->s->vermagic);
	}
}

/* ---- symbols ---- */

/* What exports a symbol. */
struct court_export {
	uint32_t crc;
	bool has_crc, gpl;
	const char *ns;
	const char *module; /* NULL: the kernel itself */
	size_t number;	    /* of that module in the scene, or SCENE_NONE */
};

static bool court_find_export(const struct court *c, const char *symbol, struct court_export *ret)
{
	const struct symvers_symbol *v = symvers_find(&c->s->symvers, symbol);
	const struct ko_symbol *k;
	size_t i = SCENE_NONE;

	if (v && v->module) {
		AUTO_FREE char *name = modinfo_loader_name(v->module);

		i = scene_find(c->s, name);
	}
	if (v && (!v->module || i == SCENE_NONE || c->s->v[i].in_tree || c->s->v[i].error)) {
		*ret = (struct court_export){ v->crc, true, v->gpl, v->ns, v->module, i };
		return true;
	}
	i = scene_exporter(c->s, symbol, &k);
	if (i == SCENE_NONE)
		return false;
	*ret = (struct court_export){ k->crc, k->has_crc, k->gpl, k->ns, c->s->v[i].name, i };
	return true;
}

static bool court_imports(const struct court *c, const char *ns)
{
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	if (strv_has(&c->m->ko.imports, ns))
		return true;
	if (!str_begins(ns, "module:"))
		return court_config(c, "CONFIG_MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS");
	/* Since Linux 6.16: only the modules of this list may use the symbol. */
	strv_split(&names, ns + strlen("module:"), ",");
	STRV_FOREACH (name, &names) {
		AUTO_FREE char *pattern = modinfo_loader_name(name);

		if (fnmatch(pattern, c->m->name, 0) == 0)
			return true;
	}
	return false;
}

static void court_dependency(struct court *c, const struct court_export *x, const char *symbol);

static void court_found(struct court *c, const struct ko_symbol *n, const struct court_export *x,
			bool gpl)
{
	AUTO_FREE char *cure = court_rebuild(c);
	const char *owner = x->module ? x->module : "the kernel";

	if (x->gpl && !gpl && !n->weak)
		court_find(c, REASON_GPL, NULL,
			   "its license is %s, and %s exports %s to GPL-compatible modules only",
			   c->m->ko.license ? c->m->ko.license : "not stated", owner, n->name);
	if (court_has_modversions(c) && n->has_crc && x->has_crc && n->crc != x->crc)
		court_find(c, REASON_CRC, cure,
			   "built for another version of %s than %s exports (0x%08x, not 0x%08x)",
			   n->name, owner, n->crc, x->crc);
	if (*x->ns && !court_imports(c, x->ns))
		court_find(c, REASON_NAMESPACE, NULL,
			   "%s is in the namespace %s, which the module does not import", n->name,
			   x->ns);
	if (x->module)
		court_dependency(c, x, n->name);
}

static void court_need(struct court *c, const struct ko_symbol *n, bool gpl)
{
	AUTO_FREE char *cure = court_rebuild(c);
	struct court_export x;

	if (court_find_export(c, n->name, &x))
		court_found(c, n, &x, gpl);
	else if (n->weak)
		return;
	else if (!c->s->symvers.n)
		court_find(c, REASON_NO_SYMVERS, NULL, "there is no Module.symvers for %s",
			   c->s->release);
	else
		court_find(c, REASON_SYMBOL, cure, "nothing here exports %s", n->name);
}

/* A GPL-only symbol cannot be used together with symbols of a module that is not GPL-compatible. */
static bool court_is_tainted(const struct court *c)
{
	for (size_t i = 0; i < c->m->ko.n_needs; i++) {
		struct court_export x;

		if (court_find_export(c, c->m->ko.needs[i].name, &x) && x.number != SCENE_NONE &&
		    !c->s->v[x.number].error && !c->s->v[x.number].in_tree &&
		    !ko_license_is_gpl(c->s->v[x.number].ko.license))
			return true;
	}
	return false;
}

static void court_versions(struct court *c)
{
	const struct ko *k = &c->m->ko;
	const struct symvers_symbol *layout = symvers_find(&c->s->symvers, "module_layout");
	AUTO_FREE char *cure = court_rebuild(c);

	if (!court_has_modversions(c))
		return;
	/* Without the configuration nobody knows whether the kernel insists on versions. */
	if (!k->has_versions && c->s->has_config && !court_config(c, "CONFIG_MODULE_FORCE_LOAD"))
		court_find(c, REASON_CRC, cure,
			   "it does not say which versions of symbols it needs");
	else if (k->needs_layout && layout && k->layout != layout->crc)
		court_find(c, REASON_CRC, cure,
			   "built for another version of module_layout than the kernel has "
			   "(0x%08x, not 0x%08x)",
			   k->layout, layout->crc);
}

static void court_symbols(struct court *c)
{
	const struct ko *k = &c->m->ko;
	bool gpl = ko_license_is_gpl(k->license) && !court_is_tainted(c);

	court_versions(c);
	for (size_t i = 0; i < k->n_needs; i++)
		court_need(c, &k->needs[i], gpl);
	for (size_t i = 0; i < k->n_exports && !c->m->in_tree; i++) {
		const struct symvers_symbol *v = symvers_find(&c->s->symvers, k->exports[i].name);

		if (v && !v->module)
			court_find(c, REASON_DUPLICATE, NULL, "the kernel exports %s, too",
				   k->exports[i].name);
	}
}

/* ---- one module ---- */

static void court_image(struct court *c)
{
	switch (c->m->image) {
	case IMAGE_OTHER:
		court_find(c, REASON_INITRAMFS_OLD, c->s->update,
			   "in the initramfs, but not these bytes");
		break;
	case IMAGE_WANTED:
		court_find(c, REASON_INITRAMFS_MISSING, c->s->update,
			   "not in the initramfs, and its configuration asks for it");
		break;
	case IMAGE_UNREAD:
		court_find(c, REASON_INITRAMFS_UNREAD, NULL, "%s: %s", c->m->image_path,
			   c->m->image_why);
		break;
	default: break;
	}
}

static void court_hear(struct court *c)
{
	court_file(c);
	court_format(c);
	court_loader(c);
	court_modprobe(c);
	court_signature(c);
	if (c->m->error || c->m->ko.damage)
		return;
	court_vermagic(c);
	court_symbols(c);
	if (!c->dependency)
		court_image(c);
}

static void court_dependency(struct court *c, const struct court_export *x, const char *symbol)
{
	AUTO_JUDGEMENT struct judgement j = { 0 };
	struct court other = *c;

	if (x->number == SCENE_NONE) {
		court_find(c, REASON_DEPENDENCY, NULL, "it needs %s of %s, which is not here",
			   symbol, x->module);
		return;
	}
	if (c->states[x->number])
		return;
	c->states[x->number] = 1;
	other.m = &c->s->v[x->number];
	other.dependency = true;
	other.j = &j;
	court_hear(&other);
	if (j.reason != REASON_NONE)
		court_find(c,
			   reason_forecast(j.reason) == FORECAST_FAILS ? REASON_DEPENDENCY
								       : REASON_DEPENDENCY_UNKNOWN,
			   j.cure, "it needs %s: %s", other.m->name, j.text);
}

void judge(const struct scene *s, size_t i, struct judgement *ret)
{
	AUTO_FREE char *states = xcalloc(s->n, 1);
	struct court c = { .s = s, .m = &s->v[i], .states = states, .j = ret };

	*ret = (struct judgement){ 0 };
	states[i] = 1;
	court_hear(&c);
}
