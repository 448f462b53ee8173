/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <sys/stat.h>

#include "base/buf.h"
#include "hooks/common/items.h"
#include "hooks/pacman/alpmevent.h"
#include "model/pacmanconf.h"

static const char generator[] = "[Trigger]\n"
				"Type = Path\n"
				"Operation = Install\n"
				"Operation = Upgrade\n"
				"Target = usr/lib/modules/*/vmlinuz\n"
				"\n"
				"[Trigger]\n"
				"Type=File\n"
				"Operation=Install\n"
				"Operation=Upgrade\n"
				"Operation=Remove\n"
				"Target=usr/src/*/dkms.conf\n"
				"Target=!usr/src/quiet-*/dkms.conf\n"
				"[Action]\n"
				"# When = PreTransaction\n"
				"When = PostTransaction\n"
				"Exec = /usr/share/libalpm/scripts/mkinitcpio install\r\n";

static const char *missing = "";

static bool on_disk(const char *path)
{
	return strcmp(path, missing) != 0;
}

static void begin(struct event *e)
{
	e->from = xstrdup("pacman");
	for (size_t i = 0; i < EVENT_KINDS; i++)
		e->complete[i] = true;
}

static void expect_event(const struct event *e, const char *text)
{
	AUTO_BUF struct buf b = BUF_INIT;

	event_print(e, &b);
	assert_string_equal(b.s, text);
}

static void packages_and_targets_become_an_event(void **state)
{
	AUTO_STRV struct strv targets = STRV_INIT;
	AUTO_EVENT struct event e = EVENT_INIT;

	(void)state;
	strv_add(&targets, "usr/lib/modules/6.0/vmlinuz");
	strv_add(&targets, "usr/lib/modules/6.1/vmlinuz");
	strv_add(&targets, "usr/src/old-1/dkms.conf");
	strv_add(&targets, "usr/src/x/y/dkms.conf");
	begin(&e);
	alpmevent_add_path(&e, "new-dkms", "1:2-1", "usr/src/new-2/dkms.conf", &targets, on_disk);
	alpmevent_add_path(&e, "linux-headers", "6.1-1", "usr/lib/modules/6.1/build/Makefile",
			   &targets, on_disk);
	alpmevent_add_path(&e, "linux", "6.1-1", "usr/lib/modules/6.1/pkgbase", &targets, on_disk);
	alpmevent_add_path(&e, "linux", "6.1-1", "usr/bin/x", &targets, on_disk);
	alpmevent_add_removed(&e, &targets);
	items_sort(&e);
	expect_event(&e, "dkms-event 1\n"
			 "from pacman\n"
			 "kernel 6.0 removed\n"
			 "kernel 6.1 added linux 6.1-1\n"
			 "headers 6.1 present linux-headers 6.1-1\n"
			 "source new-2 present new-dkms 1:2-1\n"
			 "source old-1 removed\n"
			 "complete kernel\n"
			 "complete headers\n"
			 "complete source\n"
			 "end\n");
}

static void what_the_disk_does_not_have_is_not_taken_for_gone(void **state)
{
	AUTO_STRV struct strv targets = STRV_INIT;
	AUTO_EVENT struct event e = EVENT_INIT;

	(void)state;
	begin(&e);
	strv_add(&targets, "usr/lib/modules/6.1/vmlinuz");
	missing = "usr/lib/modules/6.1/pkgbase";
	alpmevent_add_path(&e, "linux", "6.1-1", missing, &targets, on_disk);
	missing = "usr/src/a-1/dkms.conf";
	alpmevent_add_path(&e, "a-dkms", "1-1", missing, &targets, on_disk);
	missing = "";
	alpmevent_add_removed(&e, &targets);
	expect_event(&e, "dkms-event 1\n"
			 "from pacman\n"
			 "source a-1 present a-dkms 1-1\n"
			 "complete headers\n"
			 "complete source\n"
			 "end\n");
}

static void a_hook_file_is_read(void **state)
{
	static const unsigned int both = ALPM_INSTALL | ALPM_UPGRADE;
	struct alpm_hook h;

	(void)state;
	alpm_hook_parse(generator, &h);
	assert_true(h.post);
	assert_string_equal(h.exec, "/usr/share/libalpm/scripts/mkinitcpio install");
	assert_int_equal(h.n_triggers, 2);
	assert_true(alpm_trigger_matches(&h.triggers[0], "usr/lib/modules/6.1/vmlinuz", both));
	assert_false(
		alpm_trigger_matches(&h.triggers[0], "usr/lib/modules/6.1/vmlinuz", ALPM_REMOVE));
	assert_false(alpm_trigger_matches(&h.triggers[0], "usr/lib/modules/6.1/pkgbase", both));
	assert_true(alpm_trigger_matches(&h.triggers[1], "usr/src/a-1/dkms.conf", ALPM_REMOVE));
	assert_false(alpm_trigger_matches(&h.triggers[1], "usr/src/quiet-1/dkms.conf", both));
	alpm_hook_release(&h);
	alpm_hook_parse("Exec\n= x\n[\nTarget = a\n[Trigger]\n", &h);
	assert_null(h.exec);
	assert_int_equal(h.n_triggers, 1);
	alpm_hook_release(&h);
}

static void put_hook(const char *folder, const char *name, const char *text)
{
	AUTO_FREE char *dir = xasprintf("%s/%s", R.path, folder);
	AUTO_FREE char *file = xasprintf("%s/%s", dir, name);
	FILE *f;

	mkdir(dir, 0755);
	f = fopen(file, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void load(struct alpm_hooks *hooks)
{
	AUTO_FREE char *a = xasprintf("%s/a", R.path), *b = xasprintf("%s/b", R.path);
	const char *folders[] = { a, b, "/nonexistent" };

	alpm_hooks_load(folders, ARRAY_SIZE(folders), hooks);
}

static void a_later_folder_masks(void **state)
{
	AUTO_FREE char *mask = xasprintf("%s/b/70-dkms-install.hook", R.path);
	AUTO_ALPM_HOOKS struct alpm_hooks before = { 0 }, after = { 0 };

	(void)state;
	put_hook("a", "90-x.hook", "[Action]\nExec=/bin/a\n");
	put_hook("a", "70-dkms-install.hook", "[Action]\nExec = /usr/bin/sh dkms\n");
	put_hook("a", "70-dkms.hook", "[Action]\nExec = /usr/lib/dkms/alpmdb --hook\n");
	put_hook("a", "readme", "[Action]\nExec = /usr/lib/dkms/x\n");
	put_hook("b", "90-x.hook", "[Action]\nExec=/bin/b\n");
	load(&before);
	assert_int_equal(before.n, 3);
	assert_string_equal(before.v[2].exec, "/bin/b");
	assert_int_equal(symlink("/dev/null", mask), 0);
	load(&after);
	assert_int_equal(after.n, 2);
}

static bool programs_on_disk(const char *path)
{
	return !strcmp(path, "usr/share/libalpm/scripts/dkms") || !strcmp(path, "usr/bin/bash") ||
	       !strcmp(path, "usr/bin/true") || !strcmp(path, "usr/bin/dkms");
}

/* A hook that runs exec: is it a rival, or one beside ours? */
static void expect_rival(const char *name, const char *exec, bool rival, bool beside)
{
	struct alpm_hook hook = { .name = xstrdup(name),
				  .path = xasprintf("/hooks/%s", name),
				  .exec = exec ? xstrdup(exec) : NULL };
	struct alpm_hooks hooks = { &hook, 1 };
	AUTO_STRV struct strv others = STRV_INIT;
	const char *path = alpmevent_rival(&hooks, programs_on_disk, &others);

	assert_int_equal(path != NULL, rival);
	assert_int_equal(others.n, beside);
	if (path)
		assert_string_equal(path, hook.path);
	alpm_hook_release(&hook);
}

static void a_rival_is_archs_own_hook(void **state)
{
	static const char *const script = "/usr/share/libalpm/scripts/dkms install";

	(void)state;
	expect_rival("70-dkms-install.hook", script, true, false);
	expect_rival("70-dkms-upgrade.hook", "/usr/share/libalpm/scripts/dkms -D remove", true,
		     false);
	expect_rival("99-mine.hook", script, true, false);
	expect_rival("99-mine.hook", "/usr/bin/bash /usr/share/libalpm/scripts/dkms install", true,
		     false);
	expect_rival("71-dkms-remove.hook", "/usr/bin/true dkms remove", true, false);
	expect_rival("70-dkms-install.hook", "/usr/bin/true", false, false);
	expect_rival("70-dkms-install.hook", NULL, false, false);
	expect_rival("70-dkms-install.hook", "/usr/lib/dkms/alpm-hook install", false, false);
	expect_rival("70-dkms.hook", "/usr/lib/dkms/alpmdb --hook", false, false);
}

static void other_hooks_that_run_dkms_are_beside_ours(void **state)
{
	(void)state;
	expect_rival("95-dkms-autoinstall.hook", "/usr/bin/dkms autoinstall", false, true);
	expect_rival("mine.hook", "/bin/sh -c \"depmod;dkms autoinstall -k 6.1\"", false, true);
	expect_rival("95-dkms-notify.hook", "/usr/local/bin/notify-dkms dkmsx", false, false);
	expect_rival("95-dkms-left.hook", "/opt/gone/dkms autoinstall", false, false);
}

/* The event of two kernels after targets, with a generator's hook called name. */
static void follows(const char *name, const char *target, const char *want)
{
	struct alpm_hook hook;
	struct alpm_hooks hooks = { &hook, 1 };
	AUTO_STRV struct strv targets = STRV_INIT;
	AUTO_EVENT struct event e = EVENT_INIT;
	AUTO_FREE char *has = NULL;

	alpm_hook_parse(generator, &hook);
	hook.name = xstrdup(name);
	strv_add(&targets, target);
	begin(&e);
	alpmevent_add_path(&e, "linux", "1", "usr/lib/modules/6.1/pkgbase", &targets, on_disk);
	alpmevent_add_path(&e, "linux-lts", "1", "usr/lib/modules/6.0/pkgbase", &targets, on_disk);
	alpmevent_add_removed(&e, &targets);
	alpmevent_add_follows(&e, &hooks, &targets);
	has = strv_join(&e.initramfs_follows, " ");
	assert_string_equal(has, want);
	alpm_hook_release(&hook);
}

static void a_generators_hook_after_ours_is_seen(void **state)
{
	(void)state;
	follows("90-mkinitcpio-install.hook", "usr/lib/modules/6.1/vmlinuz", "6.1");
	follows("90-mkinitcpio-install.hook", "usr/src/a-1/dkms.conf", "6.1 6.0");
	follows("90-mkinitcpio-install.hook", "usr/src/quiet-1/dkms.conf", "");
	follows("90-mkinitcpio-install.hook", "usr/lib/modules/6.1/build/include/", "");
	follows("90-mkinitcpio-install.hook", "usr/lib/modules/5.0/vmlinuz", "");
	follows("60-mkinitcpio.hook", "usr/lib/modules/6.1/vmlinuz", "");
}

static void expect_dbpath(const char *conf, const char *want)
{
	AUTO_FREE char *has = pacmanconf_dbpath(conf);

	assert_string_equal(has, want);
}

static void the_folder_of_the_database_is_found(void **state)
{
	(void)state;
	expect_dbpath("[options]\nDBPath = /srv/db/\n", "/srv/db");
	expect_dbpath("[options]\n  DBPath=/srv/my db \r\n[core]\nDBPath=/x\n", "/srv/my db");
	expect_dbpath("[options]\nDBPath=\n#DBPath = /srv/db/\nDBPathX = /y\n", "/var/lib/pacman");
	expect_dbpath("[core]\nDBPath = /x\n", "/var/lib/pacman");
	expect_dbpath("", "/var/lib/pacman");
	expect_dbpath(NULL, "/var/lib/pacman");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packages_and_targets_become_an_event),
		cmocka_unit_test(what_the_disk_does_not_have_is_not_taken_for_gone),
		cmocka_unit_test(a_hook_file_is_read),
		cmocka_unit_test_setup_teardown(a_later_folder_masks, setup_root, teardown_root),
		cmocka_unit_test(a_rival_is_archs_own_hook),
		cmocka_unit_test(other_hooks_that_run_dkms_are_beside_ours),
		cmocka_unit_test(a_generators_hook_after_ours_is_seen),
		cmocka_unit_test(the_folder_of_the_database_is_found),
	};

	return cmocka_run_group_tests_name("alpm", tests, NULL, NULL);
}
