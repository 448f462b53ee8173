/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crash - spoil every file-system call of dkms in turn and look at what is left.
 *
 *	crash DKMS TEMPLATE WORK kill|errors|power|full STRIDE [OPERATION]
 *
 * TEMPLATE is a tree made by tests/crash/template for the path WORK/t.  Every
 * STRIDE-th call is spoilt.  Prints a line for each violation, and at the end
 * the figures.  Exit status 1 after any violation.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "operations.h"
#include "supervise.h"
#include "tree.h"

#define EXT4_SHUTDOWN	    _IOR('X', 125, uint32_t)
#define SHUTDOWN_NOLOGFLUSH 2

static const char *dkms, *template, *work;
static char *tree, *kernel, *event, *output;
static unsigned int stride;
static unsigned int points, recoveries, violations;

/* ---- states: what the tree may look like ---- */

enum { STATES_MAX = 8 };

struct states {
	struct strv v[STATES_MAX]; /* before, between, after */
	size_t n;
	uint64_t original;
};

static void states_release(struct states *s)
{
	for (size_t i = 0; i < s->n; i++)
		strv_release(&s->v[i]);
}

/* What no promise is made about: caches, logs, locks, work folders. */
static bool skip(const char *rel)
{
	const char *native = "dkms/.native/";
	size_t len = strlen(rel);

	if (strncmp(rel, "modules/", 8) == 0)
		return strstr(rel, "/build") != NULL;
	if (strncmp(rel, native, strlen(native)) == 0) {
		rel += strlen(native);
		return strncmp(rel, "journal", 7) != 0 && strncmp(rel, "pending", 7) != 0 &&
		       strcmp(rel, "staging") != 0;
	}
	return strcmp(rel, "lost+found") == 0 ||
	       (len > 6 && strcmp(rel + len - 6, "/build") == 0) ||
	       (len > 9 && strcmp(rel + len - 9, "/make.log") == 0);
}

/* These folders may be there or not; what is in them counts. */
static bool is_optional(const char *line)
{
	static const char *const names[] = { "dkms/.native/ ", "dkms/.native/journal/ ",
					     "dkms/.native/pending/ " };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strncmp(line, names[i], strlen(names[i])) == 0)
			return true;
	}
	return false;
}

/* A new pair of keys is another one each time: it counts whether they are whole. */
static void add_key(const char *line, struct strv *ret)
{
	static const char end[] = "PRIVATE KEY-----\n";
	AUTO_FREE char *rel = xstrndup(line, strcspn(line, " "));
	AUTO_FREE char *path = xasprintf("%s/%s", tree, rel);
	unsigned char text[16384];
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(text, 1, sizeof(text), f) : 0, len = strlen(end);
	bool key = n > len && memcmp(text + n - len, end, len) == 0;
	/* DER: a sequence with two bytes of length. */
	bool cert =
		n > 4 && text[0] == 0x30 && text[1] == 0x82 && n == 4U + 256U * text[2] + text[3];

	strv_addf(ret, "%.*s %s", (int)(strlen(line) - strlen(strrchr(line, ' '))), line,
		  key || cert ? "whole" : "broken");
	if (f)
		fclose(f);
}

static void look(struct strv *ret)
{
	AUTO_STRV struct strv all = STRV_INIT;
	const char *line;

	tree_describe(tree, skip, &all);
	STRV_FOREACH (line, &all) {
		if (strncmp(line, "mok/", 4) == 0 && line[4] != ' ')
			add_key(line, ret);
		else if (!is_optional(line))
			strv_add(ret, line);
	}
}

/* ---- running dkms ---- */

static bool takes_kernel(const char *words)
{
	static const char *const verbs[] = { "build ", "install ", "uninstall ", "unbuild ",
					     "mktarball " };

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strncmp(words, verbs[i], strlen(verbs[i])) == 0)
			return true;
	}
	return false;
}

/* With the machine's folder for each %t. */
static void add_words(const char *words, struct strv *ret)
{
	AUTO_STRV struct strv all = STRV_INIT;
	const char *word;

	strv_split(&all, words, " ");
	STRV_FOREACH (word, &all) {
		const char *at = strstr(word, "%t");

		if (at)
			strv_addf(ret, "%.*s%s%s", (int)(at - word), word, tree, at + 2);
		else
			strv_add(ret, word);
	}
}

static void command_line(const char *words, struct strv *ret)
{
	strv_add(ret, dkms);
	add_words(words, ret);
	if (takes_kernel(words)) {
		strv_add(ret, "-k");
		strv_add(ret, kernel);
	}
	strv_add(ret, "--dkmstree");
	strv_addf(ret, "%s/dkms", tree);
	strv_add(ret, "--sourcetree");
	strv_addf(ret, "%s/src", tree);
	strv_add(ret, "--installtree");
	strv_addf(ret, "%s/modules", tree);
}

static struct supervised run(const char *words, enum spoil spoil, unsigned int at, int error,
			     void (*cut)(void))
{
	AUTO_STRV struct strv argv = STRV_INIT;
	struct supervise s = {
		.argv = &argv,
		.input = strcmp(words, "event") == 0 ? event : NULL,
		.output = output,
		.watched = tree,
		.spoil = spoil,
		.at = at,
		.error = error,
		.cut = cut,
		.trace = getenv("CRASH_TRACE"),
	};
	struct supervised ret;

	command_line(words, &argv);
	unlink(output);
	supervise(&s, &ret);
	return ret;
}

static void show_output(void)
{
	char line[512];
	FILE *f = fopen(output, "r");

	while (f && fgets(line, sizeof(line), f))
		printf("    | %s", line);
	if (f)
		fclose(f);
}

static void must_run(const char *words)
{
	AUTO_FREE char *shell = xasprintf("cd '%s' && %s", tree, words + 1);
	struct supervised r;

	if (words[0] == '!') {
		if (system(shell) != 0)
			errx(1, "%s", shell);
		return;
	}
	r = run(words, SPOIL_NOTHING, 0, 0, NULL);

	if (r.status == 0)
		return;
	show_output();
	errx(1, "dkms %s: status %d", words, r.status);
}

static void PRINTF(1, 2) violation(const char *fmt, ...)
{
	va_list ap;

	violations++;
	printf("VIOLATION: ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

/* ---- states ---- */

static bool same(const struct strv *a, const struct strv *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	}
	return true;
}

static void add_state(struct states *s)
{
	s->v[s->n] = (struct strv)STRV_INIT;
	look(&s->v[s->n]);
	s->n++;
}

static void show_difference(const struct strv *now, const struct strv *wanted)
{
	const char *line;

	STRV_FOREACH (line, now) {
		if (!strv_has(wanted, line))
			printf("    + %s\n", line);
	}
	STRV_FOREACH (line, wanted) {
		if (!strv_has(now, line))
			printf("    - %s\n", line);
	}
}

/* A line of the loader's: "modules/K/...ko 644 HASH" */
static bool is_module(const char *line)
{
	return strncmp(line, "modules/", 8) == 0 && strstr(line, ".ko ") &&
	       !strstr(line, "/.dkms-");
}

static bool has_module(const struct strv *v, const char *name)
{
	const char *line;

	STRV_FOREACH (line, v) {
		const char *at = is_module(line) ? strstr(line, name) : NULL;

		if (at && at[-1] == '/')
			return true;
	}
	return false;
}

static bool exists_somewhere(uint64_t hash, const struct strv *now)
{
	char end[32];
	const char *line;

	snprintf(end, sizeof(end), " %lx", (unsigned long)hash);
	STRV_FOREACH (line, now) {
		size_t len = strlen(line), n = strlen(end);

		if (len > n && strcmp(line + len - n, end) == 0)
			return true;
	}
	return false;
}

/* The first invariant, also of what no recovery has seen yet. */
static void check_raw(const struct operation *op, const struct states *s, const char *what)
{
	static const char *const names[] = { "crash_a.ko", "crash_b.ko", "crash_c.ko",
					     "crash_d.ko", "crash_e.ko", "crash_o.ko" };
	AUTO_STRV struct strv now = STRV_INIT;
	const char *line;

	look(&now);
	STRV_FOREACH (line, &now) {
		bool known = !is_module(line);

		for (size_t i = 0; !known && i < s->n; i++)
			known = strv_has(&s->v[i], line);
		if (!known)
			violation("%s, %s: before recovery neither old nor new: %s", op->name, what,
				  line);
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (has_module(&s->v[0], names[i]) && has_module(&s->v[s->n - 1], names[i]) &&
		    !has_module(&now, names[i]))
			violation("%s, %s: before recovery there is no %s", op->name, what,
				  names[i]);
	}
	if (s->original && !exists_somewhere(s->original, &now))
		violation("%s, %s: before recovery the original is lost", op->name, what);
}

/* The second one.  only_after: success had been reported. */
static void check_state(const struct operation *op, const struct states *s, bool only_after,
			const char *what)
{
	AUTO_STRV struct strv now = STRV_INIT;

	look(&now);
	for (size_t i = only_after ? s->n - 1 : 0; i < s->n; i++) {
		if (same(&now, &s->v[i]))
			return;
	}
	violation("%s, %s: %s", op->name, what,
		  only_after ? "not what was reported as done" : "neither before nor after");
	show_difference(&now, &s->v[s->n - 1]);
	printf("    and to before:\n");
	show_difference(&now, &s->v[0]);
}

static void recover(const struct operation *op, const char *what)
{
	struct supervised r = run("event", SPOIL_NOTHING, 0, 0, NULL);

	if (r.status == 0)
		return;
	violation("%s, %s: recovery ends with %d", op->name, what, r.status);
	show_output();
}

static void reset(const char *from)
{
	tree_empty(tree);
	tree_copy(from, tree);
}

static void save(const char *to)
{
	if (access(to, F_OK) == 0)
		tree_empty(to);
	tree_copy(tree, to);
}

/* The state before is a command's that was killed. */
static void break_off(const struct operation *op, const char *before)
{
	struct supervised r;

	reset(before);
	r = run(op->broken, SPOIL_NOTHING, 0, 0, NULL);
	reset(before);
	if (!run(op->broken, SPOIL_KILL, r.calls * op->percent / 100, 0, NULL).spoilt)
		errx(1, "%s: nothing was broken", op->name);
	save(before);
}

/* Before and after and what lies between; *ret_before is a copy of the tree. */
static void prepare(const struct operation *op, struct states *s, char **ret_before)
{
	char *before = xasprintf("%s/before", work);

	*s = (struct states){ .n = 0 };
	reset(template);
	for (size_t i = 0; op->setup[i]; i++)
		must_run(op->setup[i]);
	save(before);
	add_state(s);
	if (op->original) {
		AUTO_FREE char *path = xasprintf("%s/modules/%s/kernel/drivers/crash/%s", template,
						 kernel, op->original);
		s->original = tree_hash(path);
	}
	for (size_t i = 0; op->between[i]; i++) {
		must_run(op->between[i]);
		add_state(s);
	}
	reset(before);
	must_run(op->broken ? op->broken : op->command);
	add_state(s);
	if (op->broken)
		break_off(op, before);
	*ret_before = before;
}

/* ---- kill ---- */

/* Recovery dies as well, somewhere, before it may end. */
static void kill_recovery(const struct operation *op, const struct states *s, unsigned int at)
{
	AUTO_FREE char *what = xasprintf("killed at %u, recovery killed at %u", at, at % 17 + 1);

	if (run("event", SPOIL_KILL, at % 17 + 1, 0, NULL).spoilt) {
		recoveries++;
		check_raw(op, s, what);
	}
}

static void kill_everywhere(const struct operation *op)
{
	struct states s;
	AUTO_FREE char *before = NULL;
	bool more = true;

	prepare(op, &s, &before);
	for (unsigned int at = 1; more; at += stride) {
		AUTO_FREE char *what = xasprintf("killed at %u", at);
		struct supervised r;

		reset(before);
		r = run(op->command, SPOIL_KILL, at, 0, NULL);
		more = r.spoilt;
		if (!more)
			break;
		points++;
		check_raw(op, &s, what);
		kill_recovery(op, &s, at);
		recover(op, what);
		check_state(op, &s, false, what);
	}
	states_release(&s);
}

/* ---- errors ---- */

static void one_error(const struct operation *op, const struct states *s, const char *before,
		      unsigned int at, enum spoil spoil, int error, bool *more)
{
	AUTO_FREE char *what = xasprintf("%s %s %u", strerrorname_np(error),
					 spoil == SPOIL_ONCE ? "at" : "from", at);
	struct supervised r;
	struct stat st;

	reset(before);
	r = run(op->command, spoil, at, error, NULL);
	if (!r.spoilt) {
		*more = false;
		return;
	}
	points++;
	if (r.status > 128)
		violation("%s, %s: ended with %d", op->name, what, r.status);
	if (r.status && (stat(output, &st) < 0 || st.st_size == 0))
		violation("%s, %s: status %d without a message", op->name, what, r.status);
	check_raw(op, s, what);
	recover(op, what);
	check_state(op, s, r.status == 0 && !op->broken, what);
}

enum { SMALL_STRIDE = 4 };

static void fail_everywhere(const struct operation *op)
{
	static const int errors[] = { ENOSPC, EIO, EROFS, EDQUOT, EINTR };
	struct states s;
	AUTO_FREE char *before = NULL;
	bool more = true;
	unsigned int i = 0;

	prepare(op, &s, &before);
	/* Another errno each time; with a small stride each call fails once, and from then on. */
	for (unsigned int at = 1; more; at += stride) {
		unsigned int n = stride <= SMALL_STRIDE ? 2 : 1;

		for (unsigned int j = 0; more && j < n; j++, i++)
			one_error(op, &s, before, at, i % 2 ? SPOIL_FROM : SPOIL_ONCE,
				  errors[i / 2 % ARRAY_SIZE(errors)], &more);
	}
	states_release(&s);
}

/* ---- power ---- */

static int disk = -1;

static void write_image(const char *from, const char *to)
{
	AUTO_FREE char *command = xasprintf("cp --sparse=always '%s' '%s'", from, to);

	if (system(command) != 0)
		errx(1, "%s", command);
}

/* A loop device that vanishes with its mount. */
static void mount_image(const char *path)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int file = open(path, O_RDWR | O_CLOEXEC);
	struct loop_config c = { .fd = (unsigned int)file, .info.lo_flags = LO_FLAGS_AUTOCLEAR };
	char name[32];
	int n = -1, loop = -1;

	if (control < 0 || file < 0)
		err(1, "%s", path);
	for (int i = 0; i < 100; i++) {
		n = ioctl(control, LOOP_CTL_GET_FREE);
		snprintf(name, sizeof(name), "/dev/loop%d", n);
		loop = open(name, O_RDWR | O_CLOEXEC);
		if (loop >= 0 && ioctl(loop, LOOP_CONFIGURE, &c) == 0)
			break;
		if (loop >= 0)
			close(loop);
		loop = -1;
	}
	if (loop < 0 || mount(name, tree, "ext4", 0, NULL) < 0)
		err(1, "mount %s", path);
	close(loop);
	close(file);
	close(control);
	disk = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void unmount_image(void)
{
	close(disk);
	disk = -1;
	for (int i = 0; umount2(tree, 0) < 0; i++) {
		if (i > 200)
			err(1, "umount %s", tree);
		usleep(5000);
	}
}

static void cut(void)
{
	uint32_t flags = SHUTDOWN_NOLOGFLUSH;

	if (ioctl(disk, EXT4_SHUTDOWN, &flags) < 0)
		err(1, "EXT4_IOC_SHUTDOWN");
}

static bool cut_once(const struct operation *op, const struct states *s, const char *clean,
		     unsigned int at)
{
	AUTO_FREE char *what = xasprintf("power cut at %u", at);
	AUTO_FREE char *path = xasprintf("%s/power-%u.img", work, at);
	struct supervised r;

	write_image(clean, path);
	mount_image(path);
	r = run(op->command, SPOIL_POWER, at, 0, cut);
	if (!r.spoilt)
		cut();
	unmount_image();
	mount_image(path);
	points++;
	check_raw(op, s, what);
	recover(op, what);
	check_state(op, s, !r.spoilt && !op->broken, what);
	unmount_image();
	unlink(path);
	return r.spoilt;
}

static void cut_everywhere(const struct operation *op)
{
	AUTO_FREE char *empty = xasprintf("%s/empty.img", work);
	AUTO_FREE char *clean = xasprintf("%s/clean.img", work);
	AUTO_FREE char *before = NULL;
	struct states s;
	unsigned int at = 1;

	prepare(op, &s, &before);
	write_image(empty, clean);
	tree_empty(tree);
	mount_image(clean);
	tree_copy(before, tree);
	unmount_image();
	while (cut_once(op, &s, clean, at))
		at += stride;
	unlink(clean);
	states_release(&s);
}

/* ---- really full ---- */

/* Fill the disk but for this many KiB. */
static char *fill(unsigned long left)
{
	char *path = xasprintf("%s/filler", tree);
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	static const char block[4096];
	struct statvfs v;

	if (fd < 0)
		err(1, "%s", path);
	for (;;) {
		if (statvfs(tree, &v) < 0 || v.f_bavail * v.f_frsize / 1024 <= left)
			break;
		if (write(fd, block, sizeof(block)) <= 0)
			break;
	}
	fsync(fd);
	close(fd);
	return path;
}

static void check_journal(const struct operation *op, const char *what)
{
	AUTO_STRV struct strv now = STRV_INIT;
	const char *line;

	look(&now);
	STRV_FOREACH (line, &now) {
		if (strncmp(line, "dkms/.native/journal/", 21) == 0)
			violation("%s, %s: recovery on a full disk leaves %s", op->name, what,
				  line);
	}
}

static void full_everywhere(const struct operation *op)
{
	static const unsigned int left[] = { 0,	 4,  8,	 12, 16, 20, 24,  28,  32,  40,
					     48, 56, 64, 72, 80, 96, 112, 128, 160, 200 };
	AUTO_FREE char *before = NULL;
	struct states s;

	prepare(op, &s, &before);
	for (size_t i = 0; i < ARRAY_SIZE(left); i += stride) {
		AUTO_FREE char *what = xasprintf("%u KiB left", left[i]);
		AUTO_FREE char *filler = NULL;
		struct supervised r;

		reset(before);
		filler = fill(left[i]);
		r = run(op->command, SPOIL_NOTHING, 0, 0, NULL);
		points++;
		check_raw(op, &s, what);
		/* Still full: recovery only unlinks and renames, but depmod needs room. */
		run("event", SPOIL_NOTHING, 0, 0, NULL);
		check_raw(op, &s, what);
		check_journal(op, what);
		unlink(filler);
		recover(op, what);
		check_state(op, &s, r.status == 0 && !op->broken, what);
	}
	states_release(&s);
}

/* ---- start ---- */

static const struct part {
	const char *name;
	void (*run)(const struct operation *op);
} parts[] = {
	{ "kill", kill_everywhere },
	{ "errors", fail_everywhere },
	{ "power", cut_everywhere },
	{ "full", full_everywhere },
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void find_kernel(void)
{
	AUTO_FREE char *path = xasprintf("%s/modules", template);
	DIR *dir = opendir(path);
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		if (d->d_name[0] != '.')
			kernel = xstrdup(d->d_name);
	}
	if (dir)
		closedir(dir);
	if (!kernel)
		errx(1, "%s has no kernel", template);
}

static void write_event(void)
{
	FILE *f;

	event = xasprintf("%s/event", work);
	f = fopen(event, "w");
	if (!f || fputs("dkms-event 1\nfrom test\nend\n", f) < 0 || fclose(f) != 0)
		err(1, "%s", event);
}

/* Two settings that may be in the environment. */
static void place_keys(void)
{
	AUTO_FREE char *key = xasprintf("%s/mok/key", tree);
	AUTO_FREE char *certificate = xasprintf("%s/mok/certificate", tree);

	if (setenv("mok_signing_key", key, 1) < 0 || setenv("mok_certificate", certificate, 1) < 0)
		err(1, "setenv");
}

static void run_part(const struct part *p, const char *only)
{
	double start = now();

	for (size_t i = 0; i < n_operations; i++) {
		if (!only || strcmp(only, operations[i].name) == 0) {
			unsigned int earlier = points;

			p->run(&operations[i]);
			if (getenv("CRASH_VERBOSE"))
				printf("%s %s: %u points\n", p->name, operations[i].name,
				       points - earlier);
		}
	}
	printf("%s: %u points, %u recoveries killed, %u violations, %.1f s\n", p->name, points,
	       recoveries, violations, now() - start);
}

int main(int argc, char **argv)
{
	if (argc < 6)
		errx(2,
		     "usage: crash DKMS TEMPLATE WORK kill|errors|power|full STRIDE [OPERATION]");
	setvbuf(stdout, NULL, _IOLBF, 0);
	dkms = argv[1];
	template = argv[2];
	work = argv[3];
	stride = (unsigned int)strtoul(argv[5], NULL, 10);
	tree = xasprintf("%s/t", work);
	output = xasprintf("%s/output", work);
	find_kernel();
	write_event();
	place_keys();
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (strcmp(parts[i].name, argv[4]) == 0 && stride > 0)
			run_part(&parts[i], argc > 6 ? argv[6] : NULL);
	}
	return violations || !points;
}
