"""Which text of an answer is the program."""

from __future__ import annotations

import ast
import textwrap
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.rewards import RewardError, extract, spoken

PROGRAM = "def compute_reward(x):\n    return x, {}\n"
OTHER = "def helper(x):\n    return x\n\n\ndef compute_reward(x):\n    return helper(x), {}\n"


def fenced(code: str, tag: str = "python") -> str:
    return f"```{tag}\n{code}```\n"


TAGS = [
    *("python", "Python", "py", "python3", "", "python title=reward", "python3.8", "py3", "{python}"),
    *("{.python .numberLines}", "python:reward.py", "text", "json", "torchscript", "c++", " python "),
]


@pytest.mark.parametrize("tag", TAGS)
def test_a_fenced_block_with_any_tag_is_taken_out(tag: str) -> None:
    assert extract(f"Here you are:\n\n{fenced(PROGRAM, tag)}\nGood luck.") == PROGRAM


@pytest.mark.parametrize(
    "answer",
    [
        fenced(PROGRAM) + "An improved version:\n" + fenced(OTHER),
        fenced(OTHER) + "It is called like this:\n" + fenced("compute_reward(states)\n"),
        fenced(OTHER) + fenced('{"a": 1}\n', "json") + fenced("pip install torch\n", "bash"),
        fenced(OTHER) + "The rest:\n" + fenced("def broken(:\n"),
        fenced(OTHER) + "Plot it with:\n" + fenced("def plot(x):\n    return x\n"),
        fenced(OTHER) + "Its signature:\n" + fenced("def compute_reward(x):\n    ...\n"),
        fenced(OTHER)
        + "In the class:\n"
        + fenced("class A:\n    def compute_reward(self):\n        return 1, 2\n"),
        fenced("def reward_v1(x):\n    return x, {}\n")
        + fenced(OTHER)
        + fenced("def f(x):\n    return x, {}\n"),
        "With `inline ``` marks` and ```code``` first.\n" + fenced(OTHER),
        fenced(OTHER) + "and then\n```python\ndef compute_reward(x):\n    return x",
        "```python\ndef cut_off(x):\n    return (x\nI start again:\n" + fenced(OTHER),
        "1. A list item:\n\n" + textwrap.indent(fenced(OTHER), "    "),
        fenced(OTHER).replace("```", "`````"),
        fenced(OTHER).replace("\n", "\r\n"),
        OTHER,
    ],
)
def test_the_block_with_the_entry_function_wins_and_the_last_among_equals(answer: str) -> None:
    assert ast.dump(ast.parse(extract(answer))) == ast.dump(ast.parse(OTHER))


FLOODS = [
    *(
        (piece, "no_code")
        for piece in ("```", "```{", "~~~\n", "<think>", "<think", "<|", "</think>", "x = 1\n'")
    ),
    *(
        (piece, "no_code")
        for piece in ("def f(:\n", "import a\n(", '"""def ', "@a\n", " ", "{", "import a\nfoo b\n")
    ),
    *((piece, "syntax") for piece in ("```def f", "```python\ndef f(:\n")),
]
"""Pieces that make a long answer."""


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ("", "no_code", "no code block"),
        ('I would reward "speed" and "height".', "no_code", "no code block"),
        ("x = 1\n", "no_code", "no code block"),
        (f"```python\n{PROGRAM}x = (", "syntax", "never closed"),
        ("```python\ndef compute_reward(x):\n    y = 1\n", "no_code", "no closing fence"),
        (fenced("reward = speed + height\n"), "no_code", "No code block defines a function"),
        (fenced("def compute_reward(x):\n    return x +\n"), "syntax", "line 2, column 15"),
        (fenced("def compute_reward(x):\nreturn x\n"), "syntax", "Line 2: `return x`"),
        (fenced("def f():\n    x = '\0'\n"), "syntax", "does not parse"),
        (fenced("def f(x=" + "(" * 500 + ")" * 500 + "): pass\n"), "syntax", "does not parse"),
        (fenced("def f(x=" + "-" * 50_000 + "1): pass\n"), "syntax", "does not parse"),
        ("`" * 3 + "a" * 300_000 + "`", "no_code", "no code block"),
        (f"<think>\n{fenced(PROGRAM)}and then", "no_code", "thoughts"),
        (f"{fenced(PROGRAM)}</think>\n", "no_code", "thoughts"),
        *((piece * (400_000 // len(piece)), kind, "") for piece, kind in FLOODS),
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


QUOTED = "import torch\n\n\ndef compute_reward(x):\n    part = x\n    return part, {'part': part}\n"
CODE = """import torch
from torch import Tensor

SCALE = 2.0


def compute_reward(x: Tensor):
    \'\'\'Reward.\'\'\'
    near = SCALE * x
    return near, {"near": near}
"""


@pytest.mark.parametrize(
    "answer",
    [
        f"```python\n{CODE.rstrip()}```",
        f"```python\n{CODE.rstrip()}``` It pays for being near.",
        f"```python\n{CODE}``` It pays for being near.",
        f"The reward: ```python {CODE}```",
        f"```{CODE}```",
        f"```python{CODE}```",
        f"~~~python\n{CODE}~~~\n",
        f"```python\nHere is the code:\n{CODE}```",
        f"```bash\n$ pip install torch\n```\nthen\n```\n{CODE}```",
        f"Here is my reward.\n\n{CODE}\nThis encourages the robot's motion (a lot).\n",
        f"Sure!\n{CODE}Enjoy",
        f"hello\n{CODE}Enjoy",
        "The code:\n\n" + textwrap.indent(CODE, "    ") + "\nGood luck.",
        f"python\n{CODE}",
        f"<answer>{CODE}</answer>",
        f"\ufeff{CODE}",
        CODE.replace("    ", "\u00a0   "),
        f"```python\n{CODE}```".replace("torch", "tor\u200bch"),
        f"```python\n{CODE}```<|im_end|>",
        f"<|im_start|>assistant\n{CODE}</s>",
        f"```python\n{CODE}<|eot_id|>",
        f"<s>[INST] [/INST] {CODE}<｜end▁of▁sentence｜>",
        f"```python\n{CODE}```".replace("\n", "\r\n"),
        f"```python\n{CODE}```".replace("\n", "\r"),
        f"<think>\n{fenced(PROGRAM)}</think>\n{fenced(CODE)}",
        f"<THINKING>say <thinking>\n{fenced(PROGRAM)}</Thinking> and {fenced(PROGRAM)}</thinking>\n{fenced(CODE)}",
        f"{fenced(PROGRAM)}</think>\n{fenced(CODE)}",
        f"[THINK]{fenced(PROGRAM)}[/THINK]{CODE}",
        f"◁think▷{fenced(PROGRAM)}◁/think▷{CODE}",
        f"<|channel|>analysis<|message|>{fenced(PROGRAM)}<|end|><|start|>assistant<|channel|>final<|message|>{CODE}",
        f"I left out the `<think>` tag.\n{fenced(CODE)}",
        f"{fenced(CODE)}<think>\nAnd now?\n",
        f"First:\n```python\n{CODE}",
        f"First:\n```python\n{CODE}\nThat is all, isn't it?",
    ],
)
def test_marks_around_the_code_do_not_matter(answer: str) -> None:
    assert ast.dump(ast.parse(extract(answer))) == ast.dump(ast.parse(CODE))


@pytest.mark.parametrize("mark", ['"""', "'''", '"', '""'])
def test_quoted_code_is_taken_out(mark: str) -> None:
    assert extract(f"The code: {mark}{QUOTED}{mark} as asked.") == QUOTED
    assert extract(f"{mark}\n{QUOTED}{mark}").strip('"\n') == QUOTED.strip()


def test_code_with_fences_or_quotes_in_its_docstring_stays_whole() -> None:
    code = CODE.replace("'''Reward.'''", '"""As in\n    ```\n    r = f(x)\n    ```\n    """')
    assert extract(fenced(code)) == code
    assert extract(f"Look:\n{code}Enjoy it.") == code


@pytest.mark.parametrize(
    "answer", [f"```python\n{CODE}", CODE, f"Here:\n{CODE}", f"Here:\n```\n{CODE}\nThis"]
)
def test_code_at_the_end_of_an_answer_that_was_cut_off_is_none(answer: str) -> None:
    assert extract(answer) == CODE
    with pytest.raises(RewardError) as caught:
        extract(answer, cut_off=True)
    assert caught.value.kind == "no_code"
    assert extract(f"{fenced(CODE)}and th", cut_off=True) == CODE
    assert extract(f"{fenced(CODE)}Better:\n```python\n{PROGRAM}", cut_off=True) == CODE


def test_strings_in_bare_code_are_no_quotation_marks() -> None:
    code = CODE.replace("SCALE = 2.0", "NAME = ''").replace('{"near"', "{NAME or \"near\" + ''")
    assert extract(f"The code:\n{code}\nIt isn't long.") == code


def test_an_unclosed_block_must_end_in_a_return() -> None:
    with pytest.raises(RewardError):
        extract("```python\ndef compute_reward(x):\n    if x:\n        return x, {}\n    y = x\n")


def test_what_was_spoken_has_no_thoughts_and_no_tokens() -> None:
    answer = "\ufeff<think>\nLet me see.\n</think>\nFirst `a < b`.\n\n```python\nx = 1\n```\n<|im_end|>\n"
    assert spoken(answer) == "First `a < b`.\n\n```python\nx = 1\n```"
    assert spoken("Yes.</s><|eot_id|>") == "Yes."
    assert spoken("thoughts only</thinking> Yes.") == "Yes."
    assert spoken("Yes. <thinking> but") == "Yes."
    assert spoken("plain a<s and s>b, <b>bold</b>, x[think]") == "plain a<s and s>b, <b>bold</b>, x[think]"


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
        "<think>",
        "</think>",
        "<|im_end|>",
        "\u00a0",
        "Enjoy",
        "import torch",
        "\0",
        "\x0c",
    ]
)


@settings(max_examples=300, deadline=None)
@example("A\n \rdef A():0;{}")
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
