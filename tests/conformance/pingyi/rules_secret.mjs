// Secret rounds: SPEC, "Secret rounds", and the commands of their ceremony, ballots and opening.

import { base64, byCodePoints, join, need, unbase64 } from "./bytes.mjs";
import { checkCosignature, namedIn, noteBody, witnessName } from "./checkpoints.mjs";
import { checkCast } from "./rules_round.mjs";
import { readBallot } from "./secret/ballots.mjs";
import { checkTerms } from "./secret/ceremonies.mjs";
import { openTotals, readPart, sumsOf } from "./secret/opening.mjs";
import { ballotLength, questions } from "./secret/questions.mjs";
import { principalOf } from "./state.mjs";
import { plainText } from "./texts.mjs";

/** The questions of a secret round, as its ballots name them. */
export function questionsOf({ origin }, item, round, key) {
    const common = { meeting: origin, item: item.id, round: round.number, key };
    return questions(item, round).map((question) => ({ ...common, ...question }));
}

const askedIn = (state, round) => questionsOf(state, state.itemNamed(round.item), round, round.secret.key.key);

/** Throw Refused unless a secret round of an item may begin. */
export function checkSecretBegins(state, id) {
    const { ceremonies, present } = state;
    need(!ceremonies.waits && ceremonies.made !== null, "there is no key, or a ceremony goes on");
    const recused = state.recusedFrom(id);
    const voters = [...present].filter((person) => !recused.has(person)).length;
    need(BigInt(voters) >= state.itemNamed(id).rules.least_ballots, "too few members for a secret round");
}

function beginCeremony(state, { attempt, threshold, scrutineers }) {
    const { ceremonies } = state;
    need(attempt === ceremonies.count + 1n, "the number of the ceremony");
    need(threshold === state.definition.meeting.threshold, "another threshold than the definition's");
    const order = state.scrutineers().map(({ number }) => number);
    const places = scrutineers.map(({ person }) => order.indexOf(person));
    need(places.every((place, at) => place > (at === 0 ? -1 : places[at - 1])), "scrutineers in the roster's order");
    for (const { person, key } of scrutineers) {
        const device = state.devices.get(state.speaks.get(principalOf(person, "scrutineer")));
        need(device?.signing === key, "another key than that of the scrutineer's device");
    }
    checkTerms({ threshold, scrutineers });
    need(!state.rounds.some((round) => isUnopened(state, round)), "a secret round is not opened");
    const missing = (ceremonies.current?.awaited() ?? []).map((index) => ceremonies.current.personOf(index));
    return { type: "ceremony-begun/1", attempt, threshold, scrutineers, missing };
}

function isUnopened(state, round) {
    if (round.secret === null || state.latest(round.item) !== round) return false;
    return ["open", "paused"].includes(round.phase) || (round.phase === "closed" && round.secret.lines === null);
}

function keyMessage(state, { person, body: message }) {
    const { ceremonies } = state;
    need(ceremonies.waits, "no ceremony waits for a message");
    const { current } = ceremonies;
    need(current.personOf(message.index) === person, "the message of another scrutineer");
    current.check(message);
    const common = { person, attempt: current.terms.attempt, message };
    if (message.type === "dispute-share/1") {
        return { type: "ceremony-failed/1", ...common, at_fault: current.personOf(message.dealer) };
    }
    if (message.type === "confirm-key/1" && current.awaited().length === 1) {
        return { type: "election-key-made/1", ...common, ...current.key() };
    }
    return { type: "key-message-taken/1", ...common };
}

function castSecret(state, command, { at }) {
    const { person, id, body } = command;
    const round = checkCast(state, command, at);
    need(round.secret !== null, "a round that is not secret");
    const asked = askedIn(state, round);
    need(body.sealed.length === asked.length, "a text for each question");
    body.sealed.forEach((text, place) => unbase64(text, ballotLength(asked[place].encoding)));
    return { ...body, type: "secret-ballot-cast/1", person, ballot: id };
}

/** Which ballots of a round hold: {valid: Map of persons and ciphertexts by question, invalid}. */
export function checkedBallots(asked, ballots) {
    const [valid, invalid] = [new Map(), []];
    for (const person of [...ballots.keys()].sort(byCodePoints)) {
        for (const { id, sealed, key } of [...ballots.get(person)].reverse()) {
            const found = sealed.map((text, place) => readBallot(asked[place], text, unbase64(key, 32)));
            const wrong = found.find(({ fault }) => fault !== undefined);
            if (wrong === undefined) {
                valid.set(person, found.map(({ ciphertexts }) => ciphertexts));
                break;
            }
            invalid.push({ person, ballot: id, fault: wrong.fault });
        }
    }
    return { valid, invalid };
}

/** The check that is due, or null; what it found is kept in the leaf. */
export function check(state, leaf) {
    if (state.closed || state.waiting()) return null;
    const due = state.rounds.findLast(({ phase, secret }) => phase === "closed" && secret !== null && secret.checked === null);
    if (due === undefined) return null;
    leaf.checked = checkedBallots(askedIn(state, due), due.secret.ballots);
    const { invalid } = leaf.checked;
    return { type: "ballots-checked/1", item: due.item, round: BigInt(due.number), invalid };
}

/** Throw Refused unless a closed round can be opened. */
function checkOpenable(state, { phase, item, secret, voiding }) {
    need(phase === "closed" && secret !== null && secret.lines === null, "no closed secret round");
    need(secret.checked !== null && voiding === null, "the ballots are not checked, or a voiding waits");
    const { rules } = state.itemNamed(item);
    need(BigInt(secret.checked.valid.size) >= rules.least_ballots, "too few valid ballots");
}

function checkHead(state, round, { size, root }, leaf) {
    checkOpenable(state, round);
    need(round.secret.basis === null, "the opening has begun");
    need(round.closedAt < size && size <= leaf.index, "a head that does not cover the close");
    return noteBody(state.origin, size, unbase64(root, 32));
}

/** The beginning of an opening as an event says it, if it holds. */
export function beginning(state, event, leaf) {
    need(!state.closed && !state.waiting(), "the meeting is closed, or a continuation waits");
    const round = state.round(event);
    const { size, root, cosignatures } = event;
    leaf.basis = checkHead(state, round, event, leaf);
    const witnesses = cosignatures.map((line) => {
        const id = namedIn(line).slice(state.origin.length + 1);
        const device = state.devices.get(id);
        need(device !== undefined && !device.revoked && device.role === "member", "a cosignature of no member's device");
        need(round.present.has(device.person), "a cosignature of who was not present");
        checkCosignature(line, leaf.basis, witnessName(state.origin, id), device.signing);
        return device.person;
    });
    need(new Set(witnesses).size === witnesses.length, "one person's cosignature twice");
    const { overridden, checked } = round.secret;
    const override = overridden !== null && overridden.size === size && overridden.root === root;
    need(override || 2 * witnesses.length > round.present.size, "too few cosignatures");
    const openings = openingsOf(askedIn(state, round), leaf.basis, checked.valid);
    return { ...event, sums: openings.map(({ sums }) => base64(join(...sums.flatMap(({ a, b }) => [a.toBytes(), b.toBytes()])))) };
}

function override(state, { person, body }, leaf) {
    plainText(body.reason);
    const round = state.round(body);
    checkHead(state, round, body, leaf);
    const chief = state.chief();
    need(chief === undefined || chief.number === person, "the chief scrutineer overrides");
    return { ...body, type: "cosigning-overridden/1", person };
}

/** The opening of each question of a round: {question, basis, ballots, sums}. */
export function openingsOf(asked, basis, valid) {
    const ballots = [...valid.values()];
    return asked.map((question, place) => ({
        question,
        basis,
        ballots: ballots.length,
        sums: sumsOf(question.encoding, ballots.map((ballot) => ballot[place])),
    }));
}

/** The decryptions of good parts by question, or null where any is bad or they are not one for each question. */
export function readParts(openings, key, index, parts) {
    if (parts.length !== openings.length) return null;
    const read = parts.map((text, place) => readPart(openings[place], key.shares, index, text));
    return read.includes(null) ? null : read;
}

/** What good parts (a Map of persons and texts) of a round open to: a line for each question. */
export function linesOf(openings, { key, holders }, parts) {
    const read = [...parts].map(([person, texts]) => {
        const decryptions = readParts(openings, key, holders.get(person), texts);
        need(decryptions !== null, `the part of ${person} is not good`);
        return [holders.get(person), decryptions];
    });
    return openings.map((opening, place) => {
        const good = new Map(read.map(([index, decryptions]) => [index, decryptions[place]]));
        const line = openTotals(opening, Number(key.threshold), good);
        need(line !== null, "parts that open to no possible totals");
        return line;
    });
}

function openPart(state, { person, body }) {
    const round = state.round(body);
    checkOpenable(state, round);
    const { secret } = round;
    need(secret.basis !== null, "the opening has not begun");
    need(secret.holders.has(person) && !secret.parts.has(person), "no share, or a good part is there");
    const openings = openingsOf(askedIn(state, round), secret.basis, secret.checked.valid);
    const { item, round: number, parts } = body;
    const common = { person, item, round: number, parts };
    const good = readParts(openings, secret.key, secret.holders.get(person), parts) !== null;
    if (!good || BigInt(secret.parts.size) + 1n < secret.key.threshold) {
        return { type: "opening-part-taken/1", ...common, good };
    }
    return { type: "round-unsealed/1", ...common, lines: linesOf(openings, secret, new Map([...secret.parts, [person, parts]])) };
}

export const SECRET_RULES = {
    "begin-ceremony/1": (state, { body }) => beginCeremony(state, body),
    "commit-to-key/1": keyMessage,
    "reveal-key/1": keyMessage,
    "deal-shares/1": keyMessage,
    "confirm-key/1": keyMessage,
    "dispute-share/1": keyMessage,
    "cast-secret/1": castSecret,
    "override-cosigning/1": override,
    "open-part/1": openPart,
};
