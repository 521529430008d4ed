// The recount: SPEC, "Verification", step 7. It follows the events alone, apart from the rules.

import { compositeLines } from "./composite.mjs";
import { roundFigures } from "./figures.mjs";
import { isAll, itemOf, TRIAL } from "./items.mjs";
import { write } from "./json.mjs";
import * as kinds from "./kinds.mjs";
import { keyId } from "./signatures.mjs";
import { recountSecret } from "./secret/recount.mjs";

const CLAIMS = ["round-closed/1", "result-announced/2", "composite-announced/1"];

const nameOf = (item, round) => `item ${item}, round ${round}`;

/** Counts event after event, and notes in `faults` what differs from what an event says. */
export class Recount {
    origin = null;
    definition = null;
    present = new Set();
    left = new Map();
    excused = new Map();
    recused = new Map();
    withdrawn = new Map();
    evidence = new Map();
    rounds = [];
    keys = new Map();
    ceremony = null;
    electionKey = null;
    faults = [];

    /** Count the event of a leaf. What a close or an announcement claims is held against the count in any case. */
    take({ index, event, envelope }, follows) {
        if (follows || CLAIMS.includes(event.type)) COUNTED[event.type]?.(this, event, index, envelope);
    }

    fault(text) {
        this.faults.push(text);
    }

    round({ item, round }) {
        return this.rounds.findLast((one) => one.item === item && one.number === round);
    }

    /** Hold what is said against what was counted. */
    compare(what, said, counted) {
        if (said !== counted) this.fault(`${what}: the record says ${said}; counted again it is ${counted}`);
    }
}

function begin(count, event, index) {
    const { item: id, round: number, candidates, places } = event;
    const item = itemOf(count.definition, id);
    if (item === undefined) return count.fault(`${nameOf(id, number)}: no such item`);
    checkStanding(count, item, event);
    const round = {
        item: id,
        number,
        first: index,
        phase: "open",
        present: new Set(count.present),
        recused: new Map(count.recused.get(id) ?? []),
        candidates,
        places,
        cast: [],
        sealed: [],
        manual: null,
        signer: null,
        figures: null,
        secret: item.rules.secrecy === "secret" && event.type === "round-opened/2" ? { ...count.electionKey, parts: [] } : null,
        window: [index, index],
    };
    count.rounds.push(round);
    return round;
}

function checkStanding(count, item, { item: id, round, candidates, places }) {
    const said = JSON.stringify([candidates, Number(places)]);
    if (item.rules.type !== "selection") return count.compare(`${nameOf(id, round)}: candidates`, said, "[[],0]");
    if (isAll(item, candidates)) {
        return count.compare(`${nameOf(id, round)}: places`, String(places), String(item.rules.winners));
    }
    const before = count.rounds.findLast((one) => one.item === id && one.phase !== "void");
    if (!before?.figures) return count.fault(`${nameOf(id, round)}: a runoff without a result before it`);
    const { tied, winners } = before.figures.selection;
    const others = isAll(item, before.candidates) ? [] : before.candidates.filter((one) => !winners.includes(one));
    const left = [tied.length > 0 ? tied : others, Number(before.places) - winners.length];
    count.compare(`${nameOf(id, round)}: who stood`, said, JSON.stringify(left));
}

/** The ballots on the leaves first to last of a round, of each member the one that counts. */
function ballotsOf(count, round) {
    const [first, last] = round.window;
    const { press } = itemOf(count.definition, round.item).rules;
    const counting = new Map();
    for (const { leaf, person, answers } of round.cast) {
        if (leaf < first || leaf > last || (press === "first" && counting.has(person))) continue;
        counting.set(person, answers);
    }
    return [...counting].map(([person, answers]) => ({ person, answers }));
}

function close(count, event) {
    const round = count.round(event);
    const name = nameOf(event.item, event.round);
    if (round === undefined) return count.fault(`${name}: closed and never opened`);
    round.window = [event.first, event.last];
    round.phase = "closed";
    round.closed = event;
    for (const { leaf, person } of [...round.cast, ...round.sealed]) {
        const voter = round.present.has(person) && !round.recused.has(person);
        if (leaf >= event.first && leaf <= event.last && !voter) count.fault(`${name}: a ballot of ${person}`);
    }
    count.compare(`${name}: the first leaf`, event.first, round.first);
    const sealed = new Set(round.sealed.filter(({ leaf }) => leaf >= event.first && leaf <= event.last).map(({ person }) => person));
    const received = round.secret === null ? ballotsOf(count, round).length : sealed.size;
    round.received = received;
    count.compare(`${name}: present`, event.present, BigInt(round.present.size));
    count.compare(`${name}: received`, event.received, BigInt(received));
    count.compare(`${name}: recused`, event.recused, BigInt(recusedPresent(round)));
}

const recusedPresent = ({ present, recused }) => [...recused.keys()].filter((person) => present.has(person)).length;

function announce(count, { figures }, index) {
    const name = nameOf(figures.item, figures.round);
    const round = count.round(figures);
    const item = round && itemOf(count.definition, figures.item);
    if (item === undefined || item.id === TRIAL.id) return count.fault(`${name}: nothing that can be announced`);
    if (round.phase !== "closed") count.fault(`${name}: announced and not closed`);
    if ((round.manual !== null || item.rules.confirmed) && round.signer === null) count.fault(`${name}: nobody signed the count`);
    const secret = round.secret === null ? { lines: null, valid: 0, invalid: 0 } : recountSecret(count, item, round, name);
    if (secret === null) return undefined;
    const counted = roundFigures(count.definition, item, {
        ...round,
        ...secret,
        received: round.received ?? 0,
        ballots: ballotsOf(count, round),
    });
    for (const field of Object.keys(figures)) compareField(count, name, field, figures[field], counted[field]);
    return Object.assign(round, { phase: "announced", announced: index, figures: counted });
}

const asText = (content) => JSON.stringify(content, (_, one) => (typeof one === "bigint" ? Number(one) : one));

function compareField(count, name, field, said, counted) {
    const ordered = (one) => write(kinds.roundFigures.fields[field], one);
    if (ordered(said) !== ordered(counted)) count.compare(`${name}, ${field}`, asText(said), asText(counted));
}

function announceComposite(count, { lines }) {
    if (count.definition === null) return count.fault("composites without a definition");
    const counted = compositeLines(count);
    const text = (some) => write(kinds.event, { type: "composite-announced/1", lines: some });
    return count.compare("the composite", text(lines), text(counted));
}

function load(count, { definition }) {
    const gone = (person) => definition.roster.find(({ number }) => number === person)?.entitled !== true;
    for (const people of [count.present, count.left, count.excused, ...count.recused.values()]) {
        for (const person of [...people.keys()]) if (gone(person)) people.delete(person);
    }
    const ids = new Set(definition.agenda.map(({ id }) => id));
    for (const items of [count.recused, count.withdrawn]) {
        for (const item of [...items.keys()]) if (!ids.has(item)) items.delete(item);
    }
    count.definition = definition;
}

function signed(count, event) {
    const round = count.round(event);
    if (round !== undefined) round.signer = event.person;
}

const ballot = (list, content) => (count, event, index, envelope) => {
    const round = count.round(event);
    const name = nameOf(event.item, event.round);
    if (round === undefined) return count.fault(`${name}: a ballot in no round`);
    return round[list].push({ leaf: index, person: event.person, ...content(count, event, envelope) });
};

const COUNTED = {
    "meeting-created/1"(count, { origin }) {
        count.origin = origin;
    },
    "device-enrolled/2": (count, { signing_key: key }) => count.keys.set(keyId(key), key),
    "definition-loaded/4": load,
    "item-added/3"(count, { item, targets, problems }) {
        const { definition } = count;
        count.definition = {
            ...definition,
            agenda: [...definition.agenda, item],
            targets: [...definition.targets, ...targets],
            problems: [...definition.problems, ...problems],
        };
    },
    "agenda-reordered/1"(count, { order }) {
        const agenda = order.map((id) => itemOf(count.definition, id)).filter(Boolean);
        count.definition = { ...count.definition, agenda };
    },
    "item-withdrawn/1": (count, { item, reason }) => count.withdrawn.set(item, reason),
    "evidence-imported/1": (count, event, leaf) =>
        count.evidence.set(JSON.stringify([event.component, event.part]), { ...event, leaf }),
    "checked-in/1"(count, { person }) {
        count.present.add(person);
        count.left.delete(person);
        count.excused.delete(person);
        const running = count.rounds.find(({ phase }) => phase === "open");
        if (running && count.definition.meeting.late_ballots) running.present.add(person);
    },
    "checked-out/1"(count, { person, reason }) {
        count.present.delete(person);
        count.left.set(person, reason);
    },
    "excused/1": (count, { person, reason }) => count.excused.set(person, reason),
    "recused/1"(count, { person, item, reason }) {
        count.recused.set(item, new Map(count.recused.get(item) ?? []).set(person, reason));
    },
    "recusal-lifted/1": (count, { person, item }) => count.recused.get(item)?.delete(person),
    "round-opened/2": begin,
    "result-entered/1"(count, event, index) {
        const round = begin(count, event, index);
        const { reason, received, invalid, counts } = event;
        if (round) Object.assign(round, { manual: { reason, received, invalid, counts }, phase: "closed" });
    },
    "ballot-cast/2": ballot("cast", (count, { answers }) => ({ answers })),
    "secret-ballot-cast/1": ballot("sealed", (count, event, envelope) => ({
        id: event.ballot,
        sealed: event.sealed,
        key: count.keys.get(envelope.key),
    })),
    "round-closed/1": close,
    "round-confirmed/1": signed,
    "round-voided/2"(count, event) {
        const round = count.round(event);
        if (round !== undefined) round.phase = "void";
    },
    "result-announced/2": announce,
    "composite-announced/1": announceComposite,
    "ceremony-begun/1"(count, event) {
        count.ceremony = event;
    },
    "election-key-made/1"(count, { key }) {
        const holders = new Map(count.ceremony?.scrutineers.map(({ person }, place) => [person, place + 1]));
        count.electionKey = { key, holders };
    },
    "ballots-checked/1"(count, event) {
        if (count.round(event)?.secret) count.round(event).secret.checked = event;
    },
    "opening-begun/1"(count, event) {
        if (count.round(event)?.secret) count.round(event).secret.begun = event;
    },
    "opening-part-taken/1"(count, event) {
        if (event.good) count.round(event)?.secret?.parts.push(event);
    },
    "round-unsealed/1"(count, event) {
        const secret = count.round(event)?.secret;
        if (secret) Object.assign(secret, { unsealed: event, parts: [...secret.parts, event] });
    },
};
