/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cause/class.h"

#include <string.h>

static const struct cause_class_text {
	const char *name, *text;
	bool lasting;
} cause_classes[] = {
#define CAUSE_TEXT(class, name, lasting, text) [class] = { (name), (text), (lasting) },
	CAUSE_LIST(CAUSE_TEXT)
};

const char *cause_name(enum cause_class class)
{
	return cause_classes[class].name;
}

const char *cause_text(enum cause_class class)
{
	return cause_classes[class].text;
}

bool cause_lasts(enum cause_class class)
{
	return cause_classes[class].lasting;
}

bool cause_parse(const char *name, enum cause_class *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(cause_classes); i++) {
		if (strcmp(cause_classes[i].name, name) != 0)
			continue;
		*ret = (enum cause_class)i;
		return true;
	}
	return false;
}
