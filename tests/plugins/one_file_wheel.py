"""A build backend for a module in one file: what stands in pyproject.toml, as a wheel.

A distribution that names it builds with no package index, on every Python of this project.
"""

import tomllib
import zipfile
from pathlib import Path

WHEEL = "Wheel-Version: 1.0\nGenerator: one_file_wheel\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Write the wheel of the folder it is called in; its file name."""
    project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
    stem = f"{project['name'].replace('-', '_')}-{project['version']}"
    required = "".join(f"Requires-Dist: {one}\n" for one in project["dependencies"])
    points = "".join(
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in named.items())
        for group, named in project["entry-points"].items()
    )
    files = {path.name: path.read_text("utf-8") for path in sorted(Path().glob("*.py"))}
    files |= {
        f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {project['name']}\n"
        f"Version: {project['version']}\n{required}",
        f"{stem}.dist-info/WHEEL": WHEEL,
        f"{stem}.dist-info/entry_points.txt": points,
    }
    files[f"{stem}.dist-info/RECORD"] = "".join(
        f"{name},,\n" for name in (*files, f"{stem}.dist-info/RECORD")
    )
    made = f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(Path(wheel_directory) / made, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    return made
