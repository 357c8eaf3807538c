"""The result of a calibration as files: the parameters with their hash, the table, the picture."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from regrow.knowledge import hash_of

from .calibrate import Fit, Row, published

Raw = Mapping[str, Any]


def fitted_file(start: Raw, fit: Fit) -> str:
    """The parameter file after the fit, as YAML: every entry of `start`, moved where the fit moved it."""
    parameters: dict[str, dict[str, Any]] = {}
    for name, entry in start["parameters"].items():
        changed = dict(entry)
        if name in fit.values:
            changed["value"] = float(f"{fit.values[name]:.5g}")
            changed["before_fit"] = entry["value"]
        parameters[name] = changed
    lines = [
        "# Made by `regrow model calibrate` from start.yaml and the open figures. Do not edit: the hash names the values.",
        "id: fitted",
        f"version: {start['version']}",
        f"effective: {start['effective']}",
        "title: What the effects of ketamine are taken to be, fitted to open figures",
        f"hash: {_quoted(hash_of(parameters))}",
        "parameters:",
    ]
    lines += [f"  {name}: {_flow(entry)}" for name, entry in parameters.items()]
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, float | int):
        return repr(float(value))
    text = str(value)
    return (
        text if text.replace("-", "").replace("_", "").isalnum() and not text[0].isdigit() else _quoted(text)
    )


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def summary_of(rows: Sequence[Row]) -> Mapping[str, float]:
    """How many rows, and the shares within 1.5 and beyond 3, without and with study effects."""
    n = len(rows)
    return {
        "rows": n,
        "within_1_5": sum(abs(r.z) <= 1.5 for r in rows) / n,
        "beyond_3": sum(abs(r.z) > 3 for r in rows),
        "within_1_5_study": sum(abs(r.z_study) <= 1.5 for r in rows) / n,
        "beyond_3_study": sum(abs(r.z_study) > 3 for r in rows),
    }


def table(fit: Fit, start: Raw, parameter_hash: str) -> str:
    """The calibration as a page of Markdown."""
    found = summary_of(fit.rows)
    odd = [r for r in fit.rows if abs(r.z_study) > 1.5]
    lines = [
        "# The calibration",
        "",
        "Made by `regrow model calibrate --into FOLDER`. Each published figure beside the simulated one: 6,144 virtual",
        "patients an arm, a seed that the fit has not seen. *z* counts the study's own error and what is allowed for a",
        "model that is not the study (8 percentage points, 3 MADRS points, 0.3 SD). *Its people* has the study's effect in: how",
        "its people differ from others in benefit and in what comes without treatment, drawn from a spread that all studies",
        "share. *Without* is simulated, for people in general, by parameters fitted without that study: one Gauss–Newton step",
        "from the fit.",
        "",
        f"Parameters `{parameter_hash}`. {found['rows']} figures; |z| ≤ 1.5 in {100 * found['within_1_5']:.0f} %, with study "
        f"effects in {100 * found['within_1_5_study']:.0f} %; beyond 3: {found['beyond_3']:.0f} and "
        f"{found['beyond_3_study']:.0f}.",
        "",
        "![Every figure's z](calibration.svg)",
        "",
        "| study | figure | group | published (interval or error) | people in general (interval) | z | its people | z | without |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in fit.rows:
        f = row.figure
        about = f"{f.interval[0]:g} to {f.interval[1]:g}" if f.interval else f"± {f.se:g}"
        low, high = row.simulated - 1.96 * row.simulated_sd, row.simulated + 1.96 * row.simulated_sd
        lines.append(
            f"| {f.study} | {f.text} | {f.group} | {published(f):.3g} ({about}) {f.mark} | {row.simulated:.3g} "
            f"({low:.3g} to {high:.3g}) | {row.z:.1f} | {row.of_study:.3g} | {row.z_study:.1f} | {row.left_out:.3g} |"
        )
    lines += ["", "## What does not fit", ""]
    lines += [
        f"- {r.figure.study}, {r.figure.text} ({r.figure.group}): published {published(r.figure):.3g}, simulated "
        f"{r.of_study:.3g} (z {r.z_study:.1f}, without the study's effect {r.z:.1f})"
        for r in sorted(odd, key=lambda r: -abs(r.z_study))
    ]
    lines += [
        "",
        "## The parameters that were fitted",
        "",
        "*Left of the prior* is the width that the data leave of what was believed before: near 1, the figures do not tell.",
        "",
        "| parameter | before | fitted | unit | left of the prior |",
        "|---|---|---|---|---|",
    ]
    for name, value in fit.values.items():
        entry = start["parameters"][name]
        lines.append(
            f"| `{name}`: {entry['text']} | {entry['value']:.3g} | {value:.3g} | {entry['unit']} | {fit.narrowed[name]:.2f} |"
        )
    lines += ["", "## The studies' effects", "", "On the logarithm; 0 is people in general.", ""]
    lines += ["| trial | benefit | without treatment |", "|---|---|---|"]
    lines += [f"| {trial} | {e.benefit:+.2f} | {e.placebo:+.2f} |" for trial, e in fit.studies.items()]
    return "\n".join(lines) + "\n"


def picture(rows: Sequence[Row]) -> str:
    """Every z in one picture, study by study: the band is 1.5, the lines 3."""
    row_px, left, width, top = 15, 470, 860, 34
    height = top + row_px * len(rows) + 14

    def x(z: float) -> float:
        return left + (max(-4.0, min(4.0, z)) + 4) / 8 * (width - left - 20)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="Inter, sans-serif" font-size="10.5">',
        "<title>Published against simulated figures</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<rect x="{x(-1.5):.1f}" y="{top - 8}" width="{x(1.5) - x(-1.5):.1f}" height="{height - top}" fill="#efe9f6"/>',
    ]
    for z in (-3, 0, 3):
        parts.append(
            f'<line x1="{x(z):.1f}" x2="{x(z):.1f}" y1="{top - 8}" y2="{height - 8}" stroke="#8a968f" stroke-dasharray="{"" if z == 0 else "3 3"}"/>'
            f'<text x="{x(z):.1f}" y="{top - 14}" text-anchor="middle" fill="#3d4a44">{z:+d}</text>'
        )
    parts.append(f'<text x="{left}" y="12" fill="#3d4a44">simulated too low</text>')
    parts.append(f'<text x="{width - 20}" y="12" text-anchor="end" fill="#3d4a44">simulated too high</text>')
    before = ""
    for number, row in enumerate(rows):
        y = top + row_px * number + 6
        f = row.figure
        if f.study != before:
            parts.append(f'<text x="8" y="{y + 4}" font-weight="600" fill="#15201b">{escape(f.study)}</text>')
            before = f.study
        parts.append(f'<text x="150" y="{y + 4}" fill="#3d4a44">{escape(f.text)}, {escape(f.group)}</text>')
        parts.append(
            f'<line x1="{x(row.z_study):.1f}" x2="{x(row.z):.1f}" y1="{y}" y2="{y}" stroke="#5f3f86" stroke-width="1.4"/>'
            f'<circle cx="{x(row.z_study):.1f}" cy="{y}" r="3.4" fill="#5f3f86"/>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"
