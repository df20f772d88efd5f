# Tests of counting: every runner's summary is read, and a run that ends badly is never counted as passed.
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from counts import Counts, count_cases  # noqa: E402


class Counting(unittest.TestCase):
    def test_doctest(self):
        output = "[doctest] test cases:   12 |   10 passed | 2 failed | 3 skipped\n[doctest] assertions: 9 | 8 passed | 1 failed |\n"
        self.assertEqual(Counts(10, 2, 3), count_cases(output, 1))

    def test_a_sanitizer_report_after_all_passed_is_a_failure(self):
        output = "[doctest] test cases: 12 | 12 passed | 0 failed | 0 skipped\n==1==ERROR: LeakSanitizer\n"
        self.assertEqual(Counts(12, 1, 0), count_cases(output, 23))

    def test_a_crash_without_summary_is_a_failure(self):
        self.assertEqual(Counts(0, 1, 0), count_cases("Segmentation fault", -11))

    def test_a_runner_without_summary_is_one_case(self):
        self.assertEqual(Counts(1, 0, 0), count_cases("fine\n", 0))

    def test_a_runner_that_lacks_what_it_needs_is_skipped(self):
        self.assertEqual(Counts(0, 0, 1), count_cases("", 77))

    def test_a_line_of_our_own(self):
        self.assertEqual(Counts(5, 0, 1), count_cases("x\nwasm-cases: 5 passed, 0 failed, 1 skipped\n", 0))

    def test_unittest(self):
        self.assertEqual(Counts(3, 1, 1), count_cases("Ran 5 tests in 0.1s\n\nFAILED (failures=1, skipped=1)\n", 1))
        self.assertEqual(Counts(4, 0, 0), count_cases("Ran 4 tests in 0.1s\n\nOK\n", 0))

    def test_tap(self):
        output = "TAP version 13\n1..3\nok 1 - a # time=1ms\nnot ok 2 - b\nok 3 - c # SKIP\n"
        self.assertEqual(Counts(1, 1, 1), count_cases(output, 1))

    def test_node(self):
        output = "# tests 5\n# pass 3\n# fail 1\n# cancelled 0\n# skipped 1\n# todo 0\n"
        self.assertEqual(Counts(3, 1, 1), count_cases(output, 1))


if __name__ == "__main__":
    unittest.main()
