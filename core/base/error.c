/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"

static const struct {
	int status;
	const char *text;
} error_list[] = {
#define X(name, status, text) { status, text },
	ERROR_LIST(X)
#undef X
};

static bool error_is_ours(int code)
{
	return -code > E_FIRST_ && -code < E_LAST_;
}

void err_release(struct err *err)
{
	free(err->text);
	*err = (struct err)ERR_INIT;
}

static void err_put(struct err *err, int code, struct buf *text)
{
	err_release(err);
	err->code = code;
	err->text = buf_detach(text);
}

int err_set(struct err *err, int code, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	if (!err)
		return code;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	err_put(err, code, &b);
	return code;
}

int err_sys(struct err *err, int code, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	if (!err)
		return code;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	buf_addf(&b, ": %s", error_text(code));
	err_put(err, code, &b);
	return code;
}

int err_prefix(struct err *err, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	if (!err)
		return -E_GENERAL;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	buf_addf(&b, ": %s", err->text ? err->text : error_text(err->code));
	free(err->text);
	err->text = buf_detach(&b);
	return err->code;
}

void err_move(struct err *to, struct err *from)
{
	err_release(to);
	*to = *from;
	*from = (struct err)ERR_INIT;
}

const char *error_text(int code)
{
	const char *s;

	if (code == 0)
		return "success";
	if (error_is_ours(code))
		return error_list[-code - E_FIRST_ - 1].text;
	s = strerrordesc_np(-code);
	return s ? s : "unknown error";
}

int error_status(int code)
{
	if (code == 0)
		return 0;
	if (code == -ENOSPC || code == -EDQUOT)
		code = -E_NO_SPACE;
	return error_is_ours(code) ? error_list[-code - E_FIRST_ - 1].status : 1;
}

int err_status(const struct err *err)
{
	return err->status ? err->status : error_status(err->code);
}
