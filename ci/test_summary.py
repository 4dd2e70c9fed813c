"""That `.ci/run` cannot pass over what it should see."""

import tempfile
import unittest
from pathlib import Path

import summary
from summary import Suite, read_allowed, read_suite, summarise

ALLOWED = read_allowed("# a comment\n\npeers/no-*  some machines have none\n")


def judge(*suites: Suite, expected: str = "peers") -> tuple[str, bool]:
    lines, passed = summarise(list(suites), expected.split(), ALLOWED)
    return "\n".join(lines), passed


class Skips(unittest.TestCase):
    def test_a_skip_that_is_not_listed_fails_the_run(self) -> None:
        printed = "SKIPPED peers/all: the peer is not here\n0 passed, 0 failed, 1 skipped\n"
        text, passed = judge(read_suite("peers", 0, 1, printed))
        self.assertFalse(passed)
        self.assertIn("peers/all: the peer is not here\n    NOT ALLOWED", text)
        self.assertEqual(text.splitlines()[-1], "0 passed, 1 failed, 1 skipped")

    def test_a_skip_that_is_listed_is_shown_with_both_reasons(self) -> None:
        printed = "SKIPPED peers/no-engine: nothing answers\n3 passed, 0 failed, 1 skipped\n"
        text, passed = judge(read_suite("peers", 0, 1, printed))
        self.assertTrue(passed)
        self.assertIn("peers/no-engine: nothing answers\n    allowed: some machines have none", text)
        self.assertEqual(text.splitlines()[-1], "3 passed, 0 failed, 1 skipped")

    def test_a_skip_that_is_counted_and_not_named_fails_the_run(self) -> None:
        _, passed = judge(read_suite("peers", 0, 1, "3 passed, 0 failed, 1 skipped\n"))
        self.assertFalse(passed)

    def test_a_skip_is_named_wherever_a_test_runner_indents_it(self) -> None:
        suite = read_suite("peers", 0, 1, "test one ...\n  SKIPPED peers/no-root: root reads all\n1 passed, 0 failed\n")
        self.assertEqual(suite.skipped, {"peers/no-root": "root reads all"})


class Suites(unittest.TestCase):
    def test_a_suite_that_did_not_run_fails_the_run(self) -> None:
        text, passed = judge(read_suite("peers", 0, 1, "1 passed, 0 failed"), expected="peers others")
        self.assertFalse(passed)
        self.assertIn("others: it is on ci/suites and did not run", text)

    def test_a_suite_that_is_not_listed_fails_the_run(self) -> None:
        self.assertFalse(judge(read_suite("new", 0, 1, ""), read_suite("peers", 0, 1, ""))[1])

    def test_a_suite_that_tested_nothing_fails_the_run(self) -> None:
        self.assertFalse(judge(read_suite("peers", 0, 1, "0 passed, 0 failed\n"))[1])

    def test_an_exit_code_is_not_passed_over(self) -> None:
        self.assertFalse(judge(read_suite("peers", 3, 1, "9 passed, 0 failed\n"))[1])
        self.assertFalse(judge(read_suite("peers", 3, 1, ""))[1])

    def test_the_last_count_is_the_suites_own(self) -> None:
        suite = read_suite("peers", 0, 1, "1 passed, 1 failed\nmore\n7 passed, 0 failed\n")
        self.assertEqual((suite.passed, suite.failed), (7, 0))


class Program(unittest.TestCase):
    def test_a_folder_of_a_run_is_judged_by_the_lists_of_the_repository(self) -> None:
        expected = (summary.HERE / "suites").read_text().split()
        for skipped, code in (("", 0), ("SKIPPED run-lab/all: nobody said that it may be\n", 1)):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                (folder / "suites").write_text("".join(f"{suite}\t0\t1\n" for suite in expected))
                for suite in expected:
                    (folder / f"{suite}.log").write_text(skipped if suite == "run-lab" else "")
                self.assertEqual(summary.main(folder), code)


if __name__ == "__main__":
    unittest.main(buffer=True)
