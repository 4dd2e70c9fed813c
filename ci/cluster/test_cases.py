"""That every acceptance case is on its module's list, and has a title of its own."""

import unittest

from cases import CASES, MODULES
from cases.case import Case


class Cases(unittest.TestCase):
    def test_no_case_is_forgotten(self) -> None:
        for module in MODULES:
            defined = [value for value in vars(module).values() if isinstance(value, Case)]
            self.assertCountEqual([case.title for case in defined], [case.title for case in module.CASES])

    def test_titles_differ(self) -> None:
        titles = [case.title for case in CASES]
        self.assertEqual(len(titles), len(set(titles)))


if __name__ == "__main__":
    unittest.main()
