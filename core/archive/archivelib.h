/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * archivelib - load libarchive when a tarball is read or written.
 *
 * libarchive pulls in ten more libraries (libxml2, ICU, libstdc++ ...).  If dkms were linked with
 * libarchive, loading all these would take half the time and memory of `dkms status`, and hardly
 * any run needs a tarball.  The functions of libarchive(3) have the prefix sym_ here.  Only
 * archive.c uses them.
 */
#include <archive.h>
#include <archive_entry.h>

#include "base/error.h"

/* clang-format off */
#define ARCHIVELIB_FUNCTIONS(X) \
	X(archive_entry_copy_pathname) \
	X(archive_entry_copy_symlink) \
	X(archive_entry_filetype) \
	X(archive_entry_free) \
	X(archive_entry_hardlink) \
	X(archive_entry_hardlink_utf8) \
	X(archive_entry_mtime) \
	X(archive_entry_new) \
	X(archive_entry_pathname) \
	X(archive_entry_pathname_utf8) \
	X(archive_entry_perm) \
	X(archive_entry_set_filetype) \
	X(archive_entry_set_gid) \
	X(archive_entry_set_gname) \
	X(archive_entry_set_mtime) \
	X(archive_entry_set_perm) \
	X(archive_entry_set_size) \
	X(archive_entry_set_uid) \
	X(archive_entry_set_uname) \
	X(archive_entry_size) \
	X(archive_entry_sparse_count) \
	X(archive_entry_symlink) \
	X(archive_entry_symlink_utf8) \
	X(archive_errno) \
	X(archive_error_string) \
	X(archive_filter_bytes) \
	X(archive_read_append_filter) \
	X(archive_read_data) \
	X(archive_read_free) \
	X(archive_read_new) \
	X(archive_read_next_header) \
	X(archive_read_open_fd) \
	X(archive_read_support_filter_compress) \
	X(archive_read_support_format_tar) \
	X(archive_set_error) \
	X(archive_write_add_filter_by_name) \
	X(archive_write_close) \
	X(archive_write_data) \
	X(archive_write_free) \
	X(archive_write_header) \
	X(archive_write_new) \
	X(archive_write_open) \
	X(archive_write_set_bytes_in_last_block) \
	X(archive_write_set_filter_option) \
	X(archive_write_set_format_gnutar)
/* clang-format on */

#define ARCHIVELIB_DECLARE(name) extern __typeof__(name) *sym_##name;
ARCHIVELIB_FUNCTIONS(ARCHIVELIB_DECLARE)
#undef ARCHIVELIB_DECLARE

/*
 * Load libarchive, unless it is loaded already; it stays loaded.  -E_GENERAL: libarchive is missing
 * or too old.
 */
int archivelib_load(struct err *err) MUST_CHECK;
