"""The pictures of docs/dosing.md, from the figures of a run of benchmarks/dosing.py."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

INK, SOFT, LINE = "#1d2622", "#5b6660", "#d9ddd9"
COLOURS = {
    "fixed-half": "#8a938e",
    "t-kads": "#b7702a",
    "t-loo": "#2f6f9f",
    "t-cusin": "#a34a5a",
    "weekly-6": "#7a4f00",
    "estimate": "#67458c",
    "optimum": "#1c6b4c",
}
NAMES = {
    "fixed-half": "fixed 0.5",
    "t-kads": "T-KADS",
    "t-loo": "T-LOO",
    "t-cusin": "T-CUSIN",
    "weekly-6": "clinic's rule",
    "estimate": "estimate",
    "optimum": "optimum",
}


def write(folder: Path, facts: Mapping[str, Any]) -> None:
    """Three pictures, each readable without colour: everything is named beside its mark."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "worlds.svg").write_text(_worlds(facts["table"]), encoding="utf-8")
    (folder / "learning.svg").write_text(_learning(facts["learning"]), encoding="utf-8")
    (folder / "ranks.svg").write_text(_ranks(facts["calibration"]["own mixture"]), encoding="utf-8")
    print(f"pictures in {folder}")


def _svg(width: int, height: int, title: str, body: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{title}" '
        f'font-family="Inter, system-ui, sans-serif" font-size="12">'
    )
    return "\n".join(
        [
            head,
            f"<title>{title}</title>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            *body,
            "</svg>\n",
        ]
    )


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", colour: str = INK, weight: int = 400
) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-weight="{weight}">{text}</text>'


def _worlds(rows: Sequence[Mapping[str, Any]]) -> str:
    worlds = list(dict.fromkeys(r["world"] for r in rows))
    shown = [p for p in NAMES if p != "fixed-half"]
    body, top = [], 40
    left, right = 150, 760
    low, high = -1.3, 0.6

    def x(gain: float) -> float:
        return left + (right - left) * (gain - low) / (high - low)

    for tick in (-1.0, -0.5, 0.0, 0.5):
        body.append(
            f'<line x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="28" y2="{top + len(worlds) * 130:.0f}" stroke="{INK if tick == 0 else LINE}"/>'
        )
        body.append(_text(x(tick), 22, f"{tick:+.1f}" if tick else "fixed 0.5", anchor="middle", colour=SOFT))
    for n, world in enumerate(worlds):
        y = top + n * 130
        body.append(_text(16, y + 14, world, weight=650))
        for k, policy in enumerate(shown):
            row = next(r for r in rows if r["world"] == world and r["policy"] == policy)
            at = y + 14 + k * 18
            body.append(_text(left - 8, at, NAMES[policy], anchor="end", colour=SOFT))
            a, b = sorted((x(0), x(row["gain"])))
            body.append(
                f'<rect x="{a:.1f}" y="{at - 9:.1f}" width="{max(b - a, 1):.1f}" height="10" rx="2" fill="{COLOURS[policy]}"/>'
            )
            end = x(row["gain"]) + (6 if row["gain"] >= 0 else -6)
            body.append(_text(end, at, f"{row['gain']:+.2f}", anchor="start" if row["gain"] >= 0 else "end"))
    return _svg(
        800,
        top + len(worlds) * 130 + 10,
        "Points of the PHQ-9 gained over fixed 0.5 mg/kg, by world and policy",
        body,
    )


def _learning(told: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    body = []
    for n, (world, lines) in enumerate(told.items()):
        x0, y0 = 50 + (n % 2) * 380, 40 + (n // 2) * 210
        best = max(0.6, max(lines["optimum"]), max(lines["gain"]))

        def y(v: float, y0: int = y0, best: float = best) -> float:
            return y0 + 140 - 120 * v / best

        def x(k: int, x0: int = x0, count: int = len(lines["gain"])) -> float:
            return x0 + 300 * k / max(count - 1, 1)

        body.append(_text(x0, y0 - 8, world, weight=650))
        body.append(f'<line x1="{x0}" x2="{x0 + 300}" y1="{y(0):.1f}" y2="{y(0):.1f}" stroke="{INK}"/>')
        body.append(_text(x0 - 6, y(0) + 4, "fixed", anchor="end", colour=SOFT))
        for name, dash, colour in (("optimum", "4 3", COLOURS["optimum"]), ("gain", "", COLOURS["estimate"])):
            points = " ".join(f"{x(k):.1f},{y(v):.1f}" for k, v in enumerate(lines[name]))
            body.append(
                f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
            )
            last = lines[name][-1]
            body.append(
                _text(
                    x(len(lines[name]) - 1) + 4,
                    y(last) + (-6 if name == "optimum" else 12),
                    f"{'optimum' if name == 'optimum' else 'estimate'} {last:+.2f}",
                    anchor="end",
                    colour=colour,
                    weight=600,
                )
            )
        for k in range(len(lines["gain"])):
            body.append(_text(x(k), y0 + 168, f"{60 * k}", anchor="middle", colour=SOFT))
        body.append(_text(x0 + 150, y0 + 184, "courses before", anchor="middle", colour=SOFT))
    return _svg(
        800, 460, "A clinic that learns: gain over fixed dosing by courses seen, and the optimum's", body
    )


def _ranks(told: Mapping[str, Any]) -> str:
    body = []
    kinds = [(k, v) for k, v in told.items() if isinstance(v, dict)]
    for n, (what, found) in enumerate(kinds):
        x0, y0 = 30 + (n % 4) * 190, 40 + (n // 4) * 160
        bars = found["bars"]
        expected = sum(bars) / len(bars)
        body.append(_text(x0, y0 - 8, what, weight=650))
        for k, count in enumerate(bars):
            height = 70 * count / expected
            body.append(
                f'<rect x="{x0 + k * 16}" y="{y0 + 100 - height:.1f}" width="14" height="{height:.1f}" fill="{COLOURS["estimate"]}" opacity=".75"/>'
            )
        body.append(
            f'<line x1="{x0}" x2="{x0 + 158}" y1="{y0 + 30}" y2="{y0 + 30}" stroke="{INK}" stroke-dasharray="3 3"/>'
        )
        body.append(
            _text(x0, y0 + 116, f"80 % holds {found['held']:.1%}, χ² {found['chi2']:.1f}", colour=SOFT)
        )
    return _svg(
        800,
        60 + 160 * -(-len(kinds) // 4),
        "Where the truth lies in what was stated; level bars mean honest intervals",
        body,
    )
