/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/conf.h"

#include <ctype.h>
#include <regex.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/path.h"
#include "model/kconfig.h"
#include "model/vercmp.h"

#define DEST_NAME_MAX 200

struct conf_reader {
	/* Sorted by name and index.  If NAME[INDEX] is set twice, the value that wins is first. */
	const struct conf_value **index;
	size_t n;
	const struct conf_kernel *kernel;
	struct conf *conf;
};

static const char *const script_names[SCRIPT_COUNT_] = {
	"POST_ADD", "PRE_BUILD", "POST_BUILD", "PRE_INSTALL", "POST_INSTALL", "POST_REMOVE",
};

const char *conf_script_name(enum conf_script script)
{
	return script_names[script];
}

static int conf_value_compare(const struct conf_value *a, const char *name, unsigned int index)
{
	int r = strcmp(a->name, name);

	if (r)
		return r;
	return a->index < index ? -1 : a->index > index;
}

static int conf_value_order(const void *va, const void *vb)
{
	const struct conf_value *a = *(const struct conf_value *const *)va;
	const struct conf_value *b = *(const struct conf_value *const *)vb;
	int r = conf_value_compare(a, b->name, b->index);

	if (r)
		return r;
	/* Both point into the same array; the later value wins and goes first. */
	return a > b ? -1 : a < b;
}

/* Position of the first entry that is not below (name, index). */
static size_t reader_lower_bound(const struct conf_reader *r, const char *name, unsigned int index)
{
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (conf_value_compare(r->index[mid], name, index) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* "" if not set: to DKMS, unset and empty are the same.  Never NULL. */
static const char *reader_get(const struct conf_reader *r, const char *name, size_t index)
{
	size_t i = reader_lower_bound(r, name, (unsigned int)index);

	if (i < r->n && conf_value_compare(r->index[i], name, (unsigned int)index) == 0)
		return r->index[i]->value;
	return "";
}

/* The highest index of `name`, plus one; 0 if `name` is not set. */
static size_t reader_count(const struct conf_reader *r, const char *name)
{
	size_t i = reader_lower_bound(r, name, CONF_INDEX_MAX + 1u);

	if (!i || strcmp(r->index[i - 1]->name, name) != 0)
		return 0;
	return r->index[i - 1]->index + 1u;
}

static char *conf_strdup_unless_empty(const char *s)
{
	return *s ? xstrdup(s) : NULL;
}

/*
 * Sort the values into r->index.  Values with an index above the limit are left out, with one error
 * for each name.
 */
static void reader_build_index(struct conf_reader *r, const struct conf_values *values)
{
	const char *told = NULL;

	r->index = xcalloc(values->n, sizeof(struct conf_value *));
	for (size_t i = 0; i < values->n; i++) {
		const struct conf_value *v = &values->v[i];

		if (v->index <= CONF_INDEX_MAX) {
			r->index[r->n++] = v;
		} else if (!told || strcmp(told, v->name) != 0) {
			told = v->name;
			strv_addf(&r->conf->errors, "An index of '%s' is above the limit of %d.",
				  v->name, CONF_INDEX_MAX);
		}
	}
	if (r->n)
		qsort(r->index, r->n, sizeof(struct conf_value *), conf_value_order);
}

/*
 * Does the text match the pattern?  False, with a warning, if the pattern does not compile.  The
 * warning begins with `what`, e.g. "MAKE_MATCH[1]".
 */
static bool reader_matches(struct conf_reader *r, const char *what, const char *pattern,
			   const char *text)
{
	regex_t re;
	bool match;
	int code = regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB);

	if (code) {
		char why[128];

		regerror(code, &re, why, sizeof(why));
		strv_addf(&r->conf->warnings,
			  "%s=%s is no regular expression (%s); it matches nothing.", what, pattern,
			  why);
		return false;
	}
	match = regexec(&re, text, 0, NULL, 0) == 0;
	regfree(&re);
	return match;
}

static bool reader_matches_element(struct conf_reader *r, const char *name, size_t i,
				   const char *text)
{
	AUTO_FREE char *what = xasprintf("%s[%zu]", name, i);

	return reader_matches(r, what, reader_get(r, name, i), text);
}

/*
 * Add `line="value"` to the lines that the author must add.  `line` is a directive, e.g.
 * "BUILT_MODULE_NAME[0]".  If `value` is NULL, nobody knows it, and it is shown as "...".
 */
static void conf_add_missing(struct conf *conf, const char *line, const char *value)
{
	AUTO_FREE char *text = xasprintf("%s=\"%s\"", line, value ? value : "...");

	if (!strv_has(&conf->missing, text))
		strv_add(&conf->missing, text);
}

static void conf_read_package(struct conf_reader *r)
{
	struct conf *conf = r->conf;

	conf->package_name = conf_strdup_unless_empty(reader_get(r, "PACKAGE_NAME", 0));
	conf->package_version = conf_strdup_unless_empty(reader_get(r, "PACKAGE_VERSION", 0));
	if (!conf->package_name) {
		strv_add(&conf->errors, "No 'PACKAGE_NAME' directive specified.");
		conf_add_missing(conf, "PACKAGE_NAME", r->kernel->name);
	}
	if (!conf->package_version) {
		strv_add(&conf->errors, "No 'PACKAGE_VERSION' directive specified.");
		conf_add_missing(conf, "PACKAGE_VERSION", r->kernel->version);
	}
}

static bool conf_ends_in_object(const char *name)
{
	return str_ends(name, ".o") || str_ends(name, ".ko");
}

/* As in DKMS, only n or N at the beginning means no.  An empty STRIP[i] means STRIP[0]. */
static bool conf_read_strip(const struct conf_reader *r, size_t i)
{
	const char *value = reader_get(r, "STRIP", i);

	if (!*value)
		value = reader_get(r, "STRIP", 0);
	return *value != 'n' && *value != 'N';
}

char *conf_normal_location(const char *location)
{
	AUTO_STRV struct strv parts = STRV_INIT, kept = STRV_INIT;
	AUTO_FREE char *joined = NULL;
	const char *part;

	strv_split(&parts, location, "/");
	STRV_FOREACH (part, &parts) {
		if (!strcmp(part, ".") || !*part)
			continue;
		if (strcmp(part, "..") != 0)
			strv_add(&kept, part);
		else if (kept.n)
			strv_remove(&kept, kept.n - 1);
		else
			return NULL;
	}
	joined = strv_join(&kept, "/");
	return xasprintf("%s%s", kept.n ? "/" : "", joined);
}

static void conf_read_module(struct conf_reader *r, size_t i, struct conf_module *ret)
{
	const char *built = reader_get(r, "BUILT_MODULE_NAME", i);
	const char *dest = reader_get(r, "DEST_MODULE_NAME", i);
	const char *location = reader_get(r, "BUILT_MODULE_LOCATION", i);
	size_t n = strlen(location);

	if (!*built && r->conf->n_modules == 1 && r->conf->package_name)
		built = r->conf->package_name;
	ret->built_name = xstrdup(built);
	ret->built_location = xasprintf("%s%s", location, n && location[n - 1] != '/' ? "/" : "");
	ret->dest_name = xstrdup(*dest ? dest : built);
	ret->dest_location = xstrdup(reader_get(r, "DEST_MODULE_LOCATION", i));
	ret->target = r->kernel->target_dir ? xstrdup(r->kernel->target_dir)
					    : conf_normal_location(ret->dest_location);
	if (!ret->target)
		ret->target = xstrdup("");
	ret->strip = conf_read_strip(r, i);
}

static bool conf_has_control(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	}
	return false;
}

/* Add the errors of a value that becomes part of a path. */
static void conf_check_path(struct conf *conf, const char *directive, size_t i, const char *value)
{
	if (path_has_dotdot(value))
		strv_addf(&conf->errors, "'%s' directive has a '..' component in record #%zu.",
			  directive, i);
	if (conf_has_control(value))
		strv_addf(&conf->errors, "'%s' directive has a control character in record #%zu.",
			  directive, i);
}

static void conf_check_location(struct conf *conf, const char *location, size_t i)
{
	AUTO_FREE char *normal = conf_normal_location(location);

	if (!normal)
		strv_addf(&conf->errors,
			  "'DEST_MODULE_LOCATION' directive leaves the kernel's tree in record "
			  "#%zu.",
			  i);
	if (conf_has_control(location))
		strv_addf(
			&conf->errors,
			"'DEST_MODULE_LOCATION' directive has a control character in record #%zu.",
			i);
	if (!*location) {
		AUTO_FREE char *line = xasprintf("DEST_MODULE_LOCATION[%zu]", i);

		strv_addf(&conf->errors,
			  "No 'DEST_MODULE_LOCATION' directive specified for record #%zu.", i);
		conf_add_missing(conf, line, "/extra");
	} else if (!str_begins(location, "/kernel") && !str_begins(location, "/updates") &&
		   !str_begins(location, "/extra")) {
		strv_addf(&conf->errors,
			  "Directive 'DEST_MODULE_LOCATION' does not begin with '/kernel', "
			  "'/updates', or '/extra' in record #%zu.",
			  i);
	}
}

static void conf_check_module(struct conf *conf, size_t i)
{
	const struct conf_module *m = &conf->modules[i];

	if (!*m->built_name) {
		AUTO_FREE char *line = xasprintf("BUILT_MODULE_NAME[%zu]", i);

		strv_addf(&conf->errors,
			  "No 'BUILT_MODULE_NAME' directive specified for record #%zu.", i);
		conf_add_missing(conf, line, NULL);
	}
	if (conf_ends_in_object(m->built_name))
		strv_addf(&conf->errors,
			  "'BUILT_MODULE_NAME' directive ends in '.o' or '.ko' in record #%zu.", i);
	if (conf_ends_in_object(m->dest_name))
		strv_addf(&conf->errors,
			  "'DEST_MODULE_NAME' directive ends in '.o' or '.ko' in record #%zu.", i);
	conf_check_location(conf, m->dest_location, i);
	conf_check_path(conf, "BUILT_MODULE_NAME", i, m->built_name);
	conf_check_path(conf, "BUILT_MODULE_LOCATION", i, m->built_location);
	if (strcmp(m->dest_name, m->built_name) != 0)
		conf_check_path(conf, "DEST_MODULE_NAME", i, m->dest_name);
	if (strchr(m->dest_name, '/'))
		strv_addf(&conf->errors, "'DEST_MODULE_NAME' has a '/' in record #%zu.", i);
	if (strlen(m->dest_name) > DEST_NAME_MAX)
		strv_addf(&conf->errors,
			  "'DEST_MODULE_NAME' is longer than %d bytes in record #%zu.",
			  DEST_NAME_MAX, i);
}

static void conf_read_modules(struct conf_reader *r)
{
	static const char *const directives[] = { "BUILT_MODULE_NAME", "BUILT_MODULE_LOCATION",
						  "DEST_MODULE_NAME", "DEST_MODULE_LOCATION" };
	struct conf *conf = r->conf;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(directives); i++) {
		size_t used = reader_count(r, directives[i]);

		n = used > n ? used : n;
	}
	if (n > CONF_MODULES_MAX) {
		strv_addf(&conf->errors, "%zu modules are more than the limit of %d.", n,
			  CONF_MODULES_MAX);
		return;
	}
	conf->modules = xcalloc(n, sizeof(*conf->modules));
	conf->n_modules = n;
	for (size_t i = 0; i < n; i++) {
		conf_read_module(r, i, &conf->modules[i]);
		conf_check_module(conf, i);
	}
}

/*
 * Add an error if one of DKMS's internal arrays (built_module_name ...) has more elements than
 * there are modules.  These arrays are shell variables, so a conf may set them.  DKMS reports the
 * same error.
 */
static void conf_check_leftovers(struct conf_reader *r)
{
	static const char *const names[] = { "built_module_name", "built_module_location",
					     "dest_module_name", "dest_module_location" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (reader_count(r, names[i]) > r->conf->n_modules)
			strv_add(&r->conf->errors, "Module name/location array length mismatch.");
	}
}

static void conf_read_make(struct conf_reader *r)
{
	const struct conf_kernel *kernel = r->kernel;
	size_t n = reader_count(r, "MAKE");
	const char *make = *reader_get(r, "MAKE_MATCH", 0) ? "" : reader_get(r, "MAKE", 0);
	AUTO_FREE char *generic = NULL;

	for (size_t i = 0; i < n; i++) {
		if (*reader_get(r, "MAKE", i) && *reader_get(r, "MAKE_MATCH", i) &&
		    reader_matches_element(r, "MAKE_MATCH", i, kernel->release))
			make = reader_get(r, "MAKE", i);
	}
	if (!*make) {
		generic = xasprintf("make -C %s M=%s", kernel->source_dir, kernel->build_dir);
		make = generic;
	}
	r->conf->make = xasprintf("%s%s", make, kernel->clang ? " LLVM=1" : "");
}

static void conf_read_patches(struct conf_reader *r)
{
	size_t n = reader_count(r, "PATCH");

	for (size_t i = 0; i < n; i++) {
		if (!*reader_get(r, "PATCH", i))
			continue;
		if (!*reader_get(r, "PATCH_MATCH", i) ||
		    reader_matches_element(r, "PATCH_MATCH", i, r->kernel->release))
			strv_add(&r->conf->patches, reader_get(r, "PATCH", i));
	}
}

/* Why this value of a directive excludes the kernel; NULL: it does not.  Caller frees. */
typedef char *(*conf_exclude_fn)(struct conf_reader *r, const char *directive, const char *value);

static char *conf_exclude_unless_match(struct conf_reader *r, const char *directive,
				       const char *value, const char *text)
{
	if (reader_matches(r, directive, value, text))
		return NULL;
	return xasprintf("%s=%s does not match %s", directive, value, text);
}

static char *conf_exclude_by_kernel(struct conf_reader *r, const char *directive, const char *value)
{
	return conf_exclude_unless_match(r, directive, value, r->kernel->release);
}

static char *conf_exclude_by_arch(struct conf_reader *r, const char *directive, const char *value)
{
	return conf_exclude_unless_match(r, directive, value, r->kernel->arch);
}

static char *conf_exclude_by_min(struct conf_reader *r, const char *directive, const char *value)
{
	if (vercmp(r->kernel->release, value) >= 0)
		return NULL;
	return xasprintf("%s=%s is above %s", directive, value, r->kernel->release);
}

static char *conf_exclude_by_max(struct conf_reader *r, const char *directive, const char *value)
{
	if (vercmp(r->kernel->release, value) <= 0)
		return NULL;
	return xasprintf("%s=%s is below %s", directive, value, r->kernel->release);
}

static char *conf_exclude_by_config(struct conf_reader *r, const char *directive, const char *value)
{
	AUTO_STRV struct strv words = STRV_INIT;

	if (!r->kernel->config)
		return NULL;
	strv_split(&words, value, " \t\n");
	for (size_t i = 0; i < words.n; i++) {
		bool negated = words.v[i][0] == '!';
		const char *name = words.v[i] + negated;

		if (kconfig_enabled(r->kernel->config, name) == negated)
			return xasprintf("%s=%s: %s is %sset in the configuration of %s", directive,
					 value, name, negated ? "" : "not ", r->kernel->release);
	}
	return NULL;
}

static const struct conf_exclude_rule {
	const char *directive;
	conf_exclude_fn fn;
} conf_exclude_rules[] = {
	{ "BUILD_EXCLUSIVE_KERNEL", conf_exclude_by_kernel },
	{ "BUILD_EXCLUSIVE_KERNEL_MIN", conf_exclude_by_min },
	{ "BUILD_EXCLUSIVE_KERNEL_MAX", conf_exclude_by_max },
	{ "BUILD_EXCLUSIVE_ARCH", conf_exclude_by_arch },
	{ "BUILD_EXCLUSIVE_CONFIG", conf_exclude_by_config },
};

/*
 * The first reason to exclude all modules; NULL: none.  The reasons, in this order: element 0 of a
 * BUILD_EXCLUSIVE directive, OBSOLETE_BY in a conf without BUILD_EXCLUSIVE_KERNEL_MAX, and
 * build_exclude, a variable of DKMS that a conf may set.  Caller frees.
 */
static char *conf_exclude_all(struct conf_reader *r)
{
	char *reason = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(conf_exclude_rules) && !reason; i++) {
		const struct conf_exclude_rule *rule = &conf_exclude_rules[i];
		const char *value = reader_get(r, rule->directive, 0);

		if (*value)
			reason = rule->fn(r, rule->directive, value);
	}
	if (!reason && r->conf->obsolete_by && !*reader_get(r, "BUILD_EXCLUSIVE_KERNEL_MAX", 0))
		reason = conf_exclude_by_max(r, "OBSOLETE_BY", r->conf->obsolete_by);
	if (!reason && *reader_get(r, "build_exclude", 0))
		reason = xasprintf("build_exclude=%s", reader_get(r, "build_exclude", 0));
	return reason;
}

/*
 * The first reason to exclude only module `i`; NULL: none.  Module 0 has no such reason, because
 * element 0 applies to all modules.  Caller frees.
 */
static char *conf_exclude_module(struct conf_reader *r, size_t i)
{
	char *reason = NULL;

	for (size_t d = 0; i && d < ARRAY_SIZE(conf_exclude_rules) && !reason; d++) {
		const struct conf_exclude_rule *rule = &conf_exclude_rules[d];
		const char *value = reader_get(r, rule->directive, i);
		AUTO_FREE char *what = xasprintf("%s[%zu]", rule->directive, i);

		if (*value)
			reason = rule->fn(r, what, value);
	}
	return reason;
}

static void conf_read_exclusions(struct conf_reader *r)
{
	struct conf *conf = r->conf;
	AUTO_FREE char *global = conf_exclude_all(r);
	AUTO_STRV struct strv reasons = STRV_INIT;
	size_t excluded = 0;

	for (size_t i = 0; i < conf->n_modules; i++) {
		struct conf_module *m = &conf->modules[i];

		m->excluded = global ? xstrdup(global) : conf_exclude_module(r, i);
		if (!m->excluded)
			continue;
		excluded++;
		if (!strv_has(&reasons, m->excluded))
			strv_add(&reasons, m->excluded);
	}
	if (global)
		conf->excluded = TAKE(global);
	else if (excluded && excluded == conf->n_modules)
		conf->excluded = strv_join(&reasons, "; ");
}

static bool reader_get_bool(struct conf_reader *r, const char *directive)
{
	const char *value = reader_get(r, directive, 0);

	if (!*value || strcasecmp(value, "no") == 0)
		return false;
	if (strcasecmp(value, "yes") != 0)
		strv_addf(&r->conf->errors, "Unsupported %s value '%s'", directive, value);
	return strcasecmp(value, "yes") == 0;
}

static void conf_read_rest(struct conf_reader *r)
{
	struct conf *conf = r->conf;
	const char *clean = reader_get(r, "CLEAN", 0);
	size_t n = reader_count(r, "BUILD_DEPENDS");

	for (size_t i = 0; i < SCRIPT_COUNT_; i++)
		conf->scripts[i] = conf_strdup_unless_empty(reader_get(r, script_names[i], 0));
	if (strcmp(clean, "true") != 0 && strcmp(clean, "/bin/true") != 0 &&
	    strcmp(clean, "/usr/bin/true") != 0)
		conf->clean = conf_strdup_unless_empty(clean);
	for (size_t i = 0; i < n; i++)
		strv_split(&conf->depends, reader_get(r, "BUILD_DEPENDS", i), " \t\n");
	conf->remake_initrd = tolower((unsigned char)*reader_get(r, "REMAKE_INITRD", 0)) == 'y';
	conf->autoinstall = reader_get_bool(r, "AUTOINSTALL");
	conf->depends_rebuild = reader_get_bool(r, "BUILD_DEPENDS_REBUILD");
	conf->no_weak_modules = reader_get_bool(r, "NO_WEAK_MODULES");
}

/*
 * Has a module before module `i` the same destination name (`dest` is true) or the same path in the
 * build (`dest` is false)?
 */
static bool conf_is_duplicate(const struct conf *conf, size_t i, bool dest)
{
	const struct conf_module *m = &conf->modules[i];

	for (size_t j = 0; j < i; j++) {
		const struct conf_module *other = &conf->modules[j];

		if (dest ? strcmp(m->dest_name, other->dest_name) == 0
			 : strcmp(m->built_name, other->built_name) == 0 &&
				    strcmp(m->built_location, other->built_location) == 0)
			return true;
	}
	return false;
}

static void conf_check_duplicates(struct conf *conf)
{
	for (size_t i = 0; i < conf->n_modules; i++) {
		if (conf_is_duplicate(conf, i, false))
			strv_addf(&conf->strict_errors,
				  "Duplicate module '%s%s' in 'BUILT_MODULE_NAME[%zu]'.",
				  conf->modules[i].built_location, conf->modules[i].built_name, i);
	}
	for (size_t i = 0; i < conf->n_modules; i++) {
		if (conf_is_duplicate(conf, i, true))
			strv_addf(&conf->strict_errors,
				  "Duplicate module '%s' in 'DEST_MODULE_NAME[%zu]'.",
				  conf->modules[i].dest_name, i);
	}
}

static void conf_check_whole(struct conf *conf, const char *name)
{
	conf_check_duplicates(conf);
	if (conf->n_modules || (conf->errors.n && !conf->missing.n))
		return;
	strv_add(&conf->warnings, "Zero modules specified.");
	/* If the conf does not even name its package, suggest all lines that it needs. */
	if (conf->missing.n) {
		conf_add_missing(conf, "BUILT_MODULE_NAME[0]", name);
		conf_add_missing(conf, "DEST_MODULE_LOCATION[0]", "/extra");
	}
}

void conf_interpret(const struct conf_values *values, const struct conf_kernel *kernel,
		    struct conf *ret)
{
	struct conf_reader r = { .kernel = kernel, .conf = ret };

	*ret = (struct conf)CONF_INIT;
	strv_add_all(&ret->warnings, &values->warnings);
	reader_build_index(&r, values);
	conf_read_package(&r);
	conf_read_modules(&r);
	conf_check_leftovers(&r);
	ret->obsolete_by = conf_strdup_unless_empty(reader_get(&r, "OBSOLETE_BY", 0));
	conf_read_make(&r);
	conf_read_patches(&r);
	conf_read_exclusions(&r);
	conf_read_rest(&r);
	conf_check_whole(ret, kernel->name);
	free(r.index);
}
