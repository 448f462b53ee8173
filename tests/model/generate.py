# SPDX-License-Identifier: GPL-2.0-or-later
"""Sequences of steps, at random.  Whether a step finds something to do is decided when it is run."""
import re

KERNELS = ("6.1.0-1", "6.1.0-2", "6.12.0-1")
NAMES = ("alpha", "bravo", "carl")
VERSIONS = ("1.0", "2.0", "3.0")
DISTROS = ("debian", "debian", "debian", "fedora", "arch", "gentoo", "opensuse")
KERNEL_STEPS = (("kernel-new", 2), ("kernel-gone", 2), ("kernel", 4), ("headers", 4), ("headers-new", 4),
                ("headers-gone", 2))


def pick(rng, weighted):
    return rng.choices([w[0] for w in weighted], [w[1] for w in weighted])[0]


class Maker:
    def __init__(self, rng):
        self.rng = rng
        self.depends = rng.random() < 0.5
        self.rivals = rng.random() < 0.2
        self.originals = rng.random() < 0.5
        self.faults = rng.random() < 0.4
        self.people = rng.random() < 0.8
        self.kernels = rng.sample(KERNELS, rng.choice((1, 1, 2, 3)))
        self.names = rng.sample(NAMES, rng.choice((1, 2, 2, 3)))

    def kernel(self):
        return self.rng.choice(self.kernels)

    def name(self):
        return self.rng.choice(self.names)

    def version(self):
        return self.rng.choice(VERSIONS)

    def module(self, name):
        return self.rng.choice((name, name, name + "b"))

    def options(self, name):
        rng, words = self.rng, []
        if rng.random() < 0.2:
            words.append("broken=" + rng.choice(("yes", "no", "no")))
        if rng.random() < 0.15:
            words.append("autoinstall=" + rng.choice(("no", "yes")))
        if rng.random() < 0.25:
            lists = [name, f"{name},{name}b", f"{name}b", f"{name},{name}b"]
            if self.rivals:
                lists.append(",".join(sorted({name, self.name()})))
            words.append("modules=" + rng.choice(lists))
        if self.depends and rng.random() < 0.4:
            # Only of those before it, so that there is no circle.
            before = [n for n in NAMES if n < name]
            if before:
                words.append("depends=" + rng.choice((rng.choice(before), "")))
                if rng.random() < 0.5:
                    words.append("rebuild=yes")
        if rng.random() < 0.1:
            words.append("exclusive=" + rng.choice((r"6\.12", r"6\.1\.0", "")))
        if rng.random() < 0.05:
            words.append(rng.choice(("min=6.12", "max=6.12", "min=6.1", "max=6.1", "min=", "max=")))
        if rng.random() < 0.15:
            words.append("dest=" + rng.choice(("/updates", "/extra", "/kernel/drivers", "/kernel/misc")))
        if rng.random() < 0.2:
            words.append("script=yes")
        return words

    def event(self):
        kind = pick(self.rng, (("full", 8), ("boot", 2), ("kernel", 1)))
        return "event" if kind == "full" else "event boot" if kind == "boot" else f"event kernel {self.kernel()}"

    def facts(self):
        """Something that a package manager does."""
        rng = self.rng
        kind = pick(rng, (("kernel", 4), ("source", 6), ("hand", 2), ("original", 2 if self.originals else 0)))
        if kind == "kernel":
            what = pick(rng, KERNEL_STEPS)
            return f"{what} {self.kernel()}" + (" unowned" if what in ("kernel", "headers") and rng.random() < 0.1 else "")
        name = self.name()
        if kind == "source":
            what = pick(rng, (("ship", 5), ("ship-beside", 2), ("repack", 1), ("purge", 2), ("back", 1), ("edit", 3)))
            if what in ("purge", "back"):
                package = f"{name}-dkms" if rng.random() < 0.6 else f"{name}-{self.version()}-dkms"
                return f"{what} {package}" + (" stray" if what == "purge" and rng.random() < 0.15 else "")
            return " ".join([what, name, self.version()] + (self.options(name) if what != "repack" else []))
        if kind == "hand":
            what = pick(rng, (("unpack", 3), ("vanish", 1), ("edit", 2)))
            return " ".join([what, name, self.version()] + (self.options(name) if what != "vanish" else []))
        what = pick(rng, (("original", 4), ("original-gone", 1), ("file", 1), ("file-gone", 1)))
        line = f"{what} {self.kernel()} {self.module(name)}"
        if what == "original":
            line += f" {rng.choice(('0.1', '0.1', '9.9'))}" + (" unowned" if rng.random() < 0.5 else "")
        if what in ("original", "original-gone") and rng.random() < 0.2:
            line += " at=" + rng.choice(("updates", "kernel/misc", "extra"))
        return line

    def person(self):
        rng, name, version, k = self.rng, self.name(), self.version(), self.kernel()
        verb = pick(rng, (("install", 5), ("add", 3), ("build", 2), ("uninstall", 3), ("unbuild", 1), ("remove", 3),
                          ("autoinstall", 2), ("kernel_postinst", 1), ("kernel_prerm", 1)))
        if verb == "add":
            return f"dkms add {name}/{version}"
        if verb in ("autoinstall", "kernel_postinst", "kernel_prerm"):
            return f"dkms {verb} -k {k}"
        where = "--all" if verb in ("uninstall", "unbuild", "remove") and rng.random() < 0.5 else f"-k {k}"
        if verb in ("install", "build", "uninstall") and where != "--all" and rng.random() < 0.2:
            where = " ".join(f"-k {x}" for x in self.kernels)
        if verb == "remove" and where == "--all" and rng.random() < 0.15:
            where += " --later"
        force = " --force" if verb in ("build", "install") and rng.random() < 0.25 else ""
        return f"dkms {verb} {name}/{version} {where}{force}"

    def mishap(self):
        rng = self.rng
        what = pick(rng, (("fault", 6), ("refuse", 2), ("lose", 2), ("lose-built", 1), ("foreign", 1), ("no-autoinstall", 1)))
        name = self.name()
        if what == "fault":
            if rng.random() < 0.5:
                return f"fault call {rng.choice((rng.randint(1, 12), rng.randint(1, 80)))}"
            return f"fault {rng.choice(('make', 'depmod', 'script'))} {rng.choice(('kill', 'fail'))}"
        if what == "refuse":
            return f"refuse {name} {rng.choice(('on', 'off', 'off'))}"
        if what == "no-autoinstall":
            return f"no-autoinstall {rng.choice(('on', 'off', 'off'))}"
        if what == "lose":
            return f"lose {self.kernel()} {self.module(name)}"
        if what == "lose-built":
            return f"lose-built {name} {self.version()} {self.kernel()}"
        return "foreign"


def sequence(rng, length):
    maker = Maker(rng)
    lines = [f"machine {rng.choice(DISTROS)}"]
    for k in maker.kernels:
        lines.append(f"kernel {k}")
        if rng.random() < 0.9:
            lines.append(f"headers {k}")
    while len(lines) < length - 1:
        kind = pick(rng, (("facts", 10), ("person", 5 if maker.people else 0), ("mishap", 2 if maker.faults else 0),
                          ("event", 1)))
        if kind == "facts":
            lines.append(maker.facts())
            while rng.random() < 0.25:
                lines.append(maker.facts())
            if rng.random() < 0.85:
                lines.append(maker.event())
        elif kind == "event":
            lines.append(maker.event())
        else:
            lines.append(getattr(maker, kind)())
    return lines + ["end"]


def swap(rng, lines):
    """A sequence that ends with two transactions about different module packages, and the same with the two
    the other way round; None where one needs the other, or both make the same module."""
    text = " ".join(lines)
    names = sorted({line.split()[1] for line in lines if line.startswith(("ship", "unpack"))})
    if len(names) < 2 or "depends=" in text or re.search(r"modules=([a-z])[a-z]*,(?!\1)", text):
        return None
    before = lines[:rng.randrange(3, len(lines))] + ["event"]
    first, second = ([f"{rng.choice(('ship', 'ship-beside'))} {name} {rng.choice(VERSIONS)}", "event"]
                     for name in rng.sample(names, 2))
    return before + first + second, before + second + first
