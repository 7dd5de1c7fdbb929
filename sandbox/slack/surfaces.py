"""Modals and Home tabs: one stack of at most three modals per person, one Home tab per person, and the versions that guard updates."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.slack import forms
from sandbox.slack.blockkit import normalised_view, view_problems, view_too_large
from sandbox.slack.errors import ApiError
from sandbox.slack.ids import serial
from sandbox.slack.records import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.people import SlackMember
    from sandbox.slack.ids import Ids
    from sandbox.slack.records import JsonObject

STACK = 3


class Surfaces:
    """The open modals and published Home tabs of everybody."""

    def __init__(self, ids: Ids, *, installed_team: str) -> None:
        self._ids = ids
        self._installed_team = installed_team
        self._stacks: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}

    def stack(self, user_id: str) -> list[View]:
        """A person's open modals, the top one last."""
        return self._stacks.setdefault(user_id, [])

    def home(self, user_id: str) -> View | None:
        """The Home tab published for a person."""
        return self._homes.get(user_id)

    def find(self, view_id: str) -> View | None:
        """The open view with this id."""
        return next((view for view in self._open() if view.id == view_id), None)

    def find_external(self, external_id: str) -> View | None:
        """The open view the app gave this `external_id`."""
        return next((view for view in self._open() if view.spec.get("external_id") == external_id), None)

    def open(self, member: SlackMember, spec: Any) -> View:
        """Show a modal as the root of a new stack, in place of any other."""
        self._check(spec, "modal")
        stack = self._stacks[member.id] = []
        return self._put(stack, member, spec)

    def push(self, member: SlackMember, spec: Any) -> View:
        """Show a modal on top of the open one.

        Raises:
            ApiError: `push_limit_reached` at three views, `not_found` when none is open.
        """
        self._check(spec, "modal")
        stack = self.stack(member.id)
        if not stack:
            raise ApiError("not_found")
        if len(stack) >= STACK:
            raise ApiError("push_limit_reached")
        return self._put(stack, member, spec)

    def update(self, view: View, spec: Any, version: str | None = None) -> View:
        """Replace a view's content; what the person entered stays where block_id, action_id and type are the same.

        Raises:
            ApiError: `hash_conflict` when `version` is not the view's present hash.
        """
        self._check(spec, view.spec["type"], replacing=view)
        if version is not None and version != view.hash:
            raise ApiError("hash_conflict")
        stored = normalised_view(spec)
        fresh = replace(view, spec=stored, hash=self._ids.hash(), inputs=forms.inputs_of(stored["blocks"], view.inputs))
        self.keep(fresh)
        return fresh

    def publish(self, member: SlackMember, spec: Any, version: str | None = None) -> View:
        """Set a person's Home tab.

        Raises:
            ApiError: `hash_conflict` when `version` is not the tab's present hash.
        """
        known = self._homes.get(member.id)
        if known is not None:
            return self.update(known, spec, version)
        self._check(spec, "home")
        if version is not None:
            raise ApiError("hash_conflict")
        view = self._made(member, spec, None)
        self._homes[member.id] = view
        return view

    def keep(self, view: View) -> None:
        """Store a new state of an open view."""
        if view.spec["type"] == "home":
            self._homes[view.owner] = view
        else:
            stack = self.stack(view.owner)
            stack[[v.id for v in stack].index(view.id)] = view

    def pop(self, user_id: str) -> View:
        """Close the top modal."""
        return self.stack(user_id).pop()

    def remove(self, view: View) -> None:
        """Close one modal, wherever it is in its stack."""
        self.stack(view.owner).remove(view)

    def clear(self, user_id: str) -> list[View]:
        """Close all of a person's modals; the closed ones, top first."""
        closed = self.stack(user_id)[::-1]
        self._stacks[user_id] = []
        return closed

    def _open(self) -> Iterator[View]:
        for stack in self._stacks.values():
            yield from stack
        yield from self._homes.values()

    def _check(self, spec: Any, kind: str, *, replacing: View | None = None) -> None:
        if problems := view_problems(spec):
            raise ApiError("invalid_arguments", messages=problems)
        if spec["type"] != kind:
            raise ApiError("invalid_arguments", messages=[f"must be a {kind} [json-pointer:/view/type]"])
        if view_too_large(spec):
            raise ApiError("view_too_large")
        external = spec.get("external_id")
        holder = self.find_external(external) if external else None
        if holder is not None and (replacing is None or holder.id != replacing.id):
            raise ApiError("duplicate_external_id")

    def _put(self, stack: list[View], member: SlackMember, spec: Any) -> View:
        view = self._made(member, spec, stack[-1] if stack else None)
        stack.append(view)
        return view

    def _made(self, member: SlackMember, spec: Any, below: View | None) -> View:
        stored, view_id = normalised_view(spec), serial("V")
        return View(
            id=view_id,
            owner=member.id,
            team=member.team_id,
            spec=stored,
            hash=self._ids.hash(),
            root_view_id=below.root_view_id if below else view_id,
            previous_view_id=below.id if below else None,
            app_installed_team_id=self._installed_team,
            inputs=forms.inputs_of(stored["blocks"]),
        )


def view_json(view: View, *, app_id: str, bot_id: str) -> JsonObject:
    """A view as answers and payloads show it (https://docs.slack.dev/reference/views)."""
    spec = view.spec
    return {
        "id": view.id,
        "team_id": view.team,
        "type": spec["type"],
        "blocks": spec["blocks"],
        "private_metadata": spec.get("private_metadata", ""),
        "callback_id": spec.get("callback_id", ""),
        "state": {"values": json.loads(json.dumps(view.inputs))},
        "hash": view.hash,
        "title": spec.get("title", {"type": "plain_text", "text": "View Title", "emoji": True}),
        "clear_on_close": spec.get("clear_on_close", False),
        "notify_on_close": spec.get("notify_on_close", False),
        "close": spec.get("close"),
        "submit": spec.get("submit"),
        "previous_view_id": view.previous_view_id,
        "root_view_id": view.root_view_id,
        "app_id": app_id,
        "external_id": spec.get("external_id", ""),
        "app_installed_team_id": view.app_installed_team_id,
        "bot_id": bot_id,
    }
