/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * reason - what is said of a module, and why, as words.
 */
enum forecast {
	FORECAST_LOADS,
	FORECAST_FAILS,
	FORECAST_UNKNOWN, /* cannot tell */
};

/* id, name in --json, forecast */
#define REASON_LIST(X)                                                       \
	X(REASON_NONE, "none", FORECAST_LOADS)                               \
	X(REASON_MISSING, "file-missing", FORECAST_FAILS)                    \
	X(REASON_UNREADABLE, "file-unreadable", FORECAST_UNKNOWN)            \
	X(REASON_DAMAGED, "file-damaged", FORECAST_FAILS)                    \
	X(REASON_MACHINE, "machine", FORECAST_FAILS)                         \
	X(REASON_VERMAGIC, "vermagic", FORECAST_FAILS)                       \
	X(REASON_CRC, "symbol-version", FORECAST_FAILS)                      \
	X(REASON_SYMBOL, "symbol-unknown", FORECAST_FAILS)                   \
	X(REASON_GPL, "symbol-gpl-only", FORECAST_FAILS)                     \
	X(REASON_NAMESPACE, "symbol-namespace", FORECAST_FAILS)              \
	X(REASON_DUPLICATE, "symbol-duplicate", FORECAST_FAILS)              \
	X(REASON_DEPENDENCY, "dependency", FORECAST_FAILS)                   \
	X(REASON_UNSIGNED, "unsigned", FORECAST_FAILS)                       \
	X(REASON_KEY, "key-unknown", FORECAST_FAILS)                         \
	X(REASON_REVOKED, "key-revoked", FORECAST_FAILS)                     \
	X(REASON_SIGNATURE, "signature-damaged", FORECAST_FAILS)             \
	X(REASON_BLACKLISTED, "blacklisted", FORECAST_FAILS)                 \
	X(REASON_SHADOWED, "shadowed", FORECAST_FAILS)                       \
	X(REASON_NOT_INDEXED, "not-indexed", FORECAST_FAILS)                 \
	X(REASON_BUILT_IN, "built-in", FORECAST_FAILS)                       \
	X(REASON_INITRAMFS_OLD, "initramfs-old", FORECAST_FAILS)             \
	X(REASON_INITRAMFS_MISSING, "initramfs-missing", FORECAST_FAILS)     \
	X(REASON_NO_SYMVERS, "no-symvers", FORECAST_UNKNOWN)                 \
	X(REASON_NO_VERMAGIC, "no-vermagic", FORECAST_UNKNOWN)               \
	X(REASON_FIRMWARE, "firmware-unknown", FORECAST_UNKNOWN)             \
	X(REASON_KEY_UNCERTAIN, "key-uncertain", FORECAST_UNKNOWN)           \
	X(REASON_COMMAND, "install-command", FORECAST_UNKNOWN)               \
	X(REASON_DEPENDENCY_UNKNOWN, "dependency-unknown", FORECAST_UNKNOWN) \
	X(REASON_INITRAMFS_UNREAD, "initramfs-unread", FORECAST_UNKNOWN)

enum reason {
#define X(id, name, forecast) id,
	REASON_LIST(X)
#undef X
		REASON_COUNT_
};

enum forecast reason_forecast(enum reason r);
const char *reason_name(enum reason r);
/* "will-load", "will-not-load" or "cannot-tell". */
const char *forecast_name(enum forecast v);
