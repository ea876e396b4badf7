"""Which text of an answer is the program."""

from __future__ import annotations

import ast
import textwrap
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.rewards import RewardError, extract

PROGRAM = "def compute_reward(x):\n    return x, {}\n"
OTHER = "def helper(x):\n    return x\n\n\ndef compute_reward(x):\n    return helper(x), {}\n"


def fenced(code: str, tag: str = "python") -> str:
    return f"```{tag}\n{code}```\n"


@pytest.mark.parametrize("tag", ["python", "Python", "py", "python3", "", "python title=reward"])
def test_a_fenced_block_with_any_python_tag_is_taken_out(tag: str) -> None:
    assert extract(f"Here you are:\n\n{fenced(PROGRAM, tag)}\nGood luck.") == PROGRAM


@pytest.mark.parametrize(
    "answer",
    [
        fenced(PROGRAM) + "An improved version:\n" + fenced(OTHER),
        fenced(OTHER) + "It is called like this:\n" + fenced("compute_reward(states)\n"),
        fenced(OTHER) + fenced('{"a": 1}\n', "json") + fenced("pip install torch\n", "bash"),
        fenced(OTHER) + "The rest:\n" + fenced("def broken(:\n"),
        "With `inline ``` marks` and ```code``` first.\n" + fenced(OTHER),
        fenced(OTHER) + "and then\n```python\ndef compute_reward(x):\n    return x",
        "```python\ndef cut_off(x):\n    return (x\nI start again:\n" + fenced(OTHER),
        "1. A list item:\n\n" + textwrap.indent(fenced(OTHER), "    "),
        fenced(OTHER).replace("```", "`````"),
        fenced(OTHER).replace("\n", "\r\n"),
        OTHER,
    ],
)
def test_the_last_closed_block_that_parses_and_defines_a_function_wins(answer: str) -> None:
    assert ast.dump(ast.parse(extract(answer))) == ast.dump(ast.parse(OTHER))


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ("", "no_code", "no code block"),
        ('I would reward "speed" and "height".', "no_code", "no code block"),
        ("x = 1\n", "no_code", "no code block"),
        (f"```python\n{PROGRAM}", "no_code", "no closing fence"),
        (fenced("reward = speed + height\n"), "no_code", "No code block defines a function"),
        (fenced(PROGRAM, "json"), "no_code", "no code block"),
        (fenced("def compute_reward(x):\n    return x +\n"), "syntax", "line 2, column 15"),
        (fenced("def compute_reward(x):\nreturn x\n"), "syntax", "Line 2: `return x`"),
        (fenced("x = '\0'\n"), "syntax", "does not parse"),
        (fenced("(" * 500 + ")" * 500 + "\n"), "syntax", "does not parse"),
        (fenced("x = " + "-" * 50_000 + "1\n"), "syntax", "does not parse"),
        ("`" * 3 + "a" * 300_000 + "`", "no_code", "no code block"),
        ("a" * 500_000, "no_code", "too long"),
    ],
)
def test_what_is_no_program_is_refused_with_the_reason(answer: str, kind: str, words: str) -> None:
    started = time.monotonic()
    with pytest.raises(RewardError) as caught:
        extract(answer)
    assert caught.value.kind == kind
    assert words in caught.value.designer + caught.value.message
    assert time.monotonic() - started < 2.0


PIECES = st.sampled_from(
    [
        "```",
        "````",
        "```python",
        "```json",
        "\n",
        "\r\n",
        " ",
        "    ",
        PROGRAM,
        "def f(x):",
        "return x",
        '"""',
        "é",
        "\0",
        "\x0c",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=20).map("".join)))
def test_any_text_gives_a_program_or_a_reward_error_and_a_program_gives_itself(answer: str) -> None:
    program, refusal = None, None
    try:
        program = extract(answer)
    except RewardError as error:
        refusal = error
    if refusal is not None:
        assert refusal.kind in ("no_code", "syntax")
        assert "\n" not in refusal.message
    else:
        assert any(isinstance(node, ast.FunctionDef) for node in ast.walk(ast.parse(program)))
        assert extract(program) == program
