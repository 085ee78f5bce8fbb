"""Open data at stable addresses: ``du-lieu/<table>.csv|.parquet|.json`` and a Frictionless ``datapackage.json``."""

import hashlib
import json
from pathlib import Path

import pandas as pd

from nq57lab.base import contract
from nq57lab.site.content import Content

NAMES = {
    "so-lieu": "Số liệu, mọi đợt công bố",
    "gia-tri": "Giá trị mới nhất của từng chỉ số, địa bàn, kỳ",
    "danh-muc": "Chỉ số, dữ liệu thành phần",
    "muc-tieu": "Mục tiêu đến năm 2030 và tiến độ",
    "dia-ban": "Địa bàn, cơ quan, khối",
}


def rows(content: Content) -> pd.DataFrame:
    """Return every version of every figure that the audience may read; the public without the columns that stay inside."""
    hidden = ["evidence", "verified_by", "note", "decision"] if content.audience == "cong-khai" else []
    return content.every[[*contract.OBSERVATIONS.names, "id"]].drop(columns=hidden)


def tables(content: Content) -> dict[str, pd.DataFrame]:
    """Return the tables that are published."""
    areas = content.catalogue.areas
    if content.audience == "cong-khai":
        areas = areas[areas["id"].isin(set(content.rows["area"]))]
    return {
        "so-lieu": rows(content),
        "gia-tri": content.values.drop(columns=["end", "segment"]),
        "danh-muc": content.subjects,
        "muc-tieu": content.progress.astype({"value": float}, errors="ignore"),
        "dia-ban": areas,
    }


def write(content: Content, folder: Path) -> dict[str, int]:
    """Write the tables and their description; return the number of rows of each."""
    folder.mkdir(parents=True, exist_ok=True)
    resources, counts = [], {}
    for name, frame in tables(content).items():
        words = [column for column in frame if frame[column].dtype.kind not in "fi"]
        frame = frame.reset_index(drop=True).assign(
            **{column: frame[column].fillna("").astype(str).to_numpy() for column in words}
        )
        frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        frame.to_parquet(folder / f"{name}.parquet", index=False)
        text = frame.to_json(orient="records", force_ascii=False, date_format="iso")
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        fields = [
            {"name": column, "type": "number" if frame[column].dtype.kind in "fi" else "string"} for column in frame
        ]
        if name == "so-lieu":
            known = {field["name"]: field for field in contract.table_schema("observations")["fields"]}
            fields = [known.get(field["name"], field) for field in fields]
        resources.append(
            {
                "name": name,
                "title": NAMES[name],
                "path": f"{name}.csv",
                "format": "csv",
                "encoding": "utf-8",
                "schema": {"fields": fields, "missingValues": [""]},
                **_measured(folder / f"{name}.csv"),
                "x_formats": [
                    {"path": path, **_measured(folder / path)} for path in (f"{name}.parquet", f"{name}.json")
                ],
            }
        )
        counts[name] = len(frame)
    package = {
        "name": f"nq57-{content.audience}",
        "title": f"Số liệu theo dõi thực hiện {content.catalogue.programme.short or content.catalogue.programme.name}",
        "created": content.known.isoformat(),
        "resources": resources,
    }
    (folder / "datapackage.json").write_text(json.dumps(package, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return counts


def _measured(path: Path) -> dict[str, int | str]:
    """Return a file's size and hash as a data package writes them."""
    content = path.read_bytes()
    return {"bytes": len(content), "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}
