"""Words of scripts that put no spaces between them: Chinese, Japanese, Thai and their neighbours.

No dictionary is kept: a question is cut where the script changes and at what only asks or joins,
which leaves the names of things. A provider's own tokenizer cuts these further.
"""

from __future__ import annotations

import re

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々〆"
_KATAKANA = r"\u30a1-\u30faー"
_HIRAGANA = r"\u3041-\u309f"
_THAI = r"\u0e01-\u0e4e"  # without its digits
_OTHERS = r"\u0e81-\u0ece\u1000-\u104a\u1780-\u17d3"  # Lao, Burmese, Khmer
_UNSPACED = re.compile(f"[{_HAN}{_KATAKANA}{_HIRAGANA}{_THAI}{_OTHERS}]")
_RUN = re.compile(
    f"[{_HAN}]+|[{_KATAKANA}]+|[{_HIRAGANA}]+|[{_THAI}]+|[{_OTHERS}]+"
    f"|[^{_HAN}{_KATAKANA}{_HIRAGANA}{_THAI}{_OTHERS}]+"
)
_ONLY_HIRAGANA = re.compile(f"[{_HIRAGANA}]+")

# What only asks or joins; the longest first. No single character that is part of common words.
_CHINESE = (
    "为什么 為什麼 什么时候 什麼時候 怎么样 怎麼樣 怎么 怎麼 什么 什麼 如何 哪里 哪裡 哪儿 哪个 哪些 多少 几个 "
    "请问 請問 是否 可以 能否 我们 我們 你们 你們 他们 他們 关于 關於 以及 或者 有没有 有沒有 需要 告诉我 的 吗 嗎 呢 吧 是 我 你"
)
_JAPANESE = "何時 何処 何故 誰 何 教"
_THAI_WORDS = (
    "เมื่อไหร่ เมื่อไร อย่างไร คืออะไร อะไร ที่ไหน เท่าไหร่ เท่าไร ทำไม กี่วัน ได้ไหม หรือไม่ ของ และ หรือ คือ "
    "ครับ ค่ะ ไหม"
)
_JOINTS = re.compile(
    "|".join(sorted(f"{_CHINESE} {_JAPANESE} {_THAI_WORDS}".split(), key=len, reverse=True))
)


def is_unspaced(word: str) -> bool:
    """Say whether a word is of a script without spaces."""
    return _UNSPACED.search(word) is not None


def pieces(word: str) -> list[str]:
    """Return what a run of such a script is about; the run itself where nothing is left.

    Args:
        word: without punctuation and spaces.
    """
    found = [piece for run in _RUN.findall(word) for piece in _JOINTS.split(run) if piece]
    # Hiragana alone are endings and particles; in Chinese there are none.
    kept = [piece for piece in found if not _ONLY_HIRAGANA.fullmatch(piece)]
    return kept or [word]


def pairs(piece: str) -> list[str]:
    """Return every two characters that stand side by side, for an index that knows pairs."""
    return [piece[at : at + 2] for at in range(len(piece) - 1)] if len(piece) > 2 else []
