/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/confwarn.h"

#include <ctype.h>
#include <string.h>

#include "base/alloc.h"
#include "model/conftext.h"
#include "sys/fs.h"

#define CONF_MAX (1U << 20)

static void confwarn_add_names(const struct target *t, const struct conf *conf, struct strv *ret)
{
	const char *name = conf->package_name, *version = conf->package_version;

	if (name && *t->name && strcmp(name, t->name) != 0)
		strv_addf(ret, "PACKAGE_NAME is %s, but this module package is %s/%s.", name,
			  t->name, t->version);
	if (version && *t->version && strcmp(version, t->version) != 0)
		strv_addf(ret,
			  "PACKAGE_VERSION is %s, but this module package is %s/%s: its folder "
			  "has another version than its dkms.conf.",
			  version, t->name, t->version);
}

void confwarn_add(const struct engine *e, const struct target *t, const char *path,
		  const struct conf *conf, struct conf_values *values)
{
	AUTO_BUF struct buf text = BUF_INIT;

	if (values->error || values->syntax)
		return;
	if (fs_read(&e->root, path, CONF_MAX, &text) == 0)
		conftext_warnings(text.s, &values->warnings);
	confwarn_add_names(t, conf, &values->warnings);
}

char *confwarn_folder(const struct root *r, const char *folder, const struct conf *conf)
{
	AUTO_FREE char *real = NULL;
	const char *base;
	size_t n;

	if (!conf->package_name || !conf->package_version || root_realpath(r, folder, &real) < 0)
		return NULL;
	base = strrchr(real, '/') + 1;
	n = strlen(conf->package_name);
	if (strncmp(base, conf->package_name, n) != 0 || base[n] != '-' ||
	    !(isdigit((unsigned char)base[n + 1]) || base[n + 1] == 'v') ||
	    !strcmp(base + n + 1, conf->package_version))
		return NULL;
	return xasprintf("The folder is %s, but PACKAGE_VERSION is %s.", base,
			 conf->package_version);
}
