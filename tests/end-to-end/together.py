# Tests that mostly wait for servers, several at once.
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

AT_ONCE = 5


class Noted(unittest.TestResult):
    """Keeps what a test says of itself, to be said again to the result that counts."""

    def __init__(self):
        super().__init__()
        self.said = []

    def __getattribute__(self, name):
        if not name.startswith("add") and name not in ("startTest", "stopTest"):
            return super().__getattribute__(name)
        return lambda *words: self.said.append((name, words))


class Together(unittest.TestSuite):
    """Each test with servers and a folder of its own. A test stays on one thread: programs that die with it are its own."""

    def run(self, result, debug=False):
        lock = threading.Lock()

        def one(test):
            noted = Noted()
            test.run(noted)
            with lock:
                for name, words in noted.said:
                    getattr(result, name)(*words)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            for done in [pool.submit(one, test) for test in self.flat(self)]:
                done.result()
        return result

    @classmethod
    def flat(cls, suite):
        for test in suite:
            if isinstance(test, unittest.TestSuite):
                yield from cls.flat(test)
            else:
                yield test


class Loader(unittest.TestLoader):
    def loadTestsFromModule(self, module, **more):
        return Together([super().loadTestsFromModule(module, **more)])


def main():
    unittest.main(testLoader=Loader())
