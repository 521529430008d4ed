"""Every command and each of its acts explains itself in the locale's language, in English on a bare console."""

import re

import pytest

from kit.help_pages import helps

CHINESE = re.compile(r"[\u3400-\u9fff]")


@pytest.mark.parametrize(
    ("environment", "chinese"),
    [
        ({"LC_ALL": "zh_CN.UTF-8", "PYTHONUTF8": "1"}, True),
        ({"LC_ALL": "en_GB.UTF-8", "PYTHONUTF8": "1"}, False),
        ({"LC_ALL": "zh_CN.UTF-8", "PYTHONUTF8": "1", "TERM": "linux"}, False),
    ],
    ids=["zh", "en", "linux"],
)
def test_every_page_of_help_speaks_the_language_of_the_locale(environment: dict[str, str], *, chinese: bool) -> None:
    pages = helps(environment)
    assert {"seat", "chair", "hall", "scrutineer", "clerk", "clerk check-in", "verify", "serve", "web"} <= set(pages)
    assert [name for name, page in pages.items() if bool(CHINESE.search(page)) is not chinese] == []
