"""What may be chosen of a two-handed task: where the original is odd or in doubt, as it is or as it should be."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from harness.task import TextOptions


def quirk(default: str, *, original: str) -> Any:
    """An option (a Literal) whose value in the original is `original`; `fidelity` can choose that."""
    return Field(default, json_schema_extra={"original": original})


class DexterityOptions(TextOptions):
    """Each option has the recommended value by default. A task with quirks of its own adds them with `quirk`."""

    fidelity: Literal["fixed", "original", "mixed"] = "fixed"
    """`original` chooses, for all options that are not given, what the original does; `fixed` the recommended values.
    What is then in force is said in the same words, `mixed` if it is neither."""
    left_fingertips: Literal["left", "right"] = quirk("left", original="right")
    """Whose fingertips `fingertip_another_*` and their part of what the policy sees are: the original mistakes the
    left hand's for the right hand's."""
    base_drag: Literal["discrete", "continuous"] = quirk("discrete", original="discrete")
    """How the air around a free hand slows it: by a factor per physics step of the original, which weakens the wrench
    on the hand too, or as a viscous drag, with which hands move six times as fast."""
    sparse: Literal["latched", "instant"] = quirk("latched", original="latched")
    """Whether the sparse reward, once earned, is paid until the end of the episode, or only while the task is done."""
    force_entries: Literal["raw", "clipped"] = quirk("raw", original="raw")
    """Whether what the policy sees of efforts and contact forces (ten times their size) is bounded by 100."""

    @classmethod
    def originals(cls) -> dict[str, str]:
        """Option → its value in the original, for all that can differ from it."""
        extras = {name: field.json_schema_extra for name, field in cls.model_fields.items()}
        return {name: str(extra["original"]) for name, extra in extras.items() if isinstance(extra, dict)}

    @model_validator(mode="before")
    @classmethod
    def _with_fidelity(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        originals = cls.originals()
        fixed = {name: cls.model_fields[name].default for name in originals}
        values = {**originals, **given} if given.get("fidelity") == "original" else dict(given)
        if given.get("fidelity", "fixed") not in ("fixed", "original", "mixed"):
            return values  # the field's own check says what is wrong
        in_force = {name: values.get(name, default) for name, default in fixed.items()}
        values["fidelity"] = {str(fixed): "fixed", str(originals): "original"}.get(str(in_force), "mixed")
        return values
