# SPDX-License-Identifier: GPL-2.0-or-later
"""What happens to a machine, one step a line: each step changes both the root and the facts.

A step whose object is not there does nothing, so that steps can be left out of a sequence.  Calls of
dkms and events are in laws.py, which watches them.
"""
import os
import shutil

from machine import MAKEFILE, MODULES, SCRIPT, Kernel, Package, Source, write

BASE = ("base1", "base2", "base3")        # a kernel's modules that nobody else makes


def options(words):
    return dict(word.split("=", 1) for word in words if "=" in word)


def flags(words):
    return [word for word in words if "=" not in word]


# ---- packages ----

def package(m, name, version, kind, key):
    """A package comes, or its next revision; returns it, without files.  No revision comes twice with
    another content."""
    version += f"-{m.facts.number('revision')}"
    m.facts.packages[name] = Package(name, version, kind, key)
    return m.facts.packages[name]


def drop_package(m, name):
    return m.facts.packages.pop(name, None)


def own_tree(m, k):
    """The files of the kernel's own package."""
    p = m.facts.packages.get(k.image) if k.image else None
    if p:
        p.files = {f"{MODULES}/{k.release}", f"{MODULES}/{k.release}/kernel", f"/boot/vmlinuz-{k.release}"}
        p.files |= base_files(k) if m.database != "dpkg" else set()
        p.files |= {f"{MODULES}/{k.release}/{path}" for path, (_, _, owner) in k.files.items() if owner == p.name}


# ---- kernels ----

BASE_FILES = ("order", "builtin", "builtin.modinfo")


def base_files(k):
    return {f"{MODULES}/{k.release}/modules.{name}" for name in BASE_FILES}


def settle_base(m, k):
    """The files modules.order and so on: they come with the kernel, and with dpkg with its headers, too: in
    linux-base-K, as Debian has it since forky."""
    packaged = m.database == "dpkg" and bool(k.image or k.headers)
    wanted = k.image is not None or packaged
    for name in BASE_FILES:
        path = m.path(k.release, "modules." + name)
        if wanted and not os.path.exists(path):
            write(path, "")
        elif not wanted and os.path.exists(path):
            os.unlink(path)
    name = f"linux-base-{k.release}"
    if packaged and name not in m.facts.packages:
        package(m, name, "6", None, None).files = {f"{MODULES}/{k.release}"} | base_files(k)
    elif not packaged:
        drop_package(m, name)


def put(m, k, path, module, version, tag, owner):
    k.files[m.put_module(k.release, path, module, version, tag)] = (module, tag, owner)


def put_kernel(m, k):
    """Its own modules; those that are there are made anew."""
    build = m.facts.number("kernel " + k.release)
    owner = k.image or None
    for module in BASE:
        put(m, k, f"kernel/fs/{module}.ko", module, "1", f"kernel/1/{module}:o{build}", owner)
    for path, (module, tag, file_owner) in list(k.files.items()):
        if module not in BASE and file_owner == owner and path.startswith("kernel/"):
            version = tag.split("/")[1]
            put(m, k, path[:path.index(".ko") + 3], module, version, f"kernel/{version}/{module}:o{build}", owner)
    settle_base(m, k)
    write(f"{m.root}/boot/vmlinuz-{k.release}", f"build {build}\n")


def kernel(m, words):
    """kernel K [unowned]: a kernel comes."""
    release = words[0]
    k = m.facts.kernels.setdefault(release, Kernel(release))
    if k.image is not None:
        return
    k.image = "" if "unowned" in words or m.database == "none" else f"linux-image-{release}"
    if k.image:
        package(m, k.image, "6", "kernel", release)
    put_kernel(m, k)
    own_tree(m, k)
    m.save_packages()
    m.depmod(release)


def kernel_new(m, words):
    """kernel-new K: the same release, built anew, in place of the old one."""
    k = m.facts.kernels.get(words[0])
    if not k or k.image is None:
        return
    if k.image:
        package(m, k.image, "6", "kernel", k.release)
    put_kernel(m, k)
    k.touched = True
    own_tree(m, k)
    m.save_packages()
    m.depmod(k.release)


def kernel_gone(m, words):
    """kernel-gone K: its own files go, what others put there stays."""
    k = m.facts.kernels.get(words[0])
    if not k or k.image is None:
        return
    for path, (_, _, owner) in list(k.files.items()):
        if (owner or "") == k.image and (owner or m.tag(m.path(k.release, path)) == k.files[path][1]):
            remove_file(m, k, path)       # without a database what has been moved away is not found
    drop_package(m, k.image)
    os.unlink(f"{m.root}/boot/vmlinuz-{k.release}")
    k.image = None
    settle_base(m, k)
    prune(m, k)
    forget(m, k)
    m.save_packages()


def remove_file(m, k, path):
    del k.files[path]
    real = m.path(k.release, path)
    if os.path.exists(real):
        os.unlink(real)


def prune(m, k):
    """Empty folders go, as with a package manager."""
    top = m.path(k.release)
    for folder, _, _ in sorted(os.walk(top), reverse=True):
        if not os.listdir(folder):
            os.rmdir(folder)


def forget(m, k):
    if k.image is None and k.headers is None and not k.files:
        del m.facts.kernels[k.release]


def put_headers(m, k):
    k.symvers = f"h{m.facts.number('headers ' + k.release)}"
    top = f"{m.root}/usr/src/linux-headers-{k.release}"
    write(top + "/Module.symvers", k.symvers + "\n")
    write(top + "/include/generated/autoconf.h", "#define CONFIG_MODULES 1\n")
    write(top + "/include/generated/utsrelease.h", f'#define UTS_RELEASE "{k.release}"\n')
    write(top + "/include/config/auto.conf", "CONFIG_MODULES=y\n")
    write(top + "/Makefile", MAKEFILE)
    os.makedirs(m.path(k.release), exist_ok=True)
    if not os.path.lexists(m.path(k.release, "build")):
        os.symlink(f"/usr/src/linux-headers-{k.release}", m.path(k.release, "build"))
    if k.headers:
        p = package(m, k.headers, "6", "headers", k.release)
        p.files = {f"/usr/src/linux-headers-{k.release}/Makefile", f"{MODULES}/{k.release}/build"}
        settle_base(m, k)
    m.save_packages()


def headers(m, words):
    """headers K [unowned]"""
    k = m.facts.kernels.setdefault(words[0], Kernel(words[0]))
    if k.headers is None:
        k.headers = "" if "unowned" in words or m.database == "none" else f"linux-headers-{k.release}"
        put_headers(m, k)


def headers_new(m, words):
    """headers-new K: others, in the place of the old ones."""
    k = m.facts.kernels.get(words[0])
    if k and k.headers is not None:
        put_headers(m, k)


def headers_gone(m, words):
    """headers-gone K"""
    k = m.facts.kernels.get(words[0])
    if not k or k.headers is None:
        return
    drop_package(m, k.headers)
    shutil.rmtree(f"{m.root}/usr/src/linux-headers-{k.release}")
    os.unlink(m.path(k.release, "build"))
    k.headers = k.symvers = None
    settle_base(m, k)
    prune(m, k)
    forget(m, k)
    m.save_packages()


def original(m, words):
    """original K MODULE VERSION [at=FOLDER] [unowned] [over]: the kernel has such a module of its own; over
    whatever lies there."""
    release, module, version = words[:3]
    k = m.facts.kernels.get(release)
    if not k or k.image is None:
        return
    path = f"{options(words).get('at', 'kernel/drivers')}/{module}.ko"
    owner = None if "unowned" in words or not k.image else k.image
    number = m.facts.number(f"original {release} {module}")
    if owner is None and "over" not in words and blocked(m, k, path + m.suffix):
        return
    if owner:
        package(m, k.image, "6", "kernel", release)
    else:
        k.by_hand.add(module)
        m.facts.once.add((release, path + m.suffix, f"kernel/{version}/{module}:p{number}"))
    k.touched = True
    put(m, k, path, module, version, f"kernel/{version}/{module}:p{number}", owner)
    own_tree(m, k)
    m.save_packages()
    m.depmod(release)


def blocked(m, k, path):
    """A person does not put his file on one that is there already, of whomever."""
    return os.path.exists(m.path(k.release, path)) and path not in k.files


def original_gone(m, words):
    """original-gone K MODULE [at=FOLDER]"""
    k = m.facts.kernels.get(words[0])
    path = f"{options(words).get('at', 'kernel/drivers')}/{words[1]}.ko{m.suffix}"
    if not k or path not in k.files:
        return
    if k.files[path][2] is None and m.tag(m.path(k.release, path)) != k.files[path][1]:
        return                            # archived: a person finds nothing to delete
    remove_file(m, k, path)
    prune(m, k)
    own_tree(m, k)
    m.save_packages()
    m.depmod(k.release)


def file(m, words):
    """file K MODULE: a package ships a file where ours goes."""
    release, module = words[:2]
    k = m.facts.kernels.get(release)
    if not k or k.image is None or m.database == "none" or not m.place:
        return
    name = f"extra-{module}-{release}"
    p = package(m, name, "1", None, None)
    k.touched = True
    put(m, k, f"{m.place}/{module}.ko", module, "0.5",
        f"package/0.5/{module}:q{m.facts.number('file ' + release + module)}", name)
    p.files = {f"{MODULES}/{release}/{m.place}/{module}.ko{m.suffix}"}
    m.save_packages()
    m.depmod(release)


def file_gone(m, words):
    """file-gone K MODULE"""
    k = m.facts.kernels.get(words[0])
    p = m.facts.packages.get(f"extra-{words[1]}-{words[0]}")
    if not k or not p:
        return
    remove_file(m, k, f"{m.place}/{words[1]}.ko{m.suffix}")
    drop_package(m, p.name)
    m.save_packages()
    prune(m, k)
    forget(m, k)
    m.depmod(k.release)


# ---- sources ----

def folder(m, name, version):
    return f"{m.root}/usr/src/{name}-{version}"


def put_source(m, name, version, words, old=None):
    """A new content; what words do not say is as in the old one."""
    given = dict(old.options) if old else {}
    given.update(options(words))
    number = m.facts.number(f"source {name} {version}")
    s = Source(name, version, number, given)
    s.owner = old.owner if old else None
    m.facts.sources[name, version, f"s{number}"] = s
    write_source(m, s)
    return s


def write_source(m, s):
    top = folder(m, s.name, s.version)
    for name, text in (("dkms.conf", s.conf()), ("Makefile", s.makefile())):
        write(f"{top}/{name}.new", text)
        os.rename(f"{top}/{name}.new", f"{top}/{name}")
    if s.script:
        write(top + "/before.sh", SCRIPT, 0o755)
    m.facts.folders[s.name, s.version] = s


def ship_as(m, pkg, name, version, words):
    old = m.facts.packages.get(pkg)
    before = m.facts.folders.get((name, version))
    if before and before.owner not in (None, pkg):
        return
    if old and old.key != f"{name}-{version}":
        take_folder(m, old.key)
    p = package(m, pkg, version, "source", f"{name}-{version}")
    s = put_source(m, name, version, words, before)
    s.owner = pkg
    p.files = {f"/usr/src/{name}-{version}", f"/usr/src/{name}-{version}/dkms.conf",
               f"/usr/src/{name}-{version}/Makefile"}
    m.save_packages()


def ship(m, words):
    """ship NAME VERSION [OPTION=VALUE...]: the package NAME-dkms comes, or is upgraded or downgraded."""
    ship_as(m, f"{words[0]}-dkms", words[0], words[1], words[2:])


def ship_beside(m, words):
    """ship-beside NAME VERSION [...]: a package of its own for that version."""
    ship_as(m, f"{words[0]}-{words[1]}-dkms", words[0], words[1], words[2:])


def repack(m, words):
    """repack NAME VERSION: the package's next revision, with the same source."""
    s = m.facts.folders.get((words[0], words[1]))
    if s and s.owner:
        old = m.facts.packages[s.owner]
        p = package(m, s.owner, words[1], "source", old.key)
        p.files = old.files
        m.save_packages()


def take_folder(m, key, stray=False):
    name, version = key.rsplit("-", 1)
    m.facts.folders.pop((name, version), None)
    shutil.rmtree(folder(m, name, version), ignore_errors=True)
    if stray:
        write(folder(m, name, version) + "/notes", "mine\n")


def purge(m, words):
    """purge PACKAGE [stray]: a package with a source goes; a file of somebody else may stay."""
    p = m.facts.packages.get(words[0])
    if p and p.kind == "source":
        m.facts.attic[p.name] = (p, m.facts.folders.get(tuple(p.key.rsplit("-", 1))))
        take_folder(m, p.key, "stray" in words)
        drop_package(m, p.name)
        m.save_packages()


def back(m, words):
    """back PACKAGE: a package that was purged is installed again, the same one."""
    p, s = m.facts.attic.get(words[0], (None, None))
    if not s or words[0] in m.facts.packages or (s.name, s.version) in m.facts.folders:
        return
    m.facts.packages[p.name] = p
    write_source(m, s)
    m.save_packages()


def unpack(m, words):
    """unpack NAME VERSION [...]: a person puts a source below /usr/src."""
    if (words[0], words[1]) not in m.facts.folders:
        put_source(m, words[0], words[1], words[2:])


def edit(m, words):
    """edit NAME VERSION [...]: the source changes in place."""
    old = m.facts.folders.get((words[0], words[1]))
    if old:
        put_source(m, words[0], words[1], words[2:], old)


def vanish(m, words):
    """vanish NAME VERSION: the source is not there any more, though nobody removed its package."""
    s = m.facts.folders.get((words[0], words[1]))
    if s and not s.owner:
        take_folder(m, f"{words[0]}-{words[1]}")


# ---- mishaps ----

def refuse(m, words):
    """refuse NAME on|off: PRE_INSTALL fails, as long as it is on."""
    path = f"{m.root}/opt/refuse-{words[0]}"
    if words[1] == "on":
        write(path, "")
    elif os.path.exists(path):
        os.unlink(path)


def no_autoinstall(m, words):
    """no-autoinstall on|off: the file that keeps everything from being installed by itself."""
    path = m.root + "/etc/dkms/no-autoinstall"
    if words[0] == "on":
        write(path, "")
    elif os.path.exists(path):
        os.unlink(path)


def fault(m, words):
    """fault make|depmod|script kill|fail: once, the next time that it is started.  fault call N: dkms is
    killed at its Nth change of the disk."""
    write(f"{m.root}/opt/fault-{words[0]}", words[1] + "\n")


def lose(m, words):
    """lose K MODULE: somebody deletes an installed file of ours."""
    for path, tag in m.scan(words[0]).items():
        if os.path.basename(path).startswith(words[1] + ".ko") and path not in \
                getattr(m.facts.kernels.get(words[0]), "files", {}):
            os.unlink(m.path(words[0], path))


def lose_built(m, words):
    """lose-built NAME VERSION K: a built module is lost from the dkms tree."""
    top = f"{m.root}/var/lib/dkms/{words[0]}/{words[1]}/{words[2]}"
    if not any("record" in names for _, _, names in os.walk(top)):
        return                            # if its conf went, too, nobody could tell what is installed of it
    for where, _, names in os.walk(top):
        for name in names:
            if ".ko" in name:
                os.unlink(os.path.join(where, name))
                return


def foreign(m, _words):
    """foreign: the tree as DKMS would have left it, without what only dkms-native writes."""
    top = m.root + "/var/lib/dkms"
    shutil.rmtree(top + "/.native", ignore_errors=True)
    for where, _, names in os.walk(top):
        for name in names:
            if name == "record":
                os.unlink(os.path.join(where, name))


DO = {name.replace("_", "-"): globals()[name] for name in
      ("kernel kernel_new kernel_gone headers headers_new headers_gone original original_gone file file_gone "
       "ship ship_beside repack purge back unpack edit vanish refuse no_autoinstall fault lose lose_built "
       "foreign").split()}
