# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# This file alone chooses the kernels of the tests, in any Debian, among those whose image and
# headers apt can install now.
#
# A kernel's line is its MAJOR.MINOR. The distribution's own line is the oldest one; backports and
# newer lines of a stable release are the others.
#
#   K1, K2   the second newest and the newest of the own line
#   K3       the newest of the newest other line
#
# If there are fewer kernels, variables stay empty, and tests that need them are skipped by name
# ("needs_kernels" of test.bash). A single kernel of the own line is K2.

# kernels_policy [APT-CACHE...] - print what apt says of all kernels, for kernels_choose. APT-CACHE
# is the command to use.
kernels_policy() {
	local cache=("${@:-apt-cache}")
	{ "${cache[@]}" pkgnames linux-headers- && "${cache[@]}" pkgnames linux-image-; } |
		xargs -r "${cache[@]}" policy
}

# kernels_choose [ARCHITECTURE] - read the text of kernels_policy from standard input, and print the
# lines "K1 RELEASE", "K2 RELEASE" and "K3 RELEASE" of those that there are.
#
# A kernel counts if its image, its headers and their common part have candidates of the same
# version: signed images come days after the headers, and two suites may be at two versions. Of a
# line, the kernels of the plain flavour (RELEASE-ARCHITECTURE) are taken. If a line has none, those
# of other flavours that end in -ARCHITECTURE are taken, except rt, cloud and debugging flavours.
kernels_choose() {
	awk -v arch="${1:-amd64}" '
		/^[^ ]/ { name = substr($1, 1, length($1) - 1); known[name] = 1 }
		$1 == "Candidate:" && $2 != "(none)" { candidate[name] = $2 }
		END {
			for (name in candidate) {
				if (name !~ /^linux-headers-[0-9]+\.[0-9]/ || name ~ /-common(-rt)?$/)
					continue
				release = substr(name, 15)
				version = candidate[name]
				if (candidate["linux-image-" release] != version)
					continue
				if (substr(release, length(release) - length(arch)) != "-" arch)
					continue
				flavour = base = release
				sub(/^[0-9][0-9.]*(-[0-9]+)?(\+[a-z0-9~.]+)?(-[0-9]+)?-/, "", flavour)
				base = substr(release, 1, length(release) - length(flavour) - 1)
				# A name without a number is that of a package for the newest kernel.
				if (base !~ /[-.+][0-9].*[-.+][0-9]/ || flavour ~ /(^|-)(rt|cloud|dbg|debug)-/)
					continue
				common = "linux-headers-" base "-common"
				if (common in known && candidate[common] != version)
					continue
				split(release, number, ".")
				sub(/[^0-9].*/, "", number[2])
				print number[1] "." number[2], (flavour == arch ? 0 : 1), release
			}
		}' | sort -k 1,1V -k 2,2n -k 3,3V | awk '
		# Of a line only the first kind of flavour counts.
		$1 != line { line = $1; kind = $2; lines[++n] = line }
		$2 == kind { newest2[line] = newest[line]; newest[line] = $3 }
		END {
			if (n == 0)
				exit
			if (newest2[lines[1]] != "")
				print "K1", newest2[lines[1]]
			print "K2", newest[lines[1]]
			if (n > 1)
				print "K3", newest[lines[n]]
		}'
}
