"""A monitor's report as text for a terminal and as JSON for programs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openroll.tlog import printable
from openroll.watch.audit.finding import MEANS, Finding
from openroll.watch.audit.report import VisitReport


def as_text(report: VisitReport, folders: Mapping[str, Path]) -> str:
    """The report as short text. `folders` gives each fault's evidence folder by its name."""
    nothing = "nothing could be read" if report.trouble and not report.faults else "no head that verifies"
    head = f"{report.size:,} entries, root {report.root}" if report.root else nothing
    lines = [f"{_VERDICTS[report.status]} {report.log}: {head}"]
    for fault in report.faults:
        lines += [f"  FAULT {fault.kind}: {MEANS[fault.kind]}", f"    {fault.what}"]
        lines += [f"    Evidence: {folders[fault.name]}"] if fault.name in folders else []
    lines += [f"  Warning: {one}." for one in report.warnings]
    lines += [f"  Could not look: {one}." for one in report.trouble]
    lines += [f"  Checked: {one}." for one in report.checked]
    lines += [f"  Not checked: {one}." for one in report.not_checked]
    return "".join(f"{printable(line)}\n" for line in lines)


_VERDICTS = {0: "GOOD.", 1: "NOT GOOD.", 2: "NOT ALL LOOKED AT."}


def as_json(report: VisitReport, folders: Mapping[str, Path], fresh: set[str]) -> dict[str, Any]:
    """The report as JSON: `status` is the exit status, `new` marks faults that were not reported before."""
    return {
        "log": report.log,
        "status": report.status,
        "size": report.size,
        "root": report.root,
        "read": report.read,
        "faults": [_fault(fault, folders, fresh) for fault in report.faults],
        "warnings": report.warnings,
        "could_not_look": report.trouble,
        "checked": report.checked,
        "not_checked": report.not_checked,
    }


def _fault(fault: Finding, folders: Mapping[str, Path], fresh: set[str]) -> dict[str, Any]:
    return {
        "kind": fault.kind,
        "means": MEANS[fault.kind],
        "where": fault.where,
        "what": fault.what,
        "evidence": str(folders.get(fault.name, "")),
        "new": fault.name in fresh,
    }
