"""Where the methods disagree on a target, and why: their verdicts grouped by what they have in common, with the reason in words.

A row of :func:`nq57lab.targets.evaluate.evaluate`'s table in, a sentence out.
"""

from collections.abc import Mapping, Sequence

from nq57lab.base import wording
from nq57lab.targets.evaluate import CLASS_OF, METHODS
from nq57lab.targets.methods import registry
from nq57lab.targets.methods.method import CLASSES

SHORT = {key: method.short for key, method in registry.BY_NAME.items()}


def verdicts(row: Mapping[str, object], methods: Sequence[str] = tuple(METHODS)) -> dict[str, list[str]]:
    """Return the methods by class ("on", "slow", "back", "off"), those that apply only."""
    found: dict[str, list[str]] = {}
    for name in methods:
        klass = CLASS_OF[name].get(str(row[f"{name}_status"]), "")
        if klass:
            found.setdefault(klass, []).append(name)
    return found


def differ(row: Mapping[str, object], methods: Sequence[str] = tuple(METHODS)) -> bool:
    """Tell whether the methods that apply differ; a low probability fits every verdict but "in time"."""
    found = set(verdicts(row, methods))
    return len(found - {"off"}) > 1 or found >= {"on", "off"}


def explain(row: Mapping[str, object], methods: Sequence[str] = tuple(METHODS)) -> str:
    """Say where the methods that apply differ and why; or that they agree; or that none applies.

    Notes
    -----
    The reasons follow from the definitions: Eurostat and the UN extrapolate compound growth, SDSN and UNESCAP straight lines; UNESCAP
    and the probability use the whole series, the others two points; the UN counts less than a tenth of the required change as none; the
    probability carries the uncertainty of the future.
    """
    found = verdicts(row, methods)
    applied = [name for names in found.values() for name in names]
    if not applied:
        return "chưa có phương pháp nào áp dụng được"
    certain = {klass: names for klass, names in found.items() if klass != "off"}
    doubt = found.get("off", [])
    parts = []
    if len(certain) == 1:
        klass, names = next(iter(certain.items()))
        if len(names) + len(doubt) == 1:
            return f"chỉ {SHORT[names[0]]} áp dụng được: {CLASSES[klass]}"
        if not doubt or klass != "on":
            extra = "; xác suất đạt thấp, phù hợp" if doubt else ""
            text = f"thống nhất: {CLASSES[klass]}{extra}"
            return text + _weights(row, applied)
    parts += [f"{wording.join(SHORT[name] for name in names)}: {CLASSES[klass]}" for klass, names in certain.items()]
    if doubt:
        parts.append("xác suất: ít khả năng đạt")
    return "; ".join(parts) + ". " + wording.capital("; ".join(_reasons(found))) + _weights(row, applied)


def _reasons(found: dict[str, list[str]]) -> list[str]:
    """Return the reasons that hold for methods standing in different classes."""
    place = {name: klass for klass, names in found.items() for name in names}

    def apart(one: str, other: str) -> bool:
        return one in place and other in place and place[one] != place[other]

    rules = (
        (
            apart("eurostat", "un"),
            "Liên hợp quốc coi dưới 10% mức thay đổi cần thiết là đứng yên và xét giá trị ở mốc, Eurostat so hai tốc độ",
        ),
        (
            apart("eurostat", "sdsn") or apart("un", "sdsn"),
            "SDSN so mức tăng đều hằng năm, Eurostat và Liên hợp quốc so tốc độ kép",
        ),
        (
            any(apart("escap", other) for other in ("eurostat", "un", "sdsn")),
            "UNESCAP dùng cả chuỗi, kỳ gần nặng hơn, các phương pháp kia dùng hai điểm",
        ),
        (
            any(apart("p", other) for other in ("eurostat", "un", "sdsn", "escap")),
            "xác suất tính cả độ bất định của những năm tới",
        ),
    )
    return [text for holds, text in rules if holds]


def _weights(row: Mapping[str, object], applied: Sequence[str]) -> str:
    return "; kết luận của UNESCAP phụ thuộc trọng số" if "escap" in applied and row["escap_depends"] == "yes" else ""
