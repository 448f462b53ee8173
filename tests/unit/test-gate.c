/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/gate.h"

#include "base/alloc.h"
#include "model/gatetext.h"
#include "test.h"

static struct candidate_list candidates;
static struct gate_faults faults;

static int setup(void **state)
{
	AUTO_MODID struct modid canary = { xstrdup("canary"), xstrdup("1.0") };
	AUTO_MODID struct modid other = { xstrdup("other"), xstrdup("2") };
	struct candidate *c = candidates_put(&candidates, "apt", "6.1-56");

	(void)state;
	strv_add(&c->packages, "linux-image-6.1-56=6.1.5-1");
	c = candidates_put(&candidates, "dnf", "6.2-1.x86_64");
	strv_add(&c->packages, "kernel-core=1:6.2-1");
	gate_faults_add(&faults, "6.1-56", &canary, "canary.c:1: error: gone");
	gate_faults_add(&faults, "6.1-56", &other, NULL);
	gate_faults_add(&faults, "5.0", &other, "an old kernel");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	candidates_release(&candidates);
	gate_faults_release(&faults);
	return 0;
}

/* What the plan says, with the gates of `now` and this setting. */
static void expect_plan(const struct gates *now, bool off, const char *critical,
			const struct candidate_list *l, const char *text, struct gates *ret)
{
	struct gate_facts f = { off, critical, l, &faults, now, 1000 };
	AUTO_PLAN struct plan p = { 0 };
	AUTO_BUF struct buf b = BUF_INIT;

	gate_plan(&f, &p);
	plan_print(&p, &b);
	assert_string_equal(b.s, text);
	for (size_t i = 0; ret && i < p.gates.n; i++)
		ledger_copy_gate(ret, &p.gates.v[i]);
}

static void test_plan(void **state)
{
	AUTO_GATES struct gates none = { NULL, 0 }, held = { NULL, 0 }, again = { NULL, 0 };
	const struct candidate_list nothing = { NULL, 0 };

	(void)state;
	expect_plan(&none, false, "", &candidates,
		    "1 gate 6.1-56: canary/1.0 does not build for it\n", &held);
	assert_int_equal(held.n, 1);
	assert_int_equal(held.v[0].modules.n, 2);
	assert_int_equal(held.v[0].since, 1000);
	expect_plan(&none, true, "", &candidates, "", NULL);
	expect_plan(&none, false, "zfs", &candidates, "", NULL);
	expect_plan(&none, false, "zfs other", &candidates,
		    "1 gate 6.1-56: other/2 does not build for it\n", NULL);
	expect_plan(&none, false, "zfs *", &candidates,
		    "1 gate 6.1-56: canary/1.0 does not build for it\n", NULL);

	/* The same again: nothing to do.  Another reason: it is written anew. */
	expect_plan(&held, false, "", &candidates, "", &again);
	assert_int_equal(again.n, 1);
	expect_plan(&held, false, "other", &candidates,
		    "1 gate 6.1-56: other/2 does not build for it\n", NULL);

	/* The cause is gone. */
	expect_plan(&held, true, "", NULL, "1 ungate 6.1-56: the gate is off\n", NULL);
	expect_plan(&held, false, "", &nothing, "1 ungate 6.1-56: no upgrade would bring it\n",
		    NULL);
	expect_plan(&held, false, "zfs", &candidates,
		    "1 ungate 6.1-56: nothing that counts fails to build for it\n", NULL);

	/* The package manager does not answer: as it was. */
	ledger_release(LEDGER_GATES, &again);
	expect_plan(&held, false, "", NULL, "", &again);
	assert_int_equal(again.n, 1);
}

static void test_release(void **state)
{
	AUTO_GATES struct gates none = { NULL, 0 }, held = { NULL, 0 };
	AUTO_PLAN struct plan p = { 0 };
	const struct candidate_list nothing = { NULL, 0 };

	(void)state;
	expect_plan(&none, false, "", &candidates,
		    "1 gate 6.1-56: canary/1.0 does not build for it\n", &held);
	assert_false(gate_plan_release(&held, "6.2-1.x86_64", &p));
	assert_true(gate_plan_release(&held, "6.1-56", &p));
	assert_true(p.gates.v[0].released);

	/* It stays let in, until no upgrade would bring it. */
	expect_plan(&p.gates, false, "", &candidates, "", NULL);
	expect_plan(&p.gates, false, "", &nothing, "1 ungate 6.1-56: no upgrade would bring it\n",
		    NULL);
}

static void test_text(void **state)
{
	static const char apt[] =
		"# dkms: kernel 6.1-56 is held back, everything else is upgraded:\n"
		"#!dkms: kernel 6.1-56 is held back:\n"
		"#   canary/1.0 does not build for it: canary.c:1: error: \\x1bgone x\n"
		"#   why: dkms why canary -k 6.1-56     let it in anyway: dkms gate --release 6.1-56\n"
		"\nPackage: linux-image-6.1-56\nPin: version 6.1.5-1\nPin-Priority: -1\n";
	struct gate g = { .packages = STRV_INIT, .modules = STRV_INIT, .whys = STRV_INIT };
	AUTO_GATES struct gates l = { NULL, 0 };
	AUTO_BUF struct buf b = BUF_INIT, d = BUF_INIT, coming = BUF_INIT;

	(void)state;
	gatetext_make_apt(&l, &b);
	assert_string_equal(b.s, "");
	g.release = xstrdup("6.1-56");
	g.from = xstrdup("apt or pacman");
	strcpy(g.from, "apt");
	strv_add(&g.packages, "linux-image-6.1-56=6.1.5-1");
	strv_add(&g.packages, "bad=1\nPin-Priority: 9999");
	strv_add(&g.packages, "bad");
	strv_add(&g.modules, "canary/1.0");
	strv_add(&g.whys, "canary.c:1: error: \033gone\nx");
	ledger_copy_gate(&l, &g);
	gatetext_make_apt(&l, &b);
	assert_string_equal(b.s, apt);
	gatetext_make_dnf(&l, &d);
	assert_string_equal(d.s, "");

	/* It comes now: then not everything else is upgraded. */
	gatetext_add(&g, true, &coming);
	assert_non_null(strstr(coming.s, "dkms: kernel 6.1-56 should not be installed now:\n"));
	assert_null(strstr(coming.s, "everything else"));

	/* Nothing is known of its packages. */
	strcpy(g.from, "pacman");
	strv_release(&g.packages);
	gatetext_add(&g, true, &coming);
	assert_null(strstr(coming.s, "everything else"));

	strcpy(g.release, "6.2");
	strcpy(g.from, "dnf");
	strv_add(&g.packages, "kernel-core=1:6.2-1");
	strv_add(&g.packages, "kernel-devel=6.2-1");
	ledger_copy_gate(&l, &g);
	gatetext_make_dnf(&l, &d);
	assert_non_null(strstr(d.s, "[main]\nexcludepkgs=kernel-core-6.2-1 kernel-devel-6.2-1 \n"));
	free(g.release);
	free(g.from);
	strv_release(&g.packages);
	strv_release(&g.modules);
	strv_release(&g.whys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_release),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
