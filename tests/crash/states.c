/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "states.h"

#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "machine.h"
#include "tree.h"

void states_release(struct states *s)
{
	for (size_t i = 0; i < s->n; i++)
		strv_release(&s->v[i]);
}

/* Is it something about which no promise is made: a cache, a log, a lock, a work folder? */
static bool skip(const char *rel)
{
	/* These would be leftovers of a run, and must not be there. */
	static const char *const counts[] = { "journal", "pending", "staging",
					      "broken",	 "lost",    "depmod-" };
	const char *native = "dkms/.native/";
	size_t len = strlen(rel);

	if (strncmp(rel, "modules/", 8) == 0)
		return strstr(rel, "/build") != NULL;
	if (strncmp(rel, native, strlen(native)) == 0) {
		rel += strlen(native);
		for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
			if (strncmp(rel, counts[i], strlen(counts[i])) == 0)
				return false;
		}
		return true;
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

/* New keys differ each time, so only note whether they are whole. */
static void add_key(const char *line, struct strv *ret)
{
	static const char end[] = "PRIVATE KEY-----\n";
	AUTO_FREE char *rel = xstrndup(line, strcspn(line, " "));
	AUTO_FREE char *path = xasprintf("%s/%s", crash.tree, rel);
	unsigned char text[16384];
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(text, 1, sizeof(text), f) : 0, len = strlen(end);
	bool key = n > len && memcmp(text + n - len, end, len) == 0;
	/* DER begins with a sequence that has two bytes of length. */
	bool cert =
		n > 4 && text[0] == 0x30 && text[1] == 0x82 && n == 4U + 256U * text[2] + text[3];

	strv_addf(ret, "%.*s %s", (int)(strlen(line) - strlen(strrchr(line, ' '))), line,
		  key || cert ? "whole" : "broken");
	if (f)
		fclose(f);
}

void look(struct strv *ret)
{
	AUTO_STRV struct strv all = STRV_INIT;
	const char *line;

	tree_describe(crash.tree, skip, &all);
	STRV_FOREACH (line, &all) {
		if (strncmp(line, "mok/", 4) == 0 && line[4] != ' ')
			add_key(line, ret);
		else if (!is_optional(line))
			strv_add(ret, line);
	}
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

/* Is it the line of a module in the kernel's tree: "modules/K/...ko 644 HASH"? */
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

void check_raw(const struct operation *op, const struct states *s, const char *what)
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

/* Is it a record whose build may be compiled or replayed?  It says which. */
static bool is_either(const struct operation *op, const char *line)
{
	return op->again[0] && strstr(line, "/record ");
}

static bool same(const struct operation *op, const struct strv *a, const struct strv *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (strcmp(a->v[i], b->v[i]) != 0 &&
		    !(is_either(op, a->v[i]) && is_either(op, b->v[i])))
			return false;
	}
	return true;
}

static void do_again(const struct operation *op, const char *what)
{
	struct supervised r;

	/* If the build was not made, there is nothing to unbuild. */
	(void)run(op->again[0], SPOIL_NOTHING, 0, 0, NULL);
	r = run(op->again[1], SPOIL_NOTHING, 0, 0, NULL);
	if (r.status == 0)
		return;
	violation("%s, %s: done again it ends with %d", op->name, what, r.status);
	show_output();
}

static void check_once(const struct operation *op, const struct states *s, bool only_after,
		       const char *what)
{
	AUTO_STRV struct strv now = STRV_INIT;

	look(&now);
	for (size_t i = only_after ? s->n - 1 : 0; i < s->n; i++) {
		if (same(op, &now, &s->v[i]))
			return;
	}
	violation("%s, %s: %s", op->name, what,
		  only_after ? "not what was reported as done" : "neither before nor after");
	show_difference(&now, &s->v[s->n - 1]);
	printf("    and to before:\n");
	show_difference(&now, &s->v[0]);
}

void check_state(const struct operation *op, const struct states *s, bool only_after,
		 const char *what)
{
	check_once(op, s, only_after, what);
	if (!op->again[0])
		return;
	do_again(op, what);
	check_once(op, s, true, what);
}

void recover(const struct operation *op, const char *what)
{
	struct supervised r = run("event", SPOIL_NOTHING, 0, 0, NULL);

	if (r.status == 0)
		return;
	violation("%s, %s: recovery ends with %d", op->name, what, r.status);
	show_output();
}

/* Make the state before by killing a command. */
static void break_off(const struct operation *op, const char *before)
{
	struct supervised r;

	machine_reset(before);
	r = run(op->broken, SPOIL_NOTHING, 0, 0, NULL);
	machine_reset(before);
	if (!run(op->broken, SPOIL_KILL, r.calls * op->percent / 100, 0, NULL).spoilt)
		errx(1, "%s: nothing was broken", op->name);
	machine_save(before);
}

static bool has_part(const struct strv *v, const char *part)
{
	const char *line;

	STRV_FOREACH (line, v) {
		if (strstr(line, part))
			return true;
	}
	return false;
}

/* Fail if the operation changes nothing: then there is nothing to be spoilt. */
static void must_change(const struct operation *op, const struct states *s)
{
	if (op->changes &&
	    has_part(&s->v[0], op->changes) == has_part(&s->v[s->n - 1], op->changes))
		errx(1, "%s does not change %s", op->name, op->changes);
}

void states_prepare(const struct operation *op, struct states *s, char **ret_before)
{
	char *before = xasprintf("%s/before", crash.work);

	*s = (struct states){ .n = 0 };
	machine_reset(crash.template);
	for (size_t i = 0; op->setup[i]; i++)
		run_whole(op->setup[i]);
	machine_save(before);
	add_state(s);
	if (op->original) {
		AUTO_FREE char *path = xasprintf("%s/modules/%s/kernel/drivers/crash/%s",
						 crash.template, crash.kernel, op->original);
		s->original = tree_hash(path);
	}
	for (size_t i = 0; op->between[i]; i++) {
		run_whole(op->between[i]);
		add_state(s);
	}
	machine_reset(before);
	run_whole(op->broken ? op->broken : op->command);
	add_state(s);
	must_change(op, s);
	if (op->broken)
		break_off(op, before);
	*ret_before = before;
}
