/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/ko.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "module/elf.h"
#include "sys/fd.h"

#define VERSION_ENTRY 64 /* bytes of an entry in __versions */

void ko_release(struct ko *k)
{
	free(k->vermagic);
	free(k->license);
	free(k->build_id);
	strv_release(&k->imports);
	free(k->needs);
	free(k->exports);
	buf_release(&k->names);
	buf_release(&k->info);
	buf_release(&k->versions);
	buf_release(&k->strings);
	*k = (struct ko)KO_INIT;
}

bool ko_license_is_gpl(const char *license)
{
	static const char *const good[] = {
		"GPL",		"GPL v2",	"GPL and additional rights",
		"Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"
	};

	for (size_t i = 0; license && i < ARRAY_SIZE(good); i++) {
		if (strcmp(license, good[i]) == 0)
			return true;
	}
	return false;
}

/* ---- sections ---- */

struct ko_reader {
	const struct buf *content;
	struct elf elf;
	struct ko *ko;
	struct ko_symbol *known; /* versions, by name */
	size_t n_known;
};

static const unsigned char *ko_bytes(const struct ko_reader *r, const struct elf_section *s)
{
	return (const unsigned char *)r->content->s + s->offset;
}

/* Copy a section of texts.  A struct buf ends with a NUL, so its last text ends, too. */
static void ko_copy(const struct ko_reader *r, const char *name, struct buf *ret)
{
	const struct elf_section *s = elf_find(&r->elf, name);

	if (s && s->type != SHT_NOBITS && s->size)
		buf_add(ret, ko_bytes(r, s), s->size);
}

/* The text at `offset`, "" if that is outside. */
static const char *ko_text(const struct buf *b, uint64_t offset)
{
	return offset < b->len ? b->s + offset : "";
}

static void ko_read_info(struct ko_reader *r)
{
	struct ko *k = r->ko;

	ko_copy(r, ".modinfo", &k->info);
	for (const char *s = k->info.s, *end = s + k->info.len; s < end; s += strlen(s) + 1) {
		if (!k->vermagic && str_begins(s, "vermagic="))
			k->vermagic = xstrdup(s + strlen("vermagic="));
		else if (!k->license && str_begins(s, "license="))
			k->license = xstrdup(s + strlen("license="));
		else if (str_begins(s, "import_ns="))
			strv_add(&k->imports, s + strlen("import_ns="));
	}
}

static void ko_read_build_id(struct ko_reader *r)
{
	const struct elf_section *s = elf_find(&r->elf, ".note.gnu.build-id");
	AUTO_BUF struct buf hex = BUF_INIT;
	const unsigned char *p;

	/* A note: three numbers, "GNU", then the identifier. */
	if (!s || s->type == SHT_NOBITS || s->size <= 16 || s->size > 128)
		return;
	p = ko_bytes(r, s);
	for (uint64_t i = 16; i < s->size; i++)
		buf_addf(&hex, "%02x", p[i]);
	r->ko->build_id = buf_detach(&hex);
}

/* ---- versions ---- */

static int ko_compare(const void *a, const void *b)
{
	return strcmp(((const struct ko_symbol *)a)->name, ((const struct ko_symbol *)b)->name);
}

static void ko_add_version(struct ko_reader *r, const char *name, uint32_t crc)
{
	struct ko_symbol v = { .name = name, .crc = crc, .has_crc = true };

	VEC_PUSH(r->known, r->n_known, v);
}

/* Since Linux 6.14 names may be longer than 55 bytes: then there are two sections. */
static bool ko_read_long_versions(struct ko_reader *r)
{
	const struct elf_section *s = elf_find(&r->elf, "__version_ext_crcs");
	const char *name;

	if (!s || s->type == SHT_NOBITS)
		return false;
	ko_copy(r, "__version_ext_names", &r->ko->versions);
	name = r->ko->versions.s;
	for (uint64_t i = 0; i + 4 <= s->size; i += 4) {
		if (name >= r->ko->versions.s + r->ko->versions.len)
			break;
		ko_add_version(r, name, (uint32_t)elf_number(r->elf.big, ko_bytes(r, s) + i, 4));
		name += strlen(name) + 1;
	}
	return true;
}

static void ko_read_versions(struct ko_reader *r)
{
	const struct elf_section *s = elf_find(&r->elf, "__versions");
	size_t number = r->elf.wide ? 8 : 4;

	r->ko->has_versions = s && s->type != SHT_NOBITS;
	if (ko_read_long_versions(r)) {
		r->ko->has_versions = true;
	} else if (r->ko->has_versions) {
		ko_copy(r, "__versions", &r->ko->versions);
		for (size_t i = 0; i + VERSION_ENTRY <= r->ko->versions.len; i += VERSION_ENTRY) {
			char *entry = r->ko->versions.s + i;
			uint64_t crc = elf_number(r->elf.big, (unsigned char *)entry, number);

			entry[VERSION_ENTRY - 1] = '\0';
			ko_add_version(r, entry + number, (uint32_t)crc);
		}
	}
	if (r->n_known)
		qsort(r->known, r->n_known, sizeof(*r->known), ko_compare);
}

static const struct ko_symbol *ko_version(const struct ko_reader *r, const char *name)
{
	struct ko_symbol key = { .name = name };

	return r->n_known ? bsearch(&key, r->known, r->n_known, sizeof(key), ko_compare) : NULL;
}

/* ---- symbols ---- */

struct ko_entry {
	const char *name;
	unsigned int bind, section;
	uint64_t value;
};

static struct ko_entry ko_entry_at(const struct ko_reader *r, const unsigned char *p)
{
	bool wide = r->elf.wide, big = r->elf.big;
	struct ko_entry e = { 0 };

	e.name = ko_text(&r->ko->names, elf_number(big, p, 4));
	e.bind = (wide ? p[4] : p[12]) >> 4;
	e.section = (unsigned int)elf_number(big, p + (wide ? 6 : 14), 2);
	e.value = elf_number(big, p + (wide ? 8 : 4), wide ? 8 : 4);
	return e;
}

/* Old assemblers leave this name in the table, although nothing uses it; the kernel knows that. */
static bool ko_is_ignored(const struct ko *k, const char *name)
{
	return (k->machine == EM_X86_64 || k->machine == EM_386) &&
	       strcmp(name, "_GLOBAL_OFFSET_TABLE_") == 0;
}

static void ko_add_need(struct ko_reader *r, const struct ko_entry *e)
{
	const struct ko_symbol *v = ko_version(r, e->name);
	struct ko_symbol s = { .name = e->name, .ns = "", .weak = e->bind == STB_WEAK };

	if (!*e->name || ko_is_ignored(r->ko, e->name))
		return;
	s.has_crc = v;
	s.crc = v ? v->crc : 0;
	VEC_PUSH(r->ko->needs, r->ko->n_needs, s);
}

static void ko_add_export(struct ko_reader *r, const struct ko_entry *e)
{
	struct ko_symbol s = { .name = e->name + strlen("__ksymtab_"), .ns = "" };
	const char *section;

	if (e->section >= r->elf.n)
		return;
	section = ko_text(&r->elf.names, r->elf.sections[e->section].name);
	if (!str_begins(section, "__ksymtab"))
		return;
	s.gpl = str_begins(section, "__ksymtab_gpl");
	VEC_PUSH(r->ko->exports, r->ko->n_exports, s);
}

static struct ko_symbol *ko_find_export(const struct ko *k, const char *name)
{
	struct ko_symbol key = { .name = name };

	return k->n_exports ? bsearch(&key, k->exports, k->n_exports, sizeof(key), ko_compare)
			    : NULL;
}

/* The version of an exported symbol: an absolute symbol, or four bytes in a section. */
static void ko_add_crc(struct ko_reader *r, const struct ko_entry *e)
{
	struct ko_symbol *s = ko_find_export(r->ko, e->name + strlen("__crc_"));
	const struct elf_section *in;

	if (!s)
		return;
	if (e->section == SHN_ABS) {
		s->crc = (uint32_t)e->value;
		s->has_crc = true;
		return;
	}
	in = e->section < r->elf.n ? &r->elf.sections[e->section] : NULL;
	if (!in || in->type == SHT_NOBITS || in->size < 4 || e->value > in->size - 4)
		return;
	s->crc = (uint32_t)elf_number(r->elf.big, ko_bytes(r, in) + e->value, 4);
	s->has_crc = true;
}

static void ko_add_namespace(struct ko_reader *r, const struct ko_entry *e)
{
	struct ko_symbol *s = ko_find_export(r->ko, e->name + strlen("__kstrtabns_"));

	if (s)
		s->ns = ko_text(&r->ko->strings, e->value);
}

static void ko_take_first(struct ko_reader *r, const struct ko_entry *e)
{
	if (e->section == SHN_UNDEF)
		ko_add_need(r, e);
	else if (str_begins(e->name, "__ksymtab_"))
		ko_add_export(r, e);
}

static void ko_take_second(struct ko_reader *r, const struct ko_entry *e)
{
	if (e->section == SHN_UNDEF)
		return;
	if (str_begins(e->name, "__crc_"))
		ko_add_crc(r, e);
	else if (str_begins(e->name, "__kstrtabns_"))
		ko_add_namespace(r, e);
}

static void ko_read_symbols(struct ko_reader *r, const struct elf_section *s)
{
	size_t size = r->elf.wide ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	const unsigned char *p = ko_bytes(r, s);

	/* The first entry is empty. */
	for (uint64_t i = 1; i < s->size / size; i++) {
		struct ko_entry e = ko_entry_at(r, p + i * size);

		if (e.section == SHN_COMMON && !str_begins(e.name, "__gnu_lto"))
			r->ko->damage = "it was compiled with -fcommon";
		ko_take_first(r, &e);
	}
	if (!r->ko->n_exports)
		return;
	qsort(r->ko->exports, r->ko->n_exports, sizeof(*r->ko->exports), ko_compare);
	for (uint64_t i = 1; i < s->size / size; i++) {
		struct ko_entry e = ko_entry_at(r, p + i * size);

		ko_take_second(r, &e);
	}
}

/* ---- the whole file ---- */

static const char *ko_check_sections(const struct ko_reader *r, size_t len,
				     const struct elf_section **ret_symbols)
{
	const struct elf *e = &r->elf;
	const struct elf_section *own = elf_find(e, ".gnu.linkonce.this_module");

	for (size_t i = 1; i < e->n; i++) {
		const struct elf_section *s = &e->sections[i];

		if (s->type != SHT_NULL && s->type != SHT_NOBITS &&
		    (s->offset > len || s->size > len - s->offset))
			return "it is cut";
		if (s->name >= e->names.len)
			return "the name of a section lies outside";
		if (s->type != SHT_SYMTAB)
			continue;
		if (*ret_symbols)
			return "it has two tables of symbols";
		if (s->link == 0 || s->link >= e->n || e->sections[s->link].type != SHT_STRTAB)
			return "its symbols have no names";
		*ret_symbols = s;
	}
	if (!own || own->type == SHT_NOBITS || !own->size)
		return "it is no kernel module";
	return *ret_symbols ? NULL : "it has no symbols: strip has removed them";
}

static const char *ko_read_elf(struct ko_reader *r, size_t len)
{
	const struct elf_section *symbols = NULL, *names;
	const struct ko_symbol *layout;
	const char *damage;

	r->ko->machine = r->elf.machine;
	r->ko->bits = r->elf.wide ? 64 : 32;
	r->ko->big = r->elf.big;
	if (!r->elf.whole)
		return "it is cut, or its sections are damaged";
	if (r->elf.type != ET_REL)
		return "it is no relocatable file";
	damage = ko_check_sections(r, len, &symbols);
	if (damage)
		return damage;
	names = &r->elf.sections[symbols->link];
	if (names->size)
		buf_add(&r->ko->names, ko_bytes(r, names), names->size);
	ko_copy(r, "__ksymtab_strings", &r->ko->strings);
	ko_read_info(r);
	ko_read_build_id(r);
	ko_read_versions(r);
	layout = ko_version(r, "module_layout");
	r->ko->needs_layout = layout;
	r->ko->layout = layout ? layout->crc : 0;
	ko_read_symbols(r, symbols);
	return r->ko->damage;
}

int ko_parse(const struct buf *content, size_t len, struct ko *ret)
{
	struct ko_reader r = { .content = content, .elf = ELF_INIT, .ko = ret };
	AUTO_FD int fd = memfd_create("module", MFD_CLOEXEC);
	int rc = fd < 0 ? -errno : fd_write(fd, content->s, content->len);

	ko_release(ret);
	if (rc < 0)
		return rc;
	if (len == 0)
		ret->damage = "it is empty";
	else if (elf_open(fd, &r.elf) < 0)
		ret->damage = "it is no ELF file";
	else
		ret->damage = ko_read_elf(&r, len);
	elf_release(&r.elf);
	free(r.known);
	return 0;
}
