#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""terminal.py [--columns N] [--narrow WHEN:N] [--type WHEN:TEXT]... COMMAND... - run a
command on a terminal of its own and print what comes out of it, byte for byte. --type types TEXT, in
which ^C is Ctrl-C, and --narrow makes the terminal N columns wide. WHEN is a text that has come out, or
a number of seconds after the one before. Ends with the command's status."""
import argparse
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

parser = argparse.ArgumentParser()
parser.add_argument("--columns", type=int, default=80)
parser.add_argument("--narrow", default="")
parser.add_argument("--type", action="append", default=[])
parser.add_argument("command", nargs=argparse.REMAINDER)
args = parser.parse_args()


def resize(fd, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


pid, fd = pty.fork()
if pid == 0:
    resize(0, args.columns)
    os.execvp(args.command[0], args.command)


def is_time(when):
    try:
        return time.monotonic() - last >= float(when)
    except ValueError:
        return when.encode() in seen


last = time.monotonic()
seen = b""
todo = []
for what in args.type:
    moment, text = what.rsplit(":", 1)
    todo.append((moment, text.replace("^C", "\x03")))
if args.narrow:
    moment, columns = args.narrow.rsplit(":", 1)
    todo.append((moment, int(columns)))
while True:
    ready, _, _ = select.select([fd], [], [], 0.05)
    if ready:
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        sys.stdout.buffer.write(data)
        seen += data
    while todo and is_time(todo[0][0]):
        what = todo.pop(0)[1]
        last = time.monotonic()
        if isinstance(what, int):
            resize(fd, what)
        else:
            os.write(fd, what.encode())
sys.stdout.buffer.flush()
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.exit(128 - status if status < 0 else status)
