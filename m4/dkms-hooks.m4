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

# DKMS_RPM_FOLDERS - where librpm and dnf 4 look: rpmplugindir, rpmmacrosdir, dnfplugindir; and
# whether the header that plugins need is public (rpm 4.20).
AC_DEFUN([DKMS_RPM_FOLDERS], [
AC_ARG_WITH([rpm-plugindir],
	[AS_HELP_STRING([--with-rpm-plugindir=DIR], [where librpm looks for plugins])],
	[rpmplugindir=$withval], [
	rpmplugindir=$($PKG_CONFIG --variable=rpmplugindir rpm 2>/dev/null)
	AS_IF([test "x$rpmplugindir" = x], [rpmplugindir=$(rpm --eval '%{__plugindir}' 2>/dev/null)])
	AS_CASE([$rpmplugindir], [/*], [], [rpmplugindir='${libdir}/rpm-plugins'])])
AC_ARG_WITH([rpm-macrosdir],
	[AS_HELP_STRING([--with-rpm-macrosdir=DIR], [where rpm reads macros.* files])],
	[rpmmacrosdir=$withval], [
	rpmmacrosdir=$($PKG_CONFIG --variable=rpmhome rpm 2>/dev/null)/macros.d
	AS_IF([test "x$rpmmacrosdir" = x/macros.d], [rpmmacrosdir='${prefix}/lib/rpm/macros.d'])])
AC_ARG_WITH([dnf-plugindir],
	[AS_HELP_STRING([--with-dnf-plugindir=DIR], [where dnf 4 looks for plugins])],
	[dnfplugindir=$withval], [
	dnfplugindir=$(python3 -c 'import dnf.const; print(dnf.const.PLUGINPATH)' 2>/dev/null)
	AS_IF([test "x$dnfplugindir" = x && test -d /usr/lib/python3/dist-packages],
		[dnfplugindir=/usr/lib/python3/dist-packages/dnf-plugins])
	AS_IF([test "x$dnfplugindir" = x],
		[dnfplugindir=$(rpm --eval '%{?python3_sitelib}' 2>/dev/null)/dnf-plugins])
	AS_IF([test "x$dnfplugindir" = x/dnf-plugins],
		[dnfplugindir='${prefix}/lib/python3/site-packages/dnf-plugins'])])
AC_SUBST([dnfplugindir])
AC_SUBST([rpmplugindir])
AC_SUBST([rpmmacrosdir])
AC_CHECK_HEADERS([rpm/rpmplugin.h])
])
