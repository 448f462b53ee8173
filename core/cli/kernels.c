/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which kernels a command is about. */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/log.h"
#include "cli/cli.h"
#include "kernel/kernels.h"
#include "tree/tree.h"

void kernel_choice_release(struct kernel_choice *c)
{
	strv_release(&c->releases);
	strv_release(&c->archs);
}

static void kernel_choice_add(struct kernel_choice *c, const char *release, const char *arch)
{
	for (size_t i = 0; i < c->releases.n; i++) {
		if (strcmp(c->releases.v[i], release) == 0 && strcmp(c->archs.v[i], arch) == 0)
			return;
	}
	strv_add(&c->releases, release);
	strv_add(&c->archs, arch);
}

/*
 * A single -a counts for all kernels.  If -a is given more than once, there is one for each kernel
 * (options_check()).
 */
static void kernel_choice_add_named(const struct engine *e, const struct options *o,
				    struct kernel_choice *ret)
{
	for (size_t i = 0; i < o->kernels.n; i++) {
		const char *arch = e->arch;

		if (o->archs.n == o->kernels.n)
			arch = o->archs.v[i];
		else if (o->archs.n)
			arch = o->archs.v[0];
		kernel_choice_add(ret, o->kernels.v[i], *arch ? arch : e->arch);
	}
}

/* --all: every kernel that the module package is built for. */
static int kernel_choice_add_built(const struct engine *e, const struct options *o,
				   struct kernel_choice *ret, struct err *err)
{
	AUTO_TREE struct tree tree = TREE_INIT;
	const struct tree_version *v;
	int r = tree_list(e, o->id.name, o->id.version, &tree);

	if (r < 0)
		return err_sys(err, r, "%s", e->dkms_tree);
	v = tree_version(&tree, o->id.name, o->id.version);
	for (size_t i = 0; v && i < v->n_builds; i++) {
		if (tree_build_is_known(&v->builds[i]))
			kernel_choice_add(ret, v->builds[i].release, v->builds[i].arch);
	}
	return 0;
}

/* As in DKMS, the running kernel is taken even if it has no module tree. */
static int kernel_choice_add_running(const struct engine *e, struct kernel_choice *ret,
				     struct err *err)
{
	struct utsname u;

	if (root_is_foreign(&e->root))
		return err_set(err, -E_NO_KERNEL,
			       "Another root has no running kernel: name one with -k, or --all.");
	if (uname(&u) < 0)
		return err_sys(err, -errno, "uname");
	kernel_choice_add(ret, u.release, e->arch);
	return 0;
}

static void kernel_choice_tell_default(const struct engine *e, const char *release)
{
	struct utsname u;

	if (root_is_foreign(&e->root) || uname(&u) < 0)
		log_note("No -k given: using %s.", release);
	else
		log_note("No -k given and the running kernel (%s) is not installed here: using "
			 "%s.",
			 u.release, release);
}

static int kernel_choice_add_default(const struct engine *e, struct kernel_choice *ret,
				     struct err *err)
{
	AUTO_FREE char *release = NULL, *running = kernels_running(e);
	int r = kernels_default(e, &release, err);

	if (r < 0)
		return r;
	if (!running || strcmp(running, release) != 0)
		kernel_choice_tell_default(e, release);
	kernel_choice_add(ret, release, e->arch);
	return 0;
}

int choose_kernels(struct engine *e, const struct options *o, bool removing,
		   struct kernel_choice *ret, struct err *err)
{
	*ret = (struct kernel_choice){ STRV_INIT, STRV_INIT };
	if (o->kernels.n) {
		kernel_choice_add_named(e, o, ret);
		return 0;
	}
	if (o->all)
		return kernel_choice_add_built(e, o, ret, err);
	return removing ? kernel_choice_add_running(e, ret, err)
			: kernel_choice_add_default(e, ret, err);
}
