"""One shape for every answer of the REST API.

	{"success": true, "data": ..., "message": "...", "timestamp": "2026-11-20T09:30:00Z"}
	{"success": false, "error": {"code": "...", "message": "...", "details": [...]}, "timestamp": "..."}

| status | code | when |
| --- | --- | --- |
| 400 | invalid | an argument or the data does not fit |
| 401 | not_authenticated | the API key or token is wrong |
| 403 | forbidden | the user may not do this |
| 404 | not_found | no such document or endpoint |
| 409 | busy, conflict, no_data | another run is under way; somebody changed the document; nothing to plan with |
| 429 | too_many_requests | slow down |
| 500 | internal | our fault: it is in the Error Log, and no traceback leaves the server |
| 503 | unavailable | the database or the job queue does not answer |

`envelope` covers what happens inside an endpoint, `after_request` what Frappe refuses before it gets there: a wrong key,
a guest, a wrong verb, an argument of the wrong type.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from functools import wraps
from inspect import signature
from typing import Any

import frappe
from frappe.utils import strip_html
from werkzeug.wrappers import Response

from sentia_ops.errors import BusyError, FrameError, NoDataError, SentiaError, StoreError

PREFIX = ("/api/method/sentia_ops.api.", "/api/v1/method/sentia_ops.api.", "/api/v2/method/sentia_ops.api.")
CODES = {  # HTTP status -> code, where the exception alone does not say
	400: "invalid",
	401: "not_authenticated",
	403: "forbidden",
	404: "not_found",
	409: "conflict",
	417: "invalid",
	429: "too_many_requests",
	500: "internal",
	503: "unavailable",
}
INTERNAL = "Something went wrong on the server. The details are in the Error Log."


def answer(data: Any = None, message: str = "") -> dict[str, Any]:
	"""What an endpoint returns to speak a sentence beside its data."""
	return {"data": data, "message": message}


def envelope(function: Callable) -> Callable:
	"""Wrap an endpoint's `answer`, or its refusal, into a response; a refusal rolls the database back."""

	@wraps(function)
	def wrapper(*args, **kwargs):
		if not frappe.request:  # called from Python: plain data and plain errors
			return function(*args, **kwargs)
		try:
			_refuse_missing(function, args, kwargs)
			found = function(*args, **kwargs)
		except Exception as error:
			return _refusal(error)
		return _response(200, {"success": True, **found})

	return wrapper


def after_request(response: Response | None, request) -> None:
	"""Hook: put Frappe's own refusals of our endpoints into the same shape."""
	if response is None or response.status_code < 400 or not request.path.startswith(PREFIX):
		return
	told = response.get_json(silent=True) or {}
	if "success" in told:
		return
	status, message = response.status_code, _frappe_message(told) or response.status
	if status == 417 or told.get("exc_type") == "FrappeTypeError":
		status = 400
	if not _exists(request.path):
		status, message = 404, "There is no such endpoint."
	if status >= 500:
		message = INTERNAL
	ours = _response(status, _error_body(CODES.get(status, "error"), message))
	response.status_code, response.mimetype = status, "application/json"
	response.set_data(ours.get_data())


def _exists(path: str) -> bool:
	try:
		return callable(frappe.get_attr(path.rstrip("/").rsplit("/", 1)[-1]))
	except Exception:  # Frappe raises what the import raises
		return False


def _refuse_missing(function: Callable, args: tuple, kwargs: dict) -> None:
	try:
		signature(function).bind(*args, **kwargs)
	except TypeError as error:
		raise SentiaError(f"Wrong arguments: {error}.") from error


def _refusal(error: Exception) -> Response:
	frappe.db.rollback()
	status, code = _status_of(error)
	message, details = _text_of(error), []
	if isinstance(error, FrameError):
		details = [
			{
				"row": p.row,
				"column": p.column,
				"reason": p.reason,
				"value": None if p.value is None else str(p.value),
			}
			for p in error.problems[:100]
		]
	if code == "internal":
		frappe.log_error(title="Sentia Ops API")
		frappe.db.commit()  # nosemgrep: the request is rolled back, its log stays
		message = INTERNAL
	frappe.clear_messages()
	return _response(status, _error_body(code, message, details))


def _status_of(error: Exception) -> tuple[int, str]:
	for kind, status, code in (
		(BusyError, 409, "busy"),
		(FrameError, 400, "invalid"),
		(NoDataError, 409, "no_data"),
		(StoreError, 503, "unavailable"),
		(SentiaError, 400, "invalid"),
		(frappe.TimestampMismatchError, 409, "conflict"),
		(frappe.QueryTimeoutError, 503, "unavailable"),
		(frappe.QueryDeadlockError, 409, "conflict"),
		(frappe.AuthenticationError, 401, "not_authenticated"),
		(frappe.PermissionError, 403, "forbidden"),
		(frappe.DoesNotExistError, 404, "not_found"),
		(frappe.RateLimitExceededError, 429, "too_many_requests"),
		(frappe.ValidationError, 400, "invalid"),
	):
		if isinstance(error, kind):
			return status, code
	return 500, "internal"


def _text_of(error: Exception) -> str:
	"""What was said to the user; Frappe puts it into its message log and often leaves the exception empty."""
	said = str(error) or " ".join(str(m.get("message", "")) for m in frappe.message_log)
	return strip_html(said).strip() or {
		"forbidden": "You are not allowed to do this.",
		"not_found": "There is no such document.",
	}.get(_status_of(error)[1], "The request was refused.")


def _frappe_message(told: dict[str, Any]) -> str:
	try:
		said = [json.loads(m).get("message", "") for m in json.loads(told.get("_server_messages") or "[]")]
	except ValueError:
		said = []
	said = said or [m.get("message", "") for m in told.get("messages", [])]
	text = " ".join(strip_html(m).strip() for m in said if m)
	return text or {
		"AuthenticationError": "The API key, token or password is wrong.",
		"PermissionError": "You are not allowed to do this.",
		"DoesNotExistError": "There is no such endpoint or document.",
		"FrappeTypeError": "An argument has the wrong type.",
	}.get(told.get("exc_type"), "")


def _error_body(code: str, message: str, details: list | None = None) -> dict[str, Any]:
	return {"success": False, "error": {"code": code, "message": message, "details": details or []}}


def _response(status: int, body: dict[str, Any]) -> Response:
	body["timestamp"] = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
	text = frappe.as_json(body, indent=None, separators=(",", ":"), ensure_ascii=False)
	return Response(text, status=status, mimetype="application/json")
