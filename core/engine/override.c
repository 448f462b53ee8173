/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/override.h"

#define OVERRIDES "/etc/dkms"

void override_files(const struct target *t, struct strv *ret)
{
	strv_addf(ret, OVERRIDES "/%s.conf", t->name);
	strv_addf(ret, OVERRIDES "/%s-%s.conf", t->name, t->version);
	if (!t->release || !t->arch)
		return;
	strv_addf(ret, OVERRIDES "/%s-%s-%s.conf", t->name, t->version, t->release);
	strv_addf(ret, OVERRIDES "/%s-%s-%s-%s.conf", t->name, t->version, t->release, t->arch);
	strv_addf(ret, OVERRIDES "/%s--%s.conf", t->name, t->release);
	strv_addf(ret, OVERRIDES "/%s--%s-%s.conf", t->name, t->release, t->arch);
}
