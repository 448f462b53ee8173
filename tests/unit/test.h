/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * test - include cmocka.h after the headers that it needs and does not include itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
