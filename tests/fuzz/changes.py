# SPDX-License-Identifier: GPL-2.0-or-later
"""What can be changed on a machine of tests/fuzz/spoil, and which commands follow."""
import os
import re
import shutil
import socket
import stat

AREAS = ("var/lib/dkms", "usr/src", "usr/lib/modules", "etc/dkms", "etc/depmod.d", "var/log/dkms")

# Class of a file, how often it is chosen, and what its path looks like.
CLASSES = (
    ("journal", 5, re.compile(r"/\.native/(journal|broken)")),
    ("lock", 1, re.compile(r"/\.native/lock")),
    ("ledger", 4, re.compile(r"/\.native/")),
    ("record", 4, re.compile(r"/record$")),
    ("module", 4, re.compile(r"\.ko(\.[a-z]+)?$")),
    ("conf", 3, re.compile(r"(/dkms\.conf|^etc/dkms/.*)$")),
    ("history", 2, re.compile(r"^var/log/")),
    ("kernel", 2, re.compile(r"^usr/lib/modules/")),
    ("source", 1, re.compile(r"^usr/src/")),
    ("other", 1, re.compile("")),
)
# Texts of ours, in words and lines.
TEXT = ("journal", "ledger", "record", "history", "lock")
# What a shell or make reads as a program: a changed byte could make it write anywhere by itself.
PROGRAM = re.compile(r"(/build/Makefile|\.sh)$")

PACKAGES = ("demo/1", "pair/1", "pair/2", "dep/1", "held/1", "bad/1", "only/1", "fresh/1")
WORDS = (b"", b"/srv/precious/file", b"/srv/precious/folder", b"/etc/shadow", b"../../../../srv/precious/file", b"/",
         b"/lib/modules/../../srv/precious/file", b"/var/lib/dkms/../../../srv/precious/file", b".", b"..", b"-1",
         b"4294967296", b"18446744073709551616", b"%", b"%00", b"%1b%5b31m", b"\x1b[31mred", b"\x9b31m",
         "\u202etxt".encode(), "\u009b31m".encode(), b"\xff\xfe", b"%n%s", b"A" * 70000, b"K/../..", b"demo",
         b"6.1.0-91-amd64", b"x86_64", b"version=", b"name=", b"end", b"\0", b"*")
NAMES = (b"\x1b[31m", b"\xff\xfe", "\u009b31m".encode(), "\u202eok.dkms".encode(), b"a\nb", b"a b", b"-k",
         b"..x", b"%s%n", b"A" * 255, b"'\"$(x)`", b"*", b"kernel-1-x86_64", b"source", b"build",
         b"original_module", b"\r", b"0.commit", b"0.open", b"0.done", b"9", b"record", b"module", b".native")
TARGETS = ("/etc/shadow", "/srv/precious", "/srv/precious/file", "/", ".", "..", "../../../../../srv/precious", "/dev/zero",
           "/nonexistent", "/srv/precious/other.c", "/usr/src", "/var/lib/dkms", "/home/user/file", "/proc/self")
CONFS = (b"sleep 1000", b"while :; do :; done", b"while :; do echo x; done", b"cat /dev/zero",
         b"trap '' TERM; sleep 1000", b"(sleep 1000 &)", b"exit 3", b"kill -9 $$", b"cd /srv/precious", b"'",
         b"PACKAGE_NAME=$'\\e[31m'", b"PACKAGE_NAME=../..", b"PACKAGE_VERSION='1/../..'",
         b"BUILT_MODULE_NAME[0]=../../../../srv/precious/file", b"DEST_MODULE_LOCATION[0]=/../../../../srv/precious",
         b"BUILT_MODULE_NAME[100000]=x", b"declare -r PACKAGE_NAME", b"PATH=", b"unset PATH", b"exec 3>&- 4>&-",
         b"echo $'\\e[2J\\xc2\\x9b' >&2", b"PRE_BUILD=/srv/precious/file", b"MAKE[0]='sleep 8'",
         b"MAKE[0]='ln -s /etc/shadow demo.ko'", b"MAKE[0]='mkfifo demo.ko'", b"MAKE[0]='ln -s /etc/shadow Module.symvers'",
         b"MAKE[0]='setsid sleep 1000 & true'", b"MAKE[0]='printf \"error: \\\\033[31m\\\\302\\\\233\"; false'",
         b"MAKE[0]='yes'", b"POST_INSTALL='post.sh; x'", b"PATCH[0]=../../../etc/shadow", b"BUILD_DEPENDS[0]=demo")


# ---- finding something ----

def listing(root):
    """{class: [path]} of what can be changed, in one order."""
    found = {}

    def walk(folder):
        for entry in sorted(os.scandir(f"{root}/{folder}"), key=lambda entry: entry.name):
            path = f"{folder}/{entry.name}"
            if entry.is_symlink():
                kind = "link"
            elif entry.is_dir():
                kind = "folder"
                if path.count("/") < 40:
                    walk(path)
            else:
                kind = next(name for name, _, pattern in CLASSES if pattern.search(path))
            found.setdefault(kind, []).append(path)

    for area in AREAS:
        if os.path.isdir(f"{root}/{area}"):
            walk(area)
    return found


def choose(rng, found):
    weights = {name: weight for name, weight, _ in CLASSES}
    weights.update(link=2, folder=3)
    names = sorted(found)
    name = rng.choices(names, [weights[n] for n in names])[0]
    return name, rng.choice(found[name])


# ---- changes of content ----

def bits(rng, data):
    data = bytearray(data)
    said = []
    for _ in range(rng.choice((1, 1, 1, 2, 8))):
        if not data:
            break
        where = rng.random()
        at = rng.randrange(min(64, len(data))) if where < 0.3 else \
            rng.randrange(len(data) * 2 // 3, len(data)) if where < 0.5 else rng.randrange(len(data))
        bit = rng.randrange(8)
        data[at] ^= 1 << bit
        said.append(f"{at}.{bit}")
    return bytes(data), "bits " + " ".join(said)


def some_bytes(rng, data):
    at = rng.randrange(len(data) + 1)
    new = rng.choice((b"\0", b"\xff" * 4, b"\xff" * 8, b"\n", b"\x1b[2J", "\u009b".encode(), "\u202e".encode(),
                      b"\xff", b"\"", b"\\", b"/", b"{", b"[" * 50000, b"%", b" ", b"\t", b"\r"))
    cut = rng.choice((0, 1, len(new)))
    return data[:at] + new + data[at + cut:], f"{new[:12]!r} for {cut} bytes at {at}"


def lines(rng, data):
    parts = data.split(b"\n")
    at = rng.randrange(len(parts))
    what = rng.choice(("delete", "double", "swap", "cut", "word", "word", "word", "drop", "foreign", "many"))
    words = parts[at].split(b" ")
    n = rng.randrange(len(words))
    if what == "delete":
        del parts[at]
    elif what == "double":
        parts.insert(at, parts[at])
    elif what == "swap":
        other = rng.randrange(len(parts))
        parts[at], parts[other] = parts[other], parts[at]
    elif what == "cut":
        parts[at] = parts[at][:rng.randrange(len(parts[at]) + 1)]
    elif what == "drop":
        del words[n]
        parts[at] = b" ".join(words)
    elif what == "word":
        key, sep, _ = words[n].partition(b"=")
        new = rng.choice(WORDS)
        words[n] = key + sep + new if sep and rng.random() < 0.7 else new
        parts[at] = b" ".join(words)
        what = f"word {n} is {new[:40]!r} in"
    elif what == "foreign":
        parts.insert(at, rng.choice(WORDS))
    else:
        parts[at:at + 1] = [parts[at]] * 20000
    return b"\n".join(parts), f"{what} line {at}"


def length(rng, data):
    new = rng.choice((0, 1, len(data) // 2, max(0, len(data) - 1), rng.randrange(len(data) + 1)))
    return data[:new], f"cut to {new} of {len(data)} bytes"


def noise(rng, data):
    n = rng.choice((1, 16, 512, 4096))
    return bytes(rng.randrange(256) for _ in range(n)), f"{n} bytes of noise for {len(data)}"


def conf(rng, data):
    new = rng.choice(CONFS)
    parts = data.split(b"\n")
    at = rng.choice((0, rng.randrange(len(parts)), len(parts) - 1))
    parts.insert(at, new)
    return b"\n".join(parts), f"line {at}: {new.decode()}"


def content(rng, kind, path, full):
    if stat.S_IFMT(os.lstat(full).st_mode) != stat.S_IFREG or os.lstat(full).st_size > 1 << 24:
        return None
    ways = [bits, some_bytes, length, noise]
    if kind in TEXT:
        ways = [bits, some_bytes, lines, lines, lines, lines, length, noise]
    elif kind == "conf":
        ways = [lines, length, conf, conf, noise]
    elif kind == "module":
        ways = [bits, bits, bits, some_bytes, length, noise]
    elif kind == "kernel":
        ways = [bits, some_bytes, lines, length, noise]
    with open(full, "rb") as f:
        data = f.read()
    new, said = rng.choice(ways)(rng, data)
    with open(full, "r+b") as f:
        f.truncate(0)
        f.write(new)
    return f"{path}: {said}"


def grow(rng, kind, path, full):
    if not stat.S_ISREG(os.lstat(full).st_mode):
        return None
    most = 1 << 40 if kind in TEXT else 1 << 26
    size = rng.choice((os.lstat(full).st_size + 1, os.lstat(full).st_size + 4096, 1 << 22, most))
    os.truncate(full, size)
    return f"{path}: {size} bytes long, with a hole"


# ---- changes of what it is ----

def gone(full):
    if os.path.isdir(full) and not os.path.islink(full):
        shutil.rmtree(full)
    else:
        os.unlink(full)


def make(rng, full, root):
    """Something at full, where nothing is; says what."""
    what = rng.choice(("folder", "folder with a file", "FIFO", "socket", "/dev/null", "/dev/zero", "empty file",
                       "link", "link", "link to itself", "hard link", "deep folder"))
    if what == "folder":
        os.mkdir(full)
    elif what == "folder with a file":
        os.mkdir(full)
        with open(os.path.join(full, os.fsdecode(rng.choice(NAMES))), "wb") as f:
            f.write(b"x\n")
    elif what == "deep folder":
        deep = full
        for _ in range(120):
            os.mkdir(deep)
            deep += "/deep"
    elif what == "FIFO":
        os.mkfifo(full)
    elif what == "socket":
        here = os.getcwd()
        os.chdir(os.path.dirname(full))
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(os.path.basename(full)[:100])
        os.chdir(here)
    elif what in ("/dev/null", "/dev/zero"):
        os.mknod(full, 0o666 | stat.S_IFCHR, os.makedev(1, 3 if what == "/dev/null" else 5))
    elif what == "link":
        target = rng.choice(TARGETS)
        os.symlink(target, full)
        what += " to " + target
    elif what == "link to itself":
        os.symlink(os.path.basename(full), full)
    elif what == "hard link":
        os.link(root + "/srv/precious/file", full)
    else:
        with open(full, "wb"):
            pass
    return what


def kind_of(rng, path, full, root):
    gone(full)
    return f"{path}: gone, now a {make(rng, full, root)}"


def remove(_, path, full, __):
    gone(full)
    return f"{path}: removed"


def mode(rng, path, full, _):
    if os.path.islink(full):
        os.chown(full, 65534, 65534, follow_symlinks=False)
        return f"{path}: belongs to 65534"
    new = rng.choice((0, 0o777, 0o666, 0o4755, 0o200, 0o1777, None))
    if new is None:
        os.chown(full, 65534, 65534)
        return f"{path}: belongs to 65534"
    os.chmod(full, new)
    return f"{path}: mode {new:o}"


def rename(rng, path, full, _):
    new = os.fsdecode(rng.choice(NAMES))
    at = os.path.join(os.path.dirname(full), new)
    if os.path.lexists(at):
        return None
    os.rename(full, at)
    return f"{path}: called {new[:40]!r}"


def times(rng, path, full, _):
    new = rng.choice((0, 1, -1, 1 << 33, (1 << 33) + 1))
    os.utime(full, (new, new), follow_symlinks=False)
    return f"{path}: of {new}"


def stray(rng, path, full, root):
    folder = full if os.path.isdir(full) and not os.path.islink(full) else os.path.dirname(full)
    new = os.fsdecode(rng.choice(NAMES))
    at = os.path.join(folder, new)
    if os.path.lexists(at):
        return None
    if os.path.isfile(full) and rng.random() < 0.5:
        shutil.copyfile(full, at)
        return f"{path}: a copy called {new[:40]!r}"
    return f"{os.path.relpath(folder, root)}: {new[:40]!r} in it, a {make(rng, at, root)}"


def swap(rng, path, full, root):
    """Two places change what they hold."""
    found = listing(root)
    other = choose(rng, found)[1]
    if other.startswith(path) or path.startswith(other):
        return None
    spare = full + ".spare"
    os.rename(full, spare)
    os.rename(os.path.join(root, other), full)
    os.rename(spare, os.path.join(root, other))
    return f"{path}: changes places with {other}"


def change(rng, root):
    """Change something below root; says what, for people.  rng alone decides."""
    for _ in range(20):
        kind, path = choose(rng, listing(root))
        full = os.path.join(root, path)
        plain = kind not in ("link", "folder") and not PROGRAM.search(path)
        if plain and rng.random() < 0.6:
            said = content(rng, kind, path, full)
        elif plain and rng.random() < 0.1:
            said = grow(rng, kind, path, full)
        else:
            way = rng.choice((kind_of, kind_of, remove, mode, rename, times, stray, stray, swap))
            said = way(rng, path, full, root)
        if said:
            return ascii(said)[1:-1]
    return "nothing"


# ---- commands ----

def event(rng, kernels):
    said = ["dkms-event 1", "from " + rng.choice(("apt", "rpm", "pacman", "boot", "kernel"))]
    for kernel in kernels:
        if rng.random() < 0.5:
            said.append(f"{rng.choice(('kernel', 'headers'))} {kernel} "
                        f"{rng.choice(('present', 'added', 'replaced', 'removed'))} linux-image 6.2")
    for package in PACKAGES:
        if rng.random() < 0.3:
            said.append(f"source {package.replace('/', '-')} {rng.choice(('present', 'added', 'removed'))} "
                        f"{package.split('/')[0]}-dkms 2")
    said += [f"complete {kind}" for kind in ("source", "kernel", "headers") if rng.random() < 0.3]
    return ("\n".join(said) + "\nend\n").encode()


def command(rng, kernels, arch, still):
    """Words of a dkms command, and its standard input or None; still: an event of no change."""
    package, kernel = rng.choice(PACKAGES), rng.choice(kernels)
    force = ["--force"] * (rng.random() < 0.3)
    words = rng.choice((
        ["status"], ["status", "--json"], ["status", "--json"], ["status", "-k", kernel], ["fsck"], ["fsck", "--json"],
        ["fsck", "--repair"], ["fsck", "--repair"], ["fsck", "--repair", "--json"], ["log"], ["log", "--json"],
        ["event"], ["event"], ["event"], ["event", "--dry-run", "--json"], ["autoinstall", "-k", kernel],
        ["install", package, "-k", kernel] + force, ["install", package, "-k", kernel] + force,
        ["uninstall", package, "-k", f"{kernel}/{arch}"], ["remove", package, "--all"],
        ["build", package, "-k", kernel] + force, ["unbuild", package, "--all"], ["add", package], ["config"],
        ["mktarball", package, "-k", kernel], ["remove", package, "--all", "--later"],
        ["install", package, "-k", kernel, "--dry-run", "--json"],
        ["ldtarball", f"/var/lib/dkms/pair/1/tarball/pair-1-kernel{kernels[0]}-{arch}.dkms.tar.gz"] + force))
    text = None
    if words[0] == "event":
        text = rng.choice((b"", still, still, event(rng, kernels), event(rng, kernels)))
    return words + ["--verbose"] * (rng.random() < 0.1), text
