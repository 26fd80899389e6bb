"""What a start has loaded is not searched for garbage; what comes later is."""

import subprocess
import sys

PROGRAM = """
import gc, weakref
from bot.ops.garbage import NEW_OBJECTS, look_for_garbage_seldom

class Knot:
    def __init__(self):
        self.self = self

def forgotten():
    return weakref.ref(Knot())

loaded = len(gc.get_objects())
look_for_garbage_seldom()
knot = forgotten()
print(len(gc.get_objects()) < loaded / 10, gc.get_threshold()[0] == NEW_OBJECTS)
kept = [[] for _ in range(2 * NEW_OBJECTS)]
print(knot() is None)
"""


def test_garbage_is_looked_for_among_what_came_after_the_start() -> None:
    told = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True
    )
    assert told.stdout.split() == ["True"] * 3
