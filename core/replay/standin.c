/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cc-replay - stands for the compilers in PATH; replay.h says why that is sound. */
#include "replay/standin.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "sys/fd.h"

static int standin_say(const char *name, const char *what)
{
	AUTO_FREE char *text = xasprintf("%s: %s\n", name, what);

	return fd_write(STDERR_FILENO, text, strlen(text)) < 0 ? 126 : 127;
}

void standin_log(const struct standin *s, const char *what, const char *about)
{
	AUTO_FREE char *path = xasprintf("%s/" ROOM_NEW "/" ROOM_LOG, s->folder);
	AUTO_FREE char *line = xasprintf("%s %s\n", what, about);
	AUTO_FD int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

	/* The counts are for people. */
	if (fd < 0 || fd_write(fd, line, strlen(line)) < 0)
		return;
}

char *standin_absolute(const struct standin *s, const char *path)
{
	return path[0] == '/' ? xstrdup(path)
			      : xasprintf("%s/%s", strcmp(s->cwd, "/") == 0 ? "" : s->cwd, path);
}

/* ---- where we are ---- */

/* Split PATH into the folder of links, whose parent is the room, and the rest. */
static void standin_find_room(struct standin *s)
{
	const char *path = getenv("PATH"), *end;
	AUTO_BUF struct buf rest = BUF_INIT;

	for (; path; path = *end ? end + 1 : NULL) {
		AUTO_FREE char *dir = NULL;

		end = path + strcspn(path, ":");
		dir = xstrndup(path, (size_t)(end - path));
		if (dir[0] == '/' && str_ends(dir, "/" ROOM_LINKS)) {
			if (!s->folder)
				s->folder = path_parent(dir);
			continue;
		}
		buf_addf(&rest, "%s%s", rest.len ? ":" : "", dir);
	}
	s->rest = buf_detach(&rest);
}

static char *standin_find_cwd(void)
{
	const char *pwd = getenv("PWD");
	struct stat a, b;

	/* As gcc does, which writes it into the object. */
	if (pwd && pwd[0] == '/' && stat(pwd, &a) == 0 && stat(".", &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino)
		return xstrdup(pwd);
	return getcwd(NULL, 0);
}

static void standin_read_plan(struct standin *s)
{
	AUTO_FREE char *plan = s->folder ? xasprintf("%s/" ROOM_PLAN, s->folder) : NULL;
	AUTO_BUF struct buf text = BUF_INIT;

	if (!plan || !seen_read(plan, ROOM_MAX, &text, NULL) ||
	    room_parse(text.s, &s->room, NULL) < 0)
		return;
}

/* The program that would have been found without us; NULL: none.  Caller frees. */
static char *standin_find_program(const struct standin *s)
{
	AUTO_STRV struct strv dirs = STRV_INIT;
	const char *dir;

	strv_split(&dirs, s->rest, ":");
	STRV_FOREACH (dir, &dirs) {
		AUTO_FREE char *path = xasprintf("%s/%s", dir, s->name);
		struct stat st;

		if (access(path, X_OK) == 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode))
			return TAKE(path);
	}
	return NULL;
}

/*
 * Returns false if there is no room, if the build has changed PATH, if another program comes before
 * the compiler by now, or if the compiler or the headers of the kernel are not known.
 */
static bool standin_open(struct standin *s)
{
	AUTO_FREE char *program = NULL;

	if (!s->room.path || strcmp(s->room.path, s->rest) != 0)
		return false;
	s->compiler = room_compiler(&s->room, s->name);
	program = standin_find_program(s);
	s->cwd = standin_find_cwd();
	return s->compiler && str_equal(program, s->compiler->path) && s->cwd &&
	       seen_open(&s->seen, &s->room);
}

/* ---- the compiler itself ---- */

/* Become the compiler.  Returns an exit status if that fails. */
static int standin_become(const struct standin *s, char *const *argv)
{
	AUTO_FREE char *program = standin_find_program(s);

	if (!program)
		return standin_say(s->name, "command not found");
	execv(program, argv);
	return standin_say(program, strerror(errno));
}

/* An input that was read goes to the compiler as a file in memory. */
static int standin_give_input(const struct standin *s)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd < 0 || fd_write(fd, s->input.s, s->input.len) < 0 || lseek(fd, 0, SEEK_SET) < 0 ||
	    dup2(fd, STDIN_FILENO) < 0)
		return -1;
	return 0;
}

static int standin_plain(struct standin *s)
{
	if (s->call.is_object && s->folder)
		standin_log(s, ROOM_COMPILED, "plainly");
	if (s->input.len && str_equal(s->call.input, "-") && standin_give_input(s) < 0)
		return standin_say(s->name, "no standard input");
	return standin_become(s, s->argv);
}

static void standin_take(int fd, struct buf *b)
{
	char chunk[65536];
	ssize_t n;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return;
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_add(b, chunk, (size_t)n);
}

static void standin_child(const struct standin *s, const struct strv *argv, int out, int err)
{
	if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0 ||
	    (str_equal(s->call.input, "-") && standin_give_input(s) < 0))
		_exit(126);
	_exit(standin_become(s, argv->v));
}

/* Run the compiler.  Returns its wait status; -1: it could not be started. */
static int standin_run(struct standin *s, struct standin_result *res)
{
	AUTO_FD int out = memfd_create("out", MFD_CLOEXEC);
	AUTO_FD int err = s->together ? dup(out) : memfd_create("err", MFD_CLOEXEC);
	AUTO_STRV struct strv argv = STRV_INIT;
	int status = -1;
	pid_t child;

	if (s->call.kind == CALL_COMPILE)
		call_telling(&s->call, s->argc, s->argv, res->depfile, &argv);
	else
		for (int i = 0; i < s->argc; i++)
			strv_add(&argv, s->argv[i]);
	child = out < 0 || err < 0 ? -1 : fork();
	if (child < 0)
		return -1;
	if (child == 0)
		standin_child(s, &argv, out, err);
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	standin_take(out, &res->out);
	if (!s->together)
		standin_take(err, &res->err);
	return status;
}

/* Die as the compiler did. */
static int standin_die(int signal)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	sigaction(signal, &action, NULL);
	raise(signal);
	return 128 + signal;
}

static void standin_result_release(struct standin_result *res)
{
	buf_release(&res->out);
	buf_release(&res->err);
}

/* Start the compiler, pass on what it says, and remember what came of it.  Returns the status. */
static int standin_compile(struct standin *s)
{
	CLEANUP(standin_result_release)
	struct standin_result res = { .out = BUF_INIT, .err = BUF_INIT };
	AUTO_FREE char *own = xasprintf("%s/" ROOM_NEW "/.deps.%d", s->folder, (int)getpid());
	int status;

	res.depfile = s->call.depfile ? s->call.depfile : own;
	/* Another process may have had our number. */
	if (unlink(own) < 0 && errno != ENOENT)
		return standin_plain(s);
	status = standin_run(s, &res);
	if (status < 0)
		return standin_plain(s);
	standin_log(s, s->call.is_object ? ROOM_COMPILED : ROOM_ASKED, s->key);
	if (fd_write(STDOUT_FILENO, res.out.s, res.out.len) < 0 ||
	    fd_write(STDERR_FILENO, res.err.s, res.err.len) < 0)
		return 1;
	res.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	if (res.status >= 0)
		standin_remember(s, &res);
	/* If it cannot be removed now, it is removed with the room. */
	if (unlink(own) < 0 && errno != ENOENT)
		standin_log(s, "left", own);
	return res.status >= 0 ? res.status : standin_die(WTERMSIG(status));
}

static void standin_release(struct standin *s)
{
	free(s->folder);
	free(s->rest);
	free(s->place);
	free(s->cwd);
	free(s->build);
	room_release(&s->room);
	call_release(&s->call);
	seen_release(&s->seen);
	strv_release(&s->listed);
	buf_release(&s->input);
}

static int standin_handle(struct standin *s)
{
	int status = 0;

	standin_find_room(s);
	if (setenv("PATH", s->rest, 1) < 0)
		return standin_say(s->name, "no memory");
	standin_read_plan(s);
	/* A Makefile may have resolved our link: stand for the kernel's compiler then. */
	if (strcmp(s->name, "cc-replay") == 0)
		s->name = s->room.cc ? s->room.cc : "gcc";
	/* Where our link is does not concern the compiler. */
	if (strchr(s->argv[0], '/'))
		s->argv[0] = s->place = standin_find_program(s);
	if (!s->argv[0])
		return standin_say(s->name, "command not found");
	if (!standin_open(s))
		return standin_plain(s);
	call_parse(s->argc, s->argv, &s->seen.words, &s->call);
	if (s->call.kind == CALL_PLAIN || !standin_key(s))
		return standin_plain(s);
	return standin_answer(s, &status) ? status : standin_compile(s);
}

int main(int argc, char **argv)
{
	struct standin s = { .argc = argc,
			     .argv = argv,
			     .call = CALL_INIT,
			     .seen = { .folders = STRV_INIT, .real = STRV_INIT },
			     .listed = STRV_INIT,
			     .input = BUF_INIT };
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	int status;

	if (argc < 1)
		return 1;
	s.name = slash ? slash + 1 : argv[0];
	status = standin_handle(&s);
	standin_release(&s);
	return status;
}
