// What the leaves so far have made of a meeting: SPEC, "Replay". What each event changes stands in effects.mjs.

import { need } from "./bytes.mjs";
import { itemOf, TRIAL } from "./items.mjs";
import { Ceremonies } from "./secret/ceremonies.mjs";
import { seatPlace } from "./soundness.mjs";

export const principalOf = (person, role) => JSON.stringify([person, role]);

/** The state before a leaf; before leaf 0 when new. */
export class State {
    meeting = null;
    origin = null;
    logKey = null;
    serverKey = null;
    definition = null;
    devices = new Map();
    speaks = new Map();
    codes = new Map();
    accepted = new Set();
    present = new Set();
    left = new Map();
    excused = new Map();
    checkInUntil = 0n;
    seats = new Map();
    withdrawn = new Map();
    recusals = new Map();
    rounds = [];
    ceremonies = new Ceremonies();
    continuations = [];
    handedIn = new Set();
    evidence = new Map();
    composite = null;
    closed = false;
    settled = 0n;

    /** The line of the roster with this number, or undefined. */
    onRoster(number) {
        return this.definition.roster.find((person) => person.number === number);
    }

    isEntitled(number) {
        return this.onRoster(number)?.entitled === true;
    }

    /** Whether somebody may act in a role. */
    mayAct(person, role) {
        if (role === "clerk" && person === "clerk") return true;
        if (role === "hall" && person === "hall") return true;
        const line = this.onRoster(person);
        return line !== undefined && (line.roles.includes(role) || (line.entitled && role === "member"));
    }

    scrutineers() {
        return this.definition.roster.filter((person) => person.roles.includes("scrutineer"));
    }

    chief() {
        return this.definition.roster.find((person) => person.chief);
    }

    /** Where somebody of the roster sits now, as others are compared with it. */
    seatOf(person) {
        return seatPlace(this.seats.get(person.number) ?? person.seat);
    }

    itemNamed(id) {
        const item = itemOf(this.definition, id);
        need(item !== undefined, `the item ${id} is not on the agenda`);
        return item;
    }

    roundsOf(id) {
        return this.rounds.filter((round) => round.item === id);
    }

    latest(id) {
        return this.roundsOf(id).at(-1);
    }

    /** The round that a command or event names, which is the latest of its item. */
    round({ item, round: number }) {
        const round = this.latest(item);
        need(round !== undefined && BigInt(round.number) === number, `the item ${item} has no latest round ${number}`);
        return round;
    }

    /** The round that is open or paused, or undefined. */
    running() {
        return this.rounds.find(({ phase }) => phase === "open" || phase === "paused");
    }

    /** The rounds of the agenda: all but those of the trial. */
    counted() {
        return this.rounds.filter(({ item }) => item !== TRIAL.id);
    }

    isCheckInOpen(at) {
        return this.definition.meeting.check_in_minutes === null || at < this.checkInUntil;
    }

    recusedFrom(item) {
        return this.recusals.get(item) ?? new Map();
    }

    /** The continuation that waits for its countersignature, or undefined. */
    waiting() {
        return this.continuations.find(({ scrutineer }) => scrutineer === null);
    }
}

/** What is left of a round's time at a moment: a number of milliseconds, or null. */
export function timeLeft(round, at) {
    if (round.deadline === null) return round.remaining;
    return round.deadline > at ? round.deadline - at : 0n;
}

/** The round's members with a ballot. */
export const receivedIn = (round) => (round.secret === null ? round.ballots.size : round.secret.ballots.size);

export const recusedIn = (round) => [...round.recused.keys()].filter((person) => round.present.has(person)).length;

/** A round for figures.mjs. */
export function countable(round) {
    const valid = round.secret?.checked?.valid;
    return {
        number: round.number,
        present: round.present,
        recused: round.recused,
        received: receivedIn(round),
        ballots: [...round.ballots].map(([person, { answers }]) => ({ person, answers })),
        manual: round.manual,
        lines: round.secret?.lines ?? null,
        candidates: round.candidates,
        places: round.places,
        valid: valid?.size ?? 0,
        invalid: valid === undefined ? 0 : receivedIn(round) - valid.size,
    };
}
