/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/headerspkg.h"

#include <string.h>

#include "base/alloc.h"
#include "base/strv.h"
#include "model/kver.h"
#include "model/vercmp.h"

void headerspkg_release(struct headerspkg *p)
{
	free(p->package);
	free(p->command);
	*p = (struct headerspkg){ NULL, NULL };
}

/* What follows the last '-'; "" if there is no '-'. */
static const char *headerspkg_flavour(const char *release)
{
	const char *dash = strrchr(release, '-');

	return dash ? dash + 1 : "";
}

/* Takes ownership of `package`, which may be NULL. */
static void headerspkg_set(struct headerspkg *ret, const char *command, char *package)
{
	ret->package = package;
	ret->command = package ? xasprintf("%s %s", command, package) : NULL;
}

/*
 * The package on Debian and its relatives.  Proxmox renamed its packages with 6.5.  On Raspberry Pi
 * OS, releases before 6.6 end in '+', and all these kernels share one package of headers.
 */
static char *headerspkg_debian(const char *k)
{
	if (str_ends(k, "-pve"))
		return xasprintf("%s-headers-%s", vercmp(k, "6.5") < 0 ? "pve" : "proxmox", k);
	if (str_ends(k, "+") && (strstr(k, "-v7") || strstr(k, "-v8") || !strchr(k, '-')))
		return xstrdup("raspberrypi-kernel-headers");
	return xasprintf("linux-headers-%s", k);
}

/* "5.14.0-427.el9.x86_64+rt-debug" -> kernel-rt-debug-devel-5.14.0-427.el9.x86_64 */
static char *headerspkg_redhat(const char *k)
{
	const char *plus = strchr(k, '+');
	size_t n = plus ? (size_t)(plus - k) : strlen(k);
	const char *variant = strstr(k, "uek") ? "uek-" : strstr(k, ".rt") ? "rt-" : "";

	return xasprintf("kernel-%s%s%sdevel-%.*s", variant, plus ? plus + 1 : "", plus ? "-" : "",
			 (int)n, k);
}

static char *headerspkg_suse(const char *k)
{
	return *headerspkg_flavour(k) ? xasprintf("kernel-%s-devel", headerspkg_flavour(k))
				      : xstrdup("kernel-devel");
}

/* "6.6.19-1-MANJARO" -> linux66-headers */
static char *headerspkg_manjaro(const char *k)
{
	size_t major = strspn(k, "0123456789"), minor;

	if (!major || k[major] != '.')
		return NULL;
	minor = strspn(k + major + 1, "0123456789");
	return xasprintf("linux%.*s%.*s-headers", (int)major, k, (int)minor, k + major + 1);
}

static char *headerspkg_arch(const struct headerspkg_facts *f)
{
	static const char *const named[] = { "lts", "zen", "hardened", "rt", "rt-lts" };
	const char *last = headerspkg_flavour(f->release);
	size_t n = f->pkgbase ? strcspn(f->pkgbase, " \t\r\n") : 0;

	if (n)
		return xasprintf("%.*s-headers", (int)n, f->pkgbase);
	if (strcmp(last, "MANJARO") == 0)
		return headerspkg_manjaro(f->release);
	for (size_t i = 0; i < ARRAY_SIZE(named); i++) {
		if (strcmp(last, named[i]) == 0)
			return xasprintf("linux-%s-headers", last);
	}
	return xstrdup("linux-headers");
}

static char *headerspkg_gentoo(const char *k)
{
	return xstrdup(strstr(k, "gentoo-dist") ? "sys-kernel/gentoo-kernel"
						: "sys-kernel/gentoo-sources");
}

static char *headerspkg_alpine(const char *k)
{
	return *headerspkg_flavour(k) ? xasprintf("linux-%s-dev", headerspkg_flavour(k)) : NULL;
}

/* "6.6.21_1" -> linux6.6-headers */
static char *headerspkg_void(const char *k)
{
	size_t n = strspn(k, "0123456789");

	if (!n || k[n] != '.')
		return NULL;
	n += 1 + strspn(k + n + 1, "0123456789");
	return xasprintf("linux%.*s-headers", (int)n, k);
}

static bool headerspkg_is_like(const struct headerspkg_facts *f, const char *names)
{
	AUTO_STRV struct strv wanted = STRV_INIT, have = STRV_INIT;

	strv_split(&wanted, names, " ");
	strv_split(&have, f->distro, " ");
	for (size_t i = 0; i < have.n; i++) {
		if (strv_has(&wanted, have.v[i]))
			return true;
	}
	return false;
}

void headerspkg_find(const struct headerspkg_facts *f, struct headerspkg *ret)
{
	const char *k = f->release;

	*ret = (struct headerspkg){ NULL, NULL };
	if (!kver_is_listed(k))
		return;
	if (headerspkg_is_like(f, "debian ubuntu"))
		headerspkg_set(ret, "apt install", headerspkg_debian(k));
	else if (headerspkg_is_like(f, "suse opensuse sles sled opensuse-leap opensuse-tumbleweed"))
		headerspkg_set(ret, "zypper install", headerspkg_suse(k));
	else if (headerspkg_is_like(f, "fedora rhel centos openEuler anolis"))
		headerspkg_set(ret, "dnf install", headerspkg_redhat(k));
	else if (headerspkg_is_like(f, "arch archlinux manjaro"))
		headerspkg_set(ret, "pacman -S", headerspkg_arch(f));
	else if (headerspkg_is_like(f, "gentoo"))
		headerspkg_set(ret, "emerge", headerspkg_gentoo(k));
	else if (headerspkg_is_like(f, "alpine"))
		headerspkg_set(ret, "apk add", headerspkg_alpine(k));
	else if (headerspkg_is_like(f, "void"))
		headerspkg_set(ret, "xbps-install", headerspkg_void(k));
}
