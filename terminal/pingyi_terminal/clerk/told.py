"""What an act of the clerk did, in words that say to whom or to what. Pure."""

from pingyi_protocol.meeting.commands import (
    AddItem,
    BeginCeremony,
    Body,
    CheckInByHand,
    CheckOut,
    EnterResult,
    Excuse,
    IssueCode,
    LiftRecusal,
    MoveSeat,
    Recuse,
    ReorderAgenda,
    RevokeDevice,
    WithdrawCode,
    WithdrawItem,
)
from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.text import Catalogue

DEEDS: dict[type, str] = {
    AddItem: "add",
    BeginCeremony: "ceremony",
    CheckInByHand: "check_in",
    CheckOut: "check_out",
    EnterResult: "result",
    Excuse: "excuse",
    IssueCode: "issue",
    LiftRecusal: "lift",
    MoveSeat: "move",
    Recuse: "recuse",
    ReorderAgenda: "save",
    RevokeDevice: "revoke",
    WithdrawCode: "withdraw_code",
    WithdrawItem: "withdraw_item",
}
"""The console's acts by the commands that they send; the words are the catalogue's ``clerk.did_<act>``."""


def deed(words: Catalogue, definition: Definition, body: Body) -> str:
    """Return what an act did."""
    seat = body.seat if isinstance(body, MoveSeat) else ""
    return words(f"clerk.did_{DEEDS[type(body)]}", who=whom(definition, body), item=which(body), seat=seat)


def whom(definition: Definition, body: Body) -> str:
    """Return the name of whom an act is about, their number where they are not on the roster, "" for nobody."""
    match body:
        case (
            CheckInByHand(person=number)
            | CheckOut(person=number)
            | Excuse(person=number)
            | IssueCode(person=number)
            | LiftRecusal(person=number)
            | MoveSeat(person=number)
            | Recuse(person=number)
            | RevokeDevice(person=number)
            | WithdrawCode(person=number)
        ):
            name = next((one.name for one in definition.roster if one.number == number), "")
            return f"{number} {name}".strip()
        case _:
            return ""


def which(body: Body) -> str:
    """Return the item that an act is about, "" for none."""
    match body:
        case AddItem(item=item):
            return f"{item.id} {item.title}"
        case EnterResult(item=number) | LiftRecusal(item=number) | Recuse(item=number) | WithdrawItem(item=number):
            return number
        case _:
            return ""
