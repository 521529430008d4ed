// The life of a round: SPEC, "The next round", "By hand", "Rounds".

import { need } from "./bytes.mjs";
import { roundFigures } from "./figures.mjs";
import { checkAnswers, checkCounts, isAll, TRIAL } from "./items.mjs";
import { write } from "./json.mjs";
import * as kinds from "./kinds.mjs";
import { countable, receivedIn, recusedIn, timeLeft } from "./state.mjs";
import { plainText } from "./texts.mjs";
import { checkSecretBegins } from "./rules_secret.mjs";

const ALLOWED = {
    open: ["cast", "extend", "pause", "close", "void"],
    paused: ["cast", "extend", "resume", "close", "void"],
    closed: ["confirm", "announce", "void"],
    announced: ["void"],
    void: [],
};

/** The round that a command names, if its phase and its deadline allow what the command does. */
export function allowed(state, body, doing, at) {
    const round = state.round(body);
    need(ALLOWED[round.phase].includes(doing), `a round that is ${round.phase} does not allow to ${doing}`);
    const { rules } = state.itemNamed(round.item);
    const over = round.phase === "open" && round.deadline !== null && rules.timer_closes && at >= round.deadline;
    need(!over || !["cast", "extend", "pause"].includes(doing), "the time is over");
    return round;
}

/** Throw Refused unless the next round of an item may begin; the candidates and places of it. */
function nextRound(state, { item: id, round, among }) {
    const item = state.itemNamed(id);
    const latest = state.latest(id);
    need(!state.withdrawn.has(id), "the item is withdrawn");
    need(!state.running(), "a round is open or paused");
    need(latest === undefined || latest.voiding === null, "a voiding of the latest round waits");
    need(round === BigInt((latest?.number ?? 0) + 1), "the number of the round");
    if (id === TRIAL.id) need(state.counted().length === 0, "an item has a round");
    else need(hasQuorum(state), "the quorum is not met");
    return standing(state, item, among);
}

function hasQuorum(state) {
    const { numerator, denominator, strict } = state.definition.meeting.quorum;
    const members = BigInt(state.definition.roster.filter(({ entitled }) => entitled).length);
    const [have, least] = [BigInt(state.present.size) * denominator, members * numerator];
    return strict ? have > least : have >= least;
}

function standing(state, item, among) {
    if (item.rules.type !== "selection") {
        need(among.length === 0, "candidates where there are none");
        return { candidates: [], places: 0n };
    }
    if (among.length === 0) return { candidates: item.targets, places: item.rules.winners };
    const last = state.roundsOf(item.id).findLast(({ phase }) => phase !== "void");
    need(last?.phase === "announced", "the latest round is not announced");
    const { tied, winners } = last.figures.selection;
    const others = isAll(item, last.candidates) ? [] : last.candidates.filter((one) => !winners.includes(one));
    const left = tied.length > 0 ? tied : others;
    need(among.length === left.length && among.every((one, place) => one === left[place]), "other candidates");
    return { candidates: among, places: last.places - BigInt(winners.length) };
}

function openRound(state, { body }) {
    const { item, round } = body;
    const stood = nextRound(state, body);
    const { rules } = state.itemNamed(item);
    if (rules.secrecy === "secret") checkSecretBegins(state, item);
    return { type: "round-opened/2", item, round, seconds: rules.seconds, ...stood };
}

function enterResult(state, { body }) {
    const { item: id, round, reason, received, invalid, counts } = body;
    plainText(reason);
    need(id !== TRIAL.id, "the trial has no result");
    const stood = nextRound(state, body);
    const item = state.itemNamed(id);
    const chief = item.rules.confirmed ? state.chief() : undefined;
    const signers = chief === undefined ? state.scrutineers() : [chief];
    need(signers.some(({ number }) => !state.mayAct(number, "clerk")), "nobody could sign the count");
    const recused = state.recusedFrom(id);
    const voters = [...state.present].filter((person) => !recused.has(person)).length;
    need(0n <= invalid && invalid <= received && received <= BigInt(voters), "more ballots than members");
    checkCounts(item, stood, counts, received - invalid);
    return { type: "result-entered/1", item: id, round, reason, received, invalid, counts, ...stood };
}

/** The close of a round by the leaf behind `index` - 1. */
function closeOf(round, index) {
    return {
        type: "round-closed/1",
        item: round.item,
        round: BigInt(round.number),
        first: round.first,
        last: index - 1n,
        present: BigInt(round.present.size),
        received: BigInt(receivedIn(round)),
        recused: BigInt(recusedIn(round)),
    };
}

/** The timed close at a moment, or null where none is due. */
export function timedClose(state, { index }, at) {
    const round = state.running();
    if (round?.phase !== "open" || round.deadline === null || at < round.deadline) return null;
    return state.itemNamed(round.item).rules.timer_closes ? closeOf(round, index) : null;
}

/** What a restart of the server does to the open round, or null where it does nothing. */
export function restart(state, leaf) {
    const round = state.running();
    if (round?.phase !== "open" || round.deadline === null) return null;
    const close = timedClose(state, leaf, leaf.before);
    if (close !== null) return close;
    const remaining = timeLeft(round, leaf.before);
    return { type: "round-paused/1", item: round.item, round: BigInt(round.number), remaining };
}

function confirm(state, { person, body }) {
    const round = allowed(state, body, "confirm");
    const item = state.itemNamed(body.item);
    need(body.item !== TRIAL.id && round.signer === null, "the trial, or a count that is signed");
    const chief = state.chief();
    need(!item.rules.confirmed || chief === undefined || chief.number === person, "the chief scrutineer signs");
    need(round.manual === null || !state.mayAct(person, "clerk"), "who may act as clerk cannot sign");
    const { checked } = round.secret ?? {};
    need(round.secret === null || checked !== null, "the ballots are not checked");
    const received = round.manual === null ? BigInt(receivedIn(round)) : round.manual.received;
    const refused = checked ? received - BigInt(checked.valid.size) : 0n;
    const { invalid, counts } = round.manual ?? { invalid: refused, counts: [] };
    const figures = [body.present, body.received, body.recused, body.invalid];
    const own = [BigInt(round.present.size), received, BigInt(recusedIn(round)), invalid];
    need(figures.every((figure, place) => figure === own[place]), "other numbers than the round's");
    need(write(kinds.counts, body.counts) === write(kinds.counts, counts), "other counts than those entered");
    return { type: "round-confirmed/1", item: body.item, round: body.round, person };
}

function announce(state, { body }) {
    const round = allowed(state, body, "announce");
    const item = state.itemNamed(body.item);
    need(body.item !== TRIAL.id && round.voiding === null, "the trial, or a round whose voiding waits");
    need(round.signer !== null || (round.manual === null && !item.rules.confirmed), "nobody has signed the count");
    need(round.secret === null || round.secret.lines !== null, "the round is not opened");
    return { type: "result-announced/2", figures: roundFigures(state.definition, item, countable(round)) };
}

function voidRound(state, { person, body }) {
    plainText(body.reason);
    allowed(state, body, "void");
    const { item, round, reason } = body;
    if (item === TRIAL.id) return { type: "round-voided/2", item, round, reason, person: "" };
    need(state.scrutineers().some(({ number }) => number !== person), "nobody could countersign");
    return { type: "void-proposed/1", item, round, reason, person };
}

function countersignVoid(state, { person, body }) {
    const { voiding } = allowed(state, body, "void");
    need(voiding !== null && voiding.reason === body.reason, "no such voiding waits");
    need(voiding.person !== person, "the chair cannot countersign");
    return { ...body, type: "round-voided/2", person };
}

/** Throw Refused unless somebody may cast a ballot in a round now; the round. */
export function checkCast(state, { person, body }, at) {
    need(state.isEntitled(person) && state.present.has(person), "who casts is entitled and present");
    const round = allowed(state, body, "cast", at);
    need(round.present.has(person) && !round.recused.has(person), "not present for the round, or recused in it");
    const first = state.itemNamed(body.item).rules.press === "first";
    const ballots = round.secret === null ? round.ballots : round.secret.ballots;
    need(!first || !ballots.has(person), "the first ballot counts");
    return round;
}

export const ROUND_RULES = {
    "open-round/2": openRound,
    "enter-result/1": enterResult,
    "extend-round/1"(state, { body }, { at }) {
        const round = allowed(state, body, "extend", at);
        need(timeLeft(round, at) !== null, "a round without an end");
        need(1n <= body.seconds && body.seconds <= 3600n, "from 1 to 3600 seconds");
        return { ...body, type: "round-extended/1" };
    },
    "pause-round/1"(state, { body }, { at }) {
        const remaining = timeLeft(allowed(state, body, "pause", at), at);
        return { ...body, type: "round-paused/1", remaining };
    },
    "resume-round/1"(state, { body }) {
        allowed(state, body, "resume");
        return { ...body, type: "round-resumed/1" };
    },
    "close-round/1": (state, { body }, { index }) => closeOf(allowed(state, body, "close"), index),
    "confirm-round/1": confirm,
    "announce-round/1": announce,
    "void-round/1": voidRound,
    "countersign-void/1": countersignVoid,
    "take-back-void/1"(state, { body }) {
        need(allowed(state, body, "void").voiding !== null, "no voiding waits");
        return { ...body, type: "void-taken-back/1" };
    },
    "cast/2"(state, command, { at }) {
        const { person, id, body } = command;
        const round = checkCast(state, command, at);
        need(round.secret === null, "a round that is secret");
        checkAnswers(state.itemNamed(body.item), round, body.answers);
        return { ...body, type: "ballot-cast/2", person, ballot: id };
    },
};
