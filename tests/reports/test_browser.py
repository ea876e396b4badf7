"""The page in a real browser: what loads, what a filter leaves, what a keyboard reaches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reports.browser import FOUND, Browser

pytestmark = pytest.mark.skipif(FOUND is None, reason="no browser is installed")

SHOWN = """[...new Set([...document.querySelectorAll('{which}')].filter(
    part => part.checkVisibility()).map(part => part.dataset.{name}))].sort().join()"""
BRIGHTNESS = (
    """getComputedStyle(document.body).{what}.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0)"""
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = Browser()
    yield found
    found.close()


@pytest.fixture
def url(report: Path) -> str:
    return (report / "index.html").as_uri()


def shown(browser: Browser, name: str, which: str) -> str:
    return str(browser.ask(SHOWN.format(which=which, name=name)))


def test_everything_loads_and_nothing_is_complained_of(browser: Browser, url: str) -> None:
    browser.said.clear()
    browser.open(url)
    pictures = browser.ask(
        "Promise.all([...document.images].map(i => i.decode().then(() => i.naturalWidth)))"
    )
    assert len(pictures) > 20
    assert min(pictures) > 0
    assert browser.said == []


def test_a_task_is_chosen_by_keyboard(browser: Browser, url: str) -> None:
    browser.open(url)
    assert shown(browser, "task", "tr[data-task]") == "0,1,2,3"
    for _ in range(30):
        browser.press("Tab")
        if browser.ask("document.activeElement.id") == "task":
            break
    for _ in range(3):  # past the suite and cartpole
        browser.press("ArrowDown")
    assert browser.ask("document.activeElement.value") == "task-1"
    assert shown(browser, "task", "[data-task]") == "1"
    assert browser.ask("document.querySelector('#policies-quadcopter').checkVisibility()")
    assert not browser.ask("document.querySelector('#policies-ant').checkVisibility()")
    assert browser.ask("document.querySelector('.filtered').checkVisibility()")


def test_a_method_is_left_out_by_keyboard(browser: Browser, url: str) -> None:
    browser.open(url)
    browser.ask("document.querySelector('#method-0').focus()")
    browser.press(" ", " ")
    assert shown(browser, "method", "[data-method]") == "1,2"
    named = 'getComputedStyle(document.querySelector(\'#table-scores tr[data-task="1"][data-method="1"] td\')).color'
    assert browser.ask(named) != "rgba(0, 0, 0, 0)"  # the row that named the task is hidden


def test_a_link_opens_what_is_folded(browser: Browser, url: str) -> None:
    browser.open(url)
    browser.ask("document.querySelectorAll('details').forEach(part => { part.open = false })")
    assert not browser.ask("document.querySelector('#policies-ant').checkVisibility()")
    browser.ask("document.querySelector('nav .tasks a[href=\"#policies-ant\"]').click()")
    assert browser.ask("document.querySelector('#policies-ant').checkVisibility()")


@pytest.mark.parametrize("width", [360, 800, 1300])
def test_wide_parts_scroll_inside_their_boxes(browser: Browser, url: str, width: int) -> None:
    browser.open(url, width, 700)
    assert browser.ask("document.documentElement.scrollWidth") <= width
    boxes = "[...document.querySelectorAll('table, img.plot')].filter(part => part.checkVisibility())"
    assert browser.ask(
        f"{boxes}.every(part => part.closest('.scroll').getBoundingClientRect().right <= {width})"
    )


def test_no_table_scrolls_on_a_desk(browser: Browser, url: str) -> None:
    browser.open(url, 1400, 900)
    wide = (
        "[...document.querySelectorAll('figure.table')].filter(f => f.querySelector('.scroll').scrollWidth >"
    )
    assert browser.ask(f"{wide} f.querySelector('.scroll').clientWidth).map(f => f.id).join()") == ""


def test_the_page_follows_the_readers_scheme(browser: Browser, url: str) -> None:
    for scheme, dark in (("light", False), ("dark", True)):
        browser.open(url, scheme=scheme)
        paper, ink = (browser.ask(BRIGHTNESS.format(what=what)) for what in ("backgroundColor", "color"))
        assert (paper < ink) == dark
        assert abs(paper - ink) > 450
