"""That the gate sees a function that is too long, and a check's mod.rs."""

import tempfile
import unittest
from pathlib import Path

from lengths import CHECK, LONGEST_FUNCTION, faults, long_functions


def function(lines: int) -> str:
    return "def one():\n" + "    pass\n" * (lines - 1)


class Lengths(unittest.TestCase):
    def test_a_function_may_be_as_long_as_the_limit(self) -> None:
        self.assertEqual(list(long_functions(function(LONGEST_FUNCTION))), [])

    def test_a_longer_function_is_named_with_its_line(self) -> None:
        source = "# a comment\n" + function(LONGEST_FUNCTION + 1)
        self.assertEqual(list(long_functions(source)), [(2, "one", LONGEST_FUNCTION + 1)])

    def test_a_file_may_be_longer_than_its_functions(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "long.py")
            file.write_text(function(LONGEST_FUNCTION) * 20)
            self.assertEqual(list(faults(file)), [])

    def test_a_check_is_known_by_its_place(self) -> None:
        self.assertTrue(CHECK.fullmatch("checks/storage/oss_write/mod.rs"))
        self.assertFalse(CHECK.fullmatch("checks/storage/mod.rs"))


if __name__ == "__main__":
    unittest.main()
