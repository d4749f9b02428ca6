"""What lies in a folder, however deep: Drive lists direct children only.

A query with `fullText` and `in parents` finds nothing (see users' reports at
https://github.com/googleapis/google-api-nodejs-client/issues/3443), so the tree is walked first and
the hits of an unlimited search are compared with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from connector_sdk import Deadline, TokenCache

from .drive import Context, Drive, File
from .query import FOLDER, SHORTCUT, children_of

_MAX_FOLDERS = 1000
_MAX_DEPTH = 25
_PARENTS_IN_A_QUERY = 40  # more and Drive finds the query too complex
_FIELDS = "nextPageToken,files(id,mimeType,shortcutDetails(targetId,targetMimeType))"
_KEEP_SECONDS = 60.0


@dataclass
class Tree:
    """What may be found below one folder.

    Args:
        folders: ids of the folder and of all folders below it.
        targets: ids of files that shortcuts in those folders point at.
        complete: whether the whole tree was seen.
    """

    folders: set[str] = field(default_factory=set)
    targets: set[str] = field(default_factory=set)
    complete: bool = True

    def holds(self, file: File) -> bool:
        """Whether a file is in the tree."""
        return file["id"] in self.targets or not self.folders.isdisjoint(file.get("parents", ()))


_trees: TokenCache[Tree] = TokenCache(seconds=_KEEP_SECONDS)


def tree_below(folder_id: str, drive: Drive, context: Context, corpus: Mapping[str, Any]) -> Tree:
    """Return what lies below a folder, as this caller sees it.

    Args:
        folder_id: the folder, or a shortcut to it.
        drive: the calls.
        context: the request.
        corpus: the parameters of files.list that say where to look.

    Raises:
        NotFound: this caller sees no such folder.
        ConnectorError: as Drive's answer says.
    """
    key = (folder_id, *corpus.values())
    known = _trees.get(context.credential, key)
    if known is None:
        known = _walk(folder_id, drive, context, corpus)
        if known.complete:
            _trees.put(context.credential, key, known)
    if not known.complete:
        context.warn(
            "folder_too_large",
            f"Of the folder {folder_id} only the first {len(known.folders)} folders were searched.",
        )
    return known


def _walk(folder_id: str, drive: Drive, context: Context, corpus: Mapping[str, Any]) -> Tree:
    root = drive.get(folder_id, "id,mimeType,shortcutDetails(targetId,targetMimeType)")
    tree = Tree()
    level = _sort(root, tree)
    # Half of the time is for the search itself.
    latest = Deadline(context.deadline.remaining() / 2)
    depth = 0
    while level:
        depth += 1
        if depth > _MAX_DEPTH or len(tree.folders) > _MAX_FOLDERS or not latest.remaining():
            tree.complete = False
            break
        chunks = [
            level[start : start + _PARENTS_IN_A_QUERY]
            for start in range(0, len(level), _PARENTS_IN_A_QUERY)
        ]
        futures = context.side_by_side(
            *(partial(_children, chunk, drive, corpus) for chunk in chunks)
        )
        children = [child for future in futures for child in future.result()]
        level = [folder for child in children for folder in _sort(child, tree)]
    return tree


def _children(folder_ids: list[str], drive: Drive, corpus: Mapping[str, Any]) -> list[File]:
    children: list[File] = []
    page: str | None = None
    while len(children) <= _MAX_FOLDERS:
        answer = drive.list(
            q=children_of(folder_ids), pageSize=1000, fields=_FIELDS, pageToken=page, **corpus
        )
        children += answer.get("files", [])
        page = answer.get("nextPageToken")
        if not page:
            break
    return children


def _sort(child: File, tree: Tree) -> list[str]:
    """Note a child; return the folder that it leads to, if nobody has been there."""
    target, mime_type = child["id"], child["mimeType"]
    if mime_type == SHORTCUT:
        details = child.get("shortcutDetails", {})
        target, mime_type = details.get("targetId"), details.get("targetMimeType")
        if mime_type != FOLDER:
            if target:
                tree.targets.add(target)
            return []
    if not target or target in tree.folders:
        return []
    tree.folders.add(target)
    return [target]
