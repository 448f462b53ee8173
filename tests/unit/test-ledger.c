/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <string.h>

#include "base/alloc.h"
#include "model/ledger.h"

#define K "6.1.0-56-amd64"
#define A "x86_64"

static void put_owned(struct owners *l, enum owned_kind kind, const char *key, const char *version)
{
	struct owned o = { .kind = kind,
			   .key = xstrdup(key),
			   .from = xstrdup("apt"),
			   .package = xstrdup("some package"),
			   .version = xstrdup(version) };

	ledger_put_owned(l, &o);
	assert_null(o.key);
}

static void put_hold(struct holds *l, enum hold_kind kind, const char *version, const char *release)
{
	struct hold h = { .kind = kind,
			  .name = xstrdup("foo"),
			  .version = xstrdup(version),
			  .release = xstrdup(release),
			  .arch = xstrdup(release ? A : NULL) };

	ledger_put_hold(l, &h);
}

static void put_failure(struct failures *l, const char *version, const char *key)
{
	struct failure f = { .name = xstrdup("foo"),
			     .version = xstrdup(version),
			     .release = xstrdup(K),
			     .arch = xstrdup(A),
			     .key = xstrdup(key),
			     .what = xstrdup("foo.c:1: error: 'x' is 100% wrong\nreally"),
			     .cause = xstrdup("api-removed"),
			     .since = 1796025600,
			     .run = xstrdup("20261121T220102-4711") };

	ledger_put_failure(l, &f);
}

static void put_verdict(struct verdicts *l, const char *release, bool autoinstall)
{
	struct verdict v = { .name = xstrdup("foo"),
			     .version = xstrdup("1.0"),
			     .release = xstrdup(release),
			     .arch = xstrdup(A),
			     .key = xstrdup("0a"),
			     .autoinstall = autoinstall,
			     .depends_rebuild = true,
			     .excluded = xstrdup(""),
			     .depends = STRV_INIT,
			     .modules = STRV_INIT };

	strv_add(&v.depends, "spl");
	strv_add(&v.modules, "foo");
	strv_add(&v.modules, "autoinstall");
	ledger_put_verdict(l, &v);
}

static void put_request(struct requests *l, enum request_kind kind, const char *version)
{
	struct request r = { .kind = kind, .name = xstrdup("foo"), .version = xstrdup(version) };

	ledger_put_request(l, &r);
}

static void put_candidate(struct candidates *l, const char *release, const char *from,
			  int64_t since)
{
	struct candidate_kernel c = { .release = xstrdup(release),
				      .from = xstrdup(from),
				      .since = since,
				      .packages = STRV_INIT };

	strv_add(&c.packages, "linux-image=1 2");
	ledger_put_candidate(l, &c);
}

static void put_gate(struct gates *l, const char *release, const char *why)
{
	struct gate g = { .release = xstrdup(release),
			  .from = xstrdup("apt"),
			  .since = 5,
			  .packages = STRV_INIT,
			  .modules = STRV_INIT,
			  .whys = STRV_INIT };
	struct gates own = { &g, 1 };

	strv_add(&g.packages, "linux-image=1 2");
	strv_add(&g.modules, "foo/1.0");
	strv_add(&g.whys, why);
	ledger_copy_gate(l, &g);
	ledger_drop_gate(&own, release);
}

/* One list of each file. */
struct lists {
	struct owners owners;
	struct holds holds;
	struct failures failures;
	struct verdicts verdicts;
	struct requests requests;
	struct candidates candidates;
	struct gates gates;
};

static void *list_of(struct lists *l, enum ledger_file f)
{
	void *const list[LEDGER_COUNT_] = {
		[LEDGER_OWNERS] = &l->owners,	  [LEDGER_HOLDS] = &l->holds,
		[LEDGER_FAILURES] = &l->failures, [LEDGER_VERDICTS] = &l->verdicts,
		[LEDGER_REQUESTS] = &l->requests, [LEDGER_CANDIDATES] = &l->candidates,
		[LEDGER_GATES] = &l->gates,
	};

	return list[f];
}

static void lists_release(struct lists *l)
{
	for (enum ledger_file f = 0; f < LEDGER_COUNT_; f++)
		ledger_release(f, list_of(l, f));
}
#define AUTO_LISTS CLEANUP(lists_release)

static void fill(struct lists *l)
{
	put_request(&l->requests, REQUEST_REMOVE, "1.0");
	put_request(&l->requests, REQUEST_ADD, "2.0~beta");
	put_owned(&l->owners, OWNED_KERNEL, K, "1");
	put_owned(&l->owners, OWNED_SOURCE, K, "2");
	put_hold(&l->holds, HOLD_ABSENT, "1.0", K);
	put_hold(&l->holds, HOLD_REMOVED, "1.0", NULL);
	put_failure(&l->failures, "1.0", "key");
	put_verdict(&l->verdicts, K, true);
	put_verdict(&l->verdicts, "6.12", false);
	put_candidate(&l->candidates, K, "apt", 1);
	put_candidate(&l->candidates, "6.12", CANDIDATE_PERSON, 1);
	put_gate(&l->gates, K, "an error");
	put_gate(&l->gates, "6.12", "");
}

static char *text_of(struct lists *l, enum ledger_file f)
{
	struct buf b = BUF_INIT;

	ledger_print(f, list_of(l, f), &b);
	return buf_detach(&b);
}

static void round_trip(void **state)
{
	AUTO_LISTS struct lists l = { 0 }, again = { 0 };
	struct verdict *v;

	(void)state;
	fill(&l);
	for (enum ledger_file f = 0; f < LEDGER_COUNT_; f++) {
		AUTO_FREE char *text = text_of(&l, f), *text2 = NULL;

		assert_int_equal(ledger_parse(f, text, strlen(text), list_of(&again, f), NULL), 0);
		text2 = text_of(&again, f);
		assert_string_equal(text, text2);
	}
	assert_string_equal(ledger_owned(&again.owners, OWNED_SOURCE, K)->version, "2");
	assert_null(ledger_owned(&again.owners, OWNED_HEADERS, K));
	assert_non_null(ledger_hold_removed(&again.holds, "foo", "1.0"));
	assert_string_equal(ledger_failure(&again.failures, "foo", "1.0", K, A)->what,
			    "foo.c:1: error: 'x' is 100% wrong\nreally");
	assert_string_equal(ledger_failure(&again.failures, "foo", "1.0", K, A)->cause,
			    "api-removed");
	assert_int_equal(ledger_failure(&again.failures, "foo", "1.0", K, A)->since, 1796025600);
	assert_string_equal(ledger_failure(&again.failures, "foo", "1.0", K, A)->run,
			    "20261121T220102-4711");
	assert_int_equal(ledger_request(&again.requests, "foo", "1.0")->kind, REQUEST_REMOVE);
	assert_int_equal(ledger_request(&again.requests, "foo", "2.0~beta")->kind, REQUEST_ADD);
	assert_null(ledger_request(&again.requests, "foo", "3.0"));
	assert_string_equal(ledger_gate(&again.gates, K)->whys.v[0], "an error");
	assert_string_equal(ledger_gate(&again.gates, "6.12")->packages.v[0], "linux-image=1 2");
	assert_null(ledger_gate(&again.gates, "6.13"));
	v = ledger_verdict(&again.verdicts, "foo", "1.0", "6.12", A);
	assert_false(v->autoinstall);
	assert_true(v->depends_rebuild);
	assert_false(v->remake_initrd);
	assert_string_equal(v->excluded, "");
	assert_null(v->bad);
	assert_int_equal(v->modules.n, 2);
	assert_string_equal(v->depends.v[0], "spl");
}

static void put_replaces(void **state)
{
	AUTO_LISTS struct lists l = { 0 };

	(void)state;
	fill(&l);
	fill(&l);
	assert_int_equal(l.owners.n, 2);
	assert_int_equal(l.holds.n, 2);
	assert_int_equal(l.failures.n, 1);
	assert_int_equal(l.verdicts.n, 2);
	assert_int_equal(l.gates.n, 2);
	put_owned(&l.owners, OWNED_KERNEL, K, "3");
	assert_string_equal(ledger_owned(&l.owners, OWNED_KERNEL, K)->version, "3");
	assert_int_equal(l.requests.n, 2);
	put_request(&l.requests, REQUEST_ADD, "1.0"); /* the newer request replaces the older one */
	assert_int_equal(l.requests.n, 2);
	assert_int_equal(ledger_request(&l.requests, "foo", "1.0")->kind, REQUEST_ADD);
	put_failure(&l.failures, "1.0", "other");
	assert_string_equal(ledger_failure(&l.failures, "foo", "1.0", K, A)->key, "other");
}

static void drop(void **state)
{
	AUTO_LISTS struct lists l = { 0 };
	struct modid foo = { (char *)(uintptr_t) "foo", (char *)(uintptr_t) "1.0" };
	struct modid other = { (char *)(uintptr_t) "foo", (char *)(uintptr_t) "9" };
	size_t n;

	(void)state;
	fill(&l);
	put_hold(&l.holds, HOLD_VERSION, "0.9", "6.12");
	ledger_drop_owned(&l.owners, OWNED_HEADERS, K);
	assert_int_equal(l.owners.n, 2);
	ledger_drop_owned(&l.owners, OWNED_KERNEL, K);
	assert_int_equal(l.owners.n, 1);
	n = l.holds.n;
	ledger_drop_hold(&l.holds, HOLD_VERSION, &foo, K, A); /* drops the other kind, too */
	assert_null(ledger_hold(&l.holds, HOLD_ABSENT, "foo", K, A));
	assert_int_equal(l.holds.n, n - 1);
	ledger_drop_hold(&l.holds, HOLD_ABSENT, &foo, NULL, NULL);
	ledger_drop_hold(&l.holds, HOLD_REMOVED, &other, NULL, NULL);
	assert_int_equal(l.holds.n, n - 1);
	ledger_drop_hold(&l.holds, HOLD_REMOVED, &foo, NULL, NULL);
	assert_int_equal(l.holds.n, n - 2);
	ledger_drop_failures(&l.failures, "foo", "2.0", NULL, NULL);
	assert_int_equal(l.failures.n, 1);
	ledger_drop_failures(&l.failures, "foo", NULL, NULL, A);
	assert_int_equal(l.failures.n, 0);
	ledger_drop_gate(&l.gates, "6.12");
	assert_int_equal(l.gates.n, 1);
	ledger_drop_request(&l.requests, "foo", "3.0");
	assert_int_equal(l.requests.n, 2);
	ledger_drop_request(&l.requests, "foo", "1.0");
	assert_int_equal(l.requests.n, 1);
	assert_null(ledger_request(&l.requests, "foo", "1.0"));
	ledger_drop_verdicts(&l.verdicts, "foo", "1.0", "6.12", NULL);
	assert_int_equal(l.verdicts.n, 1);
	put_verdict(&l.verdicts, "6.13", true);
	put_verdict(&l.verdicts, "6.14", true);
	assert_int_equal(l.verdicts.n, 3);
	ledger_drop_verdicts(&l.verdicts, NULL, NULL, "6.13", NULL);
	assert_int_equal(l.verdicts.n, 2);
	put_failure(&l.failures, "1.0", "key");
	ledger_drop_failures(&l.failures, NULL, NULL, "6.13", NULL);
	assert_int_equal(l.failures.n, 1);
	ledger_drop_failures(&l.failures, NULL, NULL, K, NULL);
	assert_int_equal(l.failures.n, 0);
}

static int parse(const char *text, enum ledger_file f, struct lists *l, struct err *err)
{
	return ledger_parse(f, text, strlen(text), list_of(l, f), err);
}

static void candidates_grow_old(void **state)
{
	AUTO_LISTS struct lists l = { 0 };
	const int64_t month = (int64_t)CANDIDATE_DAYS * 86400;

	(void)state;
	fill(&l);
	ledger_drop_old_candidates(&l.candidates, 1 + month);
	assert_int_equal(l.candidates.n, 2);
	ledger_drop_old_candidates(&l.candidates, 2 + month);
	assert_non_null(ledger_candidate(&l.candidates, K));
	assert_null(ledger_candidate(&l.candidates, "6.12"));
	put_candidate(&l.candidates, K, "dnf", 2);
	assert_int_equal(l.candidates.n, 1);
	ledger_drop_candidate(&l.candidates, K);
	assert_int_equal(l.candidates.n, 0);
}

static void hostile(void **state)
{
	static const struct {
		enum ledger_file file;
		const char *text;
	} cases[] = {
		{ LEDGER_OWNERS, "" },
		{ LEDGER_OWNERS, "dkms-owners 1\n" },
		{ LEDGER_OWNERS, "dkms-owners 1\nkernel key=a from=b package=c version=d" },
		{ LEDGER_OWNERS, "dkms-holds 1\nend\n" },
		{ LEDGER_OWNERS, "dkms-owners 1\nkernel\nend\n" },
		{ LEDGER_OWNERS, "dkms-owners 1\nkernel key=a from=b package=c\nend\n" },
		{ LEDGER_OWNERS, "dkms-owners 1\nkernel key=a from=b version=c\nend\n" },
		{ LEDGER_OWNERS, "dkms-owners 1\nkernel key=a package=b version=c\nend\n" },
		{ LEDGER_OWNERS, "dkms-owners 1\nplanet key=b from=b package=c version=d\nend\n" },
		{ LEDGER_OWNERS, "dkms-owners 1\nkernel key=.. from=b package=c version=d\nend\n" },
		{ LEDGER_OWNERS, "dkms-owners 1\nkernel key=%0 from=b package=c version=d\nend\n" },
		{ LEDGER_HOLDS, "dkms-holds 1\nabsent name=a version=1\nend\n" },
		{ LEDGER_HOLDS,
		  "dkms-holds 1\nabsent name=../a version=1 release=2 arch=3\nend\n" },
		{ LEDGER_HOLDS, "dkms-holds 1\nabsent name=a version=1 release=2/3 arch=3\nend\n" },
		{ LEDGER_HOLDS, "dkms-holds 1\nremoved name=a version=/\nend\n" },
		{ LEDGER_FAILURES, "dkms-failures 1\nfailed name=a version=1 release=2\nend\n" },
		{ LEDGER_FAILURES, "dkms-failures 1\nfailed name=a version=1 release=2 arch=3 key= "
				   "since=-1\nend\n" },
		{ LEDGER_FAILURES, "dkms-failures 1\nfailed name=a version=1 release=2 arch=3 key= "
				   "since=1x\nend\n" },
		{ LEDGER_FAILURES, "dkms-failures 1\nfailed name=a version=1 release=2 arch=3 key= "
				   "run=/etc/passwd\nend\n" },
		{ LEDGER_VERDICTS, "dkms-verdicts 1\nconf name=a\nend\n" },
		{ LEDGER_REQUESTS, "dkms-requests 1\nremove name=a\nend\n" },
		{ LEDGER_GATES, "dkms-gates 1\ngate release=../x from=apt\nend\n" },
		{ LEDGER_GATES, "dkms-gates 1\ngate release=6.1\nend\n" },
		{ LEDGER_REQUESTS, "dkms-requests 1\nremove name=.a version=1\nend\n" },
		{ LEDGER_REQUESTS, "dkms-requests 1\nforget name=a version=1\nend\n" },
		{ LEDGER_CANDIDATES, "dkms-candidates 1\ncandidate release=1\nend\n" },
		{ LEDGER_CANDIDATES, "dkms-candidates 1\ncandidate release=.. from=x\nend\n" },
		{ LEDGER_VERDICTS, "dkms-verdicts 1\nend\nend\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_LISTS struct lists l = { 0 };
		AUTO_ERR struct err err = ERR_INIT;

		fill(&l);
		assert_int_equal(parse(cases[i].text, cases[i].file, &l, &err), -E_CORRUPT);
		assert_non_null(err.text);
		assert_int_equal(l.owners.n, 2);
		assert_int_equal(l.verdicts.n, 2);
	}
}

/* A bad line costs only itself. */
static void a_damaged_line_costs_itself(void **state)
{
	static const char text[] = "dkms-owners 1\n"
				   "kernel key=a from=apt package=p version=1\n"
				   "kernel key=b from=apt package=p\n"
				   "kernel key=c\0 from=apt package=p version=1\n"
				   "headers key=a from=apt package=p version=1\n"
				   "source key=d from=apt package=p version=1.";
	AUTO_LISTS struct lists l = { 0 };
	AUTO_ERR struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(ledger_parse(LEDGER_OWNERS, text, sizeof(text) - 1, &l.owners, &err),
			 -E_CORRUPT);
	assert_non_null(strstr(err.text, "line 3: not an owner, and 3 more"));
	assert_int_equal(l.owners.n, 2);
	assert_non_null(ledger_owned(&l.owners, OWNED_KERNEL, "a"));
	assert_non_null(ledger_owned(&l.owners, OWNED_HEADERS, "a"));
}

static void a_newer_engine_may_add_words(void **state)
{
	static const char text[] = "dkms-owners 1\n"
				   "kernel colour=red key=a shiny from=b package=c version=d\n"
				   "end\n";
	AUTO_LISTS struct lists l = { 0 };

	(void)state;
	assert_int_equal(parse(text, LEDGER_OWNERS, &l, NULL), 0);
	assert_non_null(ledger_owned(&l.owners, OWNED_KERNEL, "a"));
}

static void many_entries(void **state)
{
	AUTO_LISTS struct lists l = { 0 };
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	buf_adds(&b, "dkms-owners 1\n");
	for (int i = 0; i < 100000; i++)
		buf_addf(&b, "headers key=k%d from=rpm package=p version=%d\n", i, i);
	buf_adds(&b, "end\n");
	assert_int_equal(ledger_parse(LEDGER_OWNERS, b.s, b.len, &l.owners, NULL), 0);
	assert_int_equal(l.owners.n, 100000);
	assert_string_equal(ledger_owned(&l.owners, OWNED_HEADERS, "k99999")->version, "99999");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(put_replaces),
		cmocka_unit_test(drop),
		cmocka_unit_test(candidates_grow_old),
		cmocka_unit_test(hostile),
		cmocka_unit_test(many_entries),
		cmocka_unit_test(a_newer_engine_may_add_words),
		cmocka_unit_test(a_damaged_line_costs_itself),
	};

	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
