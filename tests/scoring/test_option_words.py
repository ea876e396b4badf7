"""Options as captions name them."""

from harness.scoring.option_words import option_words


def test_options_are_named_with_their_task() -> None:
    assert option_words({"ant": {}, "door": {"text": "true", "speed": 2.0}, "pen": {"stiff": True}}) == (
        "door.text=true, door.speed=2.0, pen.stiff=true"
    )
    assert option_words({"ant": {}}) == option_words({}) == ""


def test_what_many_tasks_share_is_said_once() -> None:
    many = {name: {"text": "true"} for name in "abcd"}
    assert option_words(many | {"e": {"text": "given", "speed": 2}}) == (
        "text=true on 4 tasks, e.text=given, e.speed=2"
    )
    assert option_words({name: many[name] for name in "abc"}) == "a.text=true, b.text=true, c.text=true"


def test_a_strange_value_is_a_short_line() -> None:
    words = option_words({"a": {"name": "x\ny\u0000\ud800" + "z" * 1000}})
    assert words.isprintable()
    assert words.startswith("a.name=x y")
    assert len(words) < 120
