/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/options.h"

#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/similar.h"
#include "base/util.h"

const struct option_def option_table[] = {
	{ OPT_MODULE, "-m", "--module", OPT_PREFIX | OPT_VALUE, "NAME[/VERSION]",
	  "the module package" },
	{ OPT_VERSION_OF_MODULE, "-v", NULL, OPT_VALUE, "VERSION", "its version" },
	{ OPT_KERNEL, "-k", "--kernelver", OPT_PREFIX | OPT_VALUE, "KERNEL[/ARCH]",
	  "a kernel; may be repeated" },
	{ OPT_TEMPLATE_KERNEL, NULL, "--templatekernel", OPT_PREFIX | OPT_VALUE, "KERNEL",
	  "install what this kernel has" },
	{ OPT_CONF, "-c", NULL, OPT_VALUE, "FILE", "use FILE instead of the source's dkms.conf" },
	{ OPT_QUIET, "-q", "--quiet", 0, NULL, "say nothing" },
	{ OPT_VERSION, "-V", "--version", 0, NULL, "print the version" },
	{ OPT_DEPRECATED, NULL, "--no-initrd", 0, NULL, "ignored" },
	{ OPT_DEPRECATED, NULL, "--no-clean-kernel", 0, NULL, "ignored" },
	{ OPT_DEPRECATED, NULL, "--no-prepare-kernel", 0, NULL, "ignored" },
	{ OPT_BINARIES_ONLY, NULL, "--binaries-only", 0, NULL, "without the source" },
	{ OPT_SOURCE_ONLY, NULL, "--source-only", 0, NULL, "without the builds" },
	{ OPT_FORCE, NULL, "--force", 0, NULL, "build or install again, whatever is there" },
	{ OPT_FORCE_VERSION_OVERRIDE, NULL, "--force-version-override", 0, NULL,
	  "install whatever version the kernel's own module has" },
	{ OPT_ALL, NULL, "--all", 0, NULL, "every kernel that it is built for" },
	{ OPT_VERBOSE, NULL, "--verbose", 0, NULL, "say more" },
	{ OPT_RPM_SAFE_UPGRADE, NULL, "--rpm_safe_upgrade", 0, NULL,
	  "for scripts of RPM packages" },
	{ OPT_DKMS_TREE, NULL, "--dkmstree", OPT_PREFIX | OPT_VALUE, "DIR",
	  "instead of /var/lib/dkms" },
	{ OPT_SOURCE_TREE, NULL, "--sourcetree", OPT_PREFIX | OPT_VALUE, "DIR",
	  "instead of /usr/src" },
	{ OPT_INSTALL_TREE, NULL, "--installtree", OPT_PREFIX | OPT_VALUE, "DIR",
	  "instead of /lib/modules" },
	{ OPT_SYMLINK_MODULES, NULL, "--symlink-modules", 0, NULL,
	  "install links to the built modules" },
	{ OPT_CONFIG, NULL, "--config", OPT_PREFIX | OPT_VALUE, "FILE",
	  "the kernel's configuration" },
	{ OPT_ARCHIVE, NULL, "--archive", OPT_PREFIX | OPT_VALUE, "FILE", "the tarball" },
	{ OPT_ARCH, "-a", "--arch", OPT_PREFIX | OPT_VALUE, "ARCH", "the architecture" },
	{ OPT_KERNEL_SOURCE_DIR, NULL, "--kernelsourcedir", OPT_PREFIX | OPT_VALUE, "DIR",
	  "the kernel's headers" },
	{ OPT_DIRECTIVE, NULL, "--directive", OPT_PREFIX | OPT_VALUE, "NAME=VALUE",
	  "overrides dkms.conf; may be repeated" },
	{ OPT_NO_DEPMOD, NULL, "--no-depmod", 0, NULL, "do not run depmod" },
	{ OPT_MODPROBE_ON_INSTALL, NULL, "--modprobe-on-install", 0, NULL,
	  "load what the hardware asks for" },
	{ OPT_DEBUG, NULL, "--debug", 0, NULL, "say what is looked at, and why" },
	{ OPT_JOBS, "-j", NULL, OPT_VALUE, "NUMBER", "jobs of make; 0: no limit" },
	{ OPT_ROOT, NULL, "--root", OPT_VALUE | OPT_OURS, "DIR", "work on the system below DIR" },
	{ OPT_DRY_RUN, NULL, "--dry-run", OPT_OURS, NULL, "print the plan, do nothing" },
	{ OPT_JSON, NULL, "--json", OPT_OURS, NULL, "machine-readable output" },
	{ OPT_REPAIR, NULL, "--repair", OPT_OURS, NULL, "mend what has one right answer" },
	{ OPT_LATER, NULL, "--later", OPT_OURS, NULL,
	  "leave it to the next event of a package manager" },
	{ OPT_FAILED, NULL, "--failed", OPT_OURS, NULL, "only runs in which something failed" },
	{ OPT_PROBLEMS, NULL, "--problems", OPT_OURS, NULL,
	  "only what needs a person; prints nothing if all is well" },
	{ OPT_CHECK, NULL, "--check", OPT_OURS, NULL,
	  "one line and an exit status for monitoring" },
	{ OPT_SINCE, NULL, "--since", OPT_VALUE | OPT_OURS, "TIME",
	  "only runs since then, \"2d\" for example" },
	{ OPT_NUMBER, "-n", "--number", OPT_VALUE | OPT_OURS, "N", "only the last N runs" },
	{ OPT_LOG, NULL, "--log", OPT_VALUE | OPT_OURS, "FILE",
	  "judge this log of a build; -: standard input" },
	{ OPT_FULL, NULL, "--full", OPT_OURS, NULL, "one run with the logs of its builds" },
	{ OPT_FOLLOW, "-f", "--follow", OPT_OURS, NULL, "go on with what is done from now on" },
	{ OPT_REFUSED, NULL, "--refused", OPT_OURS, NULL, "commands that were refused" },
	{ OPT_JUNIT, NULL, "--junit", OPT_VALUE | OPT_OURS, "FILE",
	  "write the results to FILE, as JUnit" },
	{ OPT_HEADERS, NULL, "--headers", OPT_VALUE | OPT_OURS, "DIR",
	  "unpacked headers of a kernel that is to come" },
	{ OPT_REFRESH, NULL, "--refresh", OPT_OURS, NULL,
	  "try the kernels that an upgrade would bring, and decide anew" },
	{ OPT_RELEASE, NULL, "--release", OPT_VALUE | OPT_OURS, "KERNEL",
	  "let a kernel in that is held back" },
	{ OPT_FETCH, NULL, "--fetch", OPT_OURS, NULL,
	  "let the package manager download those headers" },
	{ OPT_CANDIDATES, NULL, "--candidates", OPT_OURS, NULL,
	  "all kernels that an upgrade would bring" },
	{ OPT_STORE, NULL, "--store", OPT_VALUE | OPT_OURS, "URL", "the store of bundles" },
	{ OPT_KEY, NULL, "--key", OPT_VALUE | OPT_OURS, "FILE", "the key that signs bundles" },
	{ OPT_CERT, NULL, "--cert", OPT_VALUE | OPT_OURS, "FILE", "its certificate" },
	{ OPT_TO, NULL, "--to", OPT_VALUE | OPT_OURS, "FOLDER",
	  "where bundles and packages are put" },
	{ OPT_DEB, NULL, "--deb", OPT_OURS, NULL, "packages for dpkg" },
	{ OPT_RPM, NULL, "--rpm", OPT_OURS, NULL, "packages for rpm" },
	{ OPT_HELP, "-h", "--help", 0, NULL, "this text; after an action: its help" },
	{ 0 },
};

void options_release(struct options *o)
{
	free(o->action);
	free(o->junit);
	free(o->release);
	free(o->headers);
	free(o->command);
	free(o->since);
	free(o->log);
	free(o->number);
	free(o->topic);
	modid_release(&o->id);
	strv_release(&o->kernels);
	strv_release(&o->archs);
	free(o->conf);
	free(o->kernel_config);
	free(o->archive);
	free(o->template_kernel);
	free(o->kernel_source_dir);
	free(o->root);
	free(o->store);
	free(o->key);
	free(o->cert);
	free(o->to);
	free(o->source_path);
	strv_release(&o->directives);
	strv_release(&o->words);
	strv_release(&o->ignored);
	strv_release(&o->deprecated);
	settings_release(&o->settings);
}

/* ---- one value ---- */

static bool option_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The first line of s, without blanks at both ends; caller frees. */
static char *option_trim(const char *s)
{
	size_t n = strcspn(s, "\n");

	while (n && option_is_blank(*s)) {
		s++;
		n--;
	}
	while (n && option_is_blank(s[n - 1]))
		n--;
	return xstrndup(s, n);
}

static void options_set_string(char **to, char *value)
{
	free(*to);
	*to = value;
}

/*
 * Take "NAME" or "NAME/VERSION".  options_check() checks the two words, but not for actions whose
 * words may be something else, such as patterns (status), runs (log) or folders (lint).
 */
static void options_set_module(struct options *o, const char *value)
{
	const char *slash = strchr(value, '/');
	size_t n;

	if (!slash) {
		options_set_string(&o->id.name, xstrdup(value));
		return;
	}
	options_set_string(&o->id.name, xstrndup(value, (size_t)(slash - value)));
	/* Drop the slash that a shell's completion puts after a folder's name. */
	n = strlen(slash + 1);
	while (n > 1 && slash[n] == '/')
		n--;
	options_set_string(&o->id.version, xstrndup(slash + 1, n));
}

static void options_set_kernel(struct options *o, const char *value)
{
	const char *slash = strchr(value, '/');

	if (!slash) {
		strv_add(&o->kernels, value);
		return;
	}
	strv_addn(&o->kernels, value, (size_t)(slash - value));
	strv_add(&o->archs, slash + 1);
}

static void options_set_setting(struct options *o, enum setting id, const char *value)
{
	/* The last value on the command line counts; settings_set() would keep the first. */
	free(o->settings.value[id]);
	free(o->settings.source[id]);
	o->settings.value[id] = o->settings.source[id] = NULL;
	settings_set(&o->settings, id, value, "command line");
}

static void options_take_value(struct options *o, enum option_id id, char *value)
{
	switch (id) {
	case OPT_MODULE: options_set_module(o, value); break;
	case OPT_VERSION_OF_MODULE: options_set_string(&o->id.version, xstrdup(value)); break;
	case OPT_KERNEL: options_set_kernel(o, value); break;
	case OPT_ARCH: strv_add(&o->archs, value); break;
	case OPT_CONF: options_set_string(&o->conf, xstrdup(value)); break;
	case OPT_CONFIG: options_set_string(&o->kernel_config, xstrdup(value)); break;
	case OPT_ARCHIVE: options_set_string(&o->archive, xstrdup(value)); break;
	case OPT_TEMPLATE_KERNEL: options_set_string(&o->template_kernel, xstrdup(value)); break;
	case OPT_KERNEL_SOURCE_DIR:
		options_set_string(&o->kernel_source_dir, xstrdup(value));
		break;
	case OPT_LOG: options_set_string(&o->log, xstrdup(value)); break;
	case OPT_SINCE: options_set_string(&o->since, xstrdup(value)); break;
	case OPT_NUMBER: options_set_string(&o->number, xstrdup(value)); break;
	case OPT_RELEASE: options_set_string(&o->release, xstrdup(value)); break;
	case OPT_JUNIT: options_set_string(&o->junit, xstrdup(value)); break;
	case OPT_HEADERS: options_set_string(&o->headers, xstrdup(value)); break;
	case OPT_STORE: options_set_string(&o->store, xstrdup(value)); break;
	case OPT_KEY: options_set_string(&o->key, xstrdup(value)); break;
	case OPT_CERT: options_set_string(&o->cert, xstrdup(value)); break;
	case OPT_TO: options_set_string(&o->to, xstrdup(value)); break;
	case OPT_ROOT: options_set_string(&o->root, xstrdup(value)); break;
	case OPT_DIRECTIVE: strv_add(&o->directives, value); break;
	case OPT_DKMS_TREE: options_set_setting(o, SET_DKMS_TREE, value); break;
	case OPT_SOURCE_TREE: options_set_setting(o, SET_SOURCE_TREE, value); break;
	case OPT_INSTALL_TREE: options_set_setting(o, SET_INSTALL_TREE, value); break;
	case OPT_JOBS: options_set_setting(o, SET_PARALLEL_JOBS, value); break;
	default: break;
	}
}

static void options_take_flag(struct options *o, enum option_id id, const char *word)
{
	switch (id) {
	case OPT_FORCE: o->force = true; break;
	case OPT_FORCE_VERSION_OVERRIDE: o->force_version_override = true; break;
	case OPT_ALL: o->all = true; break;
	case OPT_QUIET: o->quiet = true; break;
	case OPT_VERBOSE: options_set_setting(o, SET_VERBOSE, "yes"); break;
	case OPT_DEBUG: o->debug = true; break;
	case OPT_NO_DEPMOD: o->no_depmod = true; break;
	case OPT_MODPROBE_ON_INSTALL: options_set_setting(o, SET_MODPROBE_ON_INSTALL, "yes"); break;
	case OPT_SYMLINK_MODULES: options_set_setting(o, SET_SYMLINK_MODULES, "yes"); break;
	case OPT_RPM_SAFE_UPGRADE: o->rpm_safe_upgrade = true; break;
	case OPT_BINARIES_ONLY: o->binaries_only = true; break;
	case OPT_SOURCE_ONLY: o->source_only = true; break;
	case OPT_DEPRECATED: strv_add(&o->deprecated, word); break;
	case OPT_DRY_RUN: o->dry_run = true; break;
	case OPT_JSON: o->json = true; break;
	case OPT_REPAIR: o->repair = true; break;
	case OPT_LATER: o->later = true; break;
	case OPT_FAILED: o->failed = true; break;
	case OPT_FULL: o->full = true; break;
	case OPT_FOLLOW: o->follow = true; break;
	case OPT_REFUSED: o->refused = true; break;
	case OPT_REFRESH: o->refresh = true; break;
	case OPT_FETCH: o->fetch = true; break;
	case OPT_CANDIDATES: o->candidates = true; break;
	case OPT_DEB: o->deb = true; break;
	case OPT_RPM: o->rpm = true; break;
	case OPT_PROBLEMS: o->problems = true; break;
	case OPT_CHECK: o->check = true; break;
	case OPT_VERSION: o->version = true; break;
	case OPT_HELP: o->help = true; break;
	default: break;
	}
}

/* ---- words ---- */

static bool option_matches_long(const struct option_def *d, const char *word)
{
	size_t n = d->long_name ? strlen(d->long_name) : 0;

	if (!n || strncmp(word, d->long_name, n) != 0)
		return false;
	if (d->flags & OPT_PREFIX)
		return true;
	return word[n] == '\0' || ((d->flags & OPT_VALUE) && word[n] == '=');
}

static const struct option_def *option_find(const char *word)
{
	for (const struct option_def *d = option_table; d->short_name || d->long_name; d++) {
		if ((d->short_name && strcmp(word, d->short_name) == 0) ||
		    option_matches_long(d, word))
			return d;
	}
	return NULL;
}

/* Take an option, and its value if it has one.  Returns how many words after words[0] were used. */
static int options_take_option(struct options *o, const struct option_def *d, char **words,
			       int left)
{
	const char *equals = strncmp(words[0], "--", 2) == 0 ? strchr(words[0], '=') : NULL;
	AUTO_FREE char *value = NULL;

	o->given |= OPTION(d->id);
	if (!(d->flags & OPT_VALUE)) {
		options_take_flag(o, d->id, words[0]);
		return 0;
	}
	value = option_trim(equals ? equals + 1 : left ? words[1] : "");
	options_take_value(o, d->id, value);
	return equals || !left ? 0 : 1;
}

static bool options_is_kind(const char *path, mode_t kind)
{
	struct stat st;

	return stat(path, &st) == 0 && (st.st_mode & S_IFMT) == kind;
}

/*
 * As in DKMS: a dkms.conf, or a folder that has one, is a source.  Any other file is an archive.
 * Any other word is the name of a module package, unless one is given already.
 */
static void options_take_word(struct options *o, const char *word)
{
	AUTO_FREE char *conf = xasprintf("%s/dkms.conf", word);

	strv_add(&o->words, word);
	if (options_is_kind(word, S_IFREG) && str_ends(word, "dkms.conf"))
		options_set_string(&o->source_path,
				   xasprintf("%.*s./", (int)(strlen(word) - 9), word));
	else if (options_is_kind(word, S_IFDIR) && options_is_kind(conf, S_IFREG))
		options_set_string(&o->source_path, xstrdup(word));
	else if (options_is_kind(word, S_IFREG))
		options_set_string(&o->archive, xstrdup(word));
	else if (!option_is_set(o->id.name))
		options_set_module(o, word);
	else
		strv_add(&o->ignored, word);
}

void options_word_is_name(struct options *o)
{
	const char *word = o->words.n ? o->words.v[0] : NULL;

	if (!word || option_is_set(o->id.name) || *word == '/' || *word == '.')
		return;
	options_set_string(&o->source_path, NULL);
	options_set_string(&o->archive, NULL);
	options_set_module(o, word);
}

static bool options_want_help(const struct options *o)
{
	return o->help || (o->action && strcmp(o->action, "help") == 0);
}

/* Take an action.  After the action "help", it is the topic of the help. */
static int options_take_action(struct options *o, const char *word, struct err *err)
{
	if (o->action && !o->topic && options_want_help(o)) {
		o->topic = xstrdup(word);
		return 0;
	}
	if (o->action)
		return err_set(err, -E_TWO_ACTIONS, "Cannot specify more than one action.");
	o->action = xstrdup(word);
	return 0;
}

/*
 * Is the word an action?  After another action, "help" can only be a module's name, and after
 * "config", "gate" is the setting.  The action bundle has verbs of its own.
 */
static bool options_is_action(const struct options *o, bool (*is_action)(const char *word),
			      const char *word)
{
	if (o->action && (strcmp(word, "help") == 0 || strcmp(o->action, "bundle") == 0))
		return false;
	if (o->action && strcmp(o->action, "config") == 0 && strcmp(word, "gate") == 0)
		return false;
	return is_action(word);
}

/* Fail because the option does not exist, and name one that may be meant. */
static int options_unknown(const char *word, struct err *err)
{
	AUTO_FREE char *name = xstrndup(word, strcspn(word, "="));
	struct similar s = SIMILAR_INIT(name);

	for (const struct option_def *d = option_table; d->short_name || d->long_name; d++) {
		if (d->long_name && d->id != OPT_DEPRECATED)
			similar_offer(&s, d->long_name);
	}
	return err_set(err, -E_USAGE,
		       "Unknown option: %s%s%s%s\n"
		       "dkms --help lists the actions and the options.",
		       word, s.best ? "\nDid you mean " : "", s.best ? s.best : "",
		       s.best ? "?" : "");
}

/* The command line for the history, e.g. "dkms install 'a b'".  Caller frees. */
static char *options_command_line(int argc, char **argv)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, "dkms");
	for (int i = 1; i < argc; i++) {
		bool odd = !*argv[i] || strpbrk(argv[i], " \t\n'\"$`\\&|;<>()*?[#~");

		buf_addf(&b, odd ? " '%s'" : " %s", argv[i]);
	}
	return buf_detach(&b);
}

int options_parse(int argc, char **argv, bool (*is_action)(const char *word), struct options *ret,
		  struct err *err)
{
	int r = 0;

	*ret = (struct options){ .kernels = STRV_INIT,
				 .archs = STRV_INIT,
				 .directives = STRV_INIT,
				 .words = STRV_INIT,
				 .ignored = STRV_INIT,
				 .deprecated = STRV_INIT };
	ret->command = options_command_line(argc, argv);
	for (int i = 1; i < argc && r == 0; i++) {
		const struct option_def *d = *argv[i] == '-' ? option_find(argv[i]) : NULL;

		if (d)
			i += options_take_option(ret, d, argv + i, argc - i - 1);
		else if (*argv[i] == '-')
			r = options_unknown(argv[i], err);
		else if (options_is_action(ret, is_action, argv[i]))
			r = options_take_action(ret, argv[i], err);
		else
			options_take_word(ret, argv[i]);
		if (ret->version)
			break;
		/* "dkms --help install" is "dkms install --help". */
		for (i++; ret->help && i < argc; i++) {
			if (!ret->action && is_action(argv[i]))
				ret->action = xstrdup(argv[i]);
		}
		i--;
	}
	return r;
}

/*
 * Is the name probably the path of a file that does not exist?  Such names are "." and "..", and
 * paths like "./x.tar.gz" or "/tmp/x", which options_set_module() has split at the first slash.
 */
static bool options_name_is_path(const struct options *o)
{
	const char *name = o->id.name;

	if (!name || !o->id.version)
		return name && (strcmp(name, ".") == 0 || strcmp(name, "..") == 0);
	return !*name || strcmp(name, ".") == 0;
}

/*
 * The error for such a path, with the exit status that DKMS has for it.  DKMS reads the path as a
 * module package:
 *  - "./x" is version x of the module ".": a bad name;
 *  - "." has no version, and "/x" has no name: a missing argument.
 * For ldtarball the error is a missing archive, with the exit status of -E_BAD_NAME.
 */
static int options_path_error(const struct options *o)
{
	bool is_named = *o->id.name && o->id.version;

	if (is_named || (o->action && strcmp(o->action, "ldtarball") == 0))
		return -E_BAD_NAME;
	return -E_ARGS_MISSING;
}

static int options_check_names(const struct options *o, struct err *err)
{
	const char *p;

	if (options_name_is_path(o))
		return err_set(
			err, options_path_error(o),
			"'%s%s%s' cannot be used: there is no such tarball, and no folder of "
			"that name with a dkms.conf.",
			o->id.name, o->id.version ? "/" : "", o->id.version ? o->id.version : "");

	if (option_is_set(o->id.name) && (p = modid_name_problem(o->id.name)))
		return err_set(err, -E_BAD_NAME, "The module's name '%s' cannot be used: %s.",
			       o->id.name, p);
	if (option_is_set(o->id.version) && (p = modid_version_problem(o->id.version)))
		return err_set(err, -E_BAD_NAME, "The module's version '%s' cannot be used: %s.%s",
			       o->id.version, p,
			       strchr(o->id.version, '/')
				       ? "\nFor a path: there is no such tarball, and no folder "
					 "of that name with a dkms.conf."
				       : "");
	for (size_t i = 0; i < o->kernels.n; i++) {
		if (*o->kernels.v[i] && (p = modid_kernel_problem(o->kernels.v[i])))
			return err_set(err, -E_BAD_NAME, "The kernel '%s' cannot be used: %s.",
				       o->kernels.v[i], p);
	}
	for (size_t i = 0; i < o->archs.n; i++) {
		if (*o->archs.v[i] && (p = modid_kernel_problem(o->archs.v[i])))
			return err_set(err, -E_BAD_NAME,
				       "The architecture '%s' cannot be used: %s.%s", o->archs.v[i],
				       p,
				       strchr(o->archs.v[i], '/')
					       ? "\nA kernel is named as \"uname -r\" prints it, "
						 "with /ARCH or without, and not by a path."
					       : "");
	}
	return 0;
}

int options_check(const struct options *o, struct err *err)
{
	static const char *const unchecked[] = { "status", "log", "lint", "try", "init", "bundle" };
	bool globs = false;

	for (size_t i = 0; o->action && i < ARRAY_SIZE(unchecked); i++)
		globs = globs || strcmp(o->action, unchecked[i]) == 0;

	if (o->binaries_only && o->source_only)
		return err_set(err, -E_BAD_CONF,
			       "You have specified both --binaries-only and --source-only.");
	if (o->archs.n > 1 && o->archs.n != o->kernels.n)
		return err_set(err, -E_ARGS_MISSING,
			       "If more than one arch is specified on the command line, there\n"
			       "must be an equal number of kernel versions.");
	if (o->kernels.n && o->all)
		return err_set(err, -E_USAGE,
			       "You cannot specify a kernel version and also --all.");
	if (o->archs.n && o->all)
		return err_set(err, -E_ALL_WITH_ARCH, "You cannot specify an arch and also --all.");
	return globs ? 0 : options_check_names(o, err);
}

char *options_path(const struct options *o, const char *path)
{
	AUTO_FREE char *here = NULL;

	if (!path || !*path)
		return NULL;
	if (*path == '/')
		return xstrdup(path);
	here = o->root ? NULL : getcwd(NULL, 0);
	return xasprintf("%s/%s", here && strcmp(here, "/") != 0 ? here : "", path);
}

int options_folder(const struct options *o, char **ret, struct err *err)
{
	static const char conf[] = "dkms.conf";
	AUTO_FREE char *folder = NULL;
	size_t n;

	if (o->words.n > 1)
		return err_set(err, -E_USAGE, "The action %s takes one folder, not %s and %s.",
			       o->action, o->words.v[0], o->words.v[1]);
	folder = options_path(o, o->words.n && *o->words.v[0] ? o->words.v[0] : ".");
	if (str_ends(folder, "/dkms.conf") && options_is_kind(folder, S_IFREG))
		folder[strlen(folder) - strlen(conf)] = '\0';
	n = strlen(folder);
	while (n > 1 && (folder[n - 1] == '/' || (folder[n - 1] == '.' && folder[n - 2] == '/')))
		folder[--n] = '\0';
	*ret = TAKE(folder);
	return 0;
}

bool options_match(const char *pattern, const char *s)
{
	return !option_is_set(pattern) || fnmatch(pattern, s, 0) == 0;
}

bool options_match_any(const struct strv *patterns, const char *s)
{
	for (size_t i = 0; i < patterns->n; i++) {
		if (options_match(patterns->v[i], s))
			return true;
	}
	return patterns->n == 0;
}
