"""The stub that both clients read from: users as Okta shows them, from bytes made beforehand, so that its own cost is small.

    python -m bench.okta_stub PORT PAGES

`GET /api/v1/users` answers page after page of 200, `GET /api/v1/users/{id}` one user; each with the headers that Okta
sends, the `Link` header repeated as Okta does it. `GET /exchanges` tells how many requests there were since it was last
asked. There is no limit, but its headers are there to be read.
"""

import asyncio
import json
import signal
import sys
from email.utils import format_datetime
from functools import lru_cache
from typing import Final

import uvloop

from bench.clock import now

PAGE: Final = 200
PLENTY: Final = 1_000_000
_NUMBER: Final = b"0000000"
_ID: Final = f"00u1a2b3c4d5{_NUMBER.decode()}x"

_PROFILE: Final = {
    "login": f"maya.okafor.{_NUMBER.decode()}@northwind.example",
    "email": f"maya.okafor.{_NUMBER.decode()}@northwind.example",
    "secondEmail": "maya.okafor@post.example",
    "firstName": "Maya",
    "lastName": "Okafor",
    "middleName": "Adaeze",
    "honorificPrefix": "Dr.",
    "honorificSuffix": None,
    "title": "Senior Warehouse Planner",
    "displayName": "Maya Adaeze Okafor",
    "nickName": "Maya",
    "profileUrl": "https://intranet.northwind.example/people/maya.okafor",
    "primaryPhone": "+49 30 5550 1234",
    "mobilePhone": "+49 151 5550 1234",
    "streetAddress": "Speicherstraße 12",
    "city": "Hamburg",
    "state": "HH",
    "zipCode": "20457",
    "countryCode": "DE",
    "postalAddress": "Northwind Trading GmbH, Speicherstraße 12, 20457 Hamburg",
    "preferredLanguage": "de",
    "locale": "de_DE",
    "timezone": "Europe/Berlin",
    "userType": "Employee",
    "employeeNumber": _NUMBER.decode(),
    "costCenter": "4711-0815",
    "organization": "Northwind Trading GmbH",
    "division": "Supply Chain",
    "department": "Warehouse Planning Europe",
    "managerId": "00u1a2b3c4d5000000x",
    "manager": "jonas.lindqvist@northwind.example",
    "managerName": "Jonas Lindqvist",
    "legalEntity": "Northwind Trading GmbH",
    "businessUnit": "EMEA Operations",
    "jobFamily": "Planning and Logistics",
    "employmentType": "Regular, full time",
    "hireDate": "2023-03-01",
    "site": "Hamburg Speicherstadt",
    "building": "B2",
    "floor": "3",
    "badgeNumber": "774411",
    "sourceOfTruth": "workday",
}
_ACTIONS: Final = {
    "suspend": "lifecycle/suspend",
    "resetPassword": "lifecycle/reset_password",
    "expirePassword": "lifecycle/expire_password",
    "resetFactors": "lifecycle/reset_factors",
    "forgotPassword": "credentials/forgot_password",
    "changePassword": "credentials/change_password",
    "changeRecoveryQuestion": "credentials/change_recovery_question",
    "deactivate": "lifecycle/deactivate",
}


def _user(base: str, *, alone: bool) -> bytes:
    """A user in Okta's JSON, about 2 kB; read alone it has links to what may be done, in a list only one to itself."""
    itself = f"{base}/api/v1/users/{_ID}"
    links = {name: {"href": f"{itself}/{path}", "method": "POST"} for name, path in _ACTIONS.items()} if alone else {}
    user = {
        "id": _ID,
        "status": "ACTIVE",
        "created": "2023-03-01T08:00:00.000Z",
        "activated": "2023-03-01T08:05:00.000Z",
        "statusChanged": "2026-09-14T06:30:00.000Z",
        "lastLogin": "2026-11-24T07:12:31.000Z",
        "lastUpdated": "2026-11-02T10:41:07.000Z",
        "passwordChanged": "2026-09-14T06:30:00.000Z",
        "type": {"id": "oty1a2b3c4d5E6f7g8h9"},
        "profile": _PROFILE,
        "credentials": {
            "password": {},
            "emails": [{"value": _PROFILE["email"], "status": "VERIFIED", "type": "PRIMARY"}],
            "recovery_question": {"question": "Wie hieß deine erste Lehrerin?"},
            "provider": {"type": "OKTA", "name": "OKTA"},
        },
        "_links": {"self": {"href": itself}} | links,
    }
    return json.dumps(user, separators=(",", ":"), ensure_ascii=False).encode()


class Org:
    """The answers of an org with `pages` pages of users, as bytes on the wire."""

    def __init__(self, port: int, pages: int) -> None:
        self.exchanges = 0
        self._base = f"http://127.0.0.1:{port}"
        self._pages = pages
        self._in_list = _user(self._base, alone=False)
        self._alone = _user(self._base, alone=True)
        self._usual = b""
        self._body = lru_cache(maxsize=64)(self._made)
        for page in range(min(pages, 64)):
            self._body(page)

    def tick(self) -> None:
        """Renew what changes with the second."""
        moment = now()
        self._usual = (
            "Content-Type: application/json\r\nServer: nginx\r\nConnection: keep-alive\r\n"
            f"Date: {format_datetime(moment, usegmt=True)}\r\n"
            f"x-okta-request-id: aSyJmXyQZ5rJ0cF6xv3P3QAAB9M\r\nx-rate-limit-limit: {PLENTY}\r\n"
            f"x-rate-limit-remaining: {PLENTY - 1}\r\nx-rate-limit-reset: {int(moment.timestamp()) + 60}\r\n"
            'x-xss-protection: 0\r\np3p: CP="HONK"\r\nexpires: 0\r\ncache-control: no-cache, no-store\r\npragma: no-cache\r\n'
            "referrer-policy: strict-origin-when-cross-origin\r\nx-content-type-options: nosniff\r\n"
            "accept-ch: Sec-CH-UA-Platform-Version\r\nstrict-transport-security: max-age=315360000; includeSubDomains\r\n"
            "set-cookie: JSESSIONID=0A1B2C3D4E5F60718293A4B5C6D7E8F9; Path=/; Secure; HttpOnly\r\n"
        ).encode()

    def answer(self, target: bytes) -> bytes:
        """What a request for `target` is answered."""
        path, _, query = target.partition(b"?")
        if path == b"/exchanges":
            count, self.exchanges = self.exchanges, 0
            return self._whole(str(count).encode())
        self.exchanges += 1
        if path == b"/api/v1/users":
            return self._page(int(query.partition(b"after=")[2].partition(b"&")[0] or 0))
        number = path.rpartition(b"/")[2][-1 - len(_NUMBER) : -1]
        return self._whole(self._alone.replace(_NUMBER, number))

    def _page(self, number: int) -> bytes:
        here = f"{self._base}/api/v1/users"
        links = f'Link: <{here}?after={number}&limit={PAGE}>; rel="self"\r\n'
        if number + 1 < self._pages:
            links += f'Link: <{here}?after={number + 1}&limit={PAGE}>; rel="next"\r\n'
        return self._whole(self._body(number), links.encode())

    def _whole(self, body: bytes, links: bytes = b"") -> bytes:
        return b"HTTP/1.1 200 OK\r\n%b%bContent-Length: %d\r\n\r\n%b" % (self._usual, links, len(body), body)

    def _made(self, page: int) -> bytes:
        numbers = range(page * PAGE, (page + 1) * PAGE)
        return b"[" + b",".join(self._in_list.replace(_NUMBER, b"%07d" % number) for number in numbers) + b"]"


class Connection(asyncio.Protocol):
    """One connection; requests have no body."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._read = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as TCP has it
        """Remember where to answer."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete."""
        *requests, self._read = (self._read + data).split(b"\r\n\r\n")
        for request in requests:
            self._transport.write(self._org.answer(request.split(b" ", 2)[1]))


async def serve(port: int, pages: int) -> None:
    """Serve until told to end."""
    loop = asyncio.get_running_loop()
    org = Org(port, pages)

    def tick() -> None:
        org.tick()
        loop.call_later(0.5, tick)

    tick()
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    await loop.create_server(lambda: Connection(org), "127.0.0.1", port)
    print("ready", flush=True)
    await ended.wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), int(sys.argv[2])))
