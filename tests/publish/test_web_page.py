"""The page in one file: style sheets and pictures put in, scripts bundled once a project and remade when damaged."""

import base64

from nq57lab.publish import web_page


def test_style_sheets_and_pictures_are_put_into_the_page_and_what_is_missing_is_reported(tmp_path):
    (tmp_path / "a & b.svg").write_text("<svg/>", encoding="utf-8")
    (tmp_path / "kieu.css").write_text("p { margin: 0 }\n", encoding="utf-8")
    page = (
        '<html><head><link rel="stylesheet" href="kieu.css">\n<link rel="stylesheet" href="thieu.css"></head>'
        '<body><img src="a%20&amp;%20b.svg" alt="x"><img src="thieu.svg"><img src="data:image/png;base64,AA"></body></html>'
    )
    (tmp_path / "trang.html").write_text(page, encoding="utf-8")
    assert web_page.finish(tmp_path / "trang.html", tmp_path) == ["thieu.css", "thieu.svg"]
    done = (tmp_path / "trang.html").read_text(encoding="utf-8")
    assert "<style>\np { margin: 0 }\n</style>" in done
    encoded = base64.b64encode(b"<svg/>").decode()
    assert f'<img src="data:image/svg+xml;base64,{encoded}" alt="x">' in done
    assert '<img src="data:image/png;base64,AA">' in done


def test_live_chart_scripts_are_bundled_once_and_again_when_damaged(tmp_path, monkeypatch):
    made = []

    def bundle(snippet: str) -> str:
        made.append(snippet)
        return f"// {len(made)} </script> é"

    monkeypatch.setattr("vl_convert.javascript_bundle", bundle)
    first = web_page.live_chart_scripts(tmp_path)
    assert first == "// 1 <\\/script> é"
    web_page.live_chart_scripts.cache_clear()
    assert web_page.live_chart_scripts(tmp_path) == first and len(made) == 1
    kept = next((tmp_path / "data/cache/bieu-do-song").iterdir())
    kept.write_bytes(kept.read_bytes()[:-1])
    web_page.live_chart_scripts.cache_clear()
    assert web_page.live_chart_scripts(tmp_path).startswith("// 2")
    assert len(list(kept.parent.iterdir())) == 1
    web_page.live_chart_scripts.cache_clear()
