"""The columns of a run's frames: name, dtype, unit and meaning. `docs/notebooks.md` is rendered from this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from harness.scoring.intervals import SURE
from harness.scoring.normalise import CLIPPED


@dataclass(frozen=True)
class Variable:
    """A column of a frame. Numbers that are not known are NaN, words that are not known NA."""

    name: str
    dtype: str
    """As pandas names it."""
    unit: str
    """`F` is the task's own unit, which `scores` names; "" for what has none."""
    meaning: str
    interval_of: str = ""
    """The column whose 95 % interval it is an end of."""


def _words(name: str, meaning: str) -> Variable:
    return Variable(name, "string", "", meaning)


def _count(name: str, meaning: str, unit: str = "") -> Variable:
    return Variable(name, "int64", unit, meaning)


def _number(name: str, unit: str, meaning: str) -> Variable:
    return Variable(name, "float64", unit, meaning)


def _coefficient(form: str, meaning: str, ends: str) -> tuple[Variable, ...]:
    """One form of a reward's correlation with the human one."""
    return (
        _number(f"{form}_r", "", f"{meaning}; NaN if no trial has one"),
        _number(f"{form}_low", "", f"lower {ends}"),
        _number(f"{form}_high", "", f"upper {ends}"),
        _count(f"{form}_trials", f"trials behind `{form}_r`"),
        _count(f"{form}_n", "pairs of rewards per trial (the fewest)"),
        _count(f"{form}_left_out", "pairs with a reward that is not finite, of all trials"),
        _words(f"{form}_why", "why trials have none, if any"),
    )


def _estimate(name: str, unit: str, meaning: str, low: str = "", high: str = "") -> tuple[Variable, ...]:
    """A number and both ends of its 95 % interval."""
    ends = {"lower": low or f"{name}_low", "upper": high or f"{name}_high"}
    return (
        _number(name, unit, meaning),
        *(
            Variable(
                end, "float64", unit, f"{which} end of the {SURE} interval of `{name}`", interval_of=name
            )
            for which, end in ends.items()
        ),
    )


_RANGE: Final = "end of the range over trials"
_RATIO: Final = "human-normalised"
_TASK: Final = _words("task", "name of the task")
_METHOD: Final = _words("method", "name of the method; of several runs `method (run)` where they differ")
_SEARCH: Final = _count("search", "which search of the method, from 0; 0 for a method that does not search")
_TRIAL: Final = _words("trial", "its folder in `trials/`")
_PLACE: Final = (_TASK, _METHOD, _SEARCH)
_ERROR: Final = _words("error", "why it has no score: the class")
_NORMALISED: Final = (
    "(F − sparse) / |human − sparse| of the references' means; NaN where the task has no scale"
)

ROWS: Final[Mapping[str, str]] = {
    "trials": "final trial; a search that found no program has none",
    "curves": "epoch of training, and per evaluated checkpoint, of every final trial that has a score",
    "candidates": "candidate of every search",
    "scores": "task and method",
    "agreement": "task, method but human, and search that has a score: how its reward agrees with the human one",
    "headline": "method, over all tasks",
    "profile": "method and threshold, with two tasks or more that have a scale; a performance profile",
}
"""Frame → what it has a row per."""
COLUMNS: Final[Mapping[str, tuple[Variable, ...]]] = {
    "trials": (
        *_PLACE,
        _count("seed", "number of the repetition, from which all random seeds follow"),
        _TRIAL,
        _words("status", "`ok`, `rejected`, `failed`, `missing` (not done yet) or `altered` (not as stored)"),
        _number("f", "F", "score under the run's protocol; NaN unless `ok`"),
        _number("f_final", "F", "of the last checkpoint"),
        _number("f_max", "F", "of the best checkpoint"),
        _number("stderr", "F", "standard error of `f` over the worlds of the evaluation"),
        _number("legacy_f", "F", "largest F of a training epoch, as the original measures"),
        _count("env_steps", "trained", "env steps"),
        _count("unstable", "worlds that were reset because their physics failed"),
        _count("nonfinite", "rewards that were not finite, and replaced"),
        _ERROR,
        _number("score", "F", "what counts: `f`, or the task's floor if failed; NaN if missing or altered"),
        Variable(
            "counted",
            "bool",
            "",
            "whether `score` is in the mean of `scores`: under `paper`, only those of the best search are",
        ),
        _number("normalised", _RATIO, f"`score` on the scale {_NORMALISED}"),
        _number("untrained_f", "F", "of the policy before training"),
        _number(
            "success", "share", "of successful episodes of the last checkpoint, where the task has success"
        ),
    ),
    "curves": (
        *_PLACE,
        _count("seed", "as in `trials`"),
        _TRIAL,
        _words("stage", "`training` (a row per epoch) or `evaluation` (a row per checkpoint)"),
        Variable("checkpoint", "Int64", "", "1 to 10, 0 before training; NA for an epoch"),
        _count("epoch", "of training"),
        _count("env_steps", "trained until then", "env steps"),
        _number("f", "F", "in training with random actions, in evaluation in fresh episodes without"),
        _number("stderr", "F", "of `f` over the worlds of the evaluation"),
        _number("success", "share", "of successful episodes, where the task has success"),
        Variable("episodes", "Int64", "", "that were evaluated"),
        _number("episode_length", "steps", "mean, in training"),
        _number("reward", "", "mean of the trained reward, in training"),
        _number("human_reward", "", "mean of the human reward on the same states, in training"),
        _number("legacy_f", "F", "as the original logs it, in training"),
    ),
    "candidates": (
        *_PLACE,
        _count("iteration", "from 0"),
        _words("candidate", "its id in the search"),
        _count("attempt", "0, or which repair it is"),
        _words("parent", "id of the candidate that it was reflected from"),
        _words(
            "status", "`ok`, `dropped` (by a race, at half), `rejected`, `failed`, `missing` or `altered`"
        ),
        _number("f", "F", "score in the search: one training, on a search seed"),
        _number("half_f", "F", "at half its training, where candidates raced"),
        _number("normalised", _RATIO, f"`f` on the scale {_NORMALISED}"),
        _number("best_so_far", "F", "largest `f` of its search until the end of its iteration"),
        Variable("best", "bool", "", "whether its search ended with this program"),
        _ERROR,
        _words("message", "why it has no score"),
        _words("remarks", "what is odd about it: the classes, with commas between"),
        _count("env_steps", "of its training", "env steps"),
        _TRIAL,
        _words("program", "its source"),
    ),
    "scores": (
        _TASK,
        _words("fitness", "kind of F: `RATE`, `SURVIVAL`, `SUCCESS` or `COUNT`"),
        _words("unit", "of F"),
        _METHOD,
        *_estimate(
            "mean", "F", "over searches of the mean over trials, failed ones at the floor", "low", "high"
        ),
        _count("n", "trials behind it"),
        _number("median", "F", "of those trials"),
        _number("best_of_m", "F", "mean of the search that scored best in its own search"),
        _number("legacy", "F", "mean of the trials' `legacy_f`"),
        _number("p_vs_human_holm", "", "p of Welch's test against human, Holm-adjusted over tasks"),
        _count("failed_trials", "final trials without a score, those of failed searches included"),
        _count("missing_trials", "final trials that are not done yet"),
        _count("failed_searches", "searches that found no program"),
        _count("missing_searches", "searches that are not done yet"),
        _count("altered_trials", "final trials that are not as they were stored"),
        _count("altered_searches", "searches whose record is not as it was stored"),
        _number("floor", "F", "score of a failed trial"),
        *_estimate("normalised", _RATIO, "(mean − sparse) / |human − sparse| with Fieller's interval"),
        _words("not_normalisable_because", "why the task is left out of normalised aggregates"),
        _words("suite", "that brings the task; NA for a user's own"),
    ),
    "agreement": (
        *_PLACE,
        _number("normalised", _RATIO, "mean `score` of the search on the human-normalised scale"),
        _words("verdict", f"`better` or `worse` than human by Welch's test at {SURE}, or `tie`"),
        *_coefficient("epochs", "Pearson over the last steps of epochs, mean over trials", _RANGE),
        *_coefficient(
            "transitions", "Pearson over all transitions of the training, mean over trials", _RANGE
        ),
        *_coefficient("ranks", "Spearman over a sample of these transitions, mean over trials", _RANGE),
        *_coefficient("states", "Pearson over the task's common states", f"end of its {SURE} interval"),
    ),
    "headline": (
        _METHOD,
        *_estimate(
            "mean_of_ratios", _RATIO, "mean over tasks of the ratio of means, its bias taken out (Beale)"
        ),
        *_estimate("iqm", _RATIO, "interquartile mean of trials: typical ones, beside `human_iqm`"),
        _number("human_iqm", _RATIO, "interquartile mean of the human reward's trials on the same tasks"),
        *_estimate("clipped_mean", _RATIO, f"mean over tasks of ratios cut to {CLIPPED}, as the paper's"),
        *_estimate(
            "probability_of_improvement", "share", "chance that a trial beats one of the human reward"
        ),
        *_estimate("success_rate", "share", "mean over the tasks that have success"),
        _count("wins", "tasks on which its mean is above the human reward's"),
        _count("ties", "tasks on which both means are equal"),
        _count("losses", "tasks on which its mean is below"),
        _count("wins_at_95", f"tasks on which it is above at {SURE}, Holm-adjusted over tasks"),
        _count("ties_at_95", f"tasks on which no difference shows at {SURE}"),
        _count("losses_at_95", f"tasks on which it is below at {SURE}"),
        _count("normalised_tasks", "in the normalised numbers"),
        _count("compared_tasks", "in the comparison with human"),
        _count("success_tasks", "in the success rate"),
        _count("searches", "most searches on a task"),
    ),
    "profile": (
        _METHOD,
        _number("threshold", _RATIO, "τ"),
        *_estimate("share", "share", "of trials whose normalised score exceeds τ", "low", "high"),
    ),
}
"""Frame → its columns, in order."""
