"""The one error tree. Every message names what was wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any


class RingsightError(Exception):
    """The root. `status` is the HTTP status it becomes, `code` a stable machine-readable name."""

    status = 500
    code = "internal"
    title = "Something went wrong"
    headers: Mapping[str, str] = MappingProxyType({})  # further HTTP headers of the answer

    def __init__(self, detail: str, **extra: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class SettingsError(RingsightError):
    """A setting is missing or can't be read."""

    code = "settings"
    title = "A setting is wrong"


class InputError(RingsightError):
    """What the caller sent can't be used: the message names the field, the place and the remedy."""

    status = 422
    code = "invalid_input"
    title = "The input is not valid"


class UnauthenticatedError(RingsightError):
    """The request carries no key or login that holds."""

    status = 401
    code = "unauthenticated"
    title = "Who are you?"
    headers = MappingProxyType({"WWW-Authenticate": 'Bearer realm="ringsight"'})


class ForbiddenError(RingsightError):
    """The key has no role that allows this, or the request may come from another site."""

    status = 403
    code = "forbidden"
    title = "Not allowed"


class TooManyRequestsError(RingsightError):
    """The key's requests are over its limit."""

    status = 429
    code = "too_many_requests"
    title = "Too many requests"

    def __init__(self, detail: str, retry_after_s: int) -> None:
        super().__init__(detail)
        self.headers = MappingProxyType({"Retry-After": str(retry_after_s)})


class NotFoundError(RingsightError):
    """The account, ring, run or decision asked for does not exist."""

    status = 404
    code = "not_found"
    title = "Not found"


class ConflictError(RingsightError):
    """The state of things does not allow this now (a run is going on, a database is not empty)."""

    status = 409
    code = "conflict"
    title = "Conflict"


class UnavailableError(RingsightError):
    """Something that is needed can't be reached now; trying again later may work."""

    status = 503
    code = "unavailable"
    title = "Temporarily unavailable"


class EngineError(RingsightError):
    """The local engine could not be fetched, started or stopped."""

    code = "engine"
    title = "The local engine failed"


def told(found: Mapping[str, Any]) -> str:
    """What pydantic found wrong with a field, as a sentence for who sent it."""
    if found["type"] == "extra_forbidden":
        return "nothing here has this name; is it misspelt?"
    if found["type"] in ("model_type", "dict_type", "model_attributes_type"):
        return "it has to be an object, with names and values"
    return str(found["msg"]).removeprefix("Value error, ")


def missing_extra(why: str, extra: str) -> SettingsError:
    """For a setting that needs packages which are not installed."""
    return SettingsError(f"{why}, but its client is not installed: pip install '.[{extra}]' in Ringsight's source")
