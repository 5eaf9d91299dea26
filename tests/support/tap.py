"""TAP, as little of it as the tests need."""

import signal
import sys
import traceback


WORDS = 3               # of a text, at least


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def ok(self, good, text, *why):
        """One test; what is given as why is printed if it fails.  So does a
        text that cannot be a sentence."""
        if len(text.split()) < WORDS:
            good, why = False, ["the text has fewer than %d words" % WORDS]
        self.count += 1
        print("%s %d - %s" % ("ok" if good else "not ok", self.count,
                              text.replace("#", "no.")))
        if not good:
            self.failed += 1
            for line in "\n".join(str(w) for w in why).splitlines()[:40]:
                print("#   " + line)
        sys.stdout.flush()
        return good

    def same(self, got, want, text):
        return self.ok(got == want, text, "got      %r" % (got,),
                       "expected %r" % (want,))

    def none(self, wrong, text):
        """Many small checks as one test: wrong lists those that failed."""
        return self.ok(not wrong, text, *wrong)

    def skip(self, text, reason):
        self.count += 1
        print("ok %d - %s # SKIP %s" % (self.count, text, reason))


def _leave(number, frame):
    sys.exit(128 + number)


# What atexit has to stop must be stopped then as well.
for _signal in signal.SIGHUP, signal.SIGTERM:
    signal.signal(_signal, _leave)


def run(tests, last=None):
    """Run the functions in tests, each with the Tap, then last; exit."""
    t = Tap()
    for test in list(tests) + ([last] if last else []):
        try:
            test(t)
        except Exception:
            t.ok(False, "%s ran to its end" % test.__name__,
                 traceback.format_exc())
    print("1..%d" % t.count)
    sys.exit(1 if t.failed else 0)
