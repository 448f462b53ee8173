/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/override.h"

void override_files(const struct target *t, struct strv *ret)
{
	strv_addf(ret, OVERRIDE_DIR "/%s.conf", t->name);
	strv_addf(ret, OVERRIDE_DIR "/%s-%s.conf", t->name, t->version);
	if (!t->release || !t->arch)
		return;
	strv_addf(ret, OVERRIDE_DIR "/%s-%s-%s.conf", t->name, t->version, t->release);
	strv_addf(ret, OVERRIDE_DIR "/%s-%s-%s-%s.conf", t->name, t->version, t->release, t->arch);
	strv_addf(ret, OVERRIDE_DIR "/%s--%s.conf", t->name, t->release);
	strv_addf(ret, OVERRIDE_DIR "/%s--%s-%s.conf", t->name, t->release, t->arch);
}
