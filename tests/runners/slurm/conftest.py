"""A real Slurm of one node, for the tests of this folder: munged, slurmctld and slurmd in a temporary folder."""

import getpass
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

_CONF = """
ClusterName=test
SlurmctldHost=localhost(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
SlurmctldPort={controller_port}
SlurmdPort={node_port}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
StateSaveLocation={folder}
SlurmdSpoolDir={folder}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SchedulerParameters=sched_min_interval=0,sched_interval=1,batch_sched_delay=0
ReturnToService=2
KillWait=5
NodeName=localhost NodeAddr=127.0.0.1 CPUs=2 RealMemory=8192 State=UNKNOWN
PartitionName=main Nodes=localhost Default=YES State=UP
"""


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The slurm.conf of a cluster whose one node of two cores is idle; skips where there can be none."""
    for program in ("munged", "slurmctld", "slurmd"):
        if shutil.which(program, path=_path()) is None:
            pytest.skip(f"{program} is not installed (apt-get install slurm-wlm munge)")
    folder = tmp_path_factory.mktemp("slurm")
    folder.chmod(0o711)
    conf = folder / "slurm.conf"
    ports = dict(zip(("controller_port", "node_port"), _free_ports(2), strict=True))
    conf.write_text(_CONF.format(folder=folder, user=getpass.getuser(), **ports))
    daemons = []
    try:
        daemons.append(_start_munge(folder))
        _wait(folder, daemons, (folder / "munge.socket").exists)
        daemons.append(_start(folder, "slurmctld", "-D", "-i"))
        daemons.append(_start(folder, "slurmd", "-D", "-N", "localhost"))
        _wait(folder, daemons, lambda: _ask(conf, "sinfo", "--noheader", "--format=%T") == "idle")
        yield conf
    finally:
        if len(daemons) == 3:  # else a job's processes would outlive their cluster
            _until(lambda: _ask(conf, "squeue", "--noheader") == "", timeout_s=20)
        for daemon in reversed(daemons):
            daemon.terminate()
            daemon.wait(timeout=20)


@pytest.fixture(autouse=True)
def use_cluster(cluster: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lets Slurm's commands find the cluster, and leaves no job in it."""
    monkeypatch.setenv("SLURM_CONF", str(cluster))
    yield
    _ask(cluster, "scancel", "--signal=KILL", "--full", f"--user={os.getuid()}")
    _ask(cluster, "scancel", f"--user={os.getuid()}")


def _start_munge(folder: Path) -> "subprocess.Popen[bytes]":
    key = folder / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    files = [f"--{name}-file={folder}/munge.{name}" for name in ("key", "pid", "seed", "log")]
    return _start(folder, "munged", "--foreground", "--force", f"--socket={folder}/munge.socket", *files)


def _start(folder: Path, program: str, *arguments: str) -> "subprocess.Popen[bytes]":
    with (folder / f"{program}.out").open("wb") as output:
        return subprocess.Popen(
            [shutil.which(program, path=_path()) or program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "SLURM_CONF": str(folder / "slurm.conf")},
        )


def _wait(folder: Path, daemons: "list[subprocess.Popen[bytes]]", ready: Callable[[], bool]) -> None:
    """Waits until the daemons are ready; skips with their own words when one ends or 30 s are over."""

    def ended() -> list[str]:
        return [daemon.args[0] for daemon in daemons if daemon.poll() is not None]

    _until(lambda: bool(ended()) or ready(), timeout_s=30)
    if ended() or not ready():
        words = "\n".join(path.read_text()[-500:] for path in sorted(folder.glob("*.out")))
        pytest.skip(f"Slurm does not start here: {ended() or 'no idle node in 30 s'}\n{words}")


def _until(condition: Callable[[], bool], timeout_s: float) -> None:
    """Waits until the condition holds, or the time is over."""
    ends, tick = time.monotonic() + timeout_s, threading.Event()
    while not condition() and time.monotonic() < ends:
        tick.wait(0.05)


def _ask(conf: Path, *command: str) -> str:
    env = {**os.environ, "SLURM_CONF": str(conf)}
    return subprocess.run(command, capture_output=True, text=True, env=env, timeout=30, check=False).stdout.strip()


def _path() -> str:
    return os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])  # where Debian keeps daemons


def _free_ports(n: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
