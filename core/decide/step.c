/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/step.h"

#include <stdlib.h>

static const struct step_class step_classes[] = {
#define X(kind, name, rule, tone, doing, doing_what, function) \
	[kind] = { name, STEP_##rule, TONE_##tone, doing, doing_what },
	STEP_LIST(X)
#undef X
};

const struct step_class *step_class(enum step_kind kind)
{
	return &step_classes[kind];
}

bool step_acts(enum step_kind kind)
{
	return step_classes[kind].rule != STEP_TELLS;
}

bool step_is_told_once(enum step_kind kind)
{
	enum step_tone tone = step_classes[kind].tone;

	return tone == TONE_NOTE || tone == TONE_WAITS || tone == TONE_WARN;
}

void step_release(struct step *s)
{
	modid_release(&s->id);
	free(s->release);
	free(s->arch);
	free(s->reason);
	free(s->seen);
	strv_release(&s->names);
	free(s->after);
	free(s->behind);
}

void step_print(const struct step *s, struct buf *b)
{
	buf_adds(b, step_classes[s->kind].name);
	if (s->kind == STEP_HOLD || s->kind == STEP_UNHOLD)
		buf_addf(b, " %s", hold_kind_name(s->hold));
	if (s->id.name)
		buf_addf(b, " %s", s->id.name);
	if (s->id.version)
		buf_addf(b, "/%s", s->id.version);
	if (s->release)
		buf_addf(b, " %s", s->release);
	if (s->arch)
		buf_addf(b, " %s", s->arch);
	if (s->kind == STEP_INITRAMFS && s->names.n) {
		AUTO_FREE char *list = strv_join(&s->names, ",");

		buf_addf(b, " [%s]", list);
	}
	if (s->force)
		buf_adds(b, " force");
	buf_addf(b, ": %s", s->reason);
}
