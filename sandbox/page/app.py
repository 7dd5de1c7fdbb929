"""The page's own HTTP: its files, the state, the bell, and one address for each thing a visitor can do."""

from __future__ import annotations

import asyncio
from functools import partial
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.page.acts import ACTS
from sandbox.page.guard import guarded, refuse
from sandbox.page.state import signed_in, star, state
from sandbox.page.stream import Bell
from sandbox.page.world import CHANGES, Around
from sandbox.slack import NotPossibleError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from sandbox.okta import Org
    from sandbox.page.switch import Switch
    from sandbox.slack import Workspace

T = TypeVar("T")

SIGN_IN: Final = "/okta"
"""The path of the page that stands in for the org's sign-in page."""

_TYPES: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_LONGEST_BODY: Final = 64 * 1024
_PATIENCE: Final = 4.0
"""Seconds an act may keep the browser waiting. Slack's own 3 s for an ack fit in; the retries of an event to a dead app do not."""


def page_app(org: Org, workspace: Workspace, switch: Switch | None = None) -> ASGIApp:
    """The page over an org and a workspace that share a clock; with `switch`, the bot can be started anew from it."""
    page = _Page(Around(org, workspace, switch))
    routes = [
        Route("/", partial(_file, "page.html")),
        Route(SIGN_IN, partial(_file, "sign-in.html")),
        *(Route(f"/{name}", partial(_file, name)) for name in _assets()),
        Route("/api/state", page.state),
        Route("/api/changes", page.changes),
        Route("/api/as/{user_id}/{act}", page.act, methods=["POST"]),
        Route("/api/world/{change}", page.change, methods=["POST"]),
    ]
    handlers: Mapping[Any, Any] = {HTTPException: _as_json, NotPossibleError: _not_possible}
    return Starlette(routes=routes, middleware=[Middleware(guarded)], exception_handlers=handlers)


class _Page:
    """The endpoints, over one twin."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self._workspace = around.workspace
        self._under_way: set[asyncio.Task[Any]] = set()

    async def state(self, request: Request) -> Response:
        """Everything on the page for the person in `?as=`."""
        user_id = _known(request.query_params.get("as") or star(), self._workspace)
        return JSONResponse(state(self._around, user_id))

    async def changes(self, _request: Request) -> Response:
        """The bell."""
        switch = self._around.switch
        return Bell(self._around.org.changes, self._workspace.changes, *([switch.changes] if switch else []))

    async def act(self, request: Request) -> Response:
        """Do something as somebody; 202 when it goes on while the visitor does other things."""
        kind = ACTS.get(request.path_params["act"])
        if kind is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, f"There is no act like that; there are {', '.join(ACTS)}.")
        person = signed_in(self._workspace, _known(request.path_params["user_id"], self._workspace))
        act = await _body(request, kind)
        done = await self._in_time(act.by(person, self._workspace))
        self._workspace.changes.touch()
        return JSONResponse({"pending": True}, HTTPStatus.ACCEPTED) if done is None else JSONResponse(done)

    async def change(self, request: Request) -> Response:
        """Let something happen around the chat."""
        kind = CHANGES.get(request.path_params["change"])
        if kind is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, f"There is no change like that; there are {', '.join(CHANGES)}.")
        change = await _body(request, kind)
        try:
            return JSONResponse({"told": await self._whole(change.to(self._around))})
        except LookupError as unknown:
            raise HTTPException(HTTPStatus.NOT_FOUND, f"Nothing is called {unknown.args[0]!r}.") from unknown
        except ValueError as not_so:
            raise HTTPException(HTTPStatus.CONFLICT, str(not_so)) from not_so

    async def _whole(self, work: Coroutine[Any, Any, T]) -> T:
        """What the work gives. It goes on to its end even if the browser has gone."""
        return await asyncio.shield(self._begun(work))

    async def _in_time(self, work: Coroutine[Any, Any, T]) -> T | None:
        """What the work gives, or None while it still goes on; it is never given up."""
        task = self._begun(work)
        done, _ = await asyncio.wait({task}, timeout=_PATIENCE)
        return task.result() if done else None

    def _begun(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task


def _assets() -> list[str]:
    names = (entry.name for entry in files("sandbox.page").joinpath("web").iterdir())
    return sorted(name for name in names if name.endswith(tuple(_TYPES)))


async def _file(name: str, _request: Request) -> Response:
    content = files("sandbox.page").joinpath("web", name).read_bytes()
    return Response(content, media_type=_TYPES["." + name.rpartition(".")[2]])


async def _body(request: Request, kind: type[T]) -> T:
    """The body as `kind`.

    Raises:
        HTTPException: it is too long, no JSON, or not what `kind` holds.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_BODY:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "That is too long.")
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"That is not understood: {error}") from error


def _known(user_id: str, workspace: Workspace) -> str:
    if workspace.members.get(user_id) is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"Nobody in Slack has the id {user_id!r}.")
    return user_id


async def _as_json(_request: Request, error: HTTPException) -> Response:
    answer = refuse(HTTPStatus(error.status_code), error.detail)
    answer.headers.update(error.headers or {})
    return answer


async def _not_possible(_request: Request, error: NotPossibleError) -> Response:
    return refuse(HTTPStatus.CONFLICT, f"Slack does not let you do that: {error}.")
