# SPDX-License-Identifier: GPL-2.0-or-later
"""What the manual says about the machine after each step, worked out from what was done.

Nothing here knows how dkms decides. The facts are those of machine.py. dkms's own answers (rc,
status --json) are used only where the manual allows more than one. A wish is one of:

    the version that must be there      strict
    a set of versions (None: nothing)   the manual leaves it open
"""
import os
import re


def version_key(v):
    return [(0, int(p)) if p.isdigit() else (1, p) for p in re.split(r"[.-]", v)]


def newest(versions):
    return max(versions, key=version_key, default=None)


class Expect:
    """What a call of dkms must leave behind."""

    def __init__(self, oracle):
        self.inst = {key: {v} for key, v in oracle.inst.items()}
        self.current = {}                 # (name, kernel): why it must be of today
        self.registered = {key: {True} for key in oracle.registered}
        self.holds = {key: {True} for key in oracle.holds}
        self.rc = {0}                     # None: any
        self.reasons = []                 # why a failure would be right
        self.why = {}                     # (name, kernel): (version that is wanted, what is in its way)

    def fail(self, reason):
        self.reasons.append(reason)


class Oracle:
    def __init__(self, machine):
        self.m = machine
        self.f = machine.facts
        self.registered = set()           # (name, version)
        self.inst = {}                    # (name, kernel): version
        self.holds = {}                   # (kind, name, version, kernel): stamp
        self.owner = {}                   # (name, version): package, as an event told
        self.loose = set()                # (name, kernel): what it was built from cannot be known
        self.forced = set()               # (name, kernel): installed with --force
        self.built = set()                # (name, version, kernel)
        self.headers_told = {}            # kernel: (hN, package)
        self.versions_told = {}           # package: version
        self.kernels_told = set()         # that a package ships
        self.gone_told = self.gone_now = set()  # (name, version): whose package went on, as an event told
        self.requests = set()             # (name, version): to be removed at the end of the run
        self.by_hook = set()              # (name, version): that packages shipped when a kernel's hook spoke
        self.blind = False                # nobody has evaluated a conf since the verdicts were lost
        self.parted = set()               # (name, version): a person removed it, and did not add it again

    # ---- facts, asked for ----

    def live(self, name):
        """Registered versions whose source is there."""
        return {v for n, v in self.registered if n == name and (n, v) in self.f.folders}

    def source(self, name, version):
        return self.f.folders.get((name, version))

    def names(self):
        return {n for n, _ in self.registered} | {n for n, _ in self.inst}

    def kernels(self):
        return set(self.f.kernels) | {k for _, k in self.inst}

    def is_kernel(self, k):
        kernel = self.f.kernels.get(k)
        if not kernel or kernel.image is None:
            return False
        return self.m.database != "pacman" or ("kernel", k) in self.f.told and bool(kernel.image)

    def headers(self, k):
        kernel = self.f.kernels.get(k)
        return bool(kernel) and kernel.headers is not None

    def originals(self, k, module):
        """{path: tag} of what others have of that name."""
        kernel = self.f.kernels.get(k)
        return {p: tag for p, (m, tag, _) in kernel.files.items() if m == module} if kernel else {}

    def refused(self, s, k):
        """Modules for which the kernel has a newer one."""
        return {m for m in s.modules for tag in self.originals(k, m).values()
                if version_key(tag.split("/")[1]) >= version_key(s.version)}

    def mixed(self, s, module, k):
        """The kernel has a newer one and an older one: which of them counts is open."""
        newer = {version_key(tag.split("/")[1]) >= version_key(s.version) for tag in self.originals(k, module).values()}
        return len(newer) > 1

    def taken(self, s, k):
        """Modules whose place a package has."""
        return {m for m in s.modules if any(tag.startswith("package/") for tag in self.originals(k, m).values())}

    def makers(self, module, but):
        """Other module packages that make a module of that name, or did."""
        known = {n for n, _ in self.registered} | {n for n, _ in self.inst} | \
            {n for (n, _), s in self.f.folders.items() if s.owner}
        return {n for (n, v, _), s in self.f.sources.items() if n != but and module in s.modules and n in known}

    def disputed(self, s):
        return {m for m in s.modules if self.makers(m, s.name)}

    def stamp_of(self, hold):
        if hold[0] != "removed":
            return self.stamp(hold[1]) + ({v for n, v in self.registered if n == hold[1]},)
        s = self.source(hold[1], hold[2])
        package = self.f.packages.get(s.owner) if s and s.owner else None
        return hold[2], package.version if package else None, \
            s is not None and (not self.owner.get(hold[1:3]) if package is None else
                               self.versions_told.get(package.name) == package.version), set()

    def is_removed(self, name, version):
        """Does a person's removal of it count?"""
        hold = ("removed", name, version, None)
        return hold in self.holds and not self.arrived(self.holds[hold], self.stamp_of(hold))

    def stamp(self, name, removed=False):
        """The newest version there is, its package's version, and whether dkms has been told of that.
        removed: what a person removed, and a package still ships, is a version too."""
        versions = {v for n, v in self.registered | set(self.f.folders) if n == name and (n, v) in self.f.folders and
                    ((n, v) in self.registered or self.f.folders[n, v].owner and
                     (removed or not self.is_removed(n, v)))}
        top = newest(versions)
        s = self.source(name, top) if top else None
        package = self.f.packages.get(s.owner) if s and s.owner else None
        told = package is None or self.versions_told.get(package.name) == package.version
        return top, package.version if package else None, told

    def arrived(self, stamp, now):
        """Is there a new version since?  None: it cannot be told, or nobody had told dkms of it then."""
        if not stamp[2]:
            return None
        if now[:2] == stamp[:2]:
            return False
        if now[0] != stamp[0] and now[0] in stamp[3]:
            return None                   # it was known, and its source lost
        if now[0] and stamp[0] and version_key(now[0]) > version_key(stamp[0]):
            return True
        if now[0] == stamp[0] and now[1] and stamp[1]:
            return True
        if now[0] == stamp[0] and stamp[1] is None:
            return False                  # its owner became known
        return None

    # ---- wishes ----

    def hindrances(self, name, version, k, installed):
        """Why this version would not get onto that kernel, by an event: {reason}."""
        s = self.source(name, version)
        why = set()
        if not s:
            return {"source"}
        if not self.headers(k):
            why.add("headers")
        if s.broken:
            why.add("broken")
        if s.excluded(k):
            why.add("excluded")
        if s.script and self.m.is_refused(name):
            why.add("script")
        if set(s.modules) <= self.refused(s, k):
            why.add("newer")
        if self.taken(s, k) or any(self.mixed(s, m, k) for m in s.modules):
            why.add("taken")
        if self.disputed(s):
            why.add("disputed")
        for d in s.depends:
            if installed.get((d, k)) is None or self.waits_for_removal(d):
                why.add("depends")
        return why

    def wish_event(self, name, k, registered, gone, installed, e, holds=True):
        """Sets what an event must make of name on k.  registered: versions with a source there."""
        key = (name, k)
        before = self.inst.get(key)
        top = newest(registered)
        lost = {v for n, v in self.registered if n == name and v not in registered and v not in gone and
                all(other is None or version_key(v) > version_key(other) for other in (top, before if before in gone else None))}
        held = [h for h in self.holds if h[1] == name and h[3] == k] if holds else []
        version_hold = next((h[2] for h in held if h[0] == "version"), None)
        allowed = {before}
        target = None
        if version_hold in registered:
            target = version_hold
        elif version_hold and version_hold == before and version_hold not in gone:
            # Its source is lost, and nobody said that it was taken away: it stays.
            if top:
                e.why[key] = (top, {"held"})
        elif any(h[0] == "absent" for h in held):
            allowed = {before}
            if all(e.holds.get(h) == {True} for h in held) and top:
                e.why[key] = (top, {"held"})
        elif top:
            s = self.source(name, top)
            if s.autoinstall:
                target = top
            else:
                # A dependency of another one may be wanted, and so may an older version.
                allowed |= registered
                if before in gone:
                    allowed |= {None}
        if before in gone and not registered:
            allowed = {before} if lost else {None}
        if target:
            why = self.hindrances(name, target, k, installed)
            if not lost:
                e.why[key] = (target, why)
            if lost:
                e.reasons += why
                allowed = {before, target}    # the newest is broken, and nobody knows what it would say
            elif not why:
                allowed = {target}
                e.current[key] = "it can be built"
            elif why == {"newer"} and before != target and key in self.forced:
                allowed |= {target}           # the newer one may have made room for what was forced
                e.reasons += why
            elif why == {"newer"} and before != target:
                e.fail("newer")
            else:
                allowed |= {target}
                for reason in why - {"headers", "excluded", "depends"}:
                    e.fail(reason)
                if before in gone and before != target:
                    allowed |= {None}
                if "excluded" in why and before != target:
                    allowed -= {target}
                if "disputed" in why:
                    allowed |= {None}
                if why & {"taken", "newer"}:
                    allowed |= {None} if "taken" in why or before == target else set()
        if before in registered and before in allowed and before != target and \
                not self.hindrances(name, before, k, installed):
            e.current[key] = "what is installed is kept current"
        for version in ({before} & registered) | ({top} if before in gone else set()) - {None}:
            for reason in self.hindrances(name, version, k, installed) - {"headers", "excluded", "depends"}:
                e.fail(reason)
        if before and before not in registered and before not in gone:
            # Its source is not there, and nobody said that it was taken away: what is installed stays.
            allowed = {before} | {v for v in allowed if v and version_key(v) > version_key(before)}
            e.current.pop(key, None)
        if key in self.loose or key in self.forced:
            e.current.pop(key, None)
        e.inst[key] = allowed

    def wish_all(self, kernels, registered, gone, installed, e, holds=True, full=False):
        names = {n for n, _ in registered} | {n for n, _ in self.inst} | {n for n, _ in gone}
        for k in kernels:
            for name in names:
                versions = {v for n, v in registered if n == name and (n, v) in self.f.folders}
                lost = {v for n, v in gone if n == name}
                if k not in self.f.kernels:
                    if (name, k) in self.inst:
                        e.inst[name, k] = {None} if k in self.kernels_told and full else {None, self.inst[name, k]}
                elif not self.is_kernel(k):
                    e.inst[name, k] = {None, self.inst.get((name, k))} | versions
                    for version in versions:
                        e.reasons += self.hindrances(name, version, k, installed) - {"headers", "excluded", "depends"}
                else:
                    self.wish_event(name, k, versions, lost, installed, e, holds)

    def headers_are_told(self, k):
        """Headers of a package are known by its version, which an event of the package manager tells."""
        kernel = self.f.kernels[k]
        symvers, owner = self.headers_told.get(k, (None, None))
        return symvers == kernel.symvers or (not kernel.headers and not owner)

    def nothing_by_itself(self):
        return os.path.exists(self.m.root + "/etc/dkms/no-autoinstall")

    def waits_for_removal(self, name):
        return any(n == name for n, _ in self.requests)

    def gone_sources(self):
        """Registered ones that the package that shipped them ships no more."""
        found = set()
        for key in self.registered:
            package = self.owner.get(key)
            p = self.f.packages.get(package) if package else None
            if package and not (p and p.key == "%s-%s" % key) or ("source", "%s-%s" % key) in self.f.removed:
                found.add(key)
        return found

    def expect_event(self, kind, kernel, installed):
        """kind: full, boot or kernel."""
        e = Expect(self)
        if kind == "full":
            self.headers_told = {k.release: (k.symvers, k.headers) for k in self.f.kernels.values()}
            shipped = {key for key, s in self.f.folders.items() if s.owner}
            gone = (self.gone_sources() | self.gone_told & self.registered) - {key for key, s in self.f.folders.items() if s.owner}
            # What a person unpacked where a package's source was is his.
            for key, s in self.f.folders.items():
                if key in gone and not s.owner:
                    gone.discard(key)
            for h, stamp in self.holds.items():
                ended = self.arrived(stamp, self.stamp_of(h))
                if h[0] == "removed":
                    s = self.source(h[1], h[2])
                    newer = self.stamp(h[1], removed=True)[0]
                    if not s or not s.owner or ended is False and version_key(newer) > version_key(h[2]):
                        ended = None
                elif not any(n == h[1] for n, _ in self.registered - gone | shipped):
                    ended = None
                elif h[0] == "version" and (h[1], h[2]) in gone:
                    ended = True
                if h[3] and not self.is_kernel(h[3]) or ended and self.nothing_by_itself():
                    ended = None
                e.holds[h] = {True} if ended is False else {False} if ended else {True, False}
            still = {h for h in e.holds if e.holds[h] != {False}}
            new = {key for key in shipped if key not in self.registered}
            for key in new:
                free = not any(h[0] == "removed" and (h[1], h[2]) == key for h in still)
                e.registered[key] = {True, False} if free and key in self.parted else {True} if free else {False, True} if \
                    any(e.holds[h] == {True, False} for h in still if (h[1], h[2]) == key) else {False}
            self.gone_now = set(gone)
            for key in self.requests:
                if key in self.registered and not (key in self.f.folders and self.f.folders[key].owner):
                    gone.add(key)
            if self.nothing_by_itself():
                for key in new:
                    e.registered[key] = {False}
            registered = {key for key in self.registered | new if key not in gone and e.registered.get(key) != {False}}
            for key in gone:
                e.registered[key] = {False} | ({True} if any(
                    n == key[0] and v != key[1] for n, v in registered) and
                    any(self.inst.get((key[0], k)) == key[1] for k in self.kernels()) else set())
            saved, self.holds = self.holds, {h: s for h, s in self.holds.items() if h in still}
            self.wish_all(self.kernels(), registered, gone, installed, e, full=True)
            self.holds = saved
            unclear = {h for h in still if e.holds.get(h) == {True, False}}
            for h in unclear:
                for n, v in registered:
                    if n == h[1]:             # if the hold ends, this is tried
                        for k in self.kernels() if h[3] is None else [h[3]]:
                            e.reasons += self.hindrances(n, v, k, installed) & {"broken", "script", "taken", "disputed", "newer"}
                for k in self.kernels() if h[3] is None else [h[3]]:
                    e.inst[h[1], k] = e.inst.get((h[1], k), {None}) | {None, self.inst.get((h[1], k))} | \
                        self.live(h[1]) | {v for n, v in registered if n == h[1]}
                    e.current.pop((h[1], k), None)
        elif kind == "boot":
            gone = {key for key in self.gone_told if key not in self.f.folders}
            self.wish_all(self.kernels(), self.registered, gone, installed, e)
            for (n, k), v in self.inst.items():
                if (n, v) in gone:            # what lists the sources is waited for
                    e.inst[n, k] = e.inst[n, k] | {v}
            for h, stamp in self.holds.items():
                if self.arrived(stamp, self.stamp_of(h)) is not False:
                    e.holds[h] = {True, False}
                    for n, v in self.registered:
                        if n == h[1]:         # if the hold ends, this is tried
                            for k in self.kernels():
                                e.reasons += self.hindrances(n, v, k, installed) & {"broken", "script", "taken", "disputed",
                                                                                    "newer"}
                    for k in self.kernels():
                        e.inst[h[1], k] = {None, self.inst.get((h[1], k))} | self.live(h[1])
                        e.current.pop((h[1], k), None)
        else:
            shipped = {key for key, s in self.f.folders.items() if s.owner} if \
                self.m.database in ("dpkg", "rpm") else set()
            self.by_hook = shipped
            for key in shipped - self.registered:
                e.registered[key] = {True, False}
            gone = {key for key in self.gone_told if key not in self.f.folders}
            self.wish_all([kernel], self.registered | shipped, gone, installed, e)
            for n, v in gone:                 # what lists the sources may be waited for
                if self.inst.get((n, kernel)) == v:
                    e.inst[n, kernel] = e.inst[n, kernel] | {v}
            for name in {n for n, _ in shipped}:
                if shipped - self.registered or any(h[1] == name for h in self.holds):
                    e.inst[name, kernel] = e.inst.get((name, kernel), {None}) | {
                        self.inst.get((name, kernel))} | {v for n, v in shipped | self.registered if n == name}
                    e.current.pop((name, kernel), None)
            for h, stamp in self.holds.items():
                if h[3] == kernel and not self.is_kernel(kernel):
                    e.holds[h] = {True, False}
                elif self.arrived(stamp, self.stamp_of(h)) is not False:
                    e.holds[h] = {True, False}
                    for n, v in shipped | self.registered:
                        if n == h[1]:         # if the hold ends, this is tried
                            e.reasons += self.hindrances(n, v, kernel, installed) & {"broken", "script", "taken", "disputed", "newer"}
        if kind != "full":
            for n, k in list(e.inst):
                if self.waits_for_removal(n):
                    others = {v for v in e.inst[n, k] if v and (n, v) not in self.requests}
                    e.inst[n, k] = {self.inst.get((n, k))} | others if kind == "boot" else e.inst[n, k] | {self.inst.get((n, k))}
                    e.current.pop((n, k), None)
                    e.why.pop((n, k), None)
        if self.nothing_by_itself():
            for n, k in list(e.inst):
                e.inst[n, k] = {self.inst.get((n, k))} | ({None} if None in e.inst[n, k] else set())
                if self.inst.get((n, k)) is not None:
                    e.inst[n, k] |= {v for v in e.inst[n, k] if v == self.inst[n, k]}
            e.current, e.why = {}, {}
        if e.reasons:
            e.rc = None
        return e

    # ---- what a person does ----

    def expect_verb(self, verb, name, version, kernels, words, rc, installed):
        e = Expect(self)
        e.rc = None
        force = "--force" in words
        key = (name, version)
        if "--later" in words:
            if rc == 0 and verb == "remove" and key in self.registered:
                self.requests.add(key)
            elif verb == "add":
                self.requests.discard(key)
                e.registered[key] = {True, False}
            return e
        if verb in ("add", "build", "install", "remove") and rc == 0:
            self.requests.discard(key)
        if verb == "add":
            why = [] if self.source(name, version) and key not in self.registered else ["as it is"]
            if not why:
                e.rc = {0}
                e.registered[key] = {True}
                for h in list(self.holds):
                    if h[0] == "removed" and h[1] == name:
                        e.holds[h] = {False} if h[2] == version else {True, False}
        elif verb in ("build", "install"):
            failures = [self.expect_one(e, verb, name, version, k, force, rc) for k in kernels]
            if not any(failures):
                e.rc = {0}
            if rc and len(kernels) > 1:
                for k in kernels:
                    if verb == "install":
                        e.inst[name, k] = {self.inst.get((name, k)), version}
                        for h in [h for h in e.holds if h[1] == name and h[3] == k] + [("version", name, version, k)]:
                            e.holds[h] = {True, False}
            if key not in self.registered:
                e.registered[key] = {True} if rc == 0 else {True, False}
                if not self.source(name, version):
                    e.registered[key] = {False}
                for h in list(self.holds):
                    if h[0] == "removed" and h[1] == name:
                        e.holds[h] = {True, False}
        elif verb in ("uninstall", "unbuild", "remove"):
            self.expect_removal(e, verb, name, version, kernels, words, rc)
        elif verb in ("autoinstall", "kernel_postinst"):
            self.wish_all(kernels, self.registered, set(), installed, e, holds=False)
            e.current = {}
            for n, k in list(e.inst):
                if self.waits_for_removal(n) or self.nothing_by_itself():
                    e.inst[n, k] = {self.inst.get((n, k))}
            # A folder that a package left without its conf cannot be built, and that is said.
            if any(key not in self.f.folders and os.path.isdir(f"{self.m.root}/usr/src/%s-%s" % key)
                   for key in self.registered):
                e.reasons.append("source")
            for h in list(self.holds):
                if h[3] in kernels and self.nothing_by_itself():
                    e.holds[h] = {True, False}
                elif h[3] in kernels:
                    s = self.source(h[1], newest(self.live(h[1])))
                    e.holds[h] = {False} if rc == 0 and not e.reasons and s and s.autoinstall else {True, False}
            for k in kernels:
                for n in self.names():
                    if any(h[1] == n and h[3] == k for h in self.holds):
                        e.inst[n, k] = e.inst.get((n, k), {None}) | {None, self.inst.get((n, k))} | self.live(n)
                    if not self.headers(k):
                        e.inst[n, k] = e.inst.get((n, k), {None}) | {None, self.inst.get((n, k))} | self.live(n)
            if not e.reasons and all(self.is_kernel(k) and self.headers(k) for k in kernels) and \
                    not any(s.depends for s in self.f.folders.values()):
                e.rc = {0}
        return e

    def expect_one(self, e, verb, name, version, k, force, rc):
        """install or build for one kernel; returns whether it may fail."""
        key = (name, k)
        before = self.inst.get(key)
        s = self.source(name, version)
        why = self.hindrances(name, version, k, self.inst)
        if k not in self.f.kernels:
            why.add("kernel")
        if verb == "build":
            why -= {"newer", "taken", "script", "disputed"}
        if force:
            why -= {"newer", "script", "depends"}
        lists = {frozenset(old.modules) for (n, v, _), old in self.f.sources.items() if (n, v) == (name, version)}
        if (name, version, k) in self.built and len(lists) < 2:
            why -= {"headers", "broken"} if not (verb == "build" and force) else set()
        if verb == "build":
            return why
        e.inst[key] = {version} if rc == 0 else {before, version} if len(why) == 0 else {before}
        if why & {"kernel", "taken", "disputed"} and rc == 0:
            e.inst[key] |= {before, None}
        if rc != 0:
            return why
        if (name, version, k) not in self.built:
            e.current[key] = "it was built by this command"
        top = newest(self.live(name) | {version})
        for h in list(self.holds):
            if h[1] == name and h[3] == k:
                e.holds[h] = {False}
        if s and top != version:
            auto = self.source(name, top).autoinstall
            e.holds["version", name, version, k] = {True} if auto and before != version else {True, False}
        if s and force and self.refused(s, k):
            self.forced.add(key)
        return why

    def expect_removal(self, e, verb, name, version, kernels, words, rc):
        everywhere = "--all" in words
        targets = [k for k in self.kernels() if everywhere or k in kernels]
        did = False
        for k in targets:
            installed = self.inst.get((name, k)) == version
            built = (name, version, k) in self.built
            if installed:
                e.inst[name, k] = {None} if rc == 0 else {None, version}
            touched = installed or (built and verb != "uninstall")
            did = did or touched
            kept = self.inst.get((name, k))
            if built and not installed and kept and version_key(version) > version_key(kept):
                e.holds["version", name, kept, k] = {True, False}
            others = {v for n, v in self.registered if n == name and v != version}
            for h in list(self.holds):
                if h[1] == name and h[3] == k and h[0] == "version":
                    e.holds[h] = {True, False} if h[2] == version and (verb != "remove" or rc) else \
                        {False} if h[2] == version and everywhere else {True, False} if h[2] == version else {True}
            if touched and (verb != "remove" or not everywhere):
                e.holds["absent", name, None, k] = {True} if rc == 0 and installed else {True, False}
            elif verb == "remove" and everywhere:
                if not others:
                    for h in list(self.holds):
                        if h[1] == name and h[3] is not None:
                            e.holds[h] = {True, False}
                elif ("absent", name, None, k) not in self.holds:
                    e.holds["absent", name, None, k] = {True, False} if installed else {False}
            else:
                e.holds.setdefault(("absent", name, None, k), {True, False})
        if verb == "remove":
            left = {k for n, v, k in self.built if (n, v) == (name, version)} - set(targets)
            if (name, version) in self.registered and not left:
                self.parted.add((name, version))
                e.registered[name, version] = {False} if rc == 0 else {True, False}
                owned = self.owner.get((name, version))
                if rc == 0:
                    e.holds["removed", name, version, None] = {True} if owned and everywhere and \
                        self.source(name, version) else {True, False} if owned or self.source(name, version) else {False}
                    if not everywhere:
                        for k in targets:
                            e.holds["absent", name, None, k] = {True, False}
                        for h in list(self.holds):
                            if h[1] == name and h[3] is not None and not any(
                                    n == name and v != version for n, v in self.registered):
                                e.holds[h] = {True, False}
            if everywhere and (name, version) in self.registered:
                e.rc = {0}
            for h in list(self.holds):
                if h[0] == "removed" and (h[1], h[2]) == (name, version):
                    e.holds[h] = {True, False}
        elif did and not everywhere:
            e.rc = {0}

    # ---- afterwards ----

    def adopt(self, registered, inst, holds, built):
        """Take over what was found, once it has been judged."""
        self.registered, self.built = set(registered), set(built)
        self.parted -= self.registered
        self.requests &= self.registered
        self.loose &= set(inst) | {(n, k) for n, _, k in self.built}
        self.forced = {key for key in self.forced if key in inst}
        self.inst = dict(inst)
        self.holds = {h: self.holds.get(h, self.stamp_of(h)) for h in holds}

    def hook_told(self):
        """A kernel's hook told who ships what it registered."""
        known = {key for key in self.by_hook & self.registered if key not in self.owner}
        self.owner.update({key: self.f.folders[key].owner for key in known})
        self.gone_told = self.gone_told - known

    def told(self):
        """A full event told who ships what, and carried out what was asked for."""
        self.requests = set()
        self.gone_told = self.gone_now
        self.kernels_told = {key for kind, key in self.f.told if kind == "kernel"}
        self.versions_told = {p.name: p.version for p in self.f.packages.values()}
        for p in self.f.packages.values():
            if p.kind == "source":
                name, version = p.key.rsplit("-", 1)
                self.owner[name, version] = p.name
        # What a person unpacked where a package's source was is his.
        taken_over = {key for key, s in self.f.folders.items() if not s.owner}
        self.owner = {key: p for key, p in self.owner.items() if p in self.f.packages and
                      self.f.packages[p].key == "%s-%s" % key or key in self.registered - taken_over}

    def stripped(self):
        """What only dkms-native writes has been lost."""
        self.holds, self.owner, self.kernels_told, self.gone_told = {}, {}, set(), set()
        self.blind = True
        self.loose = set(self.inst) | {(n, k) for n, _, k in self.built}
