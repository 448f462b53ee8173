# SPDX-License-Identifier: GPL-2.0-or-later
"""Run a sequence of steps on a machine, and check the laws after each step.

  again     a second event, and an event without a line, plan nothing, write nothing, end with 0
  quiet     and say nothing (the event of a kernel's hook may)
  dry-run   writes nothing, and names the steps that are then taken
  loader    the file that the module loader finds is the right one, byte for byte
  status    status, its --json and what lies on the disk agree
  fsck      it is silent when nothing is wrong, and only then
  owned     what a package owns is neither changed nor deleted
  original  what was there before our module is there again after it
  current   what is installed is of today's source, headers and dependencies, or status says why not
  version   no older version without a person; what must be installed is
  hold      a hold stands as long as it must, and no longer
  exit      what must not fail does not fail
  empty     when all is gone nothing is left
  order     the order of two steps that have nothing to do with each other does not matter
"""
import json
import os
import re
import shlex

import steps
from oracle import Oracle, version_key

LAWS = ("again", "quiet", "dry-run", "loader", "status", "fsck", "owned", "original", "current", "version", "hold",
        "exit", "empty", "order", "expect")
OURS = re.compile(r"^([a-z]+)/([0-9.]+)/([a-z]+):s(\d+):(h\d+)(.*)$")
# What was looked at in the very moment in which it changed is looked at once more; the cache is no state.
CACHE = re.compile(r"^/var/lib/dkms/\.native(/cache(/.*)?)?$")
HISTORY = "/var/log/dkms/history.json"
# What may stay below .native: locks are never removed, caches are no state, and a list without a line is none.
MAY_STAY = re.compile(r"^/var/lib/dkms/\.native/(lock|lock/.*|build|build/.*|journal|pending|cache|cache/.*|log)$")
LISTS = re.compile(r"^/var/lib/dkms/\.native/(owners|holds|failures|verdicts|requests|told)$")


class Violation(Exception):
    def __init__(self, law, text):
        super().__init__(f"{law}: {text}")
        self.law, self.text = law, text


class Seen:
    """What dkms says and what lies there."""


class Run:
    skip = None                           # violations that are passed over

    def __init__(self, machine, distro, laws=LAWS, trace=None):
        self.m, self.laws, self.trace = machine, set(laws), trace
        machine.reset(distro)
        self.o = Oracle(machine)
        self.f = machine.facts
        self.done = 0
        self.snapshots = 0

    # ---- saying ----

    def bad(self, law, text):
        if law in self.laws and not (self.skip and re.search(self.skip, f"{law}: {text}")):
            raise Violation(law, text)

    def tell(self, text):
        if self.trace:
            self.trace(text)

    # ---- looking ----

    def look(self):
        m, seen = self.m, Seen()
        rc, out, err = m.run(["status", "--json"])
        try:
            document = json.loads(out)
        except ValueError:
            self.bad("status", f"status --json is no JSON: {out[:200]!r} {err[:200]!r}")
            raise Violation("status", "no JSON") from None
        if rc or document["schema"] != 1:
            self.bad("status", f"status --json ends with {rc}")
        seen.modules = {(x["name"], x["version"]): x for x in document["modules"]}
        seen.pairs = {(x["name"], x["version"], p["kernel"]): p for x in document["modules"] for p in x["kernels"]}
        seen.holds = {(h["kind"], h["name"], h["version"], h["kernel"]) for h in document["holds"]}
        seen.holds = {(k, n, v if k != "absent" else None, kernel) for k, n, v, kernel in seen.holds}
        seen.pending = document["pending"]
        seen.installed = {}
        for (n, v, k), p in seen.pairs.items():
            if p["state"] == "installed" or (p["built"] and p["modules"] and self.active(n, v, k)):
                if (n, k) in seen.installed:
                    self.bad("status", f"two versions of {n} are installed for {k}")
                seen.installed[n, k] = v
        seen.kernels = sorted(os.listdir(f"{m.root}/usr/lib/modules"))
        seen.loader = {k: m.loader(k) for k in seen.kernels}
        seen.disk = {k: m.scan(k) for k in seen.kernels}
        _, seen.text, seen.text_err = m.run(["status"])
        return seen

    def active(self, n, v, k):
        """The link of the dkms tree that says which build is installed: dkms(8), FILES."""
        try:
            link = os.readlink(f"{self.m.root}/var/lib/dkms/{n}/kernel-{k}-{os.uname().machine}")
        except OSError:
            return False
        return link.startswith(v + "/")

    def built_tag(self, n, v, k, module):
        top = f"{self.m.root}/var/lib/dkms/{n}/{v}/{k}/{os.uname().machine}/module"
        for suffix in ("", ".xz", ".zst", ".gz"):
            if os.path.exists(f"{top}/{module}.ko{suffix}"):
                return self.m.tag(f"{top}/{module}.ko{suffix}")
        return None

    # ---- what must hold after every step ----

    def agree(self, seen):
        """status --json, status, disk and loader."""
        lines = set(seen.text.splitlines())
        machine = os.uname().machine
        for (n, v), x in seen.modules.items():
            rows = {p["kernel"]: p for p in x["kernels"]}
            for k, p in rows.items():
                installed = seen.installed.get((n, k)) == v
                word = "installed" if installed else "built" if p["built"] else None
                if x["state"] == "broken":
                    continue
                mine = [line for line in lines if line.startswith(f"{n}/{v}, {k}, {machine}: ")]
                if word and not any(line.split(": ")[1].split(" ")[0] == word for line in mine):
                    self.bad("status", f"json has {n}/{v} for {k} as {word}, the text {mine}")
                if not word and mine:
                    self.bad("status", f"json has {n}/{v} for {k} as not built, the text {mine}")
                if installed and p["problem"] != "refused" and \
                        ("Differences" in str(mine)) != (p["problem"] in ("differs", "missing")):
                    self.bad("status", f"json has the problem {p['problem']}, the text {mine}")
                if p["state"] not in ("installed", "built") and not p["reason"]:
                    self.bad("status", f"{n}/{v} for {k} is {p['state']} without a reason")
            source = self.f.folders.get((n, v))
            if (x["state"] == "broken") != (source is None) and not self.strays(n, v):
                self.bad("status", f"{n}/{v} is {x['state']}, its source is {'not ' if not source else ''}there")
        self.claims(seen)

    def strays(self, n, v):
        """A folder without a dkms.conf: status reads none, dkms(8)."""
        return (n, v) not in self.f.folders and os.path.isdir(steps.folder(self.m, n, v))

    def claims(self, seen):
        for (n, k), v in seen.installed.items():
            p = seen.pairs[n, v, k]
            for module in self.modules_of(n, v, k, p):
                paths = [path for path, tag in seen.disk.get(k, {}).items() if tag.startswith(f"{n}/{v}/{module}:")]
                built = self.built_tag(n, v, k, module)
                if len(paths) > 1:
                    self.bad("loader", f"{module} of {n}/{v} lies in {k} more than once: {paths}")
                same = paths and (built is None or seen.disk[k][paths[0]] == built)
                if p["problem"] is None and not same:
                    self.bad("status", f"{n}/{v} for {k} is called installed without a problem, built is {built}, there is "
                             f"{[seen.disk[k][q] for q in paths] or 'no ' + module}")
        for k, files in seen.disk.items():
            for path, tag in files.items():
                ours = OURS.match(tag)
                if tag.startswith(("damaged", "unreadable", "no module")):
                    self.bad("loader", f"{path} of {k} is {tag}")
                if ours and seen.installed.get((ours[1], k)) != ours[2] and (ours[1], k) not in self.o.loose:
                    self.bad("loader", f"{path} of {k} is {tag}, but {ours[1]}/{ours[2]} is not installed there")

    def modules_of(self, n, v, k, pair):
        """The modules that it has installed there, as status says, without those that a newer one of the
        kernel kept out or a rival may have."""
        s = self.f.folders.get((n, v))
        skip = self.o.refused(s, k) | self.o.disputed(s) | self.o.taken(s, k) if s else set()
        return [m for m in pair["modules"] if m not in skip]

    def owned(self, seen):
        for (k, path), tag in self.f.owned().items():
            found = seen.disk.get(k, {}).get(path)
            if found != tag:
                self.bad("owned", f"{path} of {k} belongs to a package and is {tag}; there is {found}")
        for k, kernel in self.f.kernels.items():
            for path, (module, tag, owner) in kernel.files.items():
                if owner or seen.disk.get(k, {}).get(path) == tag:
                    continue
                if not any(self.makes(n, v, module) for (n, at), v in seen.installed.items() if at == k):
                    self.bad("original", f"{path} of {k} was {tag} and nothing is installed that covers it; there is "
                             f"{seen.disk.get(k, {}).get(path)}")

    def loader(self, seen):
        for k, kernel in self.f.kernels.items():
            for module in {m for m, _, _ in kernel.files.values()} if kernel.image is not None else ():
                if any(self.makes(n, v, module) for (n, at), v in seen.installed.items() if at == k):
                    continue
                found = seen.loader.get(k, {}).get(module)
                if found is None or found[1] not in self.o.originals(k, module).values():
                    self.bad("loader", f"the loader finds {found} for {module} of {k}, which is {self.o.originals(k, module)}")
        for (n, k), v in seen.installed.items():
            p = seen.pairs[n, v, k]
            if k in self.f.kernels and self.f.kernels[k].touched:
                continue
            if p["problem"] or any(x["kernel"] == k and x["step"] == "depmod" for x in seen.pending):
                continue
            for module in self.modules_of(n, v, k, p):
                found = seen.loader.get(k, {}).get(module)
                if k in self.f.kernels and module in self.f.kernels[k].by_hand:
                    continue                  # a person's file: nobody tells of it
                if not found or not found[1].startswith(f"{n}/{v}/{module}:"):
                    self.bad("loader", f"{n}/{v} is installed for {k}; the loader finds {found} for {module}")

    def makes(self, n, v, module):
        return any(module in s.modules for (name, version, _), s in self.f.sources.items() if (name, version) == (n, v))

    # ---- what must be current ----

    def content(self, n, v, k, seen):
        """{module: the words after its tag's colon} for today."""
        s = self.f.folders[n, v]
        kernel = self.f.kernels[k]
        depends = []
        for d in s.depends:
            version = seen.installed.get((d, k))
            plain = version and s.rebuild and d in self.f_modules(d, version) and d not in s.modules and \
                not self.o.originals(k, d)
            depends.append(f"{d}/{version}" if plain else None)
        return s, kernel.symvers, depends

    def f_modules(self, n, v):
        s = self.f.folders.get((n, v))
        return s.modules if s else []

    def is_current(self, n, k, seen):
        """None, or what is not of today."""
        v = seen.installed[n, k]
        if (n, v) not in self.f.folders or not self.o.headers(k) or not self.o.is_kernel(k):
            return None
        s, symvers, depends = self.content(n, v, k, seen)
        refused = self.o.refused(s, k) | self.o.disputed(s) | self.o.taken(s, k)
        tags = {}
        for path, tag in seen.disk[k].items():
            ours = OURS.match(tag)
            if ours and (ours[1], ours[2]) == (n, v):
                tags[ours[3]] = ours
        for module in s.modules:
            if module in refused:
                continue
            if module not in tags:
                return f"{module} is not there"
            if tags[module][4] != str(s.number):
                return f"{module} is of source s{tags[module][4]}, which is s{s.number} now"
            if tags[module][5] != symvers and self.o.headers_are_told(k):
                return f"{module} is of headers {tags[module][5]}, which are {symvers} now"
            found = tags[module][6].split(":")[1:]
            for wanted, got in zip(depends, found):
                # A package that makes the module it depends on finds its own: no order of steps helps.
                itself = got.split("/")[0] == n
                if wanted and wanted != got and not itself:
                    return f"{module} was built against {got}, {wanted} is installed"
        for module in tags:
            if module not in s.modules:
                return f"{module} is there, which its list does not have any more"
        return None

    def currency(self, seen, e):
        for (n, k), v in seen.installed.items():
            old = self.is_current(n, k, seen)
            if not old:
                continue
            if e and (n, k) in e.current:
                self.bad("current", f"{n}/{v} for {k}: {old}, though {e.current[n, k]}")
            if (n, k) in self.o.loose:
                continue
            # A newer one that a kernel's hook has registered; no event has looked at its conf yet.
            if any(m == n and version_key(other) > version_key(v) and (m, other, k) not in seen.pairs
                   for m, other in seen.modules):
                continue
            if seen.pairs[n, v, k]["reason"] is None and seen.pairs[n, v, k]["problem"] is None:
                self.bad("current", f"{n}/{v} for {k}: {old}, and status --json gives no reason")

    # ---- what a call must leave ----

    def compare(self, e, seen, rc, what, said):
        keys = set(e.inst) | set(seen.installed)
        for key in sorted(keys, key=str):
            found, allowed = seen.installed.get(key), e.inst.get(key, {None})
            if found not in allowed:
                before = self.o.inst.get(key)
                law = "version"
                self.bad(law, f"{key[0]} for {key[1]} is {found or 'not installed'} after {what}, must be "
                         f"{' or '.join(sorted(str(a) for a in allowed))} (before: {before})")
        for key in sorted(set(e.registered) | set(seen.modules)):
            if (key in seen.modules) not in e.registered.get(key, {False}):
                self.bad("version", f"{key[0]}/{key[1]} is {'' if key in seen.modules else 'not '}registered after {what}")
        for h in sorted(set(e.holds) | seen.holds, key=str):
            if (h in seen.holds) not in e.holds.get(h, {False}):
                words = " ".join(str(w) for w in h if w)
                self.bad("hold", f"the hold {words} {'stands' if h in seen.holds else 'is gone'} after {what}")
        if e.rc is not None and rc not in e.rc:
            self.bad("exit", f"{what} ends with {rc}, nothing is in its way: {said[-600:]}")

    def adopt(self, seen):
        self.o.adopt(seen.modules, seen.installed, seen.holds,
                     {key for key, p in seen.pairs.items() if p["built"]})

    # ---- the plan ----

    def planned(self, words, text):
        """Steps that --dry-run says; it must not write."""
        before = self.m.snapshot()
        rc, out, err = self.m.run([*words, "--dry-run", "--json"], text)
        self.unchanged(before, f"{' '.join(words)} --dry-run")
        if rc and not out:                # refused before there is a plan
            return rc
        try:
            return [s for s in json.loads(out)["steps"] if s["acts"]]
        except (ValueError, KeyError):
            self.bad("dry-run", f"{' '.join(words)} --dry-run --json ends with {rc}: {out[:200]!r} {err[:300]!r}")
            return None

    def unchanged(self, before, what, law="dry-run"):
        after = self.m.snapshot()
        if after != before:
            # The folder in which the cache was made: that is done when the files that it is about
            # are old enough, maybe not by the first event.
            around = {os.path.dirname(p) for p in after if p not in before and CACHE.match(p)}
            paths = sorted(p for p in set(before) | set(after) if before.get(p) != after.get(p) and not CACHE.match(p) and
                           not (p in around and before.get(p, "")[:1] == after.get(p, "")[:1]))
            if paths:
                self.bad(law, f"{what} wrote {' '.join(paths[:8])}")

    def history(self):
        try:
            with open(self.m.root + HISTORY, encoding="utf-8") as f:
                return [json.loads(line) for line in f]
        except OSError:
            return []

    def took(self, before):
        """Steps of the runs that are new in the history."""
        runs = {}
        for line in self.history()[before:]:
            if line["line"] == "step":
                runs[line["run"], line["step"]] = line
        return [s for s in runs.values() if s["result"] != "told" and s["kind"] != "refuse"]

    def compare_plan(self, plan, before, what, rc):
        def short(s):
            return f"{s['kind']} {s['name'] or ''}/{s['version'] or ''} {s['kernel'] or ''}"
        if isinstance(plan, int):
            if rc != plan:
                self.bad("dry-run", f"{what} ends with {rc}, its dry run with {plan}")
            return
        took = {short(s) for s in self.took(before)}
        said = sorted(short(s) for s in plan if s["kind"] != "owners" and (not s.get("unless") or short(s) in took))
        did = sorted(short(s) for s in self.took(before) if s["kind"] != "owners")
        # What comes at the end for a kernel is not needed where nothing changed, or was done by recovery.
        changed = {s["kernel"] for s in self.took(before) if s["result"] == "done" and
                   s["kind"] in ("install", "uninstall", "clean")}
        if what.endswith("once more"):
            changed = set()
        said, did = ([s for s in x if s.split()[0] not in ("depmod", "initramfs") or s.split()[-1] in changed]
                     for x in (said, did))
        if said != did:
            self.bad("dry-run", f"{what}: planned {sorted(set(said) - set(did))} that was not done, "
                     f"did {sorted(set(did) - set(said))} that was not planned")

    # ---- steps ----

    def call(self, words, text, expect, what):
        """One call of dkms, judged."""
        armed = self.m.armed()
        seen = self.look() if words == ["event"] and text == "" else None
        plan = self.planned(words, text) if words[0] != "kernel_prerm" else None
        if seen and isinstance(plan, list) and not armed:
            self.foretold(seen, plan)
        lines = len(self.history())
        rc, out, err = self.m.run(words, text, faults=True)
        struck = set(armed) - set(self.m.armed())
        self.tell(f"    rc {rc}{' (the fault struck)' if struck else ''}\n" +
                  "".join(f"    | {line}\n" for line in (out + err).splitlines()))
        if rc < 0 and not struck:
            self.bad("exit", f"{what} was ended by signal {-rc}")
        if plan is not None and not struck:
            self.compare_plan(plan, lines, what, rc)
        if "call" in struck:
            self.tell("    killed; an event puts it in order\n")
            self.m.run(["event"], "")
        seen = self.look()
        self.agree(seen)
        e = expect(rc, seen)
        if struck:
            self.lenient(e, seen)
        self.compare(e, seen, rc, what, out + err)
        self.owned(seen)
        self.loader_unless(seen, struck)
        if "call" not in struck:
            self.currency(seen, None if struck else e)
        self.adopt(seen)
        return rc, out, err, struck, seen, e

    def loader_unless(self, seen, struck):
        if not struck:
            self.loader(seen)

    def lenient(self, e, seen):
        """A call that was cut short: each step of it may be done or not."""
        for h in seen.holds:
            e.holds.setdefault(h, {True, False})
        for key in seen.installed:
            e.inst.setdefault(key, set())
        e.rc = None
        e.current = {}
        for key in e.inst:
            e.inst[key] = set(e.inst[key]) | {self.o.inst.get(key), None}
            e.inst[key] |= {v for n, v in self.f.folders if n == key[0]}
        for key in e.registered:
            e.registered[key] = {True, False} if key not in self.o.registered or e.registered[key] != {True} else {True}
        for h in e.holds:
            e.holds[h] = {True, False} if h not in self.o.holds or e.holds[h] != {True} else {True}

    def event(self, words):
        kind = words[0] if words else "full"
        kernel = words[1] if kind == "kernel" else None
        text = {"full": self.m.event, "boot": str}.get(kind, lambda: None)()
        if kind == "kernel":
            there = kernel in self.f.kernels and self.f.kernels[kernel].image is not None
            text = self.m.kernel_event(kernel, "added" if there else "removed")
        what = f"the event ({kind})"
        for k in self.f.kernels.values() if kind == "full" else ():
            k.touched = False
        rc, out, err, struck, seen, e = self.call(
            ["event"], text, lambda rc, seen: self.o.expect_event(kind, kernel, seen.installed), what)
        while struck:
            rc, out, err, struck, seen, e = self.call(
                ["event"], text, lambda rc, seen: self.o.expect_event(kind, kernel, seen.installed), what + ", once more")
        if kind == "full":
            for k in self.o.kernels_told - {key for what, key in self.f.told if what == "kernel"}:
                if k not in self.f.kernels and k in seen.kernels and not self.foreign_files(k):
                    self.bad("empty", f"kernel {k} is gone, and its tree is still there: "
                             f"{sorted(os.listdir(self.m.path(k)))}")
            self.o.told()
        self.o.blind = False
        if kind == "kernel":
            self.o.hook_told()
        else:
            self.explained(e, seen, what)
        self.again(text, kind, what)
        self.check_fsck(seen, e)

    def foreign_files(self, k):
        """Files that dkms has no business with: a package's or nobody's modules."""
        return any(not OURS.match(tag) for tag in self.m.scan(k).values())

    def again(self, text, kind, what):
        """The second event has nothing to do."""
        if self.waits_for_script():
            return
        for second in dict.fromkeys((text, "" if kind != "kernel" else text)):
            before = self.m.snapshot()
            name = "the same event again" if second == text else "an event without a word"
            lines = len(self.history())
            rc, out, err = self.m.run(["event"], second)
            did = sorted({f"{s['kind']} {s['name'] or ''} {s['kernel'] or ''}".replace("  ", " ") for s in self.took(lines)})
            if did:
                self.bad("again", f"after {what} {name} does {', '.join(did)}")
            plan = f"after {what} {name} ends with {rc} and says: {(out + err)[:1500]!r}"
            if rc:
                self.bad("again", plan)
            if not did:
                self.unchanged(before, f"after {what} {name}", "again")
            # A kernel's hook speaks about a kernel that has just come: what it lacks is said each time.
            if (out or err) and kind != "kernel":
                self.bad("quiet", plan)

    STATES = {"headers": {"waiting", "pending"}, "broken": {"failed"}, "excluded": {"excluded"},
              "depends": {"waiting", "deferred", "failed", "held"}, "script": {"pending", "failed", "built"},
              "held": {"held"}}

    def explained(self, e, seen, what):
        """What is wanted and not there: status says why, and says the truth."""
        for (n, k), (v, why) in e.why.items():
            if seen.installed.get((n, k)) == v or not why or why & {"newer", "taken", "disputed", "source"}:
                continue
            p = seen.pairs.get((n, v, k))
            if p is None:
                if "headers" not in why:
                    self.bad("status", f"{n}/{v} is not installed for {k} after {what} ({', '.join(sorted(why))}), and "
                             "status --json has no row for it")
                continue
            allowed = set().union(*(self.STATES[w] for w in why))
            if "held" in why:
                allowed |= {"excluded", "failed", "waiting", "deferred"}
            if self.waits_for_script():       # what it needs is tried by each event
                allowed |= {"pending"}
            if seen.installed.get((n, k)) is not None:
                allowed |= {"keep"}
            if p["state"] not in allowed and not (p["built"] and p["state"] == "built" and p["reason"]):
                self.bad("status", f"{n}/{v} for {k} after {what}: state {p['state']} ({p['reason']}), but it is "
                         f"{' and '.join(sorted(why))}")

    def foretold(self, seen, plan):
        """What status says will be done by the next event, and what that plans."""
        acts = {(s["name"], s["version"], s["kernel"]) for s in plan if s["kind"] in ("build", "install")}
        for key in acts:
            p = seen.pairs.get(key)
            if p and p["reason"] is None and p["problem"] is None and not self.o.blind:
                self.bad("status", f"an event would work on {' '.join(key)}, status --json gives no reason")
        for key, p in seen.pairs.items():
            s = self.o.source(*key[:2])
            if s and (s.excluded(key[2]) or not s.autoinstall):  # only an event evaluates the conf anew
                continue
            if p["state"] == "pending" and key not in acts and seen.modules[key[:2]]["state"] != "broken":
                self.bad("status", f"{' '.join(key)} is pending ({p['reason']}), and an event would do nothing for it")

    def waits_for_script(self):
        """PRE_INSTALL fails as long as it is told to; nobody says that an event does not try again."""
        return any(s.script and self.m.is_refused(s.name) for s in self.f.folders.values())

    def check_fsck(self, seen, e):
        rc, out, err = self.m.run(["fsck", "--json"])
        try:
            findings = json.loads(out)["findings"]
        except ValueError:
            self.bad("fsck", f"fsck --json is no JSON: {out[:200]!r} {err[:200]!r}")
            return
        wrong = {key for key, x in seen.modules.items() if x["state"] == "broken"}
        problems = {key for key, p in seen.pairs.items() if p["problem"] not in (None, "refused")}
        for finding in findings:
            about = (finding["name"], finding["version"])
            if not finding["name"]:
                about = tuple(finding["subject"].split(" ")[0].split("/"))
            if finding["kind"] in ("source-missing", "dangling-link") and about in wrong:
                continue
            if problems and finding["kind"] in ("file-missing", "file-differs", "build-incomplete"):
                continue
            if finding["kind"] == "kernel-gone" and not self.o.is_kernel(finding["kernel"]):
                continue
            if self.waits_for_script() or (e and e.reasons and finding["kind"] in ("file-differs",)):
                continue
            self.bad("fsck", f"fsck finds {finding['kind']}: {finding['text']}")
        if bool(findings) != bool(rc):
            self.bad("fsck", f"fsck has {len(findings)} findings and ends with {rc}")
        for key in wrong:
            if not any(x["subject"].startswith("%s/%s" % key) for x in findings):
                self.bad("fsck", f"the source of {key[0]}/{key[1]} is not there, and fsck says nothing of it")
        for n, v, k in problems:
            if not any((x["name"], x["version"], x["kernel"]) == (n, v, k) for x in findings):
                self.bad("fsck", f"status has a problem with {n}/{v} for {k}, and fsck says nothing of it")

    def verb(self, words):
        verb = words[0]
        names = [w for w in words[1:] if "/" in w and not w.startswith("-")]
        name, version = names[0].split("/") if names else (None, None)
        kernels = [words[i + 1] for i, w in enumerate(words) if w == "-k"]
        self.call(words, None, lambda rc, seen: self.o.expect_verb(verb, name, version, kernels, words, rc, seen.installed),
                  "dkms " + " ".join(words))

    def end(self):
        """Everything goes; nothing may be left."""
        for name in os.listdir(self.m.root + "/opt"):
            if name.startswith(("fault-", "refuse-")):
                os.unlink(f"{self.m.root}/opt/{name}")
        steps.no_autoinstall(self.m, ["off"])
        self.m.run(["event"], "")
        for name in [p.name for p in self.f.packages.values() if p.kind == "source"]:
            steps.purge(self.m, [name])
        self.m.run(["event"], self.m.event())
        self.o.told()
        for n, v in sorted(self.look().modules):
            rc, out, err = self.m.run(["remove", f"{n}/{v}", "--all"])
            if rc:
                self.bad("empty", f"remove {n}/{v} --all ends with {rc}: {out + err}")
        seen = self.look()
        if seen.modules:
            self.bad("empty", f"{sorted(seen.modules)} are still there")
        for k, files in seen.disk.items():
            facts = self.f.kernels.get(k)
            for path, tag in files.items():
                # A person's file that a package's has taken the place of since may come back.
                if (not facts or path not in facts.files or facts.files[path][1] != tag) and \
                        (k, path, tag) not in self.f.once:
                    self.bad("empty", f"{path} of {k} is left: {tag}")
            for path in facts.files if facts else []:
                if path not in files:
                    self.bad("empty", f"{path} of {k} is not there any more")
        for k in sorted(self.f.kernels):
            for path in list(self.f.kernels[k].files):
                if self.f.kernels[k].files[path][2] is None and k in self.f.kernels:
                    steps.remove_file(self.m, self.f.kernels[k], path)
        for name in [p.name for p in self.f.packages.values() if p.kind is None]:
            steps.drop_package(self.m, name)
            for k in self.f.kernels.values():
                for path in [p for p, x in k.files.items() if x[2] == name]:
                    steps.remove_file(self.m, k, path)
        for k in list(self.f.kernels.values()):
            steps.prune(self.m, k)
        for key in sorted(self.f.folders):
            steps.take_folder(self.m, "%s-%s" % key)
        self.cleaned = {k for k in self.o.kernels_told if k in self.f.kernels and self.f.kernels[k].image is not None}
        for k in sorted(self.f.kernels):
            steps.headers_gone(self.m, [k])
            steps.kernel_gone(self.m, [k])
        self.m.run(["event"], self.m.event())
        rc, out, err = self.m.run(["event"], "")
        if rc or out or err:
            self.bad("empty", f"an event on the empty machine ends with {rc} and says {out + err!r}")
        self.nothing_left()

    def nothing_left(self):
        for path, what in sorted(self.m.names().items()):
            if LISTS.match(path):
                lines = [line for line in what.decode("utf-8", "replace").splitlines()
                         if not re.match(r"dkms-[a-z]+ 1$|end$|$", line)]
                if lines:
                    self.bad("empty", f"{path} still has {lines[:3]}")
            elif path.startswith("/var/lib/dkms/"):
                if path != "/var/lib/dkms/.native" and not MAY_STAY.match(path):
                    self.bad("empty", f"{path} is left")
            elif path.startswith("/usr/lib/modules/"):
                if path.split("/")[4] in self.cleaned:
                    self.bad("empty", f"{path} is left")
            elif path.startswith("/usr/src/"):
                if not path.endswith("/notes") and not os.path.exists(f"{self.m.root}{path}/notes"):
                    self.bad("empty", f"{path} is left")
            elif path.startswith(("/etc/depmod.d/dkms-", "/boot/", "/tmp/")):
                self.bad("empty", f"{path} is left")

    def expectation(self, words):
        """expect WHAT...: what a case says by itself."""
        seen = self.look()
        what, rest = words[0], words[1:]
        if what == "loader":
            k, module, wanted = rest
            found = seen.loader.get(k, {}).get(module, (None, "nothing"))[1]
            if not re.match(wanted + "$", found):
                self.bad("expect", f"the loader finds {found} for {module} of {k}, not {wanted}")
        elif what == "hold":
            kind, about = rest[0], rest[1:]
            if not any(h[0] == kind and all(w in h for w in about) for h in seen.holds):
                self.bad("expect", f"there is no hold {' '.join(rest)}: {sorted(map(str, seen.holds))}")
        elif what == "status":
            if not re.search(" ".join(rest), seen.text, re.M):
                self.bad("expect", f"status does not say {' '.join(rest)!r}: {seen.text!r}")
        elif what == "no-status":
            if re.search(" ".join(rest), seen.text, re.M):
                self.bad("expect", f"status says {' '.join(rest)!r}: {seen.text!r}")
        elif what == "no-path":
            if os.path.lexists(self.m.root + rest[0]):
                self.bad("expect", f"{rest[0]} is there")
        elif what == "fsck":
            rc, out, _ = self.m.run(["fsck"])
            if (rc == 0) != (rest[0] == "0"):
                self.bad("expect", f"fsck ends with {rc}, not {rest[0]}: {out}")
        elif what == "rc":
            rc, out, err = self.m.run(rest[1:])
            if str(rc) not in rest[0].split(","):
                self.bad("expect", f"dkms {' '.join(rest[1:])} ends with {rc}, not {rest[0]}: {out + err}")
        else:
            raise ValueError(what)

    def step(self, line):
        self.tell(line + "\n")
        words = shlex.split(line)
        if words[0] == "event":
            self.event(words[1:])
        elif words[0] == "dkms":
            self.verb(words[1:])
        elif words[0] == "end":
            self.end()
        elif words[0] == "expect":
            self.expectation(words[1:])
        else:
            steps.DO[words[0]](self.m, words[1:])
            if words[0] == "foreign":
                self.o.stripped()
        self.done += 1

    def loaders(self):
        return {k: {m: tag for m, (_, tag) in self.m.loader(k).items()} for k in self.f.kernels}
