/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * jsondoc - what all documents of --json have in common; the door to json-c of cli.
 *
 * Every document is an object with "schema": 1.  Texts are copied.
 */
#include <json-c/json.h>

#include "base/buf.h"
#include "base/strv.h"

/* A new document.  The caller prints and frees it with json_print_and_free(). */
struct json_object *json_document(void);
/* Append the document to `ret`, as valid JSON whatever bytes its texts have, and free it. */
void json_print_and_free(struct json_object *o, struct buf *ret);

/* NULL becomes null. */
void json_add(struct json_object *o, const char *key, const char *value);
void json_add_bool(struct json_object *o, const char *key, bool value);
void json_add_number(struct json_object *o, const char *key, size_t n);
/* An array of texts; it is empty if `list` is NULL. */
void json_add_list(struct json_object *o, const char *key, const struct strv *list);
/* Add the members name, version, kernel and arch.  NULL becomes null. */
void json_add_target(struct json_object *o, const char *name, const char *version,
		     const char *release, const char *arch);
