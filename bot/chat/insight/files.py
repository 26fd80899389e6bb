"""Exports as files: CSV that no spreadsheet runs, and JSON. Numbers and amounts are text."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Final

from bot.chat.standings import ended_as, standing
from bot.domain.money import format_dollars
from bot.workflows.export import Export
from bot.workflows.overview import View

DANGEROUS: Final = (*"=+-@\t\r\n", *"\uff1d\uff0b\uff0d\uff20")
"""What begins so, the last four being wide forms, a spreadsheet may run as a formula."""

Record = dict[str, str | list[str]]


def csv_of(export: Export) -> bytes:
    """Write a table; the mark at its beginning tells spreadsheets that it is UTF-8."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, quoting=csv.QUOTE_ALL)
    records = [_record(view, with_codes=export.with_codes) for view in export.views]
    names = list(records[0]) if records else []
    writer.writerow(names)
    writer.writerows([_cell(record[name]) for name in names] for record in records)
    return table.getvalue().encode("utf-8-sig", errors="replace")


def json_of(export: Export) -> bytes:
    """Write a list of objects."""
    records = [_record(view, with_codes=export.with_codes) for view in export.views]
    text = json.dumps(records, ensure_ascii=False, indent=1)
    return text.encode(errors="replace")


def harmless(text: str) -> str:
    """Set an apostrophe before what a spreadsheet may take for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(DANGEROUS) else text


def _cell(value: str | list[str]) -> str:
    return harmless(value if isinstance(value, str) else "\n".join(value))


def _record(view: View, *, with_codes: bool) -> Record:
    activation = view.activation
    record: Record = {
        "id": str(activation.id),
        "state": ended_as(activation),
        "outcome": standing(activation),
        "service": activation.service_name,
        "country": activation.country_name,
        "country_code": activation.country_code,
        "number": activation.number or "",
        "price_usd": _amount(activation.price),
        "refunded_usd": _amount(view.refunded),
        "requested_at": _moment(activation.requested_at),
        "bought_at": _moment(activation.bought_at),
        "first_code_at": _moment(activation.first_code_at),
        "closed_at": _moment(activation.closed_at),
        "buyer_id": str(activation.user_id),
        "buyer": view.buyer_name or "",
        "spotsms_id": activation.rs_id or "",
    }
    return record | ({"messages": [item.text for item in view.codes]} if with_codes else {})


def _amount(micros: int) -> str:
    return format_dollars(micros).replace("$", "").replace(",", "")


def _moment(at: int | None) -> str:
    """Write a time (epoch ms) in ISO 8601, in UTC to the second."""
    return (
        "" if at is None else datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    )
