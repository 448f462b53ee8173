/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cause/rules.h"

static const struct cause_rules *const rules_tables[] = { &cause_rules_machine, &cause_rules_tools,
							  &cause_rules_code };

size_t cause_rules_count(void)
{
	size_t n = 0;

	for (size_t t = 0; t < ARRAY_SIZE(rules_tables); t++)
		n += rules_tables[t]->n;
	return n;
}

const struct cause_rule *cause_rule(size_t i)
{
	for (size_t t = 0; t < ARRAY_SIZE(rules_tables); t++) {
		if (i < rules_tables[t]->n)
			return &rules_tables[t]->rules[i];
		i -= rules_tables[t]->n;
	}
	return NULL;
}
