"""`make audit` doesn't call well what it wasn't told about, and lists all that is locked."""

import json

from tests import audit

PACKAGES = {("good", "1.0"): ["a" * 64], ("bad", "2.0"): ["b" * 64, "c" * 64]}
GOOD: dict[str, object] = {"name": "good", "version": "1.0", "vulns": []}
BAD: dict[str, object] = {"name": "bad", "version": "2.0", "vulns": []}


def test_it_is_well_only_if_every_package_was_looked_up() -> None:
    found = audit.verdict(PACKAGES, {"dependencies": [GOOD, BAD]})
    assert found.status == 0
    assert found.lines() == ["2 of 2 packages were looked up; 0 are vulnerable."]
    for dependencies in ([], [GOOD], [GOOD, _skipped()]):
        report: dict[str, list[dict[str, object]]] = {"dependencies": dependencies}
        found = audit.verdict(PACKAGES, report)
        assert found.status == 2
        assert "bad" in found.lines()[0]
    assert audit.verdict({}, {}).status == 2, "nothing was looked up"


def _skipped() -> dict[str, object]:
    return {"name": "bad", "skip_reason": "Dependency not found on PyPI and could not be audited: bad (2.0)"}


def test_a_vulnerability_is_named_with_the_version_that_has_it_fixed() -> None:
    known = {"id": "PYSEC-1", "fix_versions": ["2.1"], "aliases": [], "description": "odd"}
    found = audit.verdict(PACKAGES, {"dependencies": [{**BAD, "vulns": [known]}]})
    assert found.status == 1
    assert found.lines()[0] == "VULNERABLE  bad 2.0: PYSEC-1, fixed in 2.1"


def test_the_sbom_lists_every_locked_package_with_all_its_hashes() -> None:
    packages = audit.locked()
    text = audit.LOCK.read_text()
    assert len(packages) == text.count("==")
    assert sum(map(len, packages.values())) == text.count("--hash=sha256:")
    made = json.loads(audit.sbom(packages))
    assert made["bomFormat"] == "CycloneDX"
    listed = {
        (each["name"], each["version"]): sorted(one["content"] for one in each["hashes"]) for each in made["components"]
    }
    assert listed == {package: sorted(hashes) for package, hashes in packages.items()}
    name, version = next(iter(packages))
    assert f"pkg:pypi/{name}@{version}" in str(made)
