/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/conf.h"

#include "base/alloc.h"

void conf_values_release(struct conf_values *v)
{
	for (size_t i = 0; i < v->n; i++) {
		free(v->v[i].name);
		free(v->v[i].value);
	}
	free(v->v);
	free(v->error_text);
	strv_release(&v->warnings);
	*v = (struct conf_values)CONF_VALUES_INIT;
}

void conf_values_add(struct conf_values *v, const char *name, unsigned int index, const char *value)
{
	struct conf_value add = { xstrdup(name), index, xstrdup(value) };

	VEC_PUSH(v->v, v->n, add);
}

static void conf_module_release(struct conf_module *m)
{
	free(m->built_name);
	free(m->built_location);
	free(m->dest_name);
	free(m->dest_location);
	free(m->target);
	free(m->excluded);
}

void conf_release(struct conf *conf)
{
	for (size_t i = 0; i < conf->n_modules; i++)
		conf_module_release(&conf->modules[i]);
	free(conf->modules);
	free(conf->package_name);
	free(conf->package_version);
	free(conf->make);
	for (size_t i = 0; i < SCRIPT_COUNT_; i++)
		free(conf->scripts[i]);
	free(conf->clean);
	free(conf->excluded);
	free(conf->obsolete_by);
	strv_release(&conf->patches);
	strv_release(&conf->depends);
	strv_release(&conf->errors);
	strv_release(&conf->strict_errors);
	strv_release(&conf->warnings);
	strv_release(&conf->missing);
	*conf = (struct conf)CONF_INIT;
}

static void conf_add_lines(struct buf *b, const char *indent, const struct strv *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		buf_addf(b, "\n%s%s", indent, lines->v[i]);
}

/* Report that bash failed.  Do not report errors of the conf: bash evaluated only a part of it. */
static int conf_evaluation_failed(const struct conf_values *values, const char *file,
				  struct err *err)
{
	AUTO_BUF struct buf b = BUF_INIT;

	if (values->error == -E_UNSAFE)
		return err_set(err, values->error, "%s", values->error_text);
	buf_addf(&b, "%s: %s", file,
		 values->error_text ? values->error_text : error_text(values->error));
	conf_add_lines(&b, "  ", &values->warnings);
	return err_set(err, values->error, "%s", b.s);
}

/* Report the syntax error alone: what a conf lacks means nothing if bash did not read all of it. */
static int conf_syntax_failed(const struct conf_values *values, const char *file, struct err *err)
{
	AUTO_BUF struct buf b = BUF_INIT;

	buf_addf(&b, "%s is not valid bash:", file);
	conf_add_lines(&b, "  ", &values->warnings);
	return err_set(err, -E_BAD_CONF, "%s", b.s);
}

int conf_check(const struct conf *conf, const struct conf_values *values, const char *file,
	       bool strict, struct err *err)
{
	AUTO_BUF struct buf b = BUF_INIT;

	if (values->error)
		return conf_evaluation_failed(values, file, err);
	if (!conf->errors.n && !(strict && conf->strict_errors.n))
		return 0;
	if (values->syntax)
		return conf_syntax_failed(values, file, err);
	buf_addf(&b, "%s is not a valid dkms.conf:", file);
	conf_add_lines(&b, "  ", &conf->errors);
	if (strict)
		conf_add_lines(&b, "  ", &conf->strict_errors);
	conf_add_lines(&b, "  ", &values->warnings);
	if (conf->missing.n) {
		buf_addf(&b, "\nAdd %s:", conf->missing.n == 1 ? "this line" : "these lines");
		conf_add_lines(&b, "  ", &conf->missing);
	}
	return err_set(err, -E_BAD_CONF, "%s", b.s);
}

static void conf_print_scalar(struct buf *b, const char *name, const char *value)
{
	if (!value)
		return;
	buf_addf(b, "%s=", name);
	buf_add_quoted(b, value);
	buf_addch(b, '\n');
}

static void conf_print_element(struct buf *b, const char *name, size_t index, const char *value)
{
	if (!value)
		return;
	buf_addf(b, "%s[%zu]=", name, index);
	buf_add_quoted(b, value);
	buf_addch(b, '\n');
}

static void conf_print_list(struct buf *b, const char *name, const struct strv *list)
{
	for (size_t i = 0; i < list->n; i++)
		conf_print_element(b, name, i, list->v[i]);
}

static void conf_print_module(struct buf *b, const struct conf_module *m, size_t i)
{
	conf_print_element(b, "BUILT_MODULE_NAME", i, m->built_name);
	conf_print_element(b, "BUILT_MODULE_LOCATION", i, m->built_location);
	conf_print_element(b, "DEST_MODULE_NAME", i, m->dest_name);
	conf_print_element(b, "DEST_MODULE_LOCATION", i, m->dest_location);
	conf_print_element(b, "STRIP", i, m->strip ? "yes" : "no");
	conf_print_element(b, "target", i, m->target);
	conf_print_element(b, "excluded", i, m->excluded);
}

void conf_print(const struct conf *conf, struct buf *b)
{
	conf_print_scalar(b, "PACKAGE_NAME", conf->package_name);
	conf_print_scalar(b, "PACKAGE_VERSION", conf->package_version);
	for (size_t i = 0; i < conf->n_modules; i++)
		conf_print_module(b, &conf->modules[i], i);
	conf_print_scalar(b, "MAKE", conf->make);
	conf_print_scalar(b, "CLEAN", conf->clean);
	conf_print_list(b, "PATCH", &conf->patches);
	for (size_t i = 0; i < SCRIPT_COUNT_; i++)
		conf_print_scalar(b, conf_script_name((enum conf_script)i), conf->scripts[i]);
	conf_print_list(b, "BUILD_DEPENDS", &conf->depends);
	conf_print_scalar(b, "AUTOINSTALL", conf->autoinstall ? "yes" : NULL);
	conf_print_scalar(b, "BUILD_DEPENDS_REBUILD", conf->depends_rebuild ? "yes" : NULL);
	conf_print_scalar(b, "NO_WEAK_MODULES", conf->no_weak_modules ? "yes" : NULL);
	conf_print_scalar(b, "REMAKE_INITRD", conf->remake_initrd ? "yes" : NULL);
	conf_print_scalar(b, "OBSOLETE_BY", conf->obsolete_by);
	conf_print_scalar(b, "excluded", conf->excluded);
	conf_print_list(b, "error", &conf->errors);
	conf_print_list(b, "strict_error", &conf->strict_errors);
	conf_print_list(b, "warning", &conf->warnings);
	conf_print_list(b, "missing", &conf->missing);
}
