/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * authorjson - the documents of lint and try with --json; their schemas are lint.json and try.json
 * in data/schema.
 */
#include "author/finding.h"
#include "author/tries.h"

void json_lint(const struct lint_findings *l, const char *folder, struct buf *ret);
void json_try(const struct tries *t, struct buf *ret);
