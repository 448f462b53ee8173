/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bundle/packagetext.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void package_facts_release(struct package_facts *f)
{
	free(f->kernel);
	free(f->kernel_version);
	free(f->source_version);
	free(f->package_arch);
	strv_release(&f->depends);
	strv_release(&f->depends_versions);
}

static bool packagetext_is_one_of(char c, const char *more)
{
	return isascii(c) && (isalnum((unsigned char)c) || strchr(more, c));
}

bool package_is_plain(const char *name)
{
	for (const char *p = name; *p; p++) {
		if (!packagetext_is_one_of(*p, "+-._~"))
			return false;
	}
	return *name && *name != '-' && *name != '.';
}

char *package_folder(const struct package_facts *f)
{
	return xasprintf("/lib/modules/%s/updates/%s", f->release, f->name);
}

/* ---- names and versions ---- */

char *package_name(enum package_kind kind, const char *name, const char *release)
{
	const char *dash = release ? "-" : "";
	char *text;

	release = release ? release : "";
	if (kind == PACKAGE_RPM)
		return xasprintf("kmod-%s%s%s", name, dash, release);
	text = xasprintf("%s-modules%s%s", name, dash, release);
	for (char *p = text; *p; p++)
		*p = packagetext_is_one_of(*p, "+.") ? (char)tolower((unsigned char)*p) : '-';
	return text;
}

/* A version with nothing but letters, digits and `more`.  Caller frees. */
static char *packagetext_version(const char *version, const char *more)
{
	char *text = xasprintf("%s%s", isdigit((unsigned char)*version) ? "" : "0", version);

	for (char *p = text; *p; p++) {
		if (!packagetext_is_one_of(*p, more))
			*p = strchr(more, '_') ? '_' : '.';
	}
	return text;
}

char *package_version(const struct package_facts *f)
{
	return packagetext_version(f->version, f->kind == PACKAGE_RPM ? "+._~" : "+-.~");
}

/* The version of a package as a part of a revision, which has no dash. */
static void packagetext_add_part(const char *version, char other, struct buf *ret)
{
	for (const char *p = version; *p; p++)
		buf_addch(ret, packagetext_is_one_of(*p, "+.~") ? *p : *p == '-' ? other : '.');
}

char *package_revision(const struct package_facts *f)
{
	AUTO_BUF struct buf b = BUF_INIT;

	if (f->kind == PACKAGE_RPM)
		buf_addch(&b, '1');
	else if (f->kernel_version)
		packagetext_add_part(f->kernel_version, '+', &b);
	if (f->source_version) {
		if (b.len)
			buf_addch(&b, f->kind == PACKAGE_RPM ? '.' : '+');
		packagetext_add_part(f->source_version, '+', &b);
	}
	return b.len ? xstrdup(b.s) : NULL;
}

char *package_full_version(const struct package_facts *f)
{
	AUTO_FREE char *version = package_version(f), *revision = package_revision(f);

	return revision ? xasprintf("%s-%s", version, revision) : TAKE(version);
}

char *package_file(const struct package_facts *f)
{
	AUTO_FREE char *package = package_name(f->kind, f->name, f->release);
	AUTO_FREE char *version = package_full_version(f);

	if (f->kind == PACKAGE_RPM)
		return xasprintf("%s-%s.%s.rpm", package, version, f->package_arch);
	return xasprintf("%s_%s_%s.deb", package, version, f->package_arch);
}

/* ---- dpkg ---- */

void package_control(const struct package_facts *f, struct buf *ret)
{
	AUTO_FREE char *package = package_name(f->kind, f->name, f->release);
	AUTO_FREE char *provides = package_name(f->kind, f->name, NULL);
	AUTO_FREE char *version = package_full_version(f);

	buf_addf(ret, "Package: %s\nVersion: %s\nArchitecture: %s\n", package, version,
		 f->package_arch);
	buf_addf(ret, "Maintainer: dkms <root@localhost>\nInstalled-Size: %llu\n",
		 (unsigned long long)(f->size + 1023) / 1024);
	buf_addf(ret, "Depends: %s, kmod", f->kernel);
	for (size_t i = 0; i < f->depends.n; i++) {
		AUTO_FREE char *other = package_name(f->kind, f->depends.v[i], f->release);

		buf_addf(ret, ", %s (= %s)", other, f->depends_versions.v[i]);
	}
	buf_addf(ret, "\nProvides: %s (= %s)\nSection: kernel\nPriority: optional\n", provides,
		 version);
	buf_addf(ret,
		 "Description: modules of %s %s for Linux %s\n"
		 " They are built already: neither a compiler nor dkms is needed.\n",
		 f->name, f->version, f->release);
}

void package_postinst(const struct package_facts *f, struct buf *ret)
{
	buf_addf(ret, "#!/bin/sh\n[ \"$1\" != configure ] || depmod %s || :\n", f->release);
}

void package_postrm(const struct package_facts *f, struct buf *ret)
{
	/* If the kernel is gone, too, depmod would leave files in its folder. */
	buf_addf(ret,
		 "#!/bin/sh\n[ \"$1\" != remove ] || [ ! -e /lib/modules/%s/modules.dep ] || "
		 "depmod %s || :\n",
		 f->release, f->release);
}

/* ---- rpm ---- */

/*
 * The tags of the package itself.  The module package's own version may have a macro of rpm in it.
 */
static void packagetext_add_tags(const struct package_facts *f, struct buf *ret)
{
	AUTO_FREE char *package = package_name(f->kind, f->name, f->release);
	AUTO_FREE char *provides = package_name(f->kind, f->name, NULL);
	AUTO_FREE char *version = package_version(f), *revision = package_revision(f);

	buf_addf(ret,
		 "Name: %s\nVersion: %s\nRelease: %s\n"
		 "Summary: Modules of %s %s for Linux %s\nLicense: see modinfo(8)\n",
		 package, version, revision, f->name, version, f->release);
	buf_addf(ret, "AutoReqProv: no\nProvides: %s = %%{version}-%%{release}\nRequires: %s\n",
		 provides, f->kernel);
	for (size_t i = 0; i < f->depends.n; i++) {
		AUTO_FREE char *other = package_name(f->kind, f->depends.v[i], f->release);

		buf_addf(ret, "Requires: %s = %s\n", other, f->depends_versions.v[i]);
	}
	buf_adds(ret, "Requires(post): kmod\nRequires(postun): kmod\n");
}

void package_spec(const struct package_facts *f, struct buf *ret)
{
	AUTO_FREE char *folder = package_folder(f);

	/* The files are taken as they are, and nothing depends on time or machine. */
	buf_adds(ret, "%global debug_package %{nil}\n"
		      "%global __os_install_post %{nil}\n"
		      "%global __arch_install_post %{nil}\n"
		      "%global _build_id_links none\n"
		      "%global _binary_payload w6.xzdio\n"
		      "%global _buildhost localhost\n"
		      "%global use_source_date_epoch_as_buildtime 1\n"
		      "%global clamp_mtime_to_source_date_epoch 1\n");
	packagetext_add_tags(f, ret);
	buf_adds(ret, "\n%description\n"
		      "They are built already: neither a compiler nor dkms is needed.\n"
		      "\n%install\nmkdir -p %{buildroot}\ncp -R %{dkms_files}/. %{buildroot}/\n");
	buf_addf(ret,
		 "\n%%files\n%%defattr(0644,root,root,0755)\n%%dir /lib/modules/%s/updates\n%s\n",
		 f->release, folder);
	buf_addf(ret, "\n%%post\ndepmod %s || :\n", f->release);
	buf_addf(ret, "\n%%postun\n[ ! -e /lib/modules/%s/modules.dep ] || depmod %s || :\n",
		 f->release, f->release);
}
