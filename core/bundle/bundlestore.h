/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * bundlestore - where bundles are kept: folders, web servers, registries.  Each kind is a program:
 *
 *	/usr/lib/dkms/bundle/KIND fetch KEY DEST	DEST is an empty folder
 *	/usr/lib/dkms/bundle/KIND push KEY FOLDER	FOLDER is a bundle
 *
 * KIND is what stands before "://" in the store's URL, e.g. "oci"; a path is of the kind "file".
 * The program gets the URL in DKMS_STORE, and the seconds that it has in DKMS_STORE_TIMEOUT.  It
 * exits with 0; with 1 if the store has no such bundle; or with 2, and says why.  It decides
 * nothing: what it brings is read as if an enemy had sent it.
 *
 * Mirrors (the setting bundle_mirrors) are asked before the stores, each list in its order.  Only
 * stores can say that there is no bundle.
 */
#include "base/strv.h"
#include "engine/engine.h"

#define BUNDLE_HELPERS "/usr/lib/dkms/bundle"

/* Append the URLs to fetch from, in their order. */
void bundle_stores(const struct engine *e, struct strv *ret);
/*
 * Fetch or push by one store.  Returns 1 if it has no such bundle; -E_NO_BUNDLE: it failed, and err
 * says how; -E_TIMEOUT; -E_INTERRUPTED.
 */
int bundle_store_fetch(const struct engine *e, const char *url, const char *key, const char *dest,
		       struct err *err) MUST_CHECK;
int bundle_store_push(const struct engine *e, const char *url, const char *key, const char *folder,
		      struct err *err) MUST_CHECK;
/* The URL without user and password, for people and records.  Caller frees.  Pure. */
char *bundle_store_shown(const char *url);
/*
 * The path of the program for a URL; NULL: it is no URL of a store.  Caller frees.  Pure.
 */
char *bundle_store_helper(const char *url);
