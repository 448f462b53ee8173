/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/found.h"

static void verify_module_release(struct verify_module *m)
{
	free(m->name);
	free(m->path);
	free(m->package);
	free(m->version);
	judgement_release(&m->judgement);
}

void verify_kernel_release(struct verify_kernel *k)
{
	for (size_t i = 0; i < k->n; i++)
		verify_module_release(&k->v[i]);
	free(k->v);
	free(k->release);
	free(k->arch);
	*k = (struct verify_kernel){ 0 };
}

void verify_release(struct verify *v)
{
	for (size_t i = 0; i < v->n; i++)
		verify_kernel_release(&v->v[i]);
	free(v->v);
	*v = (struct verify){ 0 };
}

size_t verify_count(const struct verify *v, enum forecast forecast)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++) {
		for (size_t k = 0; k < v->v[i].n; k++)
			n += reason_forecast(v->v[i].v[k].judgement.reason) == forecast;
	}
	return n;
}

const struct verify_module *verify_gravest(const struct verify *v, const struct modid *id,
					   const char *release, const char *arch)
{
	static const int weight[] = {
		[FORECAST_LOADS] = 0, [FORECAST_UNKNOWN] = 1, [FORECAST_FAILS] = 2
	};
	const struct verify_module *gravest = NULL;

	for (size_t i = 0; i < v->n; i++) {
		const struct verify_kernel *k = &v->v[i];

		for (size_t j = 0;
		     j < k->n && str_equal(k->release, release) && str_equal(k->arch, arch); j++) {
			const struct verify_module *m = &k->v[j];

			if (str_equal(m->package, id->name) && str_equal(m->version, id->version) &&
			    (!gravest ||
			     weight[reason_forecast(m->judgement.reason)] >
				     weight[reason_forecast(gravest->judgement.reason)]))
				gravest = m;
		}
	}
	return gravest;
}
