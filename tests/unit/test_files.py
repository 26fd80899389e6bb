"""Exports as files: nothing in them runs, nothing in them is rounded."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.insight.files import DANGEROUS, csv_of, harmless, json_of
from bot.domain.activation import CloseReason, State
from bot.workflows.export import Export
from bot.workflows.overview import View
from tests.samples import NOW, view


def table(*views: View, with_codes: bool = True) -> list[dict[str, str]]:
    text = csv_of(Export(views, with_codes, is_cut=False)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def objects(*views: View, with_codes: bool = True) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(json_of(Export(views, with_codes, is_cut=False)))
    return found


def test_a_number_stays_text_and_an_amount_exact() -> None:
    bought = view("=cmd|'/c calc'!A1", state=State.RECEIVED, first_code_at=NOW + 40_000)
    [row], [record] = table(bought), objects(bought)
    assert row["number"] == "'+12025550123"
    assert row["messages"] == "'=cmd|'/c calc'!A1"
    assert row["price_usd"] == "0.0882"
    assert row["first_code_at"] == "2026-09-21T14:14:00Z"
    assert record["number"] == "+12025550123"
    assert record["messages"] == ["=cmd|'/c calc'!A1"]


def test_the_outcome_says_who_ended_a_number() -> None:
    ran_out = view(state=State.CANCELLED, cancel_reason=CloseReason.EXPIRY)
    stopped = view(state=State.CANCELLED, cancel_reason=CloseReason.ADMIN)
    told = [(row["state"], row["outcome"]) for row in table(ran_out, stopped)]
    assert told == [("expired", "expired"), ("cancelled", "cancelled by an admin")]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\uff1d1"]
)
def test_what_a_spreadsheet_would_run_is_made_harmless(text: str) -> None:
    assert harmless(text) == f"'{text}"


@given(st.text(), st.text(), st.text())
def test_no_cell_begins_like_a_formula_whatever_things_are_called(
    name: str, sms: str, buyer: str
) -> None:
    rows = table(view(sms, service_name=name, country_name=sms, number=None, buyer_name=buyer))
    assert len(rows) == 1
    for cell in rows[0].values():
        assert not cell.lstrip(" ").startswith(DANGEROUS)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_json_gives_every_text_as_it_came(sms: str) -> None:
    assert objects(view(sms))[0]["messages"] == [sms]


def test_without_codes_there_is_no_place_for_them() -> None:
    assert "messages" not in table(view("4711"), with_codes=False)[0]
    assert "4711" not in str(objects(view("4711"), with_codes=False))
