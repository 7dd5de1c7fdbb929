"""A list in pages, for everything but users and the System Log, whose rules are their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.okta import cursors
from sandbox.okta.http import json_answer, page_links

if TYPE_CHECKING:
    from sandbox.okta.http import Answer, Request


def in_pages(
    request: Request, records: list[dict[str, Any]], limit: int, *also_asked: object, by: str = "id"
) -> Answer:
    """The page that a request asks for, in the order of ids, or of another property that tells records apart. A full page has a next one, even if nothing is on it.

    Args:
        request: with its `after`.
        records: all that there are.
        limit: how many fit on a page.
        also_asked: what makes it another list besides the path, so that its cursors are not good here.
        by: the property.

    Raises:
        OktaError: E0000029, the cursor is not one of this list.
    """
    question = (request.path, *also_asked)
    after = request.query.get("after")
    last = "" if after is None else cursors.read(question, after)[0]
    shown = sorted((one for one in records if one[by] > last), key=lambda one: str(one[by]))[:limit]
    following = cursors.write(question, (shown[-1][by],)) if len(shown) == limit else None
    return json_answer(shown, headers=page_links(request, following, limit=limit))
