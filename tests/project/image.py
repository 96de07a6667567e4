"""Builds the image and runs commands in it, with the first container engine that works on this machine.

docker and podman run a container as an operator would. buildah needs no daemon and no right to make namespaces; it runs
commands in a chroot on this machine's network, without HEALTHCHECK and without limits on what the container may do.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.project.paths import BIN, PROJECT

NAME = "localhost/winsome"
BASE = "docker.io/library/python:3.11-slim"
BUILDAH = {"BUILDAH_ISOLATION": "chroot", "STORAGE_DRIVER": "vfs"}
LIMITS = ["--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges"]


def engine() -> str:
    """Return the first engine that works here. Raises LookupError if there is none."""
    for name in ("docker", "podman", "buildah"):
        if shutil.which(name) and subprocess.run([name, "info"], capture_output=True, check=False).returncode == 0:
            return name
    raise LookupError("No container engine works here. Install buildah, or try `make container-steps`.")


def build(name: str) -> None:
    """Build the image from the Dockerfile. podman and buildah need the docker format for the HEALTHCHECK."""
    if name != "buildah":
        options = ["--format=docker"] if name == "podman" else []
        _engine(name, "build", *options, "--tag", NAME, ".")
        return
    if not _engine("buildah", "images", "--quiet", "--filter", f"reference={BASE}"):
        _pull_or_make_base()
    with tempfile.TemporaryDirectory() as folder:
        wheels = _download(Path(folder))
        _engine("buildah", "bud", "--format=docker", "--pull=false", *wheels, "--tag", NAME, ".")


@contextmanager
def container(name: str, env: Mapping[str, str]) -> Iterator[list[str]]:
    """Make a container on this machine's network; yield the command that runs another command in it."""
    variables = [f"--env={key}={value}" for key, value in env.items()]
    if name == "buildah":
        made = _engine("buildah", "from", "--pull=false", NAME)
        try:
            yield [
                "env",
                *(f"{key}={value}" for key, value in BUILDAH.items()),
                "buildah",
                "run",
                *variables,
                made,
                "--",
            ]
        finally:
            _engine("buildah", "rm", made)
        return
    made = _engine(name, "run", "--detach", "--rm", "--network=host", *LIMITS, *variables, NAME, "sleep", "infinity")
    try:
        yield [name, "exec", made]
    finally:
        _engine(name, "rm", "--force", made)


def size(name: str) -> str:
    """Return the image's size in the engine's words."""
    return _engine(name, "images", "--format", "{{.Size}}", NAME)


def _engine(name: str, *arguments: str) -> str:
    env = {**BUILDAH, **os.environ}
    return subprocess.run(
        [name, *arguments], cwd=PROJECT, env=env, stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()


def _pull_or_make_base() -> None:
    """Pull the base image. Without access to its registry, make one with Debian's own Python, which is also 3.11."""
    try:
        _engine("buildah", "pull", BASE)
    except subprocess.CalledProcessError:
        with tempfile.TemporaryDirectory() as folder:
            archive = f"{folder}/base.tar"
            packages = "--include=python3,python3-venv,ca-certificates"
            subprocess.run(["mmdebstrap", "--variant=minbase", packages, "bookworm", archive], check=True)
            made = _engine("buildah", "from", "scratch")
            _engine("buildah", "add", made, archive, "/")
            _engine("buildah", "run", made, "--", "ln", "-s", "/usr/bin/python3", "/usr/local/bin/python")
            _engine("buildah", "commit", "--rm", made, BASE)


def _download(folder: Path) -> list[str]:
    """Download what the build installs with this machine's pip settings, and return the options that offer it."""
    requirements = ["--require-hashes", "-r", "requirements/build.txt", "-r", "requirements/run.txt"]
    only = ["--only-binary=:all:", "--python-version=3.11"]
    subprocess.run([BIN / "pip", "download", "--quiet", *only, *requirements, "-d", folder], cwd=PROJECT, check=True)
    settings = folder / "pip.conf"
    settings.write_text("[global]\nno-index = true\nfind-links = /wheels\n")
    return [f"--volume={folder}:/wheels:ro", f"--volume={settings}:/etc/pip.conf:ro"]
