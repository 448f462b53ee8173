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

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

/* What follows the last '-', "" without one. */
static const char *flavour(const char *release)
{
	const char *dash = strrchr(release, '-');

	return dash ? dash + 1 : "";
}

static void set(struct headerspkg *ret, const char *command, char *package)
{
	ret->package = package;
	ret->command = package ? xasprintf("%s %s", command, package) : NULL;
}

/* Proxmox renamed its kernels with 6.5; Raspberry Pi OS numbers them since 6.6. */
static char *debian_package(const char *k)
{
	if (ends_with(k, "-pve"))
		return xasprintf("%s-headers-%s", vercmp(k, "6.5") < 0 ? "pve" : "proxmox", k);
	if (ends_with(k, "+") && (strstr(k, "-v7") || strstr(k, "-v8") || !strchr(k, '-')))
		return xstrdup("raspberrypi-kernel-headers");
	return xasprintf("linux-headers-%s", k);
}

/* "5.14.0-427.el9.x86_64+rt-debug" -> kernel-rt-debug-devel-5.14.0-427.el9.x86_64 */
static char *redhat_package(const char *k)
{
	const char *plus = strchr(k, '+');
	size_t n = plus ? (size_t)(plus - k) : strlen(k);
	const char *variant = strstr(k, "uek") ? "uek-" : strstr(k, ".rt") ? "rt-" : "";

	return xasprintf("kernel-%s%s%sdevel-%.*s", variant, plus ? plus + 1 : "", plus ? "-" : "",
			 (int)n, k);
}

static char *suse_package(const char *k)
{
	return *flavour(k) ? xasprintf("kernel-%s-devel", flavour(k)) : xstrdup("kernel-devel");
}

/* "6.6.19-1-MANJARO" -> linux66-headers */
static char *manjaro_package(const char *k)
{
	size_t major = strspn(k, "0123456789"), minor;

	if (!major || k[major] != '.')
		return NULL;
	minor = strspn(k + major + 1, "0123456789");
	return xasprintf("linux%.*s%.*s-headers", (int)major, k, (int)minor, k + major + 1);
}

static char *arch_package(const struct headerspkg_facts *f)
{
	static const char *const named[] = { "lts", "zen", "hardened", "rt", "rt-lts" };
	const char *last = flavour(f->release);
	size_t n = f->pkgbase ? strcspn(f->pkgbase, " \t\r\n") : 0;

	if (n)
		return xasprintf("%.*s-headers", (int)n, f->pkgbase);
	if (strcmp(last, "MANJARO") == 0)
		return manjaro_package(f->release);
	for (size_t i = 0; i < ARRAY_SIZE(named); i++) {
		if (strcmp(last, named[i]) == 0)
			return xasprintf("linux-%s-headers", last);
	}
	return xstrdup("linux-headers");
}

static char *gentoo_package(const char *k)
{
	return xstrdup(strstr(k, "gentoo-dist") ? "sys-kernel/gentoo-kernel"
						: "sys-kernel/gentoo-sources");
}

static char *alpine_package(const char *k)
{
	return *flavour(k) ? xasprintf("linux-%s-dev", flavour(k)) : NULL;
}

/* "6.6.21_1" -> linux6.6-headers */
static char *void_package(const char *k)
{
	size_t n = strspn(k, "0123456789");

	if (!n || k[n] != '.')
		return NULL;
	n += 1 + strspn(k + n + 1, "0123456789");
	return xasprintf("linux%.*s-headers", (int)n, k);
}

static bool is_like(const struct headerspkg_facts *f, const char *names)
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
	if (is_like(f, "debian ubuntu"))
		set(ret, "apt-get install", debian_package(k));
	else if (is_like(f, "suse opensuse sles sled opensuse-leap opensuse-tumbleweed"))
		set(ret, "zypper install", suse_package(k));
	else if (is_like(f, "fedora rhel centos openEuler anolis"))
		set(ret, "dnf install", redhat_package(k));
	else if (is_like(f, "arch archlinux manjaro"))
		set(ret, "pacman -S", arch_package(f));
	else if (is_like(f, "gentoo"))
		set(ret, "emerge", gentoo_package(k));
	else if (is_like(f, "alpine"))
		set(ret, "apk add", alpine_package(k));
	else if (is_like(f, "void"))
		set(ret, "xbps-install", void_package(k));
}
