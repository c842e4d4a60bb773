"""Builds what pages need into the wheel: the theme, scripts, fonts for print, and the catalogues of words."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuildFrontend(BuildHookInterface[Any]):
    """Runs `script/frontend` before a wheel is put together, with the Python and Node.js of the build's own environment."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Build, or end the making of the wheel. An editable install builds nothing: `script/setup` has done it."""
        if version == "editable":
            return
        script = Path(self.root) / "script" / "frontend"
        environment = os.environ | {"OPENROLL_BUILD_PYTHON": sys.executable}
        subprocess.run(["bash", str(script)], check=True, env=environment)  # noqa: S603, S607 - our own script
