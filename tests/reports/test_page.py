"""The page as a reader's browser meets it."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser

from tests.reports.conftest import HOSTILE

VOID = {"meta", "img", "br", "hr", "link", "input"}


class Reader(HTMLParser):
    """Checks that tags are balanced, and gathers what the page refers to and says."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> without a start"
        assert self.open[-1] == tag
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    return reader


def test_tags_are_balanced_and_ids_unique(page: str) -> None:
    ids = [attrs["id"] for _, attrs in read(page).tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = {a["href"] for tag, a in read(page).tags if tag == "a" and str(a["href"]).startswith("#")}
    assert {str(target)[1:] for target in targets} <= set(ids)


def test_the_contents_lead_to_every_section_and_task(page: str) -> None:
    contents = page[page.index("<nav ") : page.index("</nav>")]
    assert "<summary>isaac</summary>" in contents
    for section in re.findall(r'<section id="(\w+)">', page):
        assert f'<a href="#{section}">' in contents
    for task in ("cartpole", "quadcopter"):
        assert f'<a href="#policies-{task}">{task}</a>' in contents
        assert f'<a href="#scores-{task}">scores</a>' in page


def test_a_filter_hides_by_number_not_by_name(page: str) -> None:
    style = page[page.index("<style>") : page.index("</style>")]
    assert (
        'body:has(option[value="task-3"]:checked) [data-task]:not([data-task="3"]) { display: none; }'
        in style
    )
    assert 'body:has(#method-2:not(:checked)) [data-method="2"] { display: none; }' in style
    assert not any(name in style for name in ("cartpole", "eureka", "isaac"))


def test_every_row_says_what_it_is_about(page: str) -> None:
    rows = [attrs for tag, attrs in read(page).tags if tag == "tr" and "data-task" in attrs]
    assert len(rows) > 30
    assert {row["data-suite"] for row in rows} == {"0"}
    table = page[page.index('id="table-scores"') :]
    for number, task in enumerate(("cartpole (steps)", "quadcopter (m)")):
        assert f'data-task="{number}" data-suite="0" data-method="0"><td>{task}</td>' in table
        assert f'data-task="{number}" data-suite="0" data-method="1"><td class="again">{task}</td>' in table


def test_nothing_is_fetched_and_nothing_runs(page: str) -> None:
    for tag, attrs in read(page).tags:
        assert tag not in {"script", "iframe", "object", "embed", "link", "base", "form"}
        assert not any(name.startswith("on") for name in attrs)
        for name in ("src", "href"):
            where = attrs.get(name) or "#"
            assert where.startswith(("data:image/", "#", "tables/")), where
        assert "url(" not in (attrs.get("style") or "")
    assert "@import" not in page
    policy = next(
        a["content"] for tag, a in read(page).tags if a.get("http-equiv") == "Content-Security-Policy"
    )
    assert str(policy).startswith("default-src 'none'")


def test_what_a_model_wrote_is_text(page: str) -> None:
    words = "".join(read(page).words)
    assert HOSTILE in words
    assert "<script>" not in page
    assert "{{ 7 * 7 }}" in words


def test_every_picture_says_what_it_shows(page: str) -> None:
    images = [attrs for tag, attrs in read(page).tags if tag == "img"]
    assert len(images) > 10
    assert all(len(str(image["alt"])) > 20 for image in images)


def test_policies_move(page: str) -> None:
    clips = re.findall(r'src="data:image/webp;base64,([^"]+)"', page)
    assert len(clips) == 4 * 3
    assert all(base64.b64decode(clip)[8:12] == b"WEBP" for clip in clips)


def test_captions_carry_protocol_budget_engine_and_proposer(page: str) -> None:
    captions = re.findall(r"<figcaption><b>(?:Figure|Table) .*?</figcaption>", page, re.S)
    assert len(captions) >= 15
    context = "Protocol strict, budget quick, engine cpu, precision fp32, proposer grammar."
    assert all(context in caption for caption in captions)


def test_no_path_date_or_second_is_shown(page: str, run: object) -> None:
    assert "a_run_name" not in page
    assert str(run) not in page
    assert "/tmp/" not in page
    assert "12.3" not in page  # seconds of training in the run's files


def test_the_page_says_what_went_wrong(page: str) -> None:
    words = "".join(read(page).words)
    assert "1 final trial (eureka on ant)" in words
    assert "training stopped: a weight of the policy is not finite" in words
    for kind in ("inflated", "unstable", "non-finite"):
        assert kind in words
    assert "line 4: `reward = torch.exp(-speed`: close the bracket" in words  # for the designer
    assert "the program did not return within 20 s" in words


def test_programs_come_with_their_changes_and_the_conversation(page: str) -> None:
    words = "".join(read(page).words)
    assert "Changes against its parent" in words
    assert re.search(r"--- candidate \d-\d\n", words)
    assert "You write reward programs." in words
    assert "Reflection on it:" in words
    assert "closeness: [0.1, 0.4, 0.7]" in words


def test_a_cell_breaks_between_its_parts_alone(page: str) -> None:
    cells = re.findall(r'<td class="num"[^>]*>(.*?)</td>', page)
    broken = [cell for cell in cells if "<br>" in cell]
    assert broken
    assert all(re.fullmatch(r"[^<&]+;<br>[^<&]+", cell) for cell in broken)
    assert any(cell.startswith("&lt; 0.0") for cell in cells)
