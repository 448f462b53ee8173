# SPDX-License-Identifier: GPL-2.0-or-later
"""Plugin of dnf 4: leaves out the kernels that dkms holds back, dkms-gate(7).

It does nothing, and starts nothing, unless the admin has set the gate or a kernel is held back.
Nothing in it fails dnf.
"""

import glob
import os
import re
import subprocess

import dnf

DKMS = "/usr/sbin/dkms"
PIN = "/etc/dnf/plugins/dkms-gate.conf"
CONFS = ["/etc/dkms/framework.conf"]
CONFS_FOLDER = "/etc/dkms/framework.conf.d/*.conf"
SECONDS_MAX = 7200


def read(path):
    try:
        with open(path, errors="replace") as file:
            return file.read()
    except OSError:
        return ""


class DkmsGate(dnf.Plugin):
    name = "dkms"

    def __init__(self, base, cli):
        super(DkmsGate, self).__init__(base, cli)
        self.base = base
        self.cli = cli

    def is_set(self):
        confs = CONFS + glob.glob(CONFS_FOLDER)
        return os.path.exists(PIN) or any(re.search(r"^\s*gate=", read(c), re.M) for c in confs)

    def resolves(self):
        """Is this a command that may install a kernel, or one that refreshes the lists?"""
        if self.cli is None:
            return True
        return self.cli.demands.resolving or self.cli.command._basecmd == "makecache"

    def sack(self):
        if self.base.conf.installroot != "/" or not self.is_set():
            return
        if self.resolves() and os.geteuid() == 0:
            self.refresh()
        text = read(PIN)
        found = re.search(r"^excludepkgs=(.*)$", text, re.M)
        if found is None:
            return
        for spec in found.group(1).split():
            subject = dnf.subject.Subject(spec)
            query = subject.get_best_query(self.base.sack, with_provides=False, with_filenames=False)
            self.base.sack.add_excludes(query.available())

    def refresh(self):
        # dkms asks dnf again, without this plugin.  Its output has the reason.
        try:
            subprocess.call([DKMS, "gate", "--refresh"], timeout=SECONDS_MAX)
        except (OSError, subprocess.SubprocessError):
            pass
