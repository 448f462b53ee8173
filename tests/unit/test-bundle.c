/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bundle/bundlekey.h"

#include "unit.h"

#include "base/alloc.h"
#include "build/mok.h"
#include "bundle/bundlesign.h"
#include "bundle/bundlestore.h"
#include "bundle/manifest.h"
#include "bundle/packagetext.h"
#include "kernel/kernelversion.h"

#define UTS "#1 SMP Straw 6.1.77-1 (2026-11-26)"

/* ---- keys and manifests ---- */

static void input_fill(struct bundle_input *in)
{
	*in = (struct bundle_input)BUNDLE_INPUT_INIT;
	in->name = xstrdup("demo");
	in->version = xstrdup("1");
	in->release = xstrdup("6.1.0-77");
	in->arch = xstrdup("x86_64");
	in->content = xstrdup("c");
	in->overrides = xstrdup("");
	in->uts_version = xstrdup(UTS);
	in->options = xstrdup("");
}

static void each_part_changes_the_key(void **state)
{
	char key[DIGEST_HEX], other[DIGEST_HEX];

	(void)state;
	for (size_t i = 0; i < 9; i++) {
		AUTO_BUNDLE_INPUT struct bundle_input in;
		AUTO_BUNDLE_INPUT struct bundle_input changed;
		char **const parts[] = { &changed.name,	       &changed.version, &changed.release,
					 &changed.arch,	       &changed.content, &changed.overrides,
					 &changed.uts_version, &changed.options };

		input_fill(&in);
		input_fill(&changed);
		bundle_key(&in, key);
		bundle_key(&changed, other);
		assert_string_equal(key, other);
		if (i < ARRAY_SIZE(parts)) {
			free(*parts[i]);
			*parts[i] = xstrdup("other");
		} else {
			strv_add(&changed.depends, "lib/1 00");
		}
		bundle_key(&changed, other);
		assert_string_not_equal(key, other);
	}
	assert_true(bundle_is_key(key));
	assert_false(bundle_is_key("../../../etc/passwd"));
	key[3] = 'G';
	assert_false(bundle_is_key(key));
}

static void manifest_fill(struct manifest *m)
{
	struct manifest_file *f;

	*m = (struct manifest)MANIFEST_INIT;
	input_fill(&m->input);
	bundle_key(&m->input, m->key);
	m->compiler = xstrdup("gcc-12 12.2.0");
	f = manifest_add_file(m, "demo.ko");
	f->size = 4;
	digest_bytes("demo", 4, f->sha256);
	m->archive.name = xstrdup(BUNDLE_ARCHIVE);
	m->archive.size = 7;
	digest_bytes("archive", 7, m->archive.sha256);
}

static void manifest_is_read_as_it_was_written(void **state)
{
	AUTO_MANIFEST struct manifest m;
	AUTO_MANIFEST struct manifest read = MANIFEST_INIT;
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	manifest_fill(&m);
	manifest_print(&m, &b);
	assert_int_equal(manifest_parse(b.s, b.len, &read, NULL), 0);
	assert_string_equal(read.key, m.key);
	assert_string_equal(read.input.uts_version, UTS);
	assert_string_equal(manifest_file(&read, "demo.ko")->sha256, m.files[0].sha256);
	assert_null(manifest_file(&read, "other.ko"));
}

/* Nothing but the one form is accepted, so a copy with another byte is no manifest or another one. */
static void manifest_in_another_form_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "{}", "[]", "null", "{\"schema\": 1}", "{\"a", "[[[[[[[[[[", "\x80\xff", "1"
	};
	AUTO_MANIFEST struct manifest m;
	AUTO_MANIFEST struct manifest read = MANIFEST_INIT;
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(manifest_parse(bad[i], strlen(bad[i]), &read, NULL),
				 -E_BUNDLE_BAD);
	manifest_fill(&m);
	manifest_print(&m, &b);
	buf_addch(&b, ' ');
	assert_int_equal(manifest_parse(b.s, b.len, &read, NULL), -E_BUNDLE_BAD);
	m.key[0] = m.key[0] == '0' ? '1' : '0';
	buf_reset(&b);
	manifest_print(&m, &b);
	assert_int_equal(manifest_parse(b.s, b.len, &read, NULL), -E_BUNDLE_BAD);
	bundle_key(&m.input, m.key);
	free(m.files[0].name);
	m.files[0].name = xstrdup("../demo.ko");
	buf_reset(&b);
	manifest_print(&m, &b);
	assert_int_equal(manifest_parse(b.s, b.len, &read, NULL), -E_BUNDLE_BAD);
}

/* ---- signatures ---- */

struct builder {
	struct buf key, certificate;
};

static void builder_make(struct builder *b)
{
	char *why = NULL;

	*b = (struct builder){ BUF_INIT, BUF_INIT };
	assert_int_equal(mok_make(&b->key, &b->certificate, &why), 0);
}

static void builder_release(struct builder *b)
{
	buf_release(&b->key);
	buf_release(&b->certificate);
}

static size_t count_signers(const struct bundle_trust *t, const struct buf *file, const char *text)
{
	AUTO_STRV struct strv names = STRV_INIT;
	AUTO_FREE char *why = NULL;

	bundlesign_check(t, file, text, strlen(text), &names, &why);
	return names.n;
}

static void signers_are_counted_once(void **state)
{
	CLEANUP(bundle_trust_free) struct bundle_trust *t = bundle_trust_new();
	CLEANUP(builder_release) struct builder a;
	CLEANUP(builder_release) struct builder b;
	AUTO_BUF struct buf file = BUF_INIT;
	AUTO_BUF struct buf again = BUF_INIT;

	(void)state;
	builder_make(&a);
	builder_make(&b);
	assert_null(bundle_trust_add(t, &a.certificate, false));
	assert_null(bundlesign_make(&a.key, &a.certificate, "text", 4, &file));
	assert_null(bundlesign_make(&a.key, &a.certificate, "text", 4, &again));
	assert_memory_equal(file.s, again.s, file.len);
	assert_int_equal(count_signers(t, &file, "text"), 1);
	assert_int_equal(count_signers(t, &file, "texu"), 0);
	assert_null(bundlesign_make(&a.key, &a.certificate, "text", 4, &file));
	assert_int_equal(count_signers(t, &file, "text"), 1);
	assert_null(bundlesign_make(&b.key, &b.certificate, "text", 4, &file));
	assert_int_equal(count_signers(t, &file, "text"), 1);
	assert_null(bundle_trust_add(t, &b.certificate, false));
	assert_int_equal(count_signers(t, &file, "text"), 2);
	assert_true(bundlesign_has(&file, &b.certificate));
	assert_false(bundlesign_has(&again, &b.certificate));
}

static void time_and_key_decide(void **state)
{
	CLEANUP(bundle_trust_free) struct bundle_trust *t = bundle_trust_new();
	CLEANUP(builder_release) struct builder a;
	CLEANUP(builder_release) struct builder b;
	AUTO_BUF struct buf file = BUF_INIT;
	AUTO_FREE char *why = NULL;

	(void)state;
	builder_make(&a);
	builder_make(&b);
	assert_null(bundle_trust_add(t, &a.certificate, false));
	assert_null(bundlesign_make(&a.key, &a.certificate, "text", 4, &file));
	bundle_trust_at(t, 1000000000);
	assert_int_equal(count_signers(t, &file, "text"), 0);
	bundle_trust_at(t, 9000000000);
	assert_int_equal(count_signers(t, &file, "text"), 0);
	why = bundlesign_make(&b.key, &a.certificate, "text", 4, &file);
	assert_non_null(why);
}

/* Change each byte in three ways: the signature never counts. */
static void no_byte_can_be_changed(void **state)
{
	static const char flips[] = { 1, 0x20, (char)0x80 };
	CLEANUP(bundle_trust_free) struct bundle_trust *t = bundle_trust_new();
	CLEANUP(builder_release) struct builder a;
	AUTO_BUF struct buf file = BUF_INIT;

	(void)state;
	builder_make(&a);
	assert_null(bundle_trust_add(t, &a.certificate, false));
	assert_null(bundlesign_make(&a.key, &a.certificate, "text", 4, &file));
	for (size_t i = 0; i < file.len; i++) {
		for (size_t f = 0; f < ARRAY_SIZE(flips); f++) {
			file.s[i] ^= flips[f];
			if (count_signers(t, &file, "text"))
				fail_msg("byte %zu of %zu can be changed", i, file.len);
			file.s[i] ^= flips[f];
		}
	}
	assert_int_equal(count_signers(t, &file, "text"), 1);
	buf_addch(&file, '\n');
	assert_int_equal(count_signers(t, &file, "text"), 0);
}

static void garbage_is_no_certificate(void **state)
{
	CLEANUP(bundle_trust_free) struct bundle_trust *t = bundle_trust_new();
	struct buf b = { .s = (char *)"garbage", .len = 7 };

	(void)state;
	assert_non_null(bundle_trust_add(t, &b, false));
	assert_non_null(bundle_trust_add(t, &b, true));
	assert_int_equal(bundle_trust_count(t), 0);
	assert_int_equal(count_signers(t, &b, "text"), 0);
}

/* ---- kernels and stores ---- */

static void image_tells_its_version(void **state)
{
	AUTO_FREE char *good = NULL, *header = NULL;
	char image[0x800] = { 0 };

	(void)state;
	memcpy(image + 0x202, "HdrS", 4);
	image[0x20f] = 4; /* 0x400, beyond the boot sector at 0x200 */
	strcpy(image + 0x600, "6.1.0-77 (me@host) " UTS);
	good = kernelversion_of_image(image, sizeof(image), "6.1.0-77");
	assert_string_equal(good, UTS);
	assert_null(kernelversion_of_image(image, sizeof(image), "6.1.0-7"));
	assert_null(kernelversion_of_image(image, 0x600, "6.1.0-77"));
	assert_null(kernelversion_of_image(image, 0x610, "6.1.0-77"));
	assert_null(kernelversion_of_image(image, 16, "6.1.0-77"));
	image[0x20f] = (char)0xff;
	assert_null(kernelversion_of_image(image, sizeof(image), "6.1.0-77"));
	header = kernelversion_of_header("#define UTS_VERSION \"" UTS "\"\n");
	assert_string_equal(header, UTS);
	assert_null(kernelversion_of_header("#define OTHER 1\n"));
}

static void stores_have_a_kind(void **state)
{
	static const char *const urls[][2] = {
		{ "/srv/x", "file" },	     { "file:///srv", "file" }, { "https://h/p", "https" },
		{ "oci://h:5000/r", "oci" }, { "s3x://b", "s3x" },	{ "srv/x", NULL },
		{ "../x://a", NULL },	     { "://a", NULL },		{ "https://", NULL },
		{ "HTTP://a", NULL },
	};
	AUTO_FREE char *shown = bundle_store_shown("https://me:secret@host/p@th");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		AUTO_FREE char *helper = bundle_store_helper(urls[i][0]);
		AUTO_FREE char *want =
			urls[i][1] ? xasprintf("%s/%s", BUNDLE_HELPERS, urls[i][1]) : NULL;

		assert_true(str_equal(helper, want));
	}
	assert_string_equal(shown, "https://host/p@th");
}

/* ---- packages ---- */

static void names_become_those_of_packages(void **state)
{
	AUTO_FREE char *deb = package_name(PACKAGE_DEB, "Over_Lay", "6.1.0-77-Straw_x");
	AUTO_FREE char *rpm = package_name(PACKAGE_RPM, "Over_Lay", "6.12.0-55.el10");
	AUTO_FREE char *all = package_name(PACKAGE_DEB, "demo", NULL);

	(void)state;
	assert_string_equal(deb, "over-lay-modules-6.1.0-77-straw-x");
	assert_string_equal(rpm, "kmod-Over_Lay-6.12.0-55.el10");
	assert_string_equal(all, "demo-modules");
	assert_true(package_is_plain("6.1.0-77-amd64"));
	assert_false(package_is_plain("6.1;reboot"));
	assert_false(package_is_plain("%{lua:x}"));
	assert_false(package_is_plain("a b"));
	assert_false(package_is_plain(""));
	assert_false(package_is_plain(".."));
}

static void no_version_is_a_macro_of_rpm(void **state)
{
	struct package_facts f = { .kind = PACKAGE_RPM,
				   .name = "demo",
				   .version = "1%{lua:os.execute()}",
				   .release = "6.1",
				   .kernel = xstrdup("kernel"),
				   .package_arch = xstrdup("x86_64") };
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	package_spec(&f, &b);
	assert_null(strstr(b.s, "%{lua"));
	package_facts_release(&f);
}

static void versions_become_those_of_packages(void **state)
{
	static const struct {
		enum package_kind kind;
		const char *version, *kernel, *source, *wanted;
	} cases[] = {
		{ PACKAGE_DEB, "1.2-3", "6.1.77-1", NULL, "1.2-3-6.1.77+1" },
		{ PACKAGE_DEB, "v1_2", "5:6.1", NULL, "0v1.2-5.6.1" },
		{ PACKAGE_DEB, "0.8", "6.1.77-1", "0.8-10", "0.8-6.1.77+1+0.8+10" },
		{ PACKAGE_DEB, "1", NULL, "1:2-3", "1-1.2+3" },
		{ PACKAGE_DEB, "1", NULL, NULL, "1" },
		{ PACKAGE_RPM, "1.2-3", "6.1.77-1", NULL, "1.2_3-1" },
		{ PACKAGE_RPM, "v%1", NULL, "0.8-11%{x}", "0v_1-1.0.8+11..x." },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct package_facts f = { .kind = cases[i].kind,
					   .version = cases[i].version,
					   .kernel_version = xstrdup(cases[i].kernel),
					   .source_version = xstrdup(cases[i].source) };
		AUTO_FREE char *version = package_full_version(&f);

		assert_string_equal(version, cases[i].wanted);
		package_facts_release(&f);
	}
}

/* What another module was built against is one package, not any of that name. */
static void packages_depend_on_one_version(void **state)
{
	struct package_facts f = { .kind = PACKAGE_DEB,
				   .name = "demo",
				   .version = "1",
				   .release = "6.1",
				   .kernel = xstrdup("linux-image-6.1"),
				   .package_arch = xstrdup("amd64") };
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	strv_add(&f.depends, "lib");
	strv_add(&f.depends_versions, "2-3");
	package_control(&f, &b);
	assert_non_null(strstr(b.s, ", lib-modules-6.1 (= 2-3)\n"));
	buf_reset(&b);
	f.kind = PACKAGE_RPM;
	package_spec(&f, &b);
	assert_non_null(strstr(b.s, "\nRequires: kmod-lib-6.1 = 2-3\n"));
	assert_non_null(strstr(b.s, "\nProvides: kmod-demo = %{version}-%{release}\n"));
	package_facts_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_part_changes_the_key),
		cmocka_unit_test(manifest_is_read_as_it_was_written),
		cmocka_unit_test(manifest_in_another_form_is_refused),
		cmocka_unit_test(signers_are_counted_once),
		cmocka_unit_test(time_and_key_decide),
		cmocka_unit_test(no_byte_can_be_changed),
		cmocka_unit_test(garbage_is_no_certificate),
		cmocka_unit_test(image_tells_its_version),
		cmocka_unit_test(stores_have_a_kind),
		cmocka_unit_test(names_become_those_of_packages),
		cmocka_unit_test(versions_become_those_of_packages),
		cmocka_unit_test(packages_depend_on_one_version),
		cmocka_unit_test(no_version_is_a_macro_of_rpm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
