/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz - for libFuzzer: everything that reads text that it did not write itself.
 *
 * This is compiled once for each reader, with -DREADER=read_NAME (tests/fuzz/fuzz.test).  What a
 * reader accepts must be the same after it was printed and read again.
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/members.h"
#include "author/makefile.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/text.h"
#include "cause/cause.h"
#include "conf/confoutput.h"
#include "model/conftext.h"
#include "model/event.h"
#include "model/ledger.h"
#include "model/record.h"
#include "module/elf.h"
#include "module/modindex.h"
#include "tx/recovery.h"
#include "tx/tx.h"
#include "verify/cpio.h"
#include "verify/efilist.h"
#include "verify/ko.h"
#include "verify/symvers.h"

#define must(condition) ((condition) ? (void)0 : abort())

static void read_event(const struct buf *in) __attribute__((unused));
static void read_event(const struct buf *in)
{
	AUTO_EVENT struct event event = EVENT_INIT, again = EVENT_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_BUF struct buf text = BUF_INIT, second = BUF_INIT;

	if (event_parse(in->s, in->len, &event, &err) < 0) {
		must(err.text);
		return;
	}
	event_print(&event, &text);
	must(event_parse(text.s, text.len, &again, &err) == 0);
	event_print(&again, &second);
	must(strcmp(text.s, second.s) == 0);
}

static void read_record(const struct buf *in) __attribute__((unused));
static void read_record(const struct buf *in)
{
	AUTO_RECORD struct record record = { .depends = STRV_INIT };
	AUTO_RECORD struct record again = { .depends = STRV_INIT };
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_BUF struct buf text = BUF_INIT, second = BUF_INIT;

	if (record_parse(in->s, &record, &err) < 0) {
		must(err.text);
		return;
	}
	for (size_t i = 0; i < record.n_modules; i++)
		must(!record.modules[i].path ||
		     (record.modules[i].path[0] == '/' && !strstr(record.modules[i].path, "/../")));
	record_print(&record, &text);
	must(record_parse(text.s, &again, &err) == 0);
	record_print(&again, &second);
	must(strcmp(text.s, second.s) == 0);
}

/* The first byte says which ledger it is. */
static void read_ledger(const struct buf *in) __attribute__((unused));
static void read_ledger(const struct buf *in)
{
	enum ledger_file file = (enum ledger_file)((unsigned char)in->s[0] % LEDGER_COUNT_);
	union ledger_list list = { 0 }, again = { 0 };
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_BUF struct buf text = BUF_INIT, second = BUF_INIT;

	if (!in->len)
		return;
	/* What is taken from a damaged ledger must be as good as anything else. */
	if (ledger_parse(file, in->s + 1, in->len - 1, &list, &err) < 0)
		must(err.text);
	ledger_print(file, &list, &text);
	must(ledger_parse(file, text.s, text.len, &again, &err) == 0);
	ledger_print(file, &again, &second);
	must(strcmp(text.s, second.s) == 0);
	ledger_release(file, &list);
	ledger_release(file, &again);
}

/* The two texts that the bash that reads confs sends, with a 0xff byte between them. */
static void read_values(const struct buf *in) __attribute__((unused));
static void read_values(const struct buf *in)
{
	const char *part = memchr(in->s, 0xff, in->len);
	size_t len = part ? (size_t)(part - in->s) : in->len;
	AUTO_BUF struct buf values = BUF_INIT, messages = BUF_INIT;
	struct confeval_job jobs[2] = { CONFEVAL_JOB_INIT, CONFEVAL_JOB_INIT };
	bool done[2] = { false, false };

	buf_add(&values, in->s, len);
	if (part)
		buf_add(&messages, part + 1, in->len - len - 1);
	jobs[0].names = jobs[1].names = "PACKAGE_NAME MAKE BUILT_MODULE_NAME";
	confoutput_values(&values, jobs, done, 2);
	confoutput_messages(&messages, jobs, done, 2);
	for (size_t i = 0; i < 2; i++)
		conf_values_release(&jobs[i].result);
}

/* Names, a line each: "KIND NAME[ TARGET]". */
static void read_members(const struct buf *in) __attribute__((unused));
static void read_members(const struct buf *in)
{
	AUTO_MEMBERS struct members members = { .limits = MEMBER_LIMITS, .archive_size = 100 };
	AUTO_STRV struct strv lines = STRV_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	const char *line;

	strv_split(&lines, in->s, "\n");
	STRV_FOREACH (line, &lines) {
		AUTO_STRV struct strv words = STRV_INIT;
		char *name = NULL;

		strv_split(&words, line, " ");
		if (words.n < 2 || member_name(words.v[1], &name, &err) < 0)
			continue;
		must(name[0] != '/' && strncmp(name, "../", 3) != 0 && !strstr(name, "/../"));
		if (members_add(&members, name, (enum member_kind)((unsigned char)line[0] % 4),
				words.n > 2 ? xstrdup(words.v[2]) : xstrdup(""), words.n, &err) < 0)
			break;
	}
	if (members_check(&members, &err) < 0)
		must(err.text);
}

/* depmod's index, asked for names of several lengths. */
static void read_index(const struct buf *in) __attribute__((unused));
static void read_index(const struct buf *in)
{
	static const char *const names[] = { "", "a", "ab", "abc", "snd_hda_intel" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = NULL;

		if (modindex_find(in->s, in->len, names[i], &value) < 0)
			continue;
		must(value > in->s && value + strlen(value) < in->s + in->len);
	}
}

/* A module, or a file that only has the name of one. */
static void read_module(const struct buf *in) __attribute__((unused));
static void read_module(const struct buf *in)
{
	static int fd = -1;
	AUTO_ELF struct elf e = ELF_INIT;
	AUTO_BUF struct buf info = BUF_INIT;
	const struct elf_section *s;

	if (fd < 0)
		fd = memfd_create("module", MFD_CLOEXEC);
	must(fd >= 0 && ftruncate(fd, 0) == 0);
	must(pwrite(fd, in->s, in->len, 0) == (ssize_t)in->len);
	if (elf_open(fd, &e) < 0)
		return;
	must(e.whole || !e.n);
	s = elf_find(&e, ".modinfo");
	if (s && elf_read(&e, s, 1 << 20, &info) == 0)
		must(info.len == s->size && info.len <= in->len);
}

/* A module as the kernel sees it. */
static void read_ko(const struct buf *in) __attribute__((unused));
static void read_ko(const struct buf *in)
{
	AUTO_KO struct ko k = KO_INIT;

	must(ko_parse(in, in->len, &k) == 0);
	for (size_t i = 0; i < k.n_needs; i++)
		must(strlen(k.needs[i].name) <= k.names.len);
	for (size_t i = 0; i < k.n_exports; i++)
		must(strlen(k.exports[i].ns) <= k.strings.len);
}

static void list_entry(enum efilist_type type, const void *data, size_t len, void *arg)
{
	const struct buf *in = arg;
	const char *p = data;

	must(type <= EFILIST_CERTIFICATE_DIGEST);
	must(len && p > in->s && p + len <= in->s + in->len);
}

/* A list of keys in an EFI variable. */
static void read_efi(const struct buf *in) __attribute__((unused));
static void read_efi(const struct buf *in)
{
	AUTO_BUF struct buf copy = BUF_INIT;

	buf_add(&copy, in->s, in->len);
	(void)!efilist_parse(copy.s, copy.len, list_entry, &copy);
}

static bool image_wants(const char *path, void *arg)
{
	(void)arg;
	return path[0] == 'a';
}

static void image_entry(const char *path, const struct buf *content, void *arg)
{
	buf_addf(arg, "%s %zu\n", path, content->len);
}

/* An initramfs, in one piece and in pieces of seven bytes: the same modules are in it. */
static void read_cpio(const struct buf *in) __attribute__((unused));
static void read_cpio(const struct buf *in)
{
	AUTO_BUF struct buf whole = BUF_INIT, pieces = BUF_INIT;
	struct cpio c;

	cpio_begin(&c, image_wants, image_entry, &whole);
	cpio_feed(&c, in->s, in->len);
	cpio_release(&c);
	cpio_begin(&c, image_wants, image_entry, &pieces);
	for (size_t i = 0; i < in->len && c.state != CPIO_STOPPED; i += 7)
		cpio_feed(&c, in->s + i, in->len - i < 7 ? in->len - i : 7);
	cpio_release(&c);
	must(strcmp(whole.s, pieces.s) == 0);
}

static void read_symvers(const struct buf *in) __attribute__((unused));
static void read_symvers(const struct buf *in)
{
	AUTO_SYMVERS struct symvers s = SYMVERS_INIT;

	buf_add(&s.text, in->s, in->len);
	symvers_parse(&s);
	for (size_t i = 0; i < s.n; i++)
		must(symvers_find(&s, s.v[i].name));
}

/* The log of a build. */
static void read_log(const struct buf *in) __attribute__((unused));
static void read_log(const struct buf *in)
{
	AUTO_CAUSE struct cause cause = CAUSE_INIT;
	AUTO_STRV struct strv lines = STRV_INIT;

	cause_judge(in->s, in->len, &cause);
	cause_lines(in->s, in->len, 3, &lines);
	must(cause.line && strlen(cause.line) <= CAUSE_LINE_MAX && !strchr(cause.line, '\n'));
	must(lines.n <= 3);
	for (size_t i = 0; i < lines.n; i++)
		must(strlen(lines.v[i]) <= CAUSE_LINES_MAX && !strchr(lines.v[i], '\033'));
}

static bool source_is_given(const char *variable, void *data)
{
	(void)data;
	return variable[0] == 'K';
}

/* A dkms.conf and a Makefile, as text. */
static void read_source(const struct buf *in) __attribute__((unused));
static void read_source(const struct buf *in)
{
	AUTO_CONFTEXT struct conftext conf = { NULL, 0 };
	AUTO_MAKEFILE struct makefile make = { NULL, 0, STRV_INIT, 0, STRV_INIT, false, false };
	AUTO_STRV struct strv warnings = STRV_INIT;

	conftext_parse(in->s, &conf);
	for (size_t i = 0; i < conf.n; i++)
		must(conftext_line(&conf, conf.v[i].name, 0) <= in->len + 1);
	conftext_warnings(in->s, &warnings);
	makefile_parse(in->s, &make);
	for (size_t i = 0; i < make.n_unames; i++) {
		if (make.unames[i].variable)
			(void)makefile_reaches(&make, make.unames[i].variable, source_is_given,
					       NULL);
	}
}

/* What is printed of it: visible text, and a document in UTF-8. */
static void read_text(const struct buf *in) __attribute__((unused));
static void read_text(const struct buf *in)
{
	AUTO_BUF struct buf lines = BUF_INIT, again = BUF_INIT, document = BUF_INIT;

	text_add_lines(&lines, in->s);
	for (const char *c = lines.s; *c; c++)
		must((unsigned char)*c >= 0x20 || *c == '\n' || *c == '\t');
	text_add_lines(&again, lines.s);
	must(strcmp(lines.s, again.s) == 0);
	text_add_json(&document, in->s);
	for (size_t i = 0; i < document.len;) {
		size_t n = text_length(document.s + i, document.len - i);

		must(n);
		i += n;
	}
}

static const char *folder(void)
{
	static char in_memory[] = "/dev/shm/fuzz-journal.XXXXXX";
	static char on_disk[] = "/tmp/fuzz-journal.XXXXXX";
	static const char *path;

	if (!path)
		path = mkdtemp(in_memory);
	if (!path)
		path = mkdtemp(on_disk);
	must(path);
	return path;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	return ftw->level ? remove(path) : 0;
}

/* A journal of a dead run, in a root of its own, where it may change anything, but must end. */
static void read_journal(const struct buf *in) __attribute__((unused));
static void read_journal(const struct buf *in)
{
	static const char *const states[] = { "open", "commit", "abort", "done" };
	const char *root_path = folder();
	AUTO_FREE char *all = xasprintf("%s/j", root_path);
	AUTO_FREE char *dir = xasprintf("%s/run", all);
	AUTO_FREE char *path = NULL, *broken = xasprintf("%s/broken/run", root_path);
	char journal[] = "/j", lock[] = "/lock", aside[] = "/broken", lost[] = "/lost",
	     tree[] = "/t";
	char *trees[] = { tree, NULL };
	struct root root;
	struct journal_place place = { &root, journal, lock, aside, lost, { trees, 1 } };
	FILE *f;

	if (!in->len)
		return;
	path = xasprintf("%s/0.%s", dir, states[(unsigned char)in->s[0] % 4]);
	must(mkdir(all, 0700) == 0 && mkdir(dir, 0700) == 0);
	f = fopen(path, "w");
	must(f && fwrite(in->s + 1, 1, in->len - 1, f) == in->len - 1 && fclose(f) == 0);
	must(root_open(root_path, &root) == 0);
	must(journal_recover(&place, NULL, NULL) == 0);
	must(access(path, F_OK) < 0);
	if (access(broken, F_OK) == 0 && journal_settle(&place, "run", NULL) == 0)
		must(access(broken, F_OK) < 0);
	root_close(&root);
	must(nftw(root_path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_BUF struct buf in = BUF_INIT;

	buf_add(&in, data, size);
	READER(&in);
	return 0;
}
