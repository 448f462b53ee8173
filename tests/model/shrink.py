# SPDX-License-Identifier: GPL-2.0-or-later
"""The shortest sequence that still shows a violation of the same law."""


def shrink(play, lines, violation):
    """play(lines) gives (violation or None, number of the step)."""
    def still(tried):
        found, at = play(tried)
        return (tried[:at + 1], found) if found and found.law == violation.law else None

    best, size = lines, max(1, len(lines) // 2)
    while size:
        at = len(best) - 1 - size
        while at >= 0:
            head = best[0].startswith("machine ")
            if not (head and at == 0):
                smaller = still(best[:at] + best[at + size:])
                if smaller:
                    best, violation = smaller
                    at = min(at, len(best) - 1)
            at -= size
        size //= 2
    for at in range(len(best)):
        for word in best[at].split()[1:]:
            if "=" in word or word in ("unowned", "stray"):
                smaller = still(best[:at] + [" ".join(w for w in best[at].split() if w != word)] + best[at + 1:])
                if smaller and len(smaller[0]) == len(best):
                    best, violation = smaller
    return best, violation
