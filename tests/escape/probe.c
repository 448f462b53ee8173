/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe CONTEXT - try all probes; for each print "CONTEXT NAME allowed" or "CONTEXT NAME refused
 * ERRNO".  "hung" and "died" are faults of the probe.
 *
 * probe --brief CONTEXT - print "CONTEXT: N probes, allowed: NAME...", in one line.
 * probe --leave CONTEXT - leave a daemon behind, and return.
 * probe --list - print the names.
 *
 * The copies of this program that escape.test makes with a setuid bit or with capabilities of the
 * file are called with --root.
 */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	LIMIT_SECONDS = 20,
	EXIT_NO_TARGET = 250,
	DAEMON_ROUNDS = 200,
	DAEMON_USEC = 50000,
};

static const struct probe *const tables[] = {
	probes_files,	probes_links,	  probes_proc,	     probes_devices,
	probes_sockets, probes_processes, probes_privileges, probes_limits,
	probes_ipc,	probes_mounts,	  probes_kernel,
};
static const char *current;

const char *probe_target(const char *name)
{
	static char line[512];
	size_t len = strlen(name);
	FILE *f = fopen(PROBE_TARGETS, "re");

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, name, len) && line[len] == ' ') {
			fclose(f);
			return line + len + 1;
		}
	}
	fprintf(stderr, "probe %s: %s has no line %s\n", current, PROBE_TARGETS, name);
	_exit(EXIT_NO_TARGET);
}

pid_t probe_target_pid(const char *name)
{
	return (pid_t)atoi(probe_target(name));
}

const char *probe_scratch(void)
{
	return access(".", W_OK) == 0 ? "." : "/tmp";
}

const char *probe_path(const char *folder, const char *suffix)
{
	char *path;

	if (asprintf(&path, "%s/" PROBE_MARK ".%s%s%s", folder, current, suffix ? "-" : "",
		     suffix ? suffix : "") < 0)
		abort();
	return path;
}

int probe_create(const char *folder, const char *suffix)
{
	return open(probe_path(folder, suffix), O_RDWR | O_CREAT | O_CLOEXEC, 0755);
}

int probe_read(const char *path)
{
	return probe_result(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
}

int probe_write(const char *path)
{
	return probe_result(open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
}

int probe_result(long result)
{
	return result < 0 ? errno : 0;
}

int probe_passed(long result, int passed)
{
	return result < 0 && errno != passed ? errno : 0;
}

/* Run it in a process of its own; the wait status. */
static int probe_run(const struct probe *p)
{
	int wstatus = 0;
	pid_t pid;

	fflush(NULL);
	current = p->name;
	pid = fork();
	if (pid == 0) {
		const char *arg = p->arg;

		signal(SIGXFSZ, SIG_IGN);
		alarm(LIMIT_SECONDS);
		if (arg && *arg == '@')
			arg = strdup(probe_target(arg + 1));
		_exit(p->run(arg));
	}
	if (pid < 0 || waitpid(pid, &wstatus, 0) < 0) {
		perror("probe");
		exit(1);
	}
	return wstatus;
}

static void probe_print(const char *context, const struct probe *p, int wstatus)
{
	if (WIFSIGNALED(wstatus) && WTERMSIG(wstatus) == SIGALRM)
		printf("%s %s hung\n", context, p->name);
	else if (WIFSIGNALED(wstatus))
		printf("%s %s refused SIG%s\n", context, p->name, sigabbrev_np(WTERMSIG(wstatus)));
	else if (WEXITSTATUS(wstatus) == 0)
		printf("%s %s allowed\n", context, p->name);
	else if (strerrorname_np(WEXITSTATUS(wstatus)))
		printf("%s %s refused %s\n", context, p->name,
		       strerrorname_np(WEXITSTATUS(wstatus)));
	else
		printf("%s %s died\n", context, p->name);
}

static void probe_all(const char *context, bool brief)
{
	char allowed[2048] = "";
	size_t n = 0;

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (const struct probe *p = tables[i]; p->name; p++, n++) {
			int wstatus = probe_run(p);

			if (!brief)
				probe_print(context, p, wstatus);
			else if (WIFEXITED(wstatus) && WEXITSTATUS(wstatus) == 0)
				strcat(strcat(allowed, " "), p->name);
		}
	if (brief)
		fprintf(stderr, "%s: %zu probes, allowed:%s\n", context, n, allowed);
}

static void probe_list(void)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (const struct probe *p = tables[i]; p->name; p++)
			puts(p->name);
}

/* It keeps what it has open, wants no signal, and writes into its folder as long as it lives. */
static void probe_daemon(const char *context)
{
	int folder = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_IGN);
	for (int i = 0; i < DAEMON_ROUNDS; i++) {
		char name[64];

		snprintf(name, sizeof(name), "escape-survivor.%s", context);
		close(openat(folder, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
		usleep(DAEMON_USEC);
	}
}

static int probe_leave(const char *program, const char *context)
{
	pid_t pid = fork();

	if (pid < 0)
		return 1;
	if (pid > 0)
		return waitpid(pid, NULL, 0) == pid ? 0 : 1;
	setsid();
	if (fork() == 0)
		execl(program, "escape-daemon", "--daemon", context, probe_target("token"), NULL);
	_exit(0);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	current = verb;
	if (!strcmp(verb, "--root"))
		return geteuid() == 0 || setuid(0) == 0 ? 0 : EPERM;
	if (!strcmp(verb, "--list"))
		probe_list();
	else if (argc == 4 && !strcmp(verb, "--daemon"))
		probe_daemon(argv[2]);
	else if (argc == 3 && !strcmp(verb, "--leave"))
		return probe_leave(PROBE_HOME "/probe", argv[2]);
	else if (argc == 3 && !strcmp(verb, "--brief"))
		probe_all(argv[2], true);
	else if (argc == 2 && *verb != '-')
		probe_all(verb, false);
	else
		return 2;
	return 0;
}
