/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/reason.h"

static const struct {
	const char *name;
	enum forecast forecast;
} reasons[] = {
#define X(id, name, forecast) { name, forecast },
	REASON_LIST(X)
#undef X
};

enum forecast reason_forecast(enum reason r)
{
	return reasons[r].forecast;
}

const char *reason_name(enum reason r)
{
	return reasons[r].name;
}

const char *forecast_name(enum forecast v)
{
	static const char *const names[] = { [FORECAST_LOADS] = "will-load",
					     [FORECAST_FAILS] = "will-not-load",
					     [FORECAST_UNKNOWN] = "cannot-tell" };

	return names[v];
}
