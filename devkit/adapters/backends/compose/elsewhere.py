"""The instances of this backend that run on the engine, whichever project they belong to."""

from pathlib import Path

from devkit.adapters.backends.compose.stack import engine_errors
from devkit.adapters.docker.containers import FOLDER_LABEL, SERVICE_LABEL
from devkit.adapters.docker.engine import find_engine
from devkit.core.errors import DevkitError
from devkit.core.ports import HOST


def running_servers() -> dict[Path, str]:
    """The URL of each running instance by its state folder; nothing where no engine answers."""
    try:
        engine = find_engine()
    except DevkitError:
        return {}
    try:
        with engine_errors():
            rows = engine.client.api.containers(filters={"label": [FOLDER_LABEL, f"{SERVICE_LABEL}=openmeter"]})
    except DevkitError:
        return {}
    finally:
        engine.close()
    return {
        Path(row["Labels"][FOLDER_LABEL]): f"http://{HOST}:{each['PublicPort']}"
        for row in rows
        for each in row.get("Ports") or ()
        if "PublicPort" in each
    }
