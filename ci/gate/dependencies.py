"""Judges `cargo metadata` on standard input: licences that may be shipped, one TLS stack, no second version of its
parts."""

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

ALLOWED = {
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "ISC",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "Zlib",
    "Unicode-3.0",
    "CDLA-Permissive-2.0",
    "BSL-1.0",
    "CC0-1.0",
    "0BSD",
    "Unlicense",
}
# A second TLS stack could slip in by a default feature; these bring C compilers or a system's OpenSSL with them.
BANNED = {"aws-lc-sys", "aws-lc-rs", "openssl-sys", "native-tls"}
ONE_VERSION = {"hyper", "rustls", "reqwest", "tokio", "ring", "h2"}


def allowed(expression: str) -> bool:
    """True where every side of an AND has a side of an OR that may be shipped.

    Parentheses hold only ORs in practice."""
    expression = expression.replace("/", " OR ")
    terms = re.split(r"\s+AND\s+", expression)
    return all(any(side.strip(" ()") in ALLOWED for side in re.split(r"\s+OR\s+", term)) for term in terms)


def faults(packages: list[dict[str, Any]]) -> Iterator[str]:
    versions: dict[str, set[str]] = {}
    for package in packages:
        name, version = package["name"], package["version"]
        versions.setdefault(name, set()).add(version)
        if not allowed(package.get("license") or "none given"):
            yield f"{name} {version}: licence {package.get('license')}"
        if name in BANNED:
            yield f"{name} {version}: a second TLS stack"
    for name in sorted(ONE_VERSION):
        found = versions.get(name, set())
        if len(found) > 1:
            yield f"{name}: {len(found)} versions, {', '.join(sorted(found))}"


def main() -> int:
    packages = json.load(sys.stdin)["packages"]
    wrong = list(faults(packages))
    for line in wrong:
        print(line)
    print(f"{len(packages)} packages, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
