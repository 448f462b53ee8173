# The doors of the package managers: each is built if its library is here, unless --without-X
# says no; --with-X makes it a must.
#
# DKMS_DOOR(NAME, WHAT, CHECK-IF-WANTED) - CHECK sets have_NAME to yes or leaves it.
AC_DEFUN([DKMS_DOOR], [
AC_ARG_WITH([$1], [AS_HELP_STRING([--without-$1], [build without the door for $2])],
	[], [with_$1=auto])
have_$1=no
AS_IF([test "x$with_$1" != xno], [$3])
AS_IF([test "x$with_$1" = xyes && test "x$have_$1" != xyes],
	[AC_MSG_ERROR([--with-$1: its library is missing])])
AM_CONDITIONAL([WITH_]m4_toupper([$1]), [test "x$have_$1" = xyes])
])
