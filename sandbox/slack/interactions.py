"""What a person does to what the app has shown: commands, buttons, menus, forms, and what Slack makes of the app's answer in the ack.

Nothing here is delivered twice. When the app does not answer, or answers with something Slack cannot use, the person sees a text of Slack's
own, kept in `Workspace.notices`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sandbox.slack import forms
from sandbox.slack.blockkit import option_problems
from sandbox.slack.errors import ApiError, NotPossibleError
from sandbox.slack.methods.call import Args
from sandbox.slack.methods.chat import content
from sandbox.slack.post import Parcel
from sandbox.slack.records import Kind, Outcome, interactive_elements
from sandbox.slack.writing import Draft

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.people import SlackMember
    from sandbox.slack.channels import Channel
    from sandbox.slack.records import Delivery, JsonObject, Message, View
    from sandbox.slack.workspace import Workspace

TROUBLE = "We had some trouble connecting. Try again?"


@dataclass(frozen=True, slots=True)
class Target:
    """A message or a view whose elements a person can reach."""

    ws: Workspace
    member: SlackMember
    message: Message | None = None
    channel: Channel | None = None
    view: View | None = None

    @property
    def blocks(self) -> Sequence[JsonObject]:
        """What is shown."""
        return self.view.blocks if self.view is not None else self.message.blocks if self.message is not None else ()

    def element(self, action_id: str, block_id: str | None) -> tuple[JsonObject, JsonObject]:
        """The one block and element meant.

        Raises:
            NotPossibleError: it is not there, not the only one of that name, or hidden from this person.
        """
        found = [
            (block, element)
            for block_id_, element in interactive_elements(self.blocks)
            for block in self.blocks
            if block["block_id"] == block_id_ and element["action_id"] == action_id and block_id in {None, block_id_}
        ]
        if len(found) != 1:
            shown = [element["action_id"] for _, element in interactive_elements(self.blocks)]
            raise NotPossibleError(f"{len(found)} elements are called {action_id}; there are {shown}")
        audience = found[0][1].get("visible_to_user_ids")
        if audience is not None and self.member.id not in audience:
            raise NotPossibleError(f"{action_id} is hidden from {self.member.id}")
        return found[0]

    @property
    def inputs(self) -> forms.Inputs:
        """What this person has entered here so far."""
        if self.view is not None:
            return self.view.inputs
        return self.ws.entered.get(self._key) or forms.inputs_of(self.blocks)

    def enter(self, block_id: str, action_id: str, entry: JsonObject) -> Target:
        """The target after this person has entered something."""
        inputs = {block: dict(entries) for block, entries in self.inputs.items()}
        inputs.setdefault(block_id, {})[action_id] = entry
        if self.view is None:
            self.ws.entered[self._key] = inputs
            return self
        view = replace(self.view, inputs=inputs)
        self.ws.surfaces.keep(view)
        return replace(self, view=view)

    def payload(self, kind: str) -> JsonObject:
        """The common part of an interaction here."""
        payloads = self.ws.payloads
        if self.view is not None:
            container = {"type": "view", "view_id": self.view.id}
            return payloads.view_interaction(kind, self.member, self.view) | {"container": container}
        if self.message is None or self.channel is None:
            raise NotPossibleError("nothing is shown there")
        payload = payloads.message_interaction(kind, self.member, self.channel, self.message)
        return payload | {"state": {"values": self.inputs}}

    def response_url(self) -> JsonObject:
        """Where the app may answer; a view has no such address."""
        if self.message is None or self.channel is None:
            return {}
        path = self.ws.response_urls.issue(self.member.id, self.channel.id, self.message.ts)
        return {"response_url": self.ws.address + path}

    @property
    def _key(self) -> tuple[str, str]:
        return self.member.id, self.message.ts if self.message else ""


async def act(target: Target, block: JsonObject, element: JsonObject, entry: JsonObject | None) -> Delivery:
    """Send `block_actions` for one element; `entry` is what was chosen, None for a button."""
    ws = target.ws
    action = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
    described = {key: element[key] for key in ("text", "value", "style", "placeholder") if key in element}
    action |= described | (entry or {}) | {"action_ts": ws.ids.ts()}
    trigger_id = ws.triggers.issue(target.member.id)
    payload = target.payload("block_actions") | target.response_url() | {"trigger_id": trigger_id, "actions": [action]}
    delivery = await ws.post.hand_over(Parcel(Kind.INTERACTIVE, "block_actions", payload, trigger_id, answerable=True))
    if not delivery.acked:
        ws.notify(target.member.id, f'This action failed with the error "{failure(delivery)}".')
    return delivery


async def suggest(target: Target, block: JsonObject, element: JsonObject, typed: str) -> list[JsonObject]:
    """Send `block_suggestion`; the options the app offers, groups flattened, none when its answer is of no use."""
    ws = target.ws
    key = ws.triggers.issue(target.member.id)
    payload = target.payload("block_suggestion") | {
        "value": typed,
        "action_id": element["action_id"],
        "block_id": block["block_id"],
    }
    delivery = await ws.post.hand_over(Parcel(Kind.INTERACTIVE, "block_suggestion", payload, key, answerable=True))
    if not delivery.acked or option_problems(delivery.answer):
        ws.notify(target.member.id, "There was a problem loading options.")
        return []
    answer = delivery.answer
    groups = [group["options"] for group in answer.get("option_groups", ())] or [answer.get("options", [])]
    return [option for options in groups for option in options]


async def command(ws: Workspace, member: SlackMember, channel: Channel, name: str, text: str) -> Delivery:
    """Send a slash command and show what its ack says."""
    trigger_id = ws.triggers.issue(member.id)
    url = ws.address + ws.response_urls.issue(member.id, channel.id)
    payload = ws.payloads.command(member, channel, command=name, text=text, trigger_id=trigger_id, response_url=url)
    delivery = await ws.post.hand_over(Parcel(Kind.COMMAND, name, payload, trigger_id, answerable=True))
    if not delivery.acked:
        ws.notify(member.id, f'{name} failed with the error "{failure(delivery)}"')
    elif delivery.answer:
        try:
            show_answer(ws, member, channel, delivery.answer)
        except ApiError as error:
            ws.notify(member.id, f'{name} failed with the error "{error.code}"')
    return delivery


def show_answer(ws: Workspace, member: SlackMember, channel: Channel, answer: Any) -> Message:
    """Show an answer to a command or on a response address: to this person, or to the channel when it says `in_channel`.

    Raises:
        ApiError: `no_text`, `invalid_blocks` and their like.
    """
    values = answer if isinstance(answer, dict) else {"text": str(answer)}
    text, blocks = content(Args(values))
    thread_ts = values.get("thread_ts")
    draft = Draft(text=text, blocks=blocks, thread_ts=thread_ts if isinstance(thread_ts, str) else None)
    if values.get("response_type") == "in_channel":
        message = ws.writer.write(channel, ws.bot, draft)
        ws.writer.tell_app(ws.writer.events_of_new(message, channel))
        return message
    return ws.writer.write_ephemeral(channel, member, draft)


async def submit(target: Target, view: View) -> dict[str, str]:
    """Send `view_submission` and do what the ack says; the errors to show, by block_id."""
    ws, member = target.ws, target.member
    trigger_id = ws.triggers.issue(member.id)
    payload = ws.payloads.view_interaction("view_submission", member, view) | {
        "trigger_id": trigger_id,
        "response_urls": [],
    }
    delivery = await ws.post.hand_over(
        Parcel(Kind.INTERACTIVE, "view_submission", payload, trigger_id, answerable=True)
    )
    try:
        return await _respond(ws, member, view, delivery)
    except ApiError:
        ws.notify(member.id, TROUBLE)
        return {}
    finally:
        ws.changes.touch()


async def closed(ws: Workspace, member: SlackMember, views: Sequence[View], *, is_cleared: bool) -> None:
    """Send `view_closed` for the views that asked for it."""
    for view in views:
        if view.spec.get("notify_on_close"):
            payload = ws.payloads.view_interaction("view_closed", member, view) | {"is_cleared": is_cleared}
            await ws.post.hand_over(Parcel(Kind.INTERACTIVE, "view_closed", payload, f"{view.id}:{view.hash}"))


def failure(delivery: Delivery) -> str:
    """Slack's word to the person for a delivery that failed."""
    return "operation_timeout" if delivery.outcome is Outcome.TIMEOUT else "dispatch_failed"


async def _respond(ws: Workspace, member: SlackMember, view: View, delivery: Delivery) -> dict[str, str]:
    """Carry out a `response_action` (https://docs.slack.dev/surfaces/modals)."""
    answer = delivery.answer or {}
    if not delivery.acked or not isinstance(answer, dict):
        raise ApiError(failure(delivery))
    present = ws.surfaces.find(view.id)
    match answer.get("response_action"):
        case None if not answer:
            if present is not None:
                ws.surfaces.remove(present)
        case "clear":
            others = [other for other in ws.surfaces.clear(member.id) if other.id != view.id]
            await closed(ws, member, others, is_cleared=True)
        case "errors":
            return _errors(view, answer.get("errors"))
        case "update" if present is not None:
            ws.surfaces.update(present, answer.get("view"))
        case "push":
            ws.surfaces.push(member, answer.get("view"))
        case _:
            raise ApiError("invalid_response_action")
    return {}


def _errors(view: View, errors: Any) -> dict[str, str]:
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not inputs.issuperset(errors):
        raise ApiError("invalid_errors")
    return {block_id: str(text) for block_id, text in errors.items()}


def filled_view(
    ws: Workspace, view: View, values: Mapping[str, Any], offered: Mapping[str, Sequence[JsonObject]]
) -> View:
    """The view with these values entered, by action_id or block_id.

    Raises:
        NotPossibleError: a value fits no element, or a required field is empty.
    """
    inputs = {block: dict(entries) for block, entries in view.inputs.items()}
    for name, value in values.items():
        found = [(b, e) for b, e in view.elements if name in {b, e["action_id"]} and forms.is_stateful(e)]
        if len(found) != 1:
            raise NotPossibleError(f"{len(found)} fields are called {name}")
        block_id, element = found[0]
        inputs[block_id][element["action_id"]] = forms.filled(element, value, offered.get(element["action_id"], ()))
    for block in view.blocks:
        if block["type"] == "input" and not block.get("optional", False):
            element = block["element"]
            if forms.is_empty(element, inputs[block["block_id"]][element["action_id"]]):
                raise NotPossibleError(f"{element['action_id']} must be filled in")
    full = replace(view, inputs=inputs)
    ws.surfaces.keep(full)
    return full
