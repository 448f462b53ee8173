/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/why.h"

#include <string.h>

#include "base/alloc.h"
#include "decide/holdtext.h"
#include "model/kver.h"
#include "model/vercmp.h"

void why_release(struct why *y)
{
	strv_release(&y->because);
	free(y->state);
	strv_release(&y->facts);
	strv_release(&y->next);
	strv_release(&y->files);
	free(y->fetched);
}

/* ---- other kernels ---- */

static bool kernel_is_better(const char *release, const char *than)
{
	return !than || kver_compare(release, than) > 0;
}

const char *why_other_kernel(const struct world *w, const struct standing *s, bool *ret_built)
{
	const char *best = NULL;

	*ret_built = false;
	for (size_t i = 0; s->release && i < w->n_builds; i++) {
		const struct world_build *b = &w->builds[i];

		if (modid_equal(&b->id, &s->id) && strcmp(b->release, s->release) != 0 &&
		    kernel_is_better(b->release, best))
			best = b->release;
	}
	*ret_built = best;
	for (size_t i = 0; s->release && !*ret_built && i < w->n_kernels; i++) {
		const struct world_kernel *k = &w->kernels[i];

		if (k->headers && strcmp(k->release, s->release) != 0 &&
		    kernel_is_better(k->release, best))
			best = k->release;
	}
	return best;
}

/* The newest other kernel that can be booted and has any version installed; NULL: none. */
static const char *why_kernel_to_boot(const struct world *w, const struct standing *s)
{
	const char *best = NULL;

	for (size_t i = 0; i < w->n_builds; i++) {
		const struct world_build *b = &w->builds[i];
		const struct world_kernel *k = world_kernel(w, b->release);

		if (b->installed && k && k->image && strcmp(b->id.name, s->id.name) == 0 &&
		    strcmp(b->release, s->release) != 0 && kernel_is_better(b->release, best))
			best = b->release;
	}
	return best;
}

/* ---- state ---- */

static char *why_state(const struct world *w, const struct standing *s)
{
	const struct world_build *present =
		s->release ? world_installed(w, s->id.name, s->release, s->arch) : NULL;
	const char *word = standing_word(s->state);

	if (!s->release)
		return xstrdup(word);
	if (s->build && s->build->installed)
		return s->state == STANDING_INSTALLED ? xstrdup(word)
						      : xasprintf("installed (%s)", word);
	if (present)
		return xasprintf("not installed (%s); %s stays installed", word,
				 present->id.version);
	return xasprintf("not installed (%s)", word);
}

/* ---- wanted or not ---- */

/* If an event would not install it, add the reason and return true. */
static bool why_is_unwanted(const struct world *w, const struct why *y, struct strv *ret)
{
	const struct standing *s = y->s;
	const struct world_module *newest = standing_newest(w, s->id.name);
	const struct world_conf *c = s->release ? world_conf(w, &s->id, s->release) : NULL;
	bool installed = s->build && s->build->installed;
	AUTO_BUF struct buf hold = BUF_INIT;

	if (!s->release && s->state == STANDING_ADDED && s->reason) {
		strv_add(ret, s->reason);
	} else if (s->hold && s->state == STANDING_HELD) {
		hold_add_text(s->hold, &hold);
		strv_addf(ret, "a hold: %s", hold.s);
	} else if (w->no_autoinstall) {
		strv_add(ret, "/etc/dkms/no-autoinstall exists, so events install nothing");
	} else if (s->state == STANDING_EXCLUDED) {
		strv_addf(ret, "its dkms.conf excludes this kernel: %s", s->reason);
	} else if (c && !c->unknown && !c->bad && !c->autoinstall && !installed) {
		strv_add(ret, "its dkms.conf does not set AUTOINSTALL");
	} else if (newest && vercmp(newest->id.version, s->id.version) > 0 && !installed) {
		strv_addf(ret, "version %s is newer", newest->id.version);
	}
	return ret->n;
}

static void why_add_wanted(const struct world *w, struct why *y)
{
	const struct standing *s = y->s;
	const struct world_module *m = world_module(w, &s->id);
	const struct world_module *newest = standing_newest(w, s->id.name);
	const struct world_conf *c = s->release ? world_conf(w, &s->id, s->release) : NULL;

	y->wanted = !why_is_unwanted(w, y, &y->because);
	if (y->wanted && s->hold && s->hold->kind == HOLD_VERSION) {
		AUTO_BUF struct buf hold = BUF_INIT;

		hold_add_text(s->hold, &hold);
		strv_addf(&y->because, "a hold: %s", hold.s);
	}
	if (y->wanted && c && c->autoinstall)
		strv_add(&y->because, "AUTOINSTALL");
	else if (y->wanted && c && !c->unknown && !c->bad)
		strv_add(&y->because, "installed by hand, without AUTOINSTALL");
	if (y->wanted && newest && modid_equal(&newest->id, &s->id))
		strv_add(&y->because, "newest version");
	if (y->wanted && m && m->owner)
		strv_addf(&y->because, "shipped by %s %s", m->owner,
			  m->owner_version ? m->owner_version : "");
	else if (y->wanted && m)
		strv_add(&y->because, "added by hand: no package ships it");
}

/* ---- facts about a failure ---- */

const char *why_word(const struct cause *c)
{
	if (!c->about || !*c->about)
		return NULL;
	switch (c->class) {
	case CAUSE_API_REMOVED:
	case CAUSE_API_CHANGED:
	case CAUSE_MISSING_DEPENDENCY: return c->about;
	default: return NULL;
	}
}

static void why_add_header_facts(const char *word, const struct why_look *here,
				 const struct why_look *there, struct strv *ret)
{
	bool path = strchr(word, '/') || strchr(word, '.');

	if (!here->release)
		return;
	if (!here->file && path)
		strv_addf(ret, "%s has no header %s", here->release, word);
	else if (!here->file)
		strv_addf(ret, "no header of %s has %s", here->release, word);
	else
		strv_addf(ret, "%s has %s in %s", here->release, word, here->file);
	if (there->release && there->file && (!here->file || strcmp(here->file, there->file) != 0))
		strv_addf(ret, "%s has it in %s", there->release, there->file);
	if (there->release && there->exported && !here->exported)
		strv_addf(ret, "%s exports %s, %s does not", there->release, word, here->release);
}

static void why_add_facts(const struct world *w, const struct why_look *here,
			  const struct why_look *there, struct why *y)
{
	const char *word = why_word(y->cause);
	const char *other;
	bool built;

	other = why_other_kernel(w, y->s, &built);
	if (other && built)
		strv_addf(&y->facts, "it built for %s", other);
	if (word)
		why_add_header_facts(word, here, there, &y->facts);
}

/* ---- what to do ---- */

static void why_add_again(const struct standing *s, const char *first, struct strv *ret)
{
	strv_addf(ret, "%s%sdkms install %s/%s -k %s", first, *first ? ", then " : "", s->id.name,
		  s->id.version, s->release);
}

/* What to look for a newer version of: the package that ships the source, else the source. */
static const char *why_package(const struct world *w, const struct standing *s)
{
	const struct world_module *m = world_module(w, &s->id);

	return m && m->owner ? m->owner : s->id.name;
}

/* Add what mends the cause; for most causes that is a newer version of the source. */
static void why_add_cause_next(const struct world *w, const struct why *y, struct strv *ret)
{
	const struct standing *s = y->s;
	const char *about = y->cause->about && *y->cause->about ? y->cause->about : NULL;
	AUTO_FREE char *text = NULL;

	switch (y->cause->class) {
	case CAUSE_MISSING_HEADERS:
		if (s->cure && !strstr(s->cure, "dkms "))
			strv_add(ret, s->cure);
		else
			why_add_again(s, "install the whole headers of this kernel", ret);
		break;
	case CAUSE_MISSING_COMPILER:
	case CAUSE_MISSING_TOOL:
		text = xasprintf("install %s", about ? about : "what is missing");
		why_add_again(s, text, ret);
		break;
	case CAUSE_WRONG_COMPILER:
		why_add_again(s, "install the compiler that this kernel was built with", ret);
		break;
	case CAUSE_MISSING_DEPENDENCY:
		why_add_again(s, "install the module package that exports it", ret);
		break;
	case CAUSE_MISSING_CONFIG:
		text = xasprintf("a kernel with %s", about ? about : "the option that is missing");
		strv_add(ret, text);
		break;
	case CAUSE_UNAME_R:
		strv_add(ret, "in its Makefile, $(KERNELRELEASE) instead of `uname -r`");
		break;
	case CAUSE_NETWORK: why_add_again(s, "when the network is there", ret); break;
	case CAUSE_DISK_FULL: why_add_again(s, "make room", ret); break;
	case CAUSE_MEMORY:
		text = xasprintf("dkms install -j 1 %s/%s -k %s", s->id.name, s->id.version,
				 s->release);
		strv_add(ret, text);
		break;
	default: strv_addf(ret, "a newer %s", why_package(w, s));
	}
}

static void why_add_next(const struct world *w, const char *advice, struct why *y)
{
	const struct standing *s = y->s;
	AUTO_BUF struct buf lift = BUF_INIT;
	const char *boot;

	if (s->hold && (s->state == STANDING_HELD || s->hold->kind == HOLD_VERSION)) {
		hold_add_cure(s->hold, &lift);
		strv_addf(&y->next, "to lift the hold: %s", lift.s);
	}
	if (y->failed && advice) {
		strv_add(&y->next, advice);
		why_add_again(s, "", &y->next);
	} else if (y->failed) {
		why_add_cause_next(w, y, &y->next);
	} else if (s->state == STANDING_EXCLUDED) {
		strv_addf(&y->next, "a version of %s whose dkms.conf allows this kernel",
			  why_package(w, s));
	} else if (s->cure) {
		strv_addf(&y->next, "%s%s", lift.len ? "to lift it and install now: " : "",
			  s->cure);
	}
	if (!s->release || (s->state != STANDING_EXCLUDED && !(s->problem && s->missing)))
		return;
	boot = why_kernel_to_boot(w, s);
	if (boot)
		strv_addf(&y->next, "until then boot %s", boot);
}

void why_judge(const struct world *w, const struct standing *s, const struct cause *c,
	       const char *advice, const struct why_look *here, const struct why_look *there,
	       struct why *ret)
{
	*ret = (struct why){
		.s = s,
		.because = STRV_INIT,
		.state = why_state(w, s),
		.failed = s->failure && c && (s->state == STANDING_FAILED || s->problem),
		.cause = c,
		.facts = STRV_INIT,
		.next = STRV_INIT,
		.files = STRV_INIT,
	};
	why_add_wanted(w, ret);
	if (ret->failed)
		why_add_facts(w, here, there, ret);
	why_add_next(w, advice, ret);
}
