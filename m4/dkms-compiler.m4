# DKMS_WARNINGS - the warnings that this compiler knows, in WARN_CFLAGS;
# --enable-werror makes them errors.
AC_DEFUN([DKMS_WARNINGS], [
AC_ARG_ENABLE([werror],
	[AS_HELP_STRING([--enable-werror], [compiler warnings are errors])],
	[], [enable_werror=no])
WARN_CFLAGS=
for flag in -Wall -Wextra -Wshadow -Wundef -Wvla -Wformat=2 -Wmissing-prototypes \
	-Wstrict-prototypes -Wold-style-definition -Wpointer-arith -Wwrite-strings \
	-Wimplicit-fallthrough -Wlogical-op -Wjump-misses-init -Wno-missing-field-initializers; do
	AS_VAR_PUSHDEF([cachevar], [dkms_cv_flag_$flag])
	AC_CACHE_CHECK([whether $CC knows $flag], [cachevar], [
		save_CFLAGS=$CFLAGS
		CFLAGS="$CFLAGS -Werror $flag"
		AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
			[AS_VAR_SET([cachevar], [yes])], [AS_VAR_SET([cachevar], [no])])
		CFLAGS=$save_CFLAGS])
	AS_VAR_IF([cachevar], [yes], [WARN_CFLAGS="$WARN_CFLAGS $flag"])
	AS_VAR_POPDEF([cachevar])
done
AS_IF([test "x$enable_werror" = xyes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
AC_SUBST([WARN_CFLAGS])
])

# DKMS_SANITIZERS - --enable-asan, --enable-ubsan: SAN_CFLAGS, SAN_LDFLAGS.
AC_DEFUN([DKMS_SANITIZERS], [
AC_ARG_ENABLE([asan],
	[AS_HELP_STRING([--enable-asan], [build with the address sanitizer])], [], [enable_asan=no])
AC_ARG_ENABLE([ubsan],
	[AS_HELP_STRING([--enable-ubsan], [build with the undefined behaviour sanitizer])],
	[], [enable_ubsan=no])
SAN_CFLAGS=
dkms_sanitizers=
AS_IF([test "x$enable_asan" = xyes],
	[SAN_CFLAGS="$SAN_CFLAGS -fsanitize=address" dkms_sanitizers="$dkms_sanitizers address"])
AS_IF([test "x$enable_ubsan" = xyes],
	[SAN_CFLAGS="$SAN_CFLAGS -fsanitize=undefined -fno-sanitize-recover=undefined"
	 dkms_sanitizers="$dkms_sanitizers undefined"])
AS_IF([test -n "$SAN_CFLAGS"], [SAN_CFLAGS="$SAN_CFLAGS -fno-omit-frame-pointer"])
AC_SUBST([SAN_CFLAGS])
])
