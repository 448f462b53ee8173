# SPDX-License-Identifier: GPL-2.0-or-later
"""Give the same sequences to DKMS and to ours: verbs only, no event, no mishap, no kill.

After each verb both machines must be alike: exit status, lines of status, modules in the kernels'
trees and in the dkms tree.  A difference must be one of KNOWN, each of which is a sentence of
dkms(8), DIFFERENCES.  After a difference the machines are no longer alike, so the sequence ends.
"""
import os
import random
import re
import shutil
import subprocess
import time

import steps
from generate import KERNEL_STEPS, VERSIONS, Maker, pick
from machine import Machine, copy_tool, write
from oracle import version_key

TOOLS = ("awk diff cut wc tee date stat readlink modinfo readelf comm uniq nproc ps pgrep mapfile install cmp basename "
         "tail tar mktemp getopt logger printf mount chown tty stty sync timeout which env uname hostname rev seq").split()
FRAMEWORK = "sign_file=/nonexistent/sign-file\ntry_sign_modules=false\ninitramfs=never\n"
OF_OURS = ("record", ".native")


class Theirs(Machine):
    """A machine with the dkms that is unpacked in a folder."""

    def __init__(self, work, root, folder):
        self.folder = folder
        super().__init__(work, root, "/usr/sbin/dkms")
        for tool in TOOLS:
            copy_tool(tool, root)
        shutil.copy2(folder + "/usr/sbin/dkms", root + "/usr/sbin/dkms")
        shutil.copytree(folder + "/usr/lib/dkms", root + "/usr/lib/dkms", dirs_exist_ok=True)
        os.makedirs(root + "/dev", exist_ok=True)
        os.makedirs(root + "/proc", exist_ok=True)

    def reset(self, distro):
        super().reset(distro)
        shutil.copytree(self.folder + "/etc/dkms", self.root + "/etc/dkms", dirs_exist_ok=True)
        os.makedirs(self.root + "/var/lib/dkms")

    def run(self, words, text=None, faults=False):
        self.calls += 1
        with subprocess.Popen(["chroot", self.root, self.dkms, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root",
                                                           "LC_ALL": "C.UTF-8", "TERM": "dumb"}) as child:
            out, err = child.communicate(timeout=120)
        return child.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")


def picture(m, rc, text):
    """{(kind, ...): how it is}: all that must be alike."""
    found = {("rc", ): str(rc)}
    for line in text.splitlines():
        row, _, state = line.partition(": ")
        package, kernel, *_ = row.split(", ") + [None]
        found["status", *package.split("/"), kernel] = state
    for k in sorted(os.listdir(f"{m.root}/usr/lib/modules")):
        for path, tag in m.scan(k).items():
            found["file", k, path] = tag
        for module, (path, _) in m.loader(k).items():
            found["loader", k, module] = path
    top = m.root + "/var/lib/dkms"
    for folder, folders, names in os.walk(top):
        folders[:] = [f for f in folders if f not in OF_OURS]
        for name in names + folders:
            path = os.path.join(folder, name)
            short = path[len(top) + 1:]
            if os.path.islink(path):
                found["tree", short] = "-> " + os.readlink(path)
            elif ".ko" in name:
                found["tree", short] = m.tag(path)
    return found


class Pair:
    """Both machines, and what is known of them before a verb."""

    def __init__(self, ours, theirs, distro):
        self.ours, self.theirs = ours, theirs
        for m in (ours, theirs):
            m.reset(distro)
            os.makedirs(m.root + "/etc/dkms/framework.conf.d", exist_ok=True)
            write(m.root + "/etc/dkms/framework.conf.d/model.conf", FRAMEWORK)
        self.f = ours.facts
        self.before = {}

    def look(self, m, rc=0):
        return picture(m, rc, m.run(["status"])[1])

    def step(self, line):
        """Returns None, or what differs: [(what, ours, theirs)]."""
        words = line.split()
        if words[0] != "dkms":
            for m in (self.ours, self.theirs):
                steps.DO[words[0]](m, words[1:])
            self.before = {}
            return None
        if not self.before:
            self.before = self.look(self.ours)
        found, self.said = [], []
        for m in (self.ours, self.theirs):
            rc, out, err = m.run(words[1:])
            self.said.append((rc, out + err))
            found.append(self.look(m, rc))
        ours, theirs = found
        differ = [(what, ours.get(what, "-"), theirs.get(what, "-")) for what in sorted(set(ours) | set(theirs), key=str)
                  if ours.get(what) != theirs.get(what)]
        context = Context(self, line, differ)
        self.before = ours
        return context if differ else None


class Context:
    """One verb whose results differ."""

    def __init__(self, pair, line, differ):
        self.line, self.differ, self.f, self.before = line, differ, pair.f, pair.before
        self.said = pair.said
        words = line.split()[1:]
        self.verb = words[0]
        names = [w for w in words[1:] if "/" in w]
        self.name, self.version = names[0].split("/") if names else (None, None)
        self.kernels = [words[i + 1] for i, w in enumerate(words) if w == "-k"]
        self.force, self.all = "--force" in words, "--all" in words
        self.source = self.f.folders.get((self.name, self.version))
        self.rc = [rc for rc, _ in self.said]
        self.kinds = {what[0] for what, _, _ in differ}

    def state(self, name=None, version=None, kernel=None):
        """The words of status before the verb: [(name, version, kernel, state)]."""
        return [(*what[1:], state) for what, state in self.before.items() if what[0] == "status" and
                all(wanted in (None, got) for wanted, got in zip((name, version, kernel), what[1:]))]

    def text(self):
        return "".join(f"    {' '.join(map(str, what))}: ours {a}, theirs {b}\n" for what, a, b in self.differ[:12]) + \
            "".join(f"    {who} ({rc}): {said[-700:]!r}\n" for who, (rc, said) in zip(("ours", "theirs"), self.said))



def has_only(c, *kinds):
    return c.kinds <= set(kinds)


def stale(c):
    """What is installed for these kernels was built from another source, headers or dependencies."""
    for what, tag in c.before.items():
        made = re.match(r"([a-z]+)/([0-9.]+)/[a-z]+:(s\d+):(h\d+)((?::[^:]*)*)$", tag)
        if not made or what[0] != "tree" or what[1].split("/")[2] not in c.kernels:
            continue
        s, k = c.f.folders.get((made[1], made[2])), c.f.kernels.get(what[1].split("/")[2])
        if s and (made[3] != f"s{s.number}" or k and k.symvers and made[4] != k.symvers or made[5]):
            return True
    return False


def lost(c):
    """A file that is installed is not there."""
    return any("modules are missing" in state or "Differences" in state for _, _, k, state in c.state() if k in c.kernels)


def depmod_files(c):
    """A kernel's tree without modules.dep: depmod makes it here."""
    return all(what[0] == "loader" and theirs == "-" for what, _, theirs in c.differ) and not any(
        what[0] == "loader" and what[1] in c.kernels for what in c.before)


def replaces_another_list(c):
    """The version that goes makes modules that the one that comes does not make."""
    return all(what[0] == "loader" or what[0] == "file" and ours == "-" and
               ("status", *theirs.split("/")[:2], what[1]) in c.before for what, ours, theirs in c.differ)


def built_modules(c, k, name=None, version=None):
    top = f"{name or c.name}/{version or c.version}/{k}/"
    return {re.sub(r"\.ko.*", "", what[1].rsplit("/", 1)[1]) for what in c.before
            if what[0] == "tree" and what[1].startswith(top) and ".ko" in what[1]}


def other_modules(c):
    """The build that is there has not the modules that its conf names now."""
    return c.source is not None and any(
        built_modules(c, k) and built_modules(c, k) != set(c.source.modules) for k in c.kernels)


def status_by_conf(c):
    """Only a line of status differs, of a build whose conf names other modules now: DKMS asks the conf."""
    return all(what[0] == "status" and what[1:3] in c.f.folders and what[3] and
               built_modules(c, what[3], *what[1:3]) != set(c.f.folders[what[1:3]].modules) for what, _, _ in c.differ)


def will_fail(c):
    s = c.source
    return s is None or s.broken or any(
        k not in c.f.kernels or c.f.kernels[k].headers is None or s.excluded(k) for k in c.kernels)


def newer_installed(c):
    return any(state.startswith("installed") and version_key(v) > version_key(c.version)
               for _, v, k, state in c.state(c.name) if k in c.kernels)


def source_lost(c):
    """What is installed there has lost its source, and an older version has not."""
    return any(state.startswith("installed") and (n, v) not in c.f.folders
               for n, v, k, state in c.state() if k in c.kernels)


def rivals(c):
    """Two module packages that are registered make a module of one name."""
    made = {}
    for n, v, _, _ in c.state():
        for m in c.f.folders[n, v].modules if (n, v) in c.f.folders else ():
            made.setdefault(m, set()).add(n)
    return any(len(names) > 1 for names in made.values())


def unregistered_dependency(c):
    registered = {n for n, _, _, _ in c.state()}
    return any(d not in registered for (n, v), s in c.f.folders.items() if (n, v, None) or s for d in s.depends)


# (name, words of dkms(8), DIFFERENCES, when it applies); without words it is that 3.2.2 lacks what 3.4.3 has.
KNOWN = [
    ("kernel_prerm", "kernel_preinst and kernel_prerm delete nothing", lambda c: c.verb == "kernel_prerm"),
    ("autoinstall rebuilds", "builds again what was built from another source, other headers or other dependencies",
     lambda c: c.verb in ("autoinstall", "kernel_postinst") and stale(c)),
    ("autoinstall mends", "and puts back files that are lost",
     lambda c: c.verb in ("autoinstall", "kernel_postinst") and lost(c)),
    ("depmod's files", "depmod runs where modules.dep is missing, too", depmod_files),
    ("replaced list", "A version that replaces another takes out all that the other installed",
     lambda c: c.verb in ("install", "autoinstall", "kernel_postinst") and replaces_another_list(c)),
    ("unregistered dependency", None, lambda c: has_only(c, "rc") and
     c.verb in ("autoinstall", "kernel_postinst") and c.rc == [0, 11] and unregistered_dependency(c)),
    ("another list of modules", "install builds again what has lost a module from the dkms tree",
     lambda c: c.verb == "install" and other_modules(c)),
    ("status", "runs no dkms.conf and starts no process", status_by_conf),
    ("failed force", "A build replaces an older one when it is complete, also with --force",
     lambda c: c.force and c.verb in ("build", "install") and will_fail(c)),
    ("gone source", "work from it, also when source, dkms.conf or kernel are gone",
     lambda c: c.verb in ("uninstall", "unbuild", "remove") and c.source is None),
    ("own copies", "Our own installed copies take no part in the version check",
     lambda c: c.verb == "install" and newer_installed(c)),
    ("newer stays", "A newer version that is installed is not replaced by an older one",
     lambda c: c.verb in ("autoinstall", "kernel_postinst") and source_lost(c)),
    ("rivals", "Where two module packages make a module of one name, the newer module stays in",
     lambda c: c.verb in ("install", "autoinstall", "kernel_postinst", "uninstall", "remove", "unbuild") and rivals(c)),
    ("several kernels", "the exit status is that of the first failure, not of the last kernel",
     lambda c: len(c.kernels) > 1 and has_only(c, "rc")),
]


def manual_has_all():
    """Each of KNOWN is in the manual."""
    here = os.path.dirname(os.path.abspath(__file__))
    with open(here + "/../../man/dkms.8", encoding="utf-8") as f:
        text = f.read().partition(".Sh DIFFERENCES")[2].partition("\n.Sh")[0]
    text = re.sub(r"^\.(It|Ss|Pp|Bl|El).*", "", text, flags=re.M)
    text = re.sub(r"^\.Fl -?", "--", text, flags=re.M)
    text = re.sub(r"^\.[A-Z][a-z] ", "", text, flags=re.M)
    text = re.sub(r" ([.,:;])", r"\1", " ".join(text.split()))
    for name, words, _ in KNOWN:
        if words and words not in text:
            raise SystemExit(f"model: dkms(8), DIFFERENCES, does not say {words!r} ({name})")


def reason(context):
    return next((name for name, _, applies in KNOWN if applies(context)), None)


class Verbs(Maker):
    """Steps for two machines: nothing that only events would learn of."""

    def __init__(self, rng):
        super().__init__(rng)
        self.there = {name: [] for name in self.names}

    def person(self):
        """Mostly about versions that there are."""
        while True:
            line = super().person()
            about = re.search(r" ([a-z]+)/([0-9.]+)", line)
            if "--later" in line or "kernel_prerm" in line and self.rng.random() < 0.9:
                continue
            if not about or about[2] in self.there[about[1]] or self.rng.random() < 0.05:
                return line

    def facts(self):
        line = self.any_facts()
        words = line.split()
        if words[0] == "unpack":
            self.there[words[1]].append(words[2])
        return line

    def any_facts(self):
        rng = self.rng
        kind = pick(rng, (("kernel", 2), ("source", 7), ("original", 2 if self.originals else 0)))
        if kind == "kernel":
            return f"{pick(rng, KERNEL_STEPS)} {self.kernel()}"
        name = self.name()
        if kind == "source":
            what = pick(rng, (("unpack", 6), ("edit", 3), ("vanish", 1)))
            return " ".join([what, name, self.version()] + (self.options(name) if what != "vanish" else []))
        what = pick(rng, (("original", 3), ("original-gone", 1)))
        line = f"{what} {self.kernel()} {self.module(name)}"
        if what == "original":
            line += f" {rng.choice(('0.1', '0.1', '9.9'))} unowned"
        return line

    def mishap(self):
        rng, name = self.rng, self.name()
        what = pick(rng, (("refuse", 2), ("lose", 1), ("lose-built", 1)))
        if what == "refuse":
            return f"refuse {name} {rng.choice(('on', 'off', 'off'))}"
        if what == "lose":
            return f"lose {self.kernel()} {self.module(name)}"
        return f"lose-built {name} {self.version()} {self.kernel()}"


def sequence(rng, length):
    maker = Verbs(rng)
    lines = [f"machine {rng.choice(('debian', 'debian', 'fedora', 'arch'))}"]
    for k in maker.kernels:
        lines += [f"kernel {k}", f"headers {k}"]
    for name in maker.names:
        for version in rng.sample(VERSIONS, rng.choice((1, 2))):
            lines.append(" ".join(["unpack", name, version] + maker.options(name)))
            maker.there[name].append(version)
    while len(lines) < length:
        kind = pick(rng, (("facts", 3), ("person", 9), ("mishap", 1 if maker.faults else 0)))
        lines.append(getattr(maker, kind)())
    return lines


def play(pair, lines, known):
    """Counts what dkms(8) names in known.  Returns (number of verbs, None or what it does not name, the step)."""
    verbs = 0
    for n, line in enumerate(lines[1:], 1):
        verbs += line.startswith("dkms ")
        context = pair.step(line)
        if not context:
            continue
        why = reason(context)
        if not why:
            return verbs, context, n
        known[why] = known.get(why, 0) + 1
        if context.kinds != {"rc"}:       # they are not alike any more
            break
    return verbs, None, len(lines)


def run(args, number, tell):
    manual_has_all()
    ours = Machine(args.work, f"{args.work}/root{number}", args.dkms)
    theirs = Theirs(args.work, f"{args.work}/theirs{number}", args.against_dkms)
    end = time.monotonic() + args.seconds
    total = {"sequences": 0, "steps": 0, "calls": 0, "known": {}, "found": []}
    for n in range(number, args.sequences, args.jobs):
        if time.monotonic() >= end:
            break
        lines = sequence(random.Random(args.seed + n), args.steps)
        verbs, context, at = play(Pair(ours, theirs, lines[0].split()[1]), lines, total["known"])
        total["sequences"] += 1
        total["steps"] += verbs
        if context:
            total["found"].append(context.line)
            tell(args.seed + n, lines[:at + 1], context)
    total["calls"] = ours.calls + theirs.calls
    return total
