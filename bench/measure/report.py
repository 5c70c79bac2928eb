"""Figures, and how they are printed."""

import json
import math
import statistics
from dataclasses import dataclass, field


FLOORS = "floor", "nginx"  # nginx where ours knows too little


@dataclass(frozen=True)
class Column:
    """A figure that each server has in each round, and how it is printed."""

    key: str
    title: str
    digits: int = 2

    def text(self, value):
        return "–" if value == math.inf else f"{value:,.{self.digits}f}"


@dataclass
class Table:
    """The figures of one scenario: a row has the medians of a server. One column sorts them, and shows its rounds, too."""

    title: str
    columns: list
    sorted_by: int = 0
    with_floor: bool = False  # whether the first column is also shown as a multiple of the floor's
    note: str = ""
    figures: dict = field(default_factory=dict)  # server: key: a value for each round

    def add(self, server, **values):
        row = self.figures.setdefault(server, {})
        for key, value in values.items():
            row.setdefault(key, []).append(value)

    def median(self, server, column):
        values = self.figures[server].get(column.key)
        return statistics.median(values) if values else math.inf

    def markdown(self):
        if not self.figures:
            return f"\n## {self.title}\n\nNo server could be measured."
        leading = self.columns[self.sorted_by]
        columns = [each for each in self.columns if any(each.key in row for row in self.figures.values())]
        floor = next((each for each in FLOORS if self.with_floor and each in self.figures), None)
        titles = [each.title for each in columns]
        if floor:
            titles.insert(1, f"× {floor}")
        lines = [f"\n## {self.title}\n", *([self.note + "\n"] if self.note else [])]
        lines += [f"| server | {' | '.join(titles)} | rounds |", "|---" * (len(titles) + 2) + "|"]
        for server in sorted(self.figures, key=lambda each: self.median(each, leading)):
            cells = [each.text(self.median(server, each)) for each in columns]
            if floor:
                cells.insert(1, f"{self.median(server, columns[0]) / self.median(floor, columns[0]):.2f}")
            rounds = " ".join(leading.text(value) for value in self.figures[server].get(leading.key, []))
            lines.append(f"| {server} | {' | '.join(cells)} | {rounds} |")
        return "\n".join(lines)


class Report:
    """Prints each scenario when it is done, and keeps all of them in a JSON file if one is named."""

    def __init__(self, about, file):
        self.document = {"about": about, "scenarios": {}}
        self.file = file
        print(f"{about['date']}, commit {about['commit']}, {about['cpus']} CPUs, Linux {about['linux']}, {about['java']}")
        print(f"`{about['command']}`", flush=True)

    def add(self, scenario, tables, left_out):
        for table in tables:
            print(table.markdown(), flush=True)
        if left_out:
            print(f"\nLeft out: {', '.join(f'{name} ({why})' for name, why in left_out.items())}.", flush=True)
        self.document["scenarios"][scenario] = {
            "tables": [
                {
                    "title": table.title,
                    "columns": {each.key: each.title for each in table.columns},
                    "rounds": table.figures,
                }
                for table in tables
            ],
            "left out": left_out,
        }
        if self.file:
            with open(self.file, "w", encoding="utf-8") as out:
                json.dump(self.document, out, indent=1)
