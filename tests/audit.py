"""`make audit`: what runs in production, as an SBOM, and whether anything in it is known to be vulnerable.

pip-audit asks PyPI about each locked package. Where PyPI (or a mirror in its place) doesn't know one, pip-audit leaves
it out and still says "No known vulnerabilities found"; here that is no answer, and the exit status is 2.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from tests.project.paths import PROJECT

LOCK = PROJECT / "requirements" / "run.txt"
SBOM = Path("sbom.cdx.json")
_PACKAGE = re.compile(r"([a-z0-9.-]+)(?:\[[a-z0-9,-]+\])?==([^ ]+) ")


@dataclass(frozen=True)
class Verdict:
    """What came of asking about `asked` packages: each is answered, or among the `unanswered`."""

    asked: int
    vulnerable: Sequence[str]
    unanswered: Sequence[str]

    @property
    def status(self) -> int:
        """The exit status: 0 if all is known to be well, 1 for vulnerabilities, 2 if that isn't known of everything."""
        return 1 if self.vulnerable else 2 if self.unanswered or not self.asked else 0

    def lines(self) -> list[str]:
        """Say it."""
        answered = self.asked - len(self.unanswered)
        found = [f"VULNERABLE  {each}" for each in self.vulnerable]
        if self.unanswered:
            found.append(f"NOT KNOWN   PyPI gave no answer about {', '.join(self.unanswered)}")
        return [*found, f"{answered} of {self.asked} packages were looked up; {len(self.vulnerable)} are vulnerable."]


def locked(lock: Path = LOCK) -> dict[tuple[str, str], list[str]]:
    """Return the hashes of each locked package, by name and version."""
    entries = re.split(r"\n(?! )", lock.read_text())  # the lines of one are indented
    return {
        (found[1], found[2]): re.findall(r"--hash=sha256:([0-9a-f]{64})", entry)
        for entry in entries
        if (found := _PACKAGE.match(entry))
    }


def sbom(packages: Mapping[tuple[str, str], Sequence[str]]) -> str:
    """Return the packages as a CycloneDX document."""
    bom = Bom(
        components=[
            Component(
                name=name,
                version=version,
                type=ComponentType.LIBRARY,
                purl=PackageURL("pypi", None, name, version),
                hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each) for each in hashes],
            )
            for (name, version), hashes in packages.items()
        ]
    )
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def verdict(packages: Mapping[tuple[str, str], Sequence[str]], report: Mapping[str, Any]) -> Verdict:
    """Read the report of pip-audit, which may lack packages, or say that it left them out."""
    answered = {each["name"]: each for each in report.get("dependencies", ()) if "skip_reason" not in each}
    return Verdict(
        len(packages),
        [
            f"{name} {version}: {one['id']}, fixed in {', '.join(one['fix_versions']) or 'no version yet'}"
            for name, version in packages
            if name in answered
            for one in answered[name]["vulns"]
        ],
        [name for name, _ in packages if name not in answered],
    )


def main() -> int:
    packages = locked()
    SBOM.write_text(sbom(packages))
    print(f"{SBOM} lists {len(packages)} packages.")
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "-r", str(LOCK), "-f", "json"]
    asked = subprocess.run([*command, "--progress-spinner", "off"], capture_output=True, text=True, check=False)
    try:
        report = json.loads(asked.stdout)
    except ValueError:
        print(asked.stderr.strip().rpartition("\n")[2])
        report = {}
    found = verdict(packages, report)
    print("\n".join(found.lines()))
    return found.status


if __name__ == "__main__":
    sys.exit(main())
