/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "author/outside.h"

#include "test.h"

#include <string.h>

#include "author/recipes.h"
#include "base/alloc.h"
#include "base/buf.h"

/* ---- commands ---- */

static void add_command(const struct shell_command *c, void *data)
{
	AUTO_FREE char *words = strv_join(&c->words, ",");
	const char *file;

	buf_addf(data, "%zu:%s", c->line, words);
	STRV_FOREACH (file, &c->written)
		buf_addf(data, ">%s", file);
	buf_addch(data, ' ');
}

static void expect_commands(const char *text, const char *want)
{
	AUTO_BUF struct buf b = BUF_INIT;

	shelltext_commands(text, add_command, &b);
	assert_string_equal(b.len ? b.s : "", want);
}

static void commands(void **state)
{
	(void)state;
	expect_commands("", "");
	expect_commands("cp -a 'a b' \"c\\\"d\" # e\nmv x \\\n y", "1:cp,-a,a b,c\"d 2:mv,x,y ");
	expect_commands("a|b&&c||d;e & f", "1:a 1:b 1:c 1:d 1:e 1:f ");
	expect_commands("a >x 2>>y <z 2>&1 b", "1:a,b>x>y ");
	expect_commands("'a\nb' c\nd", "2:a\nb,c 3:d ");
	expect_commands("x=$(a b) y=$(z) \"`c d`\"", "1:a,b 1:x=$(a b),y=$(z),`c d` ");
	expect_commands("x=`a b`", "1:x= 1:a,b ");
	expect_commands("x := $(shell a $$(b c))", "1:b,c 1:a,$(b c) 1:x,:=,$(shell a $$(b c)) ");
	expect_commands("f() { a; }\n(b c)", "1:{,a 1:} 2:b,c ");
	expect_commands("x=(a b) y=1", "1:x=(a b),y=1 ");
	expect_commands("case $x in\na|b) c;;\nesac", "1:case,$x,in 2:a 2:c 3:esac ");
	expect_commands("a <<END >x\nb\nEND\nc\nd <<-'E'\n\te\n\tE\nf", "1:a>x 4:c 5:d 8:f ");
}

static void commands_that_do_not_end(void **state)
{
	AUTO_BUF struct buf b = BUF_INIT, got = BUF_INIT;

	(void)state;
	expect_commands("'a", "1:a ");
	expect_commands("\"a$(b", "1:a$(b ");
	expect_commands("a <<E\nb", "1:a ");
	expect_commands("a\\", "1:a ");
	expect_commands(")))a >", "1:a ");
	for (int i = 0; i < 20000; i++)
		buf_adds(&b, "$(a ");
	shelltext_commands(b.s, add_command, &got);
}

/* ---- what they want ---- */

static void add_outside(const struct outside *o, size_t line, void *data)
{
	static const char *const kinds[] = { "network", "write", "root" };

	buf_addf(data, "%zu:%s:%s%s%s ", line, kinds[o->kind], o->program, o->folder ? ":" : "",
		 o->folder ? o->folder : "");
}

static void expect_outside(const char *text, const char *want)
{
	AUTO_BUF struct buf b = BUF_INIT;

	outside_find(text, "/var/lib/dkms", add_outside, &b);
	assert_string_equal(b.len ? b.s : "", want);
}

static void network(void **state)
{
	(void)state;
	expect_outside("set -e\nif ! /usr/bin/curl -O x; then wget x; fi",
		       "2:network:curl 2:network:wget ");
	expect_outside("X=1 env Y=2 git -q clone x", "1:network:git ");
	expect_outside("v=$(git describe) w=$(curl -s x)", "1:network:curl ");
	expect_outside("pip3 install x; cargo build; cargo build --offline; sudo x --offline",
		       "1:network:pip3 1:network:cargo 1:root:sudo ");
	expect_outside("command -v curl; which wget; echo curl x; # wget\ngit status; a=(curl x)",
		       "");
	expect_outside("case $x in\ncurl) a;;\nesac\ncurl() { :; }", "");
}

static void writes(void **state)
{
	(void)state;
	expect_outside("install -D -m 644 x.ko /lib/modules/$kernelver/extra/x.ko",
		       "1:write:install:/lib/modules ");
	expect_outside("install -D x $(DESTDIR)/etc/x.conf", "1:write:install:/etc ");
	expect_outside("cp -t /usr/share/x a; cp /etc/a .; mv /etc/a b",
		       "1:write:cp:/usr/share 1:write:mv:/etc ");
	expect_outside("echo x >>/etc/modules 2>/dev/null", "1:write:>:/etc ");
	expect_outside("depmod -a; ldconfig", "1:write:depmod 1:write:ldconfig ");
	expect_outside("make -C x modules_install", "1:write:make modules_install ");
	expect_outside("make INSTALL_MOD_PATH=out modules_install; make modules", "");
	expect_outside("cp a $(DIR)/x; cp a ../b; rm -f /tmp/x; rm -rf /var/lib/dkms/x/1/build/y",
		       "");
	expect_outside("a >/dev/null 2>&1; tee out </etc/x; cp x $DESTDIR$D", "");
}

static void root(void **state)
{
	(void)state;
	expect_outside("sudo make install; su -c x", "1:root:sudo 1:root:su ");
	expect_outside("apt-get -y install x || yum install x; apt list",
		       "1:root:apt-get 1:root:yum ");
	expect_outside("@-modprobe x\n\tmodinfo x; echo sudo", "");
}

/* ---- Makefiles ---- */

static void add_recipe(const char *command, size_t line, void *data)
{
	buf_addf(data, "%zu:%s ", line, command);
}

static void take_goals(const struct shell_command *c, void *data)
{
	assert_true(recipes_goals(c, true, data));
}

static void expect_recipes(const char *text, const char *make, const char *want)
{
	AUTO_MAKEFILE struct makefile m;
	AUTO_STRV struct strv goals = STRV_INIT;
	AUTO_BUF struct buf b = BUF_INIT;

	makefile_parse(text, &m);
	shelltext_commands(make, take_goals, &goals);
	recipes_find(&m, &goals, add_recipe, &b);
	assert_string_equal(b.len ? b.s : "", want);
}

static void recipes(void **state)
{
	static const char text[] = "X := a:b\n.PHONY: all\nall: \\\n one\n\t@a\none: two ; b\n"
				   "ifeq (a:,b)\n\t- c\nendif\ninstall: all\n\td\n"
				   "again:\n\t$(MAKE) install\nother:\n\t$(MAKE) -C x install\n"
				   "loop: loop\n\te\n";

	(void)state;
	expect_recipes(text, "make", "5:a 6:b 8:c ");
	expect_recipes(text, "make -j4 KVER=1 install", "5:a 6:b 8:c 11:d ");
	expect_recipes(text, "make again", "5:a 6:b 8:c 11:d 13:$(MAKE) install ");
	expect_recipes(text, "make -C sub other", "15:$(MAKE) -C x install ");
	expect_recipes(text, "make loop", "17:e ");
	expect_recipes(text, "make nothing", "");
	expect_recipes("", "make", "");
	expect_recipes("\ta\n$(X): b\n%.o: %.c\n\tc\n", "make", "");
}

static void goals(void **state)
{
	AUTO_STRV struct strv ret = STRV_INIT;
	struct shell_command c = { .words = STRV_INIT, .written = STRV_INIT };

	(void)state;
	assert_false(recipes_goals(&c, true, &ret));
	strv_split(&c.words, "X=1 make -C sub a", " ");
	assert_true(recipes_goals(&c, true, &ret));
	assert_int_equal(ret.n, 1);
	assert_false(recipes_goals(&c, false, &ret));
	strv_add(&c.words, "-f");
	assert_false(recipes_goals(&c, true, &ret));
	strv_release(&c.words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands), cmocka_unit_test(commands_that_do_not_end),
		cmocka_unit_test(network),  cmocka_unit_test(writes),
		cmocka_unit_test(root),	    cmocka_unit_test(recipes),
		cmocka_unit_test(goals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
