/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/compiler.h"

#include <string.h>

#include "base/alloc.h"
#include "engine/childenv.h"
#include "sys/fs.h"
#include "sys/proc.h"

void compiler_release(struct compiler *c)
{
	free(c->cc);
	free(c->ld);
	*c = (struct compiler){ 0 };
}

/*
 * Run a program and return the first line of its output; NULL if it fails.  Caller frees.  Releases
 * `spec`.
 */
static char *compiler_first_line(const struct engine *e, struct proc_spec *spec,
				 const struct strv *env)
{
	AUTO_BUF struct buf out = BUF_INIT;
	struct proc_result res;
	int r;

	strv_add_all(&spec->env, env);
	spec->root = &e->root;
	spec->on_output = proc_collect;
	spec->data = &out;
	spec->output_max = 1 << 16;
	spec->timeout = 30;
	r = proc_run(spec, &res);
	proc_spec_release(spec);
	if (r < 0 || res.end != PROC_EXITED || res.status != 0)
		return NULL;
	return xstrndup(out.s, strcspn(out.s, "\n"));
}

static char *compiler_from_kernelvariables(const struct engine *e, const char *headers,
					   const struct strv *env)
{
	AUTO_FREE char *file = xasprintf("%s/.kernelvariables", headers);
	AUTO_FREE char *makefile = xasprintf("show-CC:\n\t@echo $(CC)\ninclude %s\n", file);
	struct proc_spec spec = PROC_INIT;
	char *line;

	if (!fs_is_file(&e->root, file))
		return NULL;
	strv_split(&spec.argv, "make -s -f - show-CC", " ");
	spec.input = makefile;
	spec.input_len = strlen(makefile);
	line = compiler_first_line(e, &spec, env);
	if (line && !*line)
		free(TAKE(line));
	return line;
}

static void compiler_set_cc(struct compiler *c, const struct engine *e, const struct strv *env,
			    const char *name)
{
	if (!childenv_has_command(e, env, name))
		return;
	free(c->cc);
	c->cc = xstrdup(name);
	c->from_config = true;
}

void compiler_detect(const struct engine *e, const char *headers, const struct kconfig *config,
		     const struct strv *env, struct compiler *ret)
{
	const char *text;

	*ret = (struct compiler){ .cc = compiler_from_kernelvariables(e, headers, env) };
	if (!config)
		return;
	text = kconfig_get(config, "CONFIG_CC_VERSION_TEXT");
	if (text && strchr(text, ' ')) {
		AUTO_FREE char *name = xstrndup(text, strcspn(text, " "));

		if (*name)
			compiler_set_cc(ret, e, env, name);
	}
	if (kconfig_enabled(config, "CONFIG_CC_IS_CLANG"))
		compiler_set_cc(ret, e, env, "clang");
	if (kconfig_enabled(config, "CONFIG_LD_IS_LLD") && childenv_has_command(e, env, "ld.lld"))
		ret->ld = xstrdup("ld.lld");
}

void compiler_apply(const struct compiler *c, struct strv *env)
{
	if (c->cc)
		childenv_set(env, "CC", c->cc);
	if (c->cc && c->from_config)
		childenv_set(env, "KERNEL_CC", c->cc);
	if (c->ld) {
		childenv_set(env, "LD", c->ld);
		childenv_set(env, "KERNEL_LD", c->ld);
	}
}

char *compiler_identity(const struct engine *e, const struct compiler *c, const struct strv *env)
{
	AUTO_FREE char *version = NULL;
	struct proc_spec spec = PROC_INIT;
	const char *cc = c->cc ? c->cc : "gcc";

	if (!childenv_has_command(e, env, cc))
		return xstrdup("");
	/*
	 * Old gcc has no -dumpfullversion, and new gcc's -dumpversion is the major number only: so
	 * give both.
	 */
	strv_add(&spec.argv, cc);
	strv_add(&spec.argv, "-dumpfullversion");
	strv_add(&spec.argv, "-dumpversion");
	version = compiler_first_line(e, &spec, env);
	return xasprintf("%s %s", cc, version ? version : "");
}
