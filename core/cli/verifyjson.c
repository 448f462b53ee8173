/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/verifyjson.h"

struct json_object *json_verify_module(const struct verify_module *m)
{
	struct json_object *o = json_object_new_object();

	json_add(o, "module", m->name);
	json_add(o, "name", m->package);
	json_add(o, "version", m->version);
	json_add(o, "file", m->path);
	json_add(o, "verdict", forecast_name(reason_forecast(m->judgement.reason)));
	json_add(o, "reason",
		 m->judgement.reason == REASON_NONE ? NULL : reason_name(m->judgement.reason));
	json_add(o, "text", m->judgement.text);
	json_add(o, "cure", m->judgement.cure);
	return o;
}

static struct json_object *json_verify_kernel(const struct verify_kernel *k)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();

	json_add(o, "kernel", k->release);
	json_add(o, "arch", k->arch);
	json_add_bool(o, "next_boot", k->next);
	for (size_t i = 0; i < k->n; i++)
		json_object_array_add(list, json_verify_module(&k->v[i]));
	json_object_object_add(o, "modules", list);
	return o;
}

void json_verify(const struct verify *v, struct buf *ret)
{
	static const char *const boots[] = { [FIRMWARE_INSECURE] = "off",
					     [FIRMWARE_SECURE] = "on",
					     [FIRMWARE_UNKNOWN] = "unknown" };
	struct json_object *o = json_document(), *list = json_object_new_array();

	json_add_bool(o, "efi", v->efi);
	json_add(o, "secure_boot", boots[v->boot]);
	for (size_t i = 0; i < v->n; i++)
		json_object_array_add(list, json_verify_kernel(&v->v[i]));
	json_object_object_add(o, "kernels", list);
	json_add_number(o, "will_load", verify_count(v, FORECAST_LOADS));
	json_add_number(o, "will_not_load", verify_count(v, FORECAST_FAILS));
	json_add_number(o, "cannot_tell", verify_count(v, FORECAST_UNKNOWN));
	json_print_and_free(o, ret);
}
