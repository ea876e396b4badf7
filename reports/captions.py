"""The words above tables and under figures: what is shown, and which estimator it is."""

from __future__ import annotations

from typing import Final

from harness.scoring.correlate import RESAMPLES
from harness.scoring.intervals import SURE, percent
from harness.scoring.normalise import CLIPPED
from reports.flags import SHARE, SIGMAS
from reports.text import count

ELSEWHERE: Final = (
    "The paper trained with Isaac Gym, at the budget that is called paper here, with programs by GPT-4: engine, "
    "budget and proposer of this run differ as told below. Its values have no intervals: a difference to them is "
    "no finding, and no other number of this report rests on them."
)
"""What published values cannot be used for."""

TITLES: Final = {
    "headline": "All tasks together",
    "scores": "Scores per task",
    "gains": "What training gained",
    "normalised": "Human-normalised scores",
    "rivals": "Methods against each other",
    "rivals_by_task": "Methods against each other, task by task",
    "success": "Success rates",
    "published": "Beside the published scores",
    "published_success": "Beside the published success rates",
    "profile": "Performance profile",
    "curves": "Learning curves",
    "search": "Candidates of the searches",
    "improvement": "Improvement over iterations",
    "searches": "Searches",
    "best_of": "Best of M searches",
    "failures": "Candidates without a score",
    "correlation": "Agreement with the human reward",
    "costs": "Costs",
    "flags": "Trials to look at twice",
    "remarks": "Reward programs with remarks",
    "trials": "Every final trial",
    "candidates": "Every candidate",
    "suites": "Means of suites",
}

FIGURES: Final = {
    "headline": (
        "Left: {left}, on {scaled} of {tasks} tasks; 0 is the sparse reward, 1 the human one. Right: "
        f"probability of improvement over the human reward, on all tasks. Bands: {SURE} intervals, left "
        "{interval}, right {resampled}, or by Newcombe's method 5 where all pairs of trials agree; none with a "
        "single trial per program."
    ),
    "scores": (
        f"Fitness F in each task's own unit. Large markers and lines: means with {SURE} intervals; dots: "
        "single trials; crosses: failed trials, which count at the task's floor. Bars start at zero "
        "where zero is the worst score."
    ),
    "normalised": (
        f"Human-normalised score of each task's means with Fieller's {SURE} interval, which carries the "
        "noise of method, human and sparse trials. Grey rows: mean over the tasks of a suite, as in the headline "
        "({means}), for methods that have all of them. The axis is cut at {low} and {high}; arrows point to what "
        "lies beyond."
    ),
    "success": (
        f"Share of successful episodes, mean over trials with its {SURE} interval (the trial is the unit; wider where "
        "a trial has none or only successes). Grey rows: mean over the tasks of a suite, for methods that have all of "
        "them."
    ),
    "profile": (
        "Share of trials (tasks × seeds) whose normalised score exceeds τ; higher is better. Bands: "
        f"pointwise {SURE} of {{resamples}} stratified bootstrap resamples of method, human and sparse trials "
        "together."
    ),
    "curves": (
        "F against env steps. Markers: evaluated checkpoints (0: untrained; under strict, those between the "
        f"first and the last in fewer worlds), means with their {SURE} intervals, as in the table of scores. Thin "
        "lines: F during training, where actions are random, mean over trials. Failed trials have no curve."
    ),
    "improvement": (
        "Human-normalised score of the best candidate so far (one training each, search seeds), mean over the tasks of "
        f"a suite that have a scale and a search. Bands: {SURE} intervals over searches, as in the headline; none with "
        "a single search. Before its first scored candidate a search counts at the task's floor; one that stopped "
        "keeps what it had. The best of many noisy scores is better than it will turn out to be: compare final "
        "trials, not this line."
    ),
    "search": (
        "F of every candidate (dots; one training each, search seeds) by iteration, and the best so far"
        " (line{mean}). Crosses at the bottom: candidates without a score; those that a race "
        "dropped at half are left out. Dashed: mean final F of the "
        "human and sparse rewards. The best of many noisy scores is better than it will turn out to be:"
        " compare final trials, not this line."
    ),
    "best_of": (
        "Expected final F of the search that scored best among m searches, over all choices of m. "
        "Dashed: the human reward. The data of the table of the same name has the env steps, tokens and"
        " dollars of m searches."
    ),
    "correlation": (
        "Each point is one search on one task: Pearson's correlation of its reward with the human one "
        "over {form} (mean over final trials; line: their range) against its normalised score (cut to "
        "{span}). Triangles that point up are better than the human reward, those that point down "
        f"worse; circles are not told apart by Welch's test at {SURE}, unadjusted. A point high up agrees "
        "with the expert; one low and to the right works for other reasons."
    ),
    "published": (
        f"Human-normalised score of each task's means with Fieller's {SURE} interval, and, hollow, what the Eureka "
        "paper published (Ma et al. 2024, the best of 5 searches; read off the figures of its first version). "
        f"{ELSEWHERE} The axis is cut at {{low}} and {{high}}; arrows point to what lies beyond."
    ),
    "published_success": (
        f"Success rates, means with {SURE} intervals, and, hollow, what the Eureka paper published (Ma et al. 2024, of "
        f"eureka the best of 5 searches; read off the figures of its first version). {ELSEWHERE}"
    ),
}

TABLES: Final = {
    "headline": (
        f"Each method over all tasks, with {SURE} intervals. Normalised scores put the sparse reward at "
        "0 and the human reward at 1. Typical trials: interquartile mean of normalised trials, which "
        "trims failures; to be compared with the human reward's own, not with 1. P(better) is the "
        "chance that a trial of the method beats one of the human reward on the same task. Wins / ties / "
        "losses: tasks on which its mean is above, equal to or below the human reward's, and then those on "
        f"which that shows at {SURE}, Holm-adjusted over tasks. Tasks: how"
        " many entered the normalised numbers, the comparison and the success rate, of {tasks}."
    ),
    "scores": (
        f"Fitness F: mean over final trials with its {SURE} interval (Student's t over seeds with one "
        "search, over searches with several; wider where a trial sits at a bound of F). Failed trials"
        " count at the task's floor. Best of M: the search that scored best in its own search, which "
        "did not see these seeds. Legacy F: the original's maximum over training epochs. p: Welch's "
        "test against human, Holm-adjusted over tasks."
    ),
    "normalised strict": (
        f"(method − sparse) / |human − sparse| of the means, with Fieller's {SURE} interval, which is unbounded "
        "where the trials do not tell human from sparse. A task whose reference set has the human reward not "
        f"above the sparse one at {SURE} has no scale, and is left out of every normalised aggregate, for all "
        "methods; without such a set no task is left out, unless both score the same."
    ),
    "normalised paper": (
        f"(method − sparse) / |human − sparse| of the means, unclipped, with Fieller's {SURE} interval. "
        "Left out are only tasks on which human and sparse score the same, where the ratio is "
        "undefined."
    ),
    "published": (
        "Scores of this run beside those of the Eureka paper (Ma et al. 2024): human-normalised on its Isaac tasks, "
        f"success rates on its Dexterity tasks. {ELSEWHERE} The paper's raw F were never published. The "
        "data says where in the paper each value is; baselines/published/README.md has more."
    ),
    "rivals": (
        "Difference of two methods' mean ratios, with what both are normalised by counted once (delta method, "
        "Student's t with Satterthwaite's degrees of freedom), on the tasks that have a scale; the chance that "
        "a trial of the first beats one of the second, and the tasks on which its mean is higher, equal or "
        "lower, on all tasks."
    ),
    "rivals_by_task": (
        f"Difference of two methods' mean F with Welch's {SURE} interval, unadjusted. p: Welch's test, Holm-adjusted "
        "over the tasks of the pair."
    ),
    "gains": (
        "F of the policies before training (the same networks, untouched) and after, and the differences to "
        f"the untrained policies and to those trained with the sparse reward, with Welch's {SURE} intervals. "
        "p: Welch's test, Holm-adjusted over tasks."
    ),
    "success": (
        "Share of successful episodes. Across trials the trial is the unit, episodes are never pooled; "
        "for one policy, the median trial's last checkpoint, Wilson's interval over its episodes."
    ),
    "searches": (
        "Candidates that got a score, the best of them, its F in the search (one training, search "
        "seeds) and the mean F of its final trials (other seeds). The difference of the last two is "
        "what choosing among noisy scores seems to gain and does not."
    ),
    "failures": (
        "{failed} of {tried} candidates got no score: their classes, with every message and how often "
        "it came."
    ),
    "correlation": (
        "Correlation of the trained with the human reward on the same states, mean over final trials; in "
        "brackets the pairs per trial (the fewest). Epochs: Pearson, means over worlds at the last step of "
        "each epoch (of whole epochs in runs without those), as in the original's code; few points that "
        "share the trend of learning. Transitions: Pearson over all transitions of the training, as the "
        "paper reports. Ranks: Spearman over a fixed sample of them. Common states: Pearson over states "
        f"recorded once for the task, the same for every program, with a {SURE} interval from "
        f"{count(RESAMPLES)} bootstrap resamples of whole trajectories; they depend on the program alone. "
        "Pairs with a reward that is not "
        "finite, and worlds whose physics failed, are left out and counted; a constant series has no "
        f"correlation. Against human: Welch's test at {SURE}, unadjusted. A column is missing where no trial "
        "holds its data."
    ),
    "best_of": (
        "Expected final F of a single search, and of the one of M that scored best in its own search. "
        "The data has every m between, with the env steps, tokens and dollars of m searches."
    ),
    "costs": (
        "What each method used over all tasks; a trial that serves twice counts once. Answered by: "
        "the model as its server named it."
    ),
    "flags": (
        f"Inflated: F at the end of training exceeds evaluated F by more than {SIGMAS} standard errors and "
        f"{percent(SHARE)} of the distance between human and sparse. Unstable: worlds whose physics failed. Non-"
        "finite: rewards, or their components, that were not numbers. Failed, rejected: no score, "
        "counted at the task's floor. Missing: not done yet. Altered: not as it was stored, and not used. "
        "Stopped search: what it had found until then counts."
    ),
    "remarks": (
        "What is odd about reward programs that were trained all the same, in their search "
        "(candidates) and for the score (seeds), as their try-out and training showed. {kinds}. What "
        "was not finite while a final policy was trained is counted in the table of trials to look at"
        " twice."
    ),
}

ESTIMATORS: Final = (
    "Score of a trial. strict: F of the final checkpoint; paper: the largest F of ten checkpoints. "
    "F is measured in a clean process without any reward code, on evaluation seeds.",
    "Score of a method on a task. strict: the mean over all its searches and their trials; paper: "
    "the mean over the trials of the search that scored best in its own search.",
    "Failures. A failed candidate, trial or search counts at the task's floor, a constant that the task "
    "declares: 0, or for rate-like tasks what a policy that learned nothing scores. What has not been done, or was "
    "altered by hand, is left out and said.",
    f"Intervals are two-sided {SURE} ones. Per task: Student's t, whose unit is the seed with one search"
    " and the search with several. Where a trial sits at a bound of F (all episodes whole, none a "
    "success), or t would reach past it, the union with the interval of the same trials and one more at each bound: "
    "trials at a cap do not show how many would not be. Differences take the larger variance there, as does "
    "Fieller's interval of a task's ratio of means.",
    "Headline: mean over tasks of the ratio of means, each by Beale's estimator, which takes out the bias that the "
    "noise of human − sparse gives a ratio; the ratios of single tasks are plain. Its variance is the delta method's, "
    "of method, human and sparse trials (at a bound, the larger one of with and without one more trial at each "
    "bound), its interval Student's t with Satterthwaite's degrees of freedom. How often such intervals hold is "
    "measured in docs/statistics.md.",
    "Typical trials, the clipped mean and P(better): stratified bootstrap of method, human and sparse"
    " trials together, searches first and seeds within them; deviations stretched by √(n/(n−1)), and "
    "the interval widened by t/z for few degrees of freedom.",
    f"Mean of ratios, clipped to {CLIPPED}: the average of the Eureka paper. It is biased upward and "
    "heavy-tailed; in the strict protocol it is a legacy column.",
    "Several tests. The p-values of single tasks are Holm-adjusted over tasks; the aggregate "
    "comparison is one, declared beforehand, and is not adjusted.",
)
