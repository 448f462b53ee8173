#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tests/model/model, once it is in the world of the tests."""
import argparse
import json
import os
import random
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import against  # noqa: E402
from generate import sequence, swap  # noqa: E402
from laws import LAWS, Run, Violation  # noqa: E402
from machine import Machine  # noqa: E402
from shrink import shrink  # noqa: E402


def play(machine, lines, laws, trace=None):
    """Returns None, or (violation, the number of the step)."""
    distro = "debian"
    lines = list(lines)
    if lines and lines[0].startswith("machine "):
        distro = lines[0].split()[1]
    run = Run(machine, distro, laws, trace)
    n = 0
    try:
        for n, line in enumerate(lines):
            if not line.startswith("machine "):
                run.step(line)
    except Violation as violation:
        return violation, n, run
    except subprocess.TimeoutExpired as hang:
        words = " ".join(hang.cmd[1:-2])
        return Violation("exit", f"dkms {words} does not end: {'; '.join(machine.stuck)}"), n, run
    return None, n, run


def read_case(path):
    with open(path, encoding="utf-8") as f:
        return [line.strip() for line in f if line.strip() and not line.startswith("#")]


def tell(lines, violation, seed=None):
    print(f"VIOLATION of {violation.law}: {violation.text}")
    for line in lines:
        print(f"  {line}")
    if seed is not None:
        print(f"  again: tests/model/model --seed {seed} --sequences 1")
    sys.stdout.flush()


def in_order(machine, rng, lines, laws):
    """The law of order: the same with two steps swapped."""
    both = swap(rng, lines)
    if both is None or "order" not in laws:
        return None
    found = []
    for tried in both:
        violation, _, run = play(machine, tried, ())
        if violation:
            return None
        found.append({(k, m): tag for k, modules in run.loaders().items() for m, tag in modules.items()})
    differ = [f"{m} of {k} is {found[0].get((k, m))} or {found[1].get((k, m))}"
              for k, m in sorted(set(found[0]) | set(found[1])) if found[0].get((k, m)) != found[1].get((k, m))]
    if not differ:
        return None
    return Violation("order", f"the last two with their events in the other order: {'; '.join(differ)}"), both[0]


def job(args, number):
    machine = Machine(args.work, f"{args.work}/root{number}", args.dkms)
    result = {"sequences": 0, "steps": 0, "calls": 0, "found": []}
    end = time.monotonic() + args.seconds
    known = set()
    for n in range(number, args.sequences, args.jobs):
        if time.monotonic() >= end:
            break
        seed = args.seed + n
        rng = random.Random(seed)
        lines = sequence(rng, args.steps)
        violation, at, run = play(machine, lines, args.laws)
        result["sequences"] += 1
        result["steps"] += run.done
        if violation is None and rng.random() < (1 if args.laws == ["order"] else 0.2):
            violation, lines = in_order(machine, rng, lines, args.laws) or (None, lines)
            at = len(lines) - 1
        if violation is None:
            continue
        small = lines[:at + 1]
        if violation.law != "order" and not args.whole and not args.first:
            small, violation = shrink(lambda tried: play(machine, tried, args.laws)[:2], small, violation)
        key = violation.law + " " + " ".join(line.split()[0] for line in small)
        result["found"].append(violation.law)
        if key not in known:
            known.add(key)
            tell(small, violation, seed)
            if args.keep:
                os.makedirs(args.keep, exist_ok=True)
                with open(f"{args.keep}/{violation.law}-{seed}.case", "w", encoding="utf-8") as f:
                    f.write(f"# {violation.law}: {violation.text}\n" + "\n".join(small) + "\n")
        if args.first:
            break
    result["calls"] = machine.calls
    with open(f"{args.work}/result{number}", "w", encoding="utf-8") as f:
        json.dump(result, f)


def side_by_side(args, number):
    """The job of --against-dkms."""
    def differs(seed, lines, context):
        print(f"DIFFERENCE that dkms(8) does not name, seed {seed}:")
        for line in lines:
            print(f"  {line}")
        print(context.text(), flush=True)
    with open(f"{args.work}/result{number}", "w", encoding="utf-8") as f:
        json.dump(against.run(args, number, differs), f)


def cases(args):
    bad = 0
    machine = Machine(args.work, f"{args.work}/root0", args.dkms)
    for path in args.case:
        lines = read_case(path)
        violation, at, _ = play(machine, lines, args.laws, sys.stdout.write if args.trace else None)
        name = os.path.basename(path)
        if violation:
            bad += 1
            print(f"FAIL {name}: step {at + 1} ({lines[at]}): {violation}")
        else:
            print(f"ok {name}")
    print(f"{len(args.case)} cases, {bad} failed")
    sys.exit(1 if bad else 0)


def arguments():
    parser = argparse.ArgumentParser(prog="model")
    parser.add_argument("--dkms", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--work", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--sequences", type=int, default=1 << 40)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--case", action="append", default=[])
    parser.add_argument("--laws", default=",".join(LAWS))
    parser.add_argument("--keep", help="write each violation to a file there")
    parser.add_argument("--first", action="store_true", help="end with the first violation, do not shrink it")
    parser.add_argument("--whole", action="store_true", help="do not shrink")
    parser.add_argument("--skip", help="pass over violations whose text this expression finds")
    parser.add_argument("--against-dkms", metavar="FOLDER", help=argparse.SUPPRESS)
    parser.add_argument("--trace", action="store_true", help="show what dkms says in a case")
    args = parser.parse_args()
    args.laws = args.laws.split(",")
    if args.seed is None:
        args.seed = random.SystemRandom().randrange(1, 1 << 31)
    for law in args.laws:
        if law not in LAWS:
            parser.error(f"no law is called {law}; there are {', '.join(LAWS)}")
    return args


def main():
    args = arguments()
    Run.skip = args.skip
    if args.case:
        cases(args)
    print(f"seed {args.seed}", flush=True)
    begun = time.monotonic()
    children = []
    for number in range(args.jobs):
        pid = os.fork()
        if pid == 0:
            (side_by_side if args.against_dkms else job)(args, number)
            sys.stdout.flush()
            os._exit(0)
        children.append(pid)
    bad = 0
    for pid in children:
        bad |= os.waitpid(pid, 0)[1]
    total = {"sequences": 0, "steps": 0, "calls": 0, "found": []}
    known = {}
    for number in range(args.jobs if not bad else 0):
        with open(f"{args.work}/result{number}", encoding="utf-8") as f:
            result = json.load(f)
        for name, count in result.pop("known", {}).items():
            known[name] = known.get(name, 0) + count
        for key, value in result.items():
            total[key] += value
    if bad or not total["sequences"]:
        sys.exit("model: it ended before its time")
    seconds = int(time.monotonic() - begun)
    if args.against_dkms:
        for name, count in sorted(known.items()):
            print(f"  {name}: {count}")
        print(f"{total['sequences']} sequences, {total['steps']} verbs given to both, {sum(known.values())} differences that "
              f"dkms(8) names, {len(total['found'])} others, {seconds} s")
        sys.exit(1 if total["found"] else 0)
    for law in sorted(set(total["found"])):
        print(f"  {law}: {total['found'].count(law)}")
    print(f"{total['sequences']} sequences, {total['steps']} steps, {total['calls']} calls of dkms, "
          f"{len(total['found'])} violations, {seconds} s")
    sys.exit(1 if total["found"] else 0)


if __name__ == "__main__":
    main()
