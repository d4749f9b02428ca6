"""Sentences: where a text may be cut, and which of them say nothing without the one before."""

from __future__ import annotations

import re

# A mark that ends a sentence, what closes behind it, and then a space and no small letter; the
# marks of scripts without spaces end one by themselves.
_END = re.compile(r"[.!?…؟।][\"'”’»)\]]{0,3}\s+(?=[^\sa-zß-öø-ÿ])|[。！？｡][」』”’）)]{0,3}\s*|\n+")
# A full stop behind these ends an abbreviation, and behind a single letter a name's initial.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[\"'“„])(?:[^\W\d_]|Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|vs|etc|No|Nr|Art|Abs|Fig|Figs|Eq|"
    r"approx|ca|cf|al|bzw|vgl|inkl|zzgl|ggf|bspw|usw|Tel|Inc|Ltd|Co|Corp|Mme|Mlle|Sra|Jan|Feb|Mar|"
    r"Apr|Aug|Sept|Oct|Okt|Nov|Dec|Dez|p|pp|S|Vol|[^\W\d_](?:\.[^\W\d_])+)\.$"
)
_LEANS = re.compile(
    r"(?:he|she|it|they|this|these|those|that|such|his|her|its|their|however|therefore|thus|hence|"
    r"moreover|furthermore|otherwise|instead|then|also|both|neither|"
    r"er|sie|es|dies|diese|dieser|dieses|dabei|dafür|damit|dazu|deshalb|daher|dort|jedoch|außerdem|"
    r"il|elle|ils|elles|ce|cet|cette|ces|cela|ainsi|donc|cependant|"
    r"él|ella|ellos|ellas|esto|este|esta|estos|estas|ello|además|por eso|"
    r"esso|essa|questo|questa|questi|queste|ciò|isso|isto|ele|ela|hij|zij|dit|deze|daarom)\b",
    re.IGNORECASE,
)
_SHORT = 12  # characters in which an abbreviation before a full stop has room


def sentences(text: str) -> list[str]:
    """Return the sentences of a text in order, each with the space behind it.

    Args:
        text: a paragraph. A line break ends a sentence too.
    """
    found, start = [], 0
    for end in _END.finditer(text):
        so_far = text[max(start, end.start() - _SHORT) : end.start() + 1]
        if so_far.endswith(".") and _ABBREVIATION.search(so_far):
            continue
        found.append(text[start : end.end()])
        start = end.end()
    found.append(text[start:])
    return [sentence for sentence in found if sentence.strip()]


def leans_back(sentence: str) -> bool:
    """Return whether a sentence begins with a word that points at the one before: "It", "Diese"."""
    return _LEANS.match(sentence) is not None
