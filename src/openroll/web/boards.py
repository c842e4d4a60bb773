"""A duties board as pages show it: by operator and district, by duty, and the coming rush."""

from collections import Counter
from typing import Any

from openroll.rules.language import in_language
from openroll.service.application import Application
from openroll.service.governance.duties_board import Board
from openroll.words import catalogue


def board_of(application: Application, board: Board, lang: str) -> dict[str, Any]:
    """The board in a language; districts and operators by their names."""
    titles = {duty.id: in_language(duty.title, lang) for duty in application.roll.rule.duties}
    lines = [
        {
            "operator": application.operator_title(line.operator, lang),
            "district": _named(application, line.district, lang),
            "due": line.due,
            "late": line.late,
            "met": line.met,
            "met_late": line.met_late,
        }
        for line in board.lines
    ]
    by_operator: dict[str, Counter[str]] = {}
    for line in lines:
        tally = by_operator.setdefault(str(line["operator"]), Counter())
        tally.update({name: int(str(line[name])) for name in ("due", "late", "met", "met_late")})
    most = max(board.rush.values(), default=1)
    return {
        "on": catalogue.day(lang, board.on),
        "counted": catalogue.moment(lang, board.counted, application.roll.zone),
        "lines": lines,
        "operators": list(by_operator.items()),
        "duties": [(titles.get(name, name), counts) for name, counts in board.by_duty.items()],
        "owed": [
            (
                application.operator_title(one.operator, lang),
                titles.get(one.duty, one.duty),
                {"due": one.due, "late": one.late, "met": one.met, "met_late": one.met_late},
            )
            for one in board.owed
        ],
        "coming": [
            (
                application.operator_title(one.operator, lang),
                titles.get(one.duty, one.duty),
                catalogue.day(lang, one.last),
                one.count,
            )
            for one in board.coming
        ],
        "uncounted": [titles.get(name, name) for name in board.uncounted],
        "rush": [(catalogue.day(lang, day), count, round(100 * count / most)) for day, count in board.rush.items()],
        "old_handles": [(application.operator_title(name, lang), count) for name, count in board.old_handles.items()],
        "due": board.total("due"),
        "late": board.total("late"),
        "met": board.total("met"),
        "met_late": board.total("met_late"),
        "unconfirmed": board.unconfirmed,
    }


def _named(application: Application, code: str, lang: str) -> str:
    place = application.district(code)
    return in_language(place.title, lang)
