"""The bulletin as one self-contained page: it loads nothing, names no member, and reads on a phone as on paper."""

from itertools import count
from typing import Final

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from pingyi_protocol.keys.qr import qr_svg
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import catalogue
from pingyi_server.exports.charts import svg_of
from pingyi_server.exports.report.parts import Chart, Report, published
from pingyi_server.exports.source import Source
from pingyi_server.typesetting.setting import template

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""What the page may do: show itself. Its style stands in it, and the charts' style in their elements."""

TAGS: Final = {Language.CHINESE: "zh-Hans", Language.ENGLISH: "en"}
"""The languages as browsers name them (BCP 47)."""

LABELS: Final = (
    *("title", "contents", "attendance", "composite", "agenda", "targets", "problems", "results", "recompute", "again"),
    *(
        "codes",
        "codes_help",
        "codes_none",
        "seal",
        "no_names",
        "made_by",
        "ranking",
        "withdrawn",
        "no_problems",
        "colon",
    ),
)
"""The page's own words."""


def bulletin(source: Source) -> bytes:
    """Return the page, in UTF-8."""
    return page_of(published(source.report)).encode()


def page_of(report: Report) -> str:
    """Return the page of a report, of which all that it holds is published."""
    words = catalogue("pingyi_server", report.language)
    numbers = count(1)

    def picture(chart: Chart) -> Markup:
        # the charts' words are escaped where they are written
        return Markup(svg_of(chart, name=f"chart-{next(numbers)}"))  # noqa: S704

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page = environment.from_string(template("pingyi_server.exports.bulletin", "page.html").decode())
    return page.render(
        report=report,
        words={name: words(f"bulletin.{name}") for name in LABELS},
        language=TAGS[report.language],
        policy=POLICY,
        style=Markup(template("pingyi_server.exports.bulletin", "page.css").decode()),  # noqa: S704 - our own file
        qr=Markup(qr_svg(report.seal.qr)),  # noqa: S704 - squares only
        picture=picture,
    )
