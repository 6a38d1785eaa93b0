"""A dashboard of its own for each test, and a real Chromium to use it with."""

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.helpers.project import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass
class Server:
    """A dashboard of its own: where it answers, and its process."""

    port: int
    log: Path
    process: subprocess.Popen = field(init=False)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts it, also again after its process has ended, and returns when it answers."""
        command = [sys.executable, "-m", "fer_core", "dashboard", "--port", str(self.port)]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
            )
        _wait_until_healthy(f"{self.address}/_stcore/health", self.process)


@pytest.fixture
def address(server: Server) -> str:
    """The address of a dashboard that serves this test's workspace."""
    return server.address


@pytest.fixture
def server(workspace: Path) -> Iterator[Server]:
    """A dashboard that serves this test's workspace."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    workspace.mkdir(parents=True)
    server = Server(port, workspace / "server.log")
    try:
        server.start()
        yield server
    finally:
        server.process.terminate()
        server.process.wait(timeout=30)
        _stop_runs(workspace)


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    """A real Chromium, started once for the tests of a file; each has a profile of its own in it."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        pytest.skip("there is no Chromium; install it, or name it in the environment variable CHROMIUM")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: "Browser", address: str) -> "Iterator[Page]":
    """A page of its own; the test fails where the page shows an exception."""
    page = chromium.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(60_000)
    yield page
    shown = page.locator('[data-testid="stException"]').all_inner_texts()
    for context in chromium.contexts:
        context.close()
    assert not shown, shown


def _wait_until_healthy(url: str, server: subprocess.Popen) -> None:
    for _ in range(300):
        assert server.poll() is None, "the dashboard ended"
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            try:
                server.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                continue
    raise AssertionError(f"{url} did not answer")


def _stop_runs(workspace: Path) -> None:
    from fer_core.runners.follow import stop_and_wait
    from fer_core.runs.find import list_runs

    for run in list_runs():
        if run.state in ("running", "queued"):
            stop_and_wait(run)
