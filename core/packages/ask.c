/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packages/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/childenv.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "sys/signals.h"

#define ANSWER_MAX    (64U << 20)
#define CONVERTED_MAX (1U << 30)

/* What the program prints goes to `out` or, if that is NULL, to the file `fd`. */
struct answer {
	struct buf *out, err;
	int fd;
	int error; /* -errno of the first write to fd that failed */
};

static void ask_take(const char *data, size_t len, void *arg)
{
	struct answer *a = arg;

	if (a->out)
		proc_collect(data, len, a->out);
	else if (a->error == 0)
		a->error = fd_write(a->fd, data, len);
}

static void ask_take_error(const char *data, size_t len, void *arg)
{
	struct answer *a = arg;

	proc_tail(data, len, &a->err);
}

/* The last line that is not empty; caller frees. */
static char *ask_last_line(const struct buf *text)
{
	AUTO_STRV struct strv lines = STRV_INIT;

	strv_split(&lines, text->s, "\n");
	return xstrdup(lines.n ? lines.v[lines.n - 1] : "it printed nothing");
}

static int ask_failed(const struct proc_spec *spec, const struct proc_result *res,
		      const struct answer *a, struct err *err)
{
	AUTO_FREE char *how = proc_result_text(spec, res), *line = ask_last_line(&a->err);
	int code = -E_GENERAL;

	if (proc_was_killed(res))
		code = proc_killed_error(res);
	else if (res->end == PROC_TIMED_OUT)
		code = -E_TIMEOUT;
	else if (strstr(a->err.s, strerror(ENOSPC)))
		code = -ENOSPC; /* children speak LC_ALL=C */
	return err_set(err, code, "%s: %s: %s", spec->argv.v[0], how, line);
}

/* Run argv and release answer->err. */
static int ask_run(const struct engine *e, const struct strv *argv, struct proc_spec *spec,
		   struct answer *answer, struct err *err)
{
	struct proc_result res = { 0 };
	int r;

	strv_add_all(&spec->argv, argv);
	childenv_tool(&spec->env);
	spec->root = &e->root;
	spec->on_output = ask_take;
	spec->on_error = ask_take_error;
	spec->data = answer;
	spec->timeout = settings_number(&e->settings, SET_TOOL_TIMEOUT);
	r = proc_run(spec, &res);
	if (r == -ENOENT)
		r = err_set(err, -E_TOOL_MISSING, "%s is not installed", argv->v[0]);
	else if (r < 0)
		r = err_sys(err, r, "%s", argv->v[0]);
	else if (res.end != PROC_EXITED || res.status != 0)
		r = ask_failed(spec, &res, answer, err);
	buf_release(&answer->err);
	return r;
}

int ask(const struct engine *e, const struct strv *argv, const char *cwd, struct buf *ret,
	struct err *err)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	struct answer answer = { .out = ret, .err = BUF_INIT, .fd = -1 };

	spec.cwd = cwd;
	spec.output_max = ANSWER_MAX;
	return ask_run(e, argv, &spec, &answer, err);
}

int ask_convert(const struct engine *e, const struct strv *argv, const char *from, const char *to,
		struct err *err)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	struct answer answer = { .out = NULL, .err = BUF_INIT, .fd = -1 };
	AUTO_FD int in = fs_open_file(&e->root, from, 0), out = -1;
	int r;

	if (in < 0)
		return err_sys(err, in, "%s", from);
	out = root_openat(&e->root, to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	if (out < 0)
		return err_sys(err, out, "%s", to);
	spec.stdin_fd = in;
	spec.output_max = CONVERTED_MAX;
	answer.fd = out;
	r = ask_run(e, argv, &spec, &answer, err);
	return r == 0 && answer.error < 0 ? err_sys(err, answer.error, "%s", to) : r;
}

bool ask_has(const struct engine *e, const char *program)
{
	AUTO_STRV struct strv env = STRV_INIT;

	childenv_tool(&env);
	return childenv_has_command(e, &env, program);
}
