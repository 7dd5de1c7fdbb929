"""Okta's published description of its API as a judge of what the twin answers, and the list of where the description itself is wrong."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote

from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator, oas30_format_checker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import httpx
    from jsonschema.protocols import Validator

    Schema = dict[str, Any]

_FILE: Final = Path(__file__).parents[2] / "data" / "okta-management.openapi.json"
DOCUMENT: Final[dict[str, Any]] = json.loads(_FILE.read_bytes())
_URI: Final = "urn:okta"
_REGISTRY: Final = Registry[Any]().with_resource(_URI, Resource.from_contents(DOCUMENT, default_specification=DRAFT4))
_ERROR: Final = "/components/schemas/Error"


class Kind(StrEnum):
    """In what an answer differs from the description."""

    PATH = "path"  # the description does not have the path
    PARAMETER = "parameter"  # accepted, though not declared or not of the declared kind; `where` is its name
    STATUS = "status"  # not declared; `where` is the status
    BODY = "body"  # declared and absent, or the other way round; `where` is the status, or `request`
    NULL = "null"  # null where the description wants a value
    VALUE = "value"  # any other breach of the schema
    NAME = "name"  # a property that the schema does not have


@dataclass(frozen=True, slots=True)
class Problem:
    """One difference.

    Attributes:
        operation: the description's `operationId`; method and path where it has none.
        where: in the body, the path to it, `[]` for any element of an array.
    """

    operation: str
    kind: Kind
    where: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Defect:
    """Where the description is wrong, so that an answer that differs from it there is right.

    Attributes:
        operations: to which operations it applies; empty for all.
        where: to which places, each of which must be needed.
    """

    kind: Kind
    operations: frozenset[str]
    where: frozenset[str]
    reason: str

    def excuses(self, problem: Problem) -> bool:
        """Whether this is the problem."""
        applies = not self.operations or problem.operation in self.operations
        return applies and problem.kind is self.kind and problem.where in self.where


def _defect(kind: Kind, operations: str, where: str, reason: str) -> Defect:
    return Defect(kind, frozenset(operations.split()), frozenset(where.split()), reason)


DEFECTS: Final = (
    _defect(
        Kind.STATUS,
        "",
        "400 401 409 423 500 503",
        "Most operations declare 200, 403, 404 and 429 only; Okta's error catalogue and the answers recorded in the tests of its Python "
        "SDK have these as well.",
    ),
    _defect(
        Kind.BODY,
        "listUsers getUser listUserBlocks listUserGroups listAssignedRolesForUser listLogEvents getOrgSettings revokeUserSessions "
        "activateUser reactivateUser suspendUser unsuspendUser unlockUser expirePassword expirePasswordWithTempPassword resetPassword "
        "forgotPassword resetFactors listFactors getFactor unenrollFactor verifyFactor getFactorTransactionStatus listPolicies getPolicy "
        "listPolicyRules listAuthenticators listAuthenticatorEnrollments",
        "403",
        "A bearer token without the scope gets 403 with WWW-Authenticate and no body (https://github.com/okta/okta-sdk-golang/issues/145).",
    ),
    _defect(
        Kind.BODY,
        "listAppLinks listLinkedObjectsForUser listLinkedObjectDefinitions listGroups getGroup listGroupUsers listAssignedApplicationsForGroup "
        "listGroupOwners assignUserToGroup unassignUserFromGroup listApplications getApplication listApplicationUsers getApplicationUser "
        "assignUserToApplication unassignUserFromApplication listApplicationGroupAssignments getApplicationGroupAssignment "
        "assignGroupToApplication unassignApplicationFromGroup",
        "403",
        "The same, of groups, apps and links.",
    ),
    _defect(
        Kind.BODY,
        "listEventHooks createEventHook getEventHook replaceEventHook deleteEventHook activateEventHook deactivateEventHook verifyEventHook "
        "listGroupTargetsForRole listApplicationTargetsForApplicationAdministratorRoleForUser listGroupAssignedRoles listRolesForClient "
        "listGroupTargetRoleForClient listAppTargetRoleToClient listRolePermissions listUsersWithRoleAssignments listScopeConsentGrants "
        "listApiTokens getApiToken",
        "403",
        "The same, of event hooks, roles, grants and tokens.",
    ),
    _defect(
        Kind.BODY,
        "suspendUser unsuspendUser unlockUser resetFactors",
        "200",
        "Declared without a body; the recorded answers have `{}`.",
    ),
    _defect(
        Kind.PATH,
        "",
        "deactivate",
        "The part of the description that is kept here leaves `lifecycle/deactivate` out; see okta-management.NOTICE.",
    ),
    _defect(
        Kind.PATH,
        "",
        "introspect",
        "The part of the description that is kept here leaves `introspect` out. What it answers is in RFC 7662, and test_okta_introspection "
        "holds the twin to that.",
    ),
    Defect(
        Kind.NAME,
        frozenset({"POST /oauth2/v1/introspect"}),
        frozenset({"error", "error_description"}),
        "For the same reason nothing says that its refusals are in OAuth's words (RFC 7662, section 2.3).",
    ),
    _defect(
        Kind.STATUS,
        "getWellKnownOpenIDConfiguration",
        "429",
        "Declared for the other endpoints; limits hold for all of them.",
    ),
    _defect(
        Kind.NAME,
        "token oauthKeys",
        "errorCode errorSummary errorLink errorId errorCauses",
        "The limit's refusal is declared in OAuth's words; the description's own example has Okta's.",
    ),
    _defect(
        Kind.NAME,
        "oauthKeys",
        "keys[].n keys[].e",
        "Not declared for an RSA key; the description's own example has both.",
    ),
    _defect(
        Kind.VALUE,
        "token",
        "token_type",
        "The description knows Bearer alone; a token bound to a key is `DPoP` (https://developer.okta.com/docs/guides/dpop/).",
    ),
    _defect(
        Kind.PATH,
        "",
        "{transactionId}",
        "The `cancel` link of a push says DELETE; the description has the path, but for GET alone.",
    ),
    _defect(
        Kind.VALUE,
        "verifyFactor",
        "profile.phoneNumber profile.credentialId profile.authenticatorName",
        "Declared as objects, each; Okta's own examples have text.",
    ),
    Defect(
        Kind.VALUE,
        frozenset({"listAuthenticatorEnrollments"}),
        frozenset({""}),
        "Declared as one object; the description's own example has a list.",
    ),
    _defect(
        Kind.NAME,
        "getFactorTransactionStatus",
        "expiresAt _embedded _links.factor.href _links.factor.hints",
        "Okta's own examples have all of them; the discriminator for WAITING names the schema without a number, whose result is WAITING too, "
        "and the link to the factor is declared as the factor itself.",
    ),
    _defect(
        Kind.NAME,
        "getUser expirePassword",
        "credentials.emails",
        "Not declared; the recorded users have it.",
    ),
    _defect(Kind.NAME, "listUsers listGroupUsers", "[].credentials.emails", "The same, in a list."),
    _defect(
        Kind.VALUE,
        "getUser",
        "_embedded.blocks",
        "`User` wants an object in everything that is embedded, `UserGetSingleton` (all of `User`, and more) an array in this.",
    ),
    _defect(
        Kind.VALUE,
        "listUserGroups listGroups listGroupTargetsForRole listGroupTargetRoleForClient",
        "[].profile",
        "The description of a group is declared as text; it is null in recorded groups that have none.",
    ),
    _defect(Kind.VALUE, "getGroup", "profile", "The same, of one group."),
    _defect(
        Kind.VALUE,
        "listApiTokens",
        "[].tokenWindow",
        "The pattern for a duration lets none through but `P` alone; Okta's own examples have P30D.",
    ),
    _defect(Kind.VALUE, "getApiToken", "tokenWindow", "The same, of one token."),
    _defect(Kind.NAME, "listApiTokens", "[]._links", "Declared as `_link`; Okta's own examples have `_links`."),
    _defect(Kind.NAME, "getApiToken", "_links", "The same, of one token."),
    _defect(
        Kind.NULL,
        "getOrgSettings",
        "address1 address2 expiresAt postalCode state _links.logo",
        "Declared without `nullable`; null in the recorded settings of an org that nobody filled in.",
    ),
    _defect(
        Kind.NULL,
        "listLogEvents",
        "[].target [].target[].detailEntry [].legacyEventType [].outcome.reason [].actor.detailEntry [].client.id [].client.zone [].client.geographicalContext "
        "[].client.userAgent [].client.device [].client.ipAddress [].authenticationContext.authenticationProvider "
        "[].authenticationContext.credentialProvider [].authenticationContext.credentialType [].authenticationContext.interface "
        "[].authenticationContext.issuer [].request.ipChain[].geographicalContext [].request.ipChain[].source",
        "Declared without `nullable`; live events have null for whatever does not apply to them "
        "(https://github.com/okta/okta-mcp-server/pull/39).",
    ),
    _defect(Kind.NAME, "listLogEvents", "[].device", "Not declared; live events have it."),
    _defect(
        Kind.VALUE,
        "verifyFactor",
        "request",
        "It is to fit one of several alternatives alone (`oneOf`), none of which wants anything: every body fits most of them.",
    ),
    _defect(
        Kind.NAME,
        "token",
        "request.client_assertion request.client_assertion_type",
        "The description has the ways in which a client shows who it is (RFC 7521) among its security schemes alone.",
    ),
)
"""Where Okta's own description is wrong or silent. Each line must still be needed: see `test_conformance`."""


def problems(request: httpx.Request, response: httpx.Response) -> list[Problem]:
    """Every difference between the exchange and the description, listed or not. What is HTML, a page or a gateway's, is none of its business."""
    if response.headers.get("content-type", "").startswith("text/html"):
        return []
    found = _operation(request.method, request.url.path)
    if found is None:
        return list(_without_operation(request, response))
    pointer, operation = found
    name = operation["operationId"]
    checks = [*_body(name, pointer, operation, response)]
    if response.is_success:
        checks += [*_parameters(name, pointer, operation, request), *_sent(name, pointer, operation, request)]
    return checks


def judge(request: httpx.Request, response: httpx.Response) -> list[Problem]:
    """The differences that no defect of the description excuses."""
    return [found for found in problems(request, response) if not any(defect.excuses(found) for defect in DEFECTS)]


def scopes(method: str, path: str) -> set[str] | None:
    """The scopes that the description demands of a path as it writes it; None where it does not have the path."""
    operation = DOCUMENT["paths"].get(path, {}).get(method.lower())
    if operation is None:
        return None
    return {scope for way in operation.get("security", []) for scope in way.get("oauth2", [])}


@cache
def _operation(method: str, path: str) -> tuple[str, Schema] | None:
    """The operation of a request with its place in the document."""
    for template, item in DOCUMENT["paths"].items():
        if method.lower() in item and _fits(template, path):
            place = template.replace("~", "~0").replace("/", "~1")
            return f"/paths/{place}/{method.lower()}", item[method.lower()]
    return None


def _fits(template: str, path: str) -> str | None:
    return template if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) else None


def _without_operation(request: httpx.Request, response: httpx.Response) -> Iterator[Problem]:
    path = next(filter(None, (_fits(template, request.url.path) for template in DOCUMENT["paths"])), request.url.path)
    name = f"{request.method} {re.sub('/00u[^/]+', '/{id}', path)}"
    if response.status_code not in {404, 405}:
        yield Problem(name, Kind.PATH, path.rpartition("/")[2])
    if response.is_error and response.content:
        yield from _breaches(name, _ERROR, response.json())


def _body(name: str, pointer: str, operation: Schema, response: httpx.Response) -> Iterator[Problem]:
    status = str(response.status_code)
    declared = operation["responses"].get(status)
    if declared is None:
        yield Problem(name, Kind.STATUS, status)
        yield from _breaches(name, _ERROR, response.json())
        return
    at = f"{pointer}/responses/{status}"
    if "$ref" in declared:
        at, declared = declared["$ref"].removeprefix("#"), _resolved(declared)
    has_schema = "application/json" in declared.get("content", {})
    if has_schema != bool(response.content):
        yield Problem(name, Kind.BODY, status)
    elif has_schema:
        yield from _breaches(name, f"{at}/content/application~1json/schema", response.json())


def _sent(name: str, pointer: str, operation: Schema, request: httpx.Request) -> Iterator[Problem]:
    """What is wrong with the body of a request."""
    declared = _resolved(operation.get("requestBody", {}))
    if not request.content:
        if declared.get("required"):
            yield Problem(name, Kind.BODY, "request", "required")
        return
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind not in declared.get("content", {}):
        yield Problem(name, Kind.BODY, "request", f"{kind} is not declared")
        return
    value = json.loads(request.content) if kind == "application/json" else dict(parse_qsl(request.content.decode()))
    schema = f"{pointer}/requestBody/content/{kind.replace('/', '~1')}/schema"
    for problem in _breaches(name, schema, value, OAS30WriteValidator):
        yield replace(problem, where=f"request.{problem.where}".rstrip("."))


def _breaches(
    name: str, pointer: str, value: Any, kind_of_validator: type[Validator] = OAS30ReadValidator
) -> Iterator[Problem]:
    for at, place, inner in [(pointer, "", value), *_discriminated([{"$ref": f"#{pointer}"}], value, "")]:
        for error in _validator(at, kind_of_validator).iter_errors(inner):
            kind = Kind.NULL if error.instance is None else Kind.VALUE
            yield Problem(name, kind, _below(place, _where(error.absolute_path)), error.message[:200])
    for where in sorted(set(_unknown([{"$ref": f"#{pointer}"}], value, ""))):
        yield Problem(name, Kind.NAME, where)


def _parameters(name: str, pointer: str, operation: Schema, request: httpx.Request) -> Iterator[Problem]:
    item = DOCUMENT
    for part in pointer.split("/")[1:-1]:
        item = item[part.replace("~1", "/").replace("~0", "~")]
    declared = {p["name"]: p for p in map(_resolved, [*item.get("parameters", []), *operation.get("parameters", [])])}
    sent = dict(parse_qsl(request.url.query.decode(), keep_blank_values=True))
    for parameter, text in sent.items():
        if parameter not in declared or declared[parameter]["in"] != "query":
            yield Problem(name, Kind.PARAMETER, parameter, "not declared")
        elif not _accepts(_resolved(declared[parameter]["schema"]), text):
            yield Problem(name, Kind.PARAMETER, parameter, f"{text} is not what is declared")
    for parameter, entry in declared.items():
        if entry["in"] == "query" and entry.get("required") and parameter not in sent:
            yield Problem(name, Kind.PARAMETER, parameter, "required")


def _accepts(schema: Schema, text: str) -> bool:
    value: Any = text
    if schema.get("type") in {"integer", "boolean"}:
        value = int(text) if text.isdigit() else {"true": True, "false": False}.get(text, text)
    return _parameter_validator(json.dumps(schema)).is_valid(value)


@cache
def _validator(pointer: str, kind: type[Validator]) -> Validator:
    """Made once per schema; a reference into the document, so that the references inside it are found."""
    reference = {"$ref": f"{_URI}#{quote(pointer, safe='/~')}"}
    made: Validator = kind(reference, registry=_REGISTRY, format_checker=oas30_format_checker)
    return made


@cache
def _parameter_validator(schema: str) -> Validator:
    made: Validator = OAS30ReadValidator(json.loads(schema), registry=_REGISTRY, format_checker=oas30_format_checker)
    return made


def _where(path: Iterable[str | int]) -> str:
    return _joined("[]" if isinstance(part, int) else f".{part}" for part in path)


def _joined(parts: Iterable[str]) -> str:
    return "".join(parts).removeprefix(".")


def _unknown(schemas: list[Schema], value: Any, where: str) -> Iterator[str]:
    """The properties that none of the schemas has. JSON Schema lets them pass; a fake that invents names must not."""
    parts = [part for schema in schemas for part in _parts(schema, value)]
    if isinstance(value, list):
        items = [part["items"] for part in parts if "items" in part]
        for element in value:
            yield from _unknown(items, element, f"{where}[]")
    if isinstance(value, dict):
        declared: dict[str, list[Schema]] = {}
        for name, schema in ((name, schema) for part in parts for name, schema in part.get("properties", {}).items()):
            declared.setdefault(name, []).append(schema)
        is_open = not declared or any(part.get("additionalProperties") for part in parts)
        for name, inner in value.items():
            if name in declared:
                yield from _unknown(declared[name], inner, f"{where}.{name}")
            elif not is_open:
                yield f"{where}.{name}".removeprefix(".")


def _parts(schema: Schema, value: Any, seen: frozenset[str] = frozenset()) -> Iterator[Schema]:
    """A schema and all that it is put together from, what a discriminator names for this value included."""
    resolved = _resolved(schema)
    yield resolved
    named = _named(resolved, value)
    if named is not None and named not in seen:
        yield from _parts({"$ref": named}, value, seen | {named})
    for way in ("allOf", "oneOf", "anyOf"):
        for inner in resolved.get(way, []):
            yield from _parts(inner, value, seen)


def _named(schema: Schema, value: Any) -> str | None:
    """The schema that the discriminator names for a value."""
    told = schema.get("discriminator", {})
    word = value.get(told.get("propertyName")) if isinstance(value, dict) else None
    named = told.get("mapping", {}).get(word) if isinstance(word, str) else None
    return str(named) if named is not None else None


def _discriminated(schemas: list[Schema], value: Any, where: str) -> Iterator[tuple[str, str, Any]]:
    """Each value for which a discriminator names another schema, with that schema's place: the validator itself looks past it."""
    parts = [part for schema in schemas for part in _parts(schema, value)]
    for named in {named for part in parts if (named := _named(part, value)) is not None}:
        yield named.removeprefix("#"), where, value
    if isinstance(value, list):
        items = [part["items"] for part in parts if "items" in part]
        for element in value:
            yield from _discriminated(items, element, f"{where}[]")
    if isinstance(value, dict):
        for name, inner in value.items():
            declared = [part["properties"][name] for part in parts if name in part.get("properties", {})]
            yield from _discriminated(declared, inner, f"{where}.{name}")


def _below(place: str, where: str) -> str:
    return f"{place}.{where}".strip(".").replace(".[]", "[]")


def _resolved(schema: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Any = DOCUMENT
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return _resolved(found)
