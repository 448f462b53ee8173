# SPDX-License-Identifier: GPL-2.0-or-later
"""A fake machine: a root whose kernels, headers, packages and sources are short texts.

What is done to it is kept as plain facts (Facts), which the oracle reads; what dkms does is in the
root only.  A "module" is a real ELF file whose .modinfo has a word that tells what it was built
from:

    tag=alpha/1.0/alpha:s3:h2:bravo/2.0

is module alpha of alpha/1.0, built from the third content of its source, with the second content of
the headers, when bravo/2.0 was the module bravo that the loader found.  An original of the kernel is
kernel/9.9/alpha:o1, a package's file package/NAME/alpha:o2.
"""
import lzma
import os
import platform
import re
import shutil
import stat
import subprocess
import time

LIMIT = 40                                # seconds for one call of dkms
ROOM = 512                                # bytes of .modinfo
MODULES = "/usr/lib/modules"
TOOLS = ("bash sh make depmod sed grep cat cp rm mv mkdir ls ln sleep touch env kill true false head tail "
         "tr sort zstd xz gzip patch strip uname chmod mktemp dirname basename find xargs expr rmdir id").split()
TEMPLATE = 'char info[%d] __attribute__((section(".modinfo"))) = "%s"; int init_module(void) { return 0; }\n'

# make: what the Makefile of the source names.  Words of it: module NAME, depends NAME, broken, and
# at last tag NAME/VERSION sN.
STANDIN = r"""#!/bin/sh
cd "$1" || exit
tree=/lib/modules/$2
. /opt/fault
strike make
read -r headers <"$tree/build/Module.symvers" || exit
deps=
while read -r word name content; do
	case $word in
	tag) package=$name ;;
	esac
	[ "$word" != tag ] || source=$content
	[ "$word" != broken ] || { echo "$package.c:1:1: error: it does not compile" >&2; exit 2; }
	[ "$word" != depends ] || {
		found=none
		for file in $(find "$tree/updates" "$tree/extra" "$tree/kernel" -name "$name.ko*" 2>/dev/null); do
			case $file in
			*.zst) zstd -dcq "$file" ;;
			*.xz) xz -dc "$file" ;;
			*) cat "$file" ;;
			esac >found
			found=$(tr '\0' '\n' <found | sed -n 's/^tag=//p')
			found=${found%%:*} found=${found%/*}
			break
		done
		deps=$deps:$found
	}
done <Makefile
while read -r word name rest; do
	[ "$word" = module ] || continue
	text="name=$name|version=${package#*/}|vermagic=$2 SMP |license=GPL|tag=$package/$name:$source:$headers$deps|"
	{ cat /opt/head; printf '%s' "$text" | tr '|' '\0'; printf "%0$((ROOM - ${#text}))d" 0 | tr 0 '\0'; cat /opt/tail; } >"$name.ko" || exit
done <Makefile
"""
# What goes wrong once, at the place that asks: the file says how.
FAULT = r"""strike() {
	[ -e /opt/armed ] && [ -e "/opt/fault-$1" ] || return 0
	read -r how <"/opt/fault-$1"
	rm "/opt/fault-$1"
	# A failure that may pass, so that events try again.
	[ "$how" != fail ] || { echo "alpha.c:1:1: fatal error: error writing to alpha.o: No space left on device" >&2; exit 1; }
	until [ -s /opt/pid ]; do sleep 0.01; done
	kill -9 "$(cat /opt/pid)"
	sleep 5
}
"""
DEPMOD = "#!/bin/sh\n. /opt/fault\nstrike depmod\nexec /opt/bin/depmod \"$@\"\n"
SCRIPT = "#!/bin/sh\n. /opt/fault\nstrike script\n[ ! -e /opt/refuse-$module ]\n"
RPM = r"""#!/bin/sh
for path; do :; done
owner=$(sed -n "s|^$path	||p" /var/lib/rpm/files)
[ -n "$owner" ] && { echo "$owner"; exit 0; }
echo "file $path is not owned by any package"
exit 1
"""
MAKEFILE = ".PHONY: modules\nmodules: ; @/opt/standin '$(M)' '$(KERNELRELEASE)'\n"

DISTROS = {                               # ID, ID_LIKE, database, suffix of modules, place of modules
    "debian": ("debian", "", "dpkg", "", "updates/dkms"),
    "fedora": ("fedora", "", "rpm", ".xz", "extra"),
    "arch": ("arch", "", "pacman", ".zst", "updates/dkms"),
    "gentoo": ("gentoo", "", "none", "", None),
    "opensuse": ("opensuse-tumbleweed", "opensuse suse", "rpm", ".zst", "updates"),
}


def copy_tool(name, root):
    path = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if not path:
        return
    real = os.path.realpath(path)
    target = root + "/opt/bin/depmod" if name == "depmod" else f"{root}/usr/bin/{name}"
    shutil.copy2(real, target)
    out = subprocess.run(["ldd", real], capture_output=True, text=True, check=False).stdout
    for library in re.findall(r"(/\S+)", out):
        place = root + "/usr" + re.sub("^/usr", "", library)
        if not os.path.exists(place):
            os.makedirs(os.path.dirname(place), exist_ok=True)
            shutil.copy2(os.path.realpath(library), place)


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)


class Template:
    """The bytes around a module's .modinfo."""

    def __init__(self, work):
        source, made = (f"{work}/template.{os.getpid()}.{x}" for x in "co")
        write(source, TEMPLATE % (ROOM, "@" * (ROOM - 1)))
        subprocess.run(["gcc", "-c", "-o", made, source], check=True)
        with open(made, "rb") as f:
            self.head, self.tail = f.read().split(b"@" * (ROOM - 1) + b"\0", 1)

    def module(self, name, version, kernel, tag):
        text = f"name={name}\0version={version}\0vermagic={kernel} SMP \0license=GPL\0tag={tag}\0".encode()
        return self.head + text.ljust(ROOM, b"\0") + self.tail


class Source:
    """One content of a module package's source."""

    def __init__(self, name, version, number, options):
        self.name, self.version, self.number, self.options = name, version, number, dict(options)
        get = self.options.get
        self.modules = get("modules", name).split(",")
        self.autoinstall = get("autoinstall", "yes") == "yes"
        self.depends = [d for d in get("depends", "").split(",") if d]
        self.rebuild = get("rebuild") == "yes"
        self.exclusive = get("exclusive", "")
        self.broken = get("broken") == "yes"
        self.script = get("script") == "yes"
        self.dest = get("dest", "/updates")
        self.owner = None

    def conf(self):
        lines = [f"PACKAGE_NAME={self.name}", f"PACKAGE_VERSION={self.version}", "STRIP[0]=no"]
        if self.autoinstall:
            lines.append("AUTOINSTALL=yes")
        for i, module in enumerate(self.modules):
            lines += [f"BUILT_MODULE_NAME[{i}]={module}", f"DEST_MODULE_LOCATION[{i}]={self.dest}"]
        lines += [f"BUILD_DEPENDS[{i}]={d}" for i, d in enumerate(self.depends)]
        if self.rebuild:
            lines.append("BUILD_DEPENDS_REBUILD=yes")
        if self.exclusive:
            lines.append(f'BUILD_EXCLUSIVE_KERNEL="{self.exclusive}"')
        lines += [f"BUILD_EXCLUSIVE_KERNEL_{x.upper()}={self.options[x]}" for x in ("min", "max") if self.options.get(x)]
        if self.script:
            lines.append("PRE_INSTALL=before.sh")
        return "\n".join(lines) + "\n"

    def makefile(self):
        lines = [f"tag {self.name}/{self.version} s{self.number}"]
        lines += [f"depends {d}" for d in self.depends]
        lines += ["broken"] if self.broken else []
        lines += [f"module {m}" for m in self.modules]
        return "\n".join(lines) + "\n"

    def excluded(self, kernel):
        """min and max are compared with the first two numbers: 6.1 is above the maximum 6.0 and not below 6.1."""
        release = [int(n) for n in kernel.split(".")[:2]]
        low, high = ([int(n) for n in (self.options.get(x) or default).split(".")]
                     for x, default in (("min", "0.0"), ("max", "99.0")))
        return bool(self.exclusive) and not re.search(self.exclusive, kernel) or not low <= release < high

    def content(self, kernel_headers, depends):
        return f"s{self.number}:{kernel_headers}" + "".join(":" + d for d in depends)


class Kernel:
    def __init__(self, release):
        self.release = release
        self.image = self.headers = None  # None, or the name of the package, or "" for nobody's
        self.symvers = None               # hN: the content of the headers
        self.touched = False              # since the last event of the package manager
        self.by_hand = set()              # modules that a person put there
        self.files = {}                   # path in the tree: (module, tag, package or None)


class Package:
    def __init__(self, name, version, kind, key):
        self.name, self.version, self.kind, self.key = name, version, kind, key
        self.files = set()


class Facts:
    """What is on the machine, by what was done to it."""

    def __init__(self, distro):
        self.distro = distro
        self.kernels, self.packages, self.folders = {}, {}, {}
        self.sources = {}                 # (name, version, sN): Source; every content that there was
        self.numbers = {}
        self.once = set()                 # (kernel, path, tag) that a person put there
        self.attic = {}                   # package: itself and its source, when it was purged
        self.removed = set()              # what it said to be removed; dpkg's says nothing of that
        self.told = {}                    # what the last event of the package manager had

    def number(self, what):
        self.numbers[what] = self.numbers.get(what, 0) + 1
        return self.numbers[what]

    def owned(self):
        """Files that a package ships below a kernel's tree: {(kernel, path): tag}."""
        return {(k.release, path): tag for k in self.kernels.values()
                for path, (_, tag, owner) in k.files.items() if owner}


class Machine:
    VARIABLE = ("usr/lib/modules", "usr/src", "etc", "var", "run", "tmp", "boot", "usr/share")

    def __init__(self, work, root, dkms):
        self.root, self.dkms = root, dkms
        self.template = Template(work)
        self.tags = {}
        self.calls = 0
        self.facts = None
        for folder in ("usr/bin", "opt/bin", "usr/lib", "usr/sbin"):
            os.makedirs(f"{root}/{folder}", exist_ok=True)
        for name in ("bin", "sbin", "lib"):
            if not os.path.islink(f"{root}/{name}"):
                os.symlink(f"usr/{name}", f"{root}/{name}")
        os.makedirs(root + "/usr/lib64", exist_ok=True)
        if not os.path.islink(root + "/lib64"):
            os.symlink("usr/lib64", root + "/lib64")
        for tool in TOOLS:
            copy_tool(tool, root)
        write(root + "/opt/fault", FAULT)
        write(root + "/opt/standin", STANDIN.replace("ROOM", str(ROOM)), 0o755)
        write(root + "/usr/sbin/depmod", DEPMOD, 0o755)
        self.killer = work + "/kill.so"
        if not os.path.exists(self.killer):
            here = os.path.dirname(os.path.abspath(__file__))
            subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", f"{work}/kill.{os.getpid()}", here + "/kill.c", "-ldl"],
                           check=True)
            os.rename(f"{work}/kill.{os.getpid()}", self.killer)
        for name, data in (("head", self.template.head), ("tail", self.template.tail)):
            with open(f"{root}/opt/{name}", "wb") as f:
                f.write(data)

    # ---- a fresh one ----

    def reset(self, distro):
        for folder in self.VARIABLE:
            shutil.rmtree(f"{self.root}/{folder}", ignore_errors=True)
            os.makedirs(f"{self.root}/{folder}")
        for name in os.listdir(self.root + "/opt"):
            if name.startswith(("fault-", "refuse-", "pid")):
                os.unlink(f"{self.root}/opt/{name}")
        os.chmod(self.root + "/tmp", 0o1777)
        for folder in ("var/lib", "var/tmp", "var/log", "etc/dkms"):
            os.makedirs(f"{self.root}/{folder}")
        self.facts = Facts(distro)
        self.last = 0
        ident, like, database, self.suffix, self.place = DISTROS[distro]
        self.database = database
        write(self.root + "/etc/os-release", f"ID={ident}\n" + (f'ID_LIKE="{like}"\n' if like else ""))
        if os.path.exists(self.root + "/usr/bin/rpm"):
            os.unlink(self.root + "/usr/bin/rpm")
        if database == "rpm":
            write(self.root + "/usr/bin/rpm", RPM, 0o755)
            write(self.root + "/var/lib/rpm/rpmdb.sqlite", "")
        if distro == "fedora":
            write(self.root + "/etc/depmod.d/dist.conf", "search updates extra built-in weak-updates\n")
        self.save_packages()

    def save_packages(self):
        packages = self.facts.packages.values()
        if self.database == "dpkg":
            folder = self.root + "/var/lib/dpkg/info"
            os.makedirs(folder, exist_ok=True)
            wanted = {f"{p.name}.list": "/.\n" + "".join(f"{f}\n" for f in sorted(p.files)) for p in packages}
            for name in os.listdir(folder):
                if name not in wanted:
                    os.unlink(f"{folder}/{name}")
            for name, text in wanted.items():
                self.replace(f"{folder}/{name}", text)
        elif self.database == "pacman":
            folder = self.root + "/var/lib/pacman/local"
            shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(folder)
            for p in packages:
                text = "%FILES%\n" + "".join(f"{f[1:]}\n" for f in sorted(p.files))
                write(f"{folder}/{p.name}-{p.version}/files", text)
        elif self.database == "rpm":
            self.replace(self.root + "/var/lib/rpm/files",
                         "".join(f"{f}\t{p.name}\n" for p in packages for f in sorted(p.files)))

    @staticmethod
    def replace(path, text):
        """As package managers do it."""
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                if f.read() == text:
                    return
        write(path + ".new", text)
        os.rename(path + ".new", path)

    # ---- kernels ----

    def path(self, kernel, path=""):
        return f"{self.root}{MODULES}/{kernel}/{path}"

    def depmod(self, kernel):
        if not os.path.isdir(self.path(kernel)):
            return                        # nothing of it is left
        subprocess.run(["chroot", self.root, "/opt/bin/depmod", kernel], check=True, env={"PATH": "/usr/sbin:/usr/bin"},
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def put_module(self, kernel, path, module, version, tag):
        """A file of the kernel or of a package; path has no suffix of a compression."""
        data = self.template.module(module, version, kernel, tag)
        real = self.path(kernel, path)
        os.makedirs(os.path.dirname(real), exist_ok=True)
        self.tags[data] = tag
        if self.suffix == ".xz":
            data = lzma.compress(data, check=lzma.CHECK_CRC32)
        elif self.suffix == ".zst":
            data = subprocess.run(["zstd", "-qc"], input=data, capture_output=True, check=True).stdout
        self.tags[data] = tag
        with open(real + self.suffix + ".dpkg-new", "wb") as f:
            f.write(data)
        os.rename(real + self.suffix + ".dpkg-new", real + self.suffix)
        return path + self.suffix

    def scan(self, kernel):
        """{path: tag} of all module files in a kernel's tree."""
        top = self.path(kernel)
        found = {}
        for folder, folders, names in os.walk(top):
            folders[:] = [f for f in folders if f not in ("build", "source")]
            for name in names:
                if re.search(r"\.ko(\.(zst|xz|gz))?$", name):
                    path = os.path.relpath(os.path.join(folder, name), top)
                    found[path] = self.tag(os.path.join(folder, name))
        return found

    def tag(self, path):
        try:
            with open(path, "rb") as f:
                data = f.read()
        except OSError as error:
            return f"unreadable ({error.strerror})"
        if data not in self.tags:
            plain = data
            if path.endswith(".xz"):
                plain = lzma.decompress(data)
            elif path.endswith(".zst"):
                plain = subprocess.run(["zstd", "-dqc"], input=data, capture_output=True, check=False).stdout
            words = re.search(rb"\0tag=([^\0]*)\0", plain)
            tag = words.group(1).decode() if words else "no module of ours"
            names = re.search(rb"name=([^\0]*)\0version=([^\0]*)\0vermagic=([^\0]*) SMP \0", plain)
            if words and (not names or plain != self.template.module(*(n.decode() for n in names.groups()), tag)):
                tag = "damaged: " + tag
            self.tags[data] = tag
        return self.tags[data]

    def loader(self, kernel):
        """{module: (path, tag)}, as modprobe has it."""
        found = {}
        try:
            with open(self.path(kernel, "modules.dep"), encoding="utf-8") as f:
                lines = f.readlines()
        except OSError:
            return found
        for line in lines:
            path = line.split(":")[0]
            module = re.sub(r"\.ko.*", "", os.path.basename(path))
            found.setdefault(module, (path, self.tag(self.path(kernel, path))))
        return found

    def is_refused(self, name):
        return os.path.exists(f"{self.root}/opt/refuse-{name}")

    # ---- what dkms does ----

    def run(self, words, text=None, faults=False):
        """faults: what was armed may strike."""
        self.calls += 1
        pid = self.root + "/opt/pid"
        for path in (pid, self.root + "/opt/armed"):
            if os.path.exists(path):
                os.unlink(path)
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8", "TERM": "dumb"}
        armed = self.armed() if faults else []
        if "call" in armed:
            path = self.root + "/opt/fault-call"
            with open(path, encoding="ascii") as f:
                env.update(LD_PRELOAD=self.killer, MODEL_KILL=f"{f.read().strip()} {path}")
        if armed:
            write(self.root + "/opt/armed", "")
        child = subprocess.Popen([self.dkms, *words, "--root", self.root], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/", env=env)
        if armed:
            write(pid + ".new", str(child.pid))
            os.rename(pid + ".new", pid)
        try:
            out, err = child.communicate((text or "").encode(), timeout=LIMIT)
        except subprocess.TimeoutExpired:
            self.stuck = self.family(child.pid)
            child.kill()
            child.communicate()
            raise
        return child.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")

    def family(self, pid):
        """What these processes wait for."""
        found = []
        for path in (f"/proc/{pid}/cmdline", f"/proc/{pid}/wchan"):
            with open(path, encoding="utf-8", errors="replace") as f:
                found.append(f.read().replace("\0", " ").replace(self.root, "").strip())
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            return [" in ".join(found)] + [x for p in f.read().split() for x in self.family(int(p))]

    def armed(self):
        return [n[6:] for n in os.listdir(self.root + "/opt") if n.startswith("fault-")]

    # ---- what is where ----

    def snapshot(self):
        """{path: what must not change} of all that lies in the variable folders."""
        found = {}

        def walk(folder):
            for entry in os.scandir(folder):
                st = entry.stat(follow_symlinks=False)
                what = (st.st_mode, st.st_ino, st.st_size, st.st_mtime_ns, st.st_ctime_ns)
                if stat.S_ISDIR(st.st_mode):
                    what = (st.st_mode, st.st_mtime_ns)
                    found[entry.path[len(self.root):]] = what
                    walk(entry.path)
                else:
                    found[entry.path[len(self.root):]] = what
        for folder in self.VARIABLE:
            walk(f"{self.root}/{folder}")
        return found

    def names(self):
        """{path: content} of all that lies there, to compare two machines or two times."""
        found = {}
        for folder in self.VARIABLE:
            for where, folders, names in os.walk(f"{self.root}/{folder}"):
                for name in folders + names:
                    path = os.path.join(where, name)
                    short = path[len(self.root):]
                    if os.path.islink(path):
                        found[short] = "-> " + os.readlink(path)
                    elif os.path.isdir(path):
                        found[short] = "folder"
                    else:
                        with open(path, "rb") as f:
                            found[short] = f.read()
        return found

    # ---- the event of the package manager ----

    def items(self):
        """What packages ship.  Without a database it is known that a kernel is there, and not whose it is."""
        items = {(p.kind, p.key): (p.name, p.version) for p in self.facts.packages.values() if p.kind}
        if self.database == "none":
            items.update({("kernel", k.release): ("", "") for k in self.facts.kernels.values() if k.image is not None})
        return items

    def event(self):
        """What the package manager says at the end of what it did; dpkg's database has no changes."""
        now, before = self.items(), self.facts.told
        speaker = {"dpkg": "apt", "none": "portage"}.get(self.database, self.database)
        lines = ["dkms-event 1", f"from {speaker}"]
        for (kind, key), (package, version) in sorted(now.items()):
            change = "present"
            if speaker != "apt" and before.get((kind, key)) != (package, version):
                change = "replaced" if (kind, key) in before else "added"
            lines.append(f"{kind} {key} {change} {package} {version}".rstrip())
        self.facts.removed = {item for item in before if item not in now} if speaker != "apt" else set()
        if speaker != "apt":
            lines += [f"{kind} {key} removed" for kind, key in sorted(before) if (kind, key) not in now]
        self.facts.told = now
        return "\n".join(lines + [f"complete {k}" for k in ("kernel", "headers", "source")] + ["end"]) + "\n"

    def kernel_event(self, kernel, change):
        lines = ["dkms-event 1", "from kernel", f"kernel {kernel} {change}"]
        for (kind, key), (package, version) in sorted(self.items().items()):
            if self.database in ("dpkg", "rpm") and (kind == "source" or (kind == "headers" and key == kernel)):
                lines.append(f"{kind} {key} present {package} {version}")
        return "\n".join(lines + [f"initramfs {kernel} follows", "end"]) + "\n"
