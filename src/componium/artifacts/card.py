"""Says in lines of text what a user should know of a composer."""

from __future__ import annotations

from componium.artifacts.artifact import Artifact
from componium.artifacts.manifest import CorpusCredit

# What no composer may refuse.
_ALWAYS_ASKED = ("bars", "seconds", "tempo", "parts", "seed", "count")


def card(artifact: Artifact) -> str:
    """Returns what a user should know of a composer, as lines of text."""
    manifest = artifact.manifest
    lines = [
        f"{manifest.name} ({artifact.digest})",
        f"  family       {manifest.family}, {artifact.size / 1e6:.1f} MB, {manifest.signature.get('precision', '')}",
        f"  tasks        {', '.join(manifest.tasks)}",
        f"  controls     {', '.join(dict.fromkeys((*_ALWAYS_ASKED, *manifest.controls)))}",
        f"  parts        {', '.join(part.name for part in artifact.codec.config.parts)}",
    ]
    if manifest.conditioning.styles:
        lines.append(f"  styles       {', '.join(manifest.conditioning.styles)}")
    if manifest.begun_from:
        lines.append(f"  begun from   the weights of {manifest.begun_from}")
    for corpus in manifest.corpora:
        lines.append(f"  learned from {corpus.title}; {_pieces_used(corpus)}; {corpus.licence}")
        if corpus.meters:
            meters = ", ".join(f"{meter} in {count}" for meter, count in corpus.meters.items())
            lines.append(f"  meters       {meters}")
    withheld = [corpus.title for corpus in manifest.corpora if corpus.redistributable is False]
    if withheld:
        lines.append(
            f"  sharing      for experiments only, not to be shipped: no licence allows it ({'; '.join(withheld)})"
        )
    lines += _test_line(manifest.figures.get("test"))
    lines.append(f"  directory    {artifact.folder}")
    return "\n".join(lines)


def _pieces_used(corpus: CorpusCredit) -> str:
    return f"{corpus.pieces} pieces" if corpus.pieces else "only loops laid under pieces of others"


def _test_line(figures: object) -> list[str]:
    """What the composer gives the test pieces; nothing where it was not measured."""
    if not isinstance(figures, dict):
        return []
    names = ("bits_per_note", "bits_per_note_low", "bits_per_note_high", "pieces")
    found = [figures.get(name) for name in names]
    if not all(isinstance(value, float) for value in found):
        return []
    return ["  test pieces  {:.2f} bits per note ({:.2f} to {:.2f}), {:.0f} pieces".format(*found)]
