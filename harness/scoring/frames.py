"""A run as tidy DataFrames: what tables, figures and notebooks are made from. `COLUMNS` says what each column is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from harness.scoring.agreement import agreements
from harness.scoring.altered import alterations
from harness.scoring.analysis import Analysis, analyse
from harness.scoring.columns import COLUMNS
from harness.scoring.merge import read_runs
from harness.scoring.score_frames import agreement_frame, headline_frame, profile_frame, scores_frame
from harness.scoring.trial_frames import candidates_frame, curves_frame, trials_frame


@dataclass(frozen=True)
class RunFrames:
    """One run folder, or several merged, as DataFrames; each is made when it is first asked for."""

    analysis: Analysis
    """What they are made from: reward programs, prompts, settings and checkpoints are there too."""

    @cached_property
    def trials(self) -> pd.DataFrame:
        """Every final trial."""
        return trials_frame(self.analysis)

    @cached_property
    def curves(self) -> pd.DataFrame:
        """Every epoch and every checkpoint of every final trial."""
        return curves_frame(self.analysis)

    @cached_property
    def candidates(self) -> pd.DataFrame:
        """Every candidate of every search."""
        return candidates_frame(self.analysis)

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Every method on every task."""
        return scores_frame(self.analysis)

    @cached_property
    def agreement(self) -> pd.DataFrame:
        """How much the reward of every search agrees with the human one."""
        return agreement_frame(agreements(self.analysis))

    @cached_property
    def headline(self) -> pd.DataFrame:
        """Every method over all tasks."""
        return headline_frame(self.analysis)

    @cached_property
    def profile(self) -> pd.DataFrame:
        """Performance profiles of the methods that have normalised scores on two tasks or more."""
        return profile_frame(self.analysis)

    @property
    def alterations(self) -> list[str]:
        """What of the folder is not as it was stored, a line each; none of it is in the frames' numbers."""
        return alterations(self.analysis.run)

    def __repr__(self) -> str:
        run, config = self.analysis.run, self.analysis.run.config
        names = ", ".join(name for name, _ in run.configs)
        return (
            f"<run {names}: {len(run.tasks)} task(s), methods {', '.join(run.methods)}; protocol {config.protocol}, "
            f"budget {config.budget}, engine {config.engine}; frames {', '.join(COLUMNS)}>"
        )


def load_frames(folders: Iterable[Path]) -> RunFrames:
    """The frames of one run folder, or of several that fit together; see `harness.load_run`."""
    return RunFrames(analyse(read_runs(tuple(folders))))
