// The vectors that are no records: commands, events, receipts, and those of secret ballots.

import { base64, hex, Refused, unbase64, utf8 } from "./pingyi/bytes.mjs";
import { readCheckpoint } from "./pingyi/checkpoints.mjs";
import { read, write } from "./pingyi/json.mjs";
import * as kinds from "./pingyi/kinds.mjs";
import { included, leafHash } from "./pingyi/merkle.mjs";
import { readBallot } from "./pingyi/secret/ballots.mjs";
import { Ceremony, checkTerms } from "./pingyi/secret/ceremonies.mjs";
import { openingParts, openTotals, readPart, sumsOf } from "./pingyi/secret/opening.mjs";
import { transcript } from "./pingyi/secret/proofs.mjs";

/** What was found of each vector: {name, found}, `found` being empty where it is as it should be. */
export function* checkTexts(file, lines) {
    yield* tagged("commands.jsonl", lines("commands.jsonl"), kinds.command, ({ body }) => body.type, kinds.body.tags);
    yield* tagged("events.jsonl", lines("events.jsonl"), kinds.event, ({ type }) => type, kinds.event.tags);
    yield* receipts(file, lines);
    yield* ceremony(JSON.parse(file("secret", "ceremony.json")), lines("secret", "refused-messages.jsonl"));
    yield* ballots(lines("secret", "ballots.jsonl"), lines("secret", "refused-ballots.jsonl"));
    yield* opening(file, lines("secret", "refused-parts.jsonl"));
}

/** What somebody refuses to do, or an empty text. */
function refusal(work) {
    try {
        work();
        return "";
    } catch (refused) {
        if (refused instanceof Refused) return refused.message;
        throw refused;
    }
}

function* tagged(name, texts, kind, tagOf, tags) {
    const seen = texts.map((text) => tagOf(read(kind, text)));
    yield { name, found: texts.filter((text) => write(kind, read(kind, text)) !== text) };
    yield { name: `${name}, tags`, found: tags.filter((tag) => !seen.includes(tag)) };
}

function* receipts(file, lines) {
    // what was lost, and what another log of the same key has, is good in itself: only the record tells
    const [first] = file("record.zip").toString("latin1").match(/\{"index":0,.*/);
    const { event } = read(kinds.entry, Buffer.from(first, "latin1").toString("utf8"));
    for (const [name, good] of [
        ["receipt.json", true],
        ["lost-receipt.json", true],
        ["other-receipt.json", true],
        ["unproven-receipt.json", false],
    ]) {
        const { index, leaf, proof, checkpoint } = read(kinds.receipt, lines(name)[0]);
        const found = refusal(() => {
            const head = readCheckpoint(checkpoint, event.origin, event.log_key);
            const hashes = proof.map((hash) => unbase64(hash, 32));
            if (!included(leafHash(utf8(leaf)), index, head.size, hashes, head.root)) throw new Refused("no proof");
        });
        yield { name, found: (found === "") === good ? [] : [found] };
    }
}

const numbered = (message) => ({
    ...message,
    index: BigInt(message.index),
    ...(message.dealer === undefined ? {} : { dealer: BigInt(message.dealer) }),
});

const begun = ({ meeting, attempt, threshold, scrutineers }) =>
    new Ceremony({ meeting, attempt: BigInt(attempt), threshold: BigInt(threshold), scrutineers });

function* ceremony({ ceremony: terms, messages, key, fingerprint }, refused) {
    const whole = begun(terms);
    checkTerms(whole.terms);
    for (const message of messages.map(numbered)) {
        whole.check(message);
        whole.take(message);
    }
    const made = whole.key();
    const said = JSON.stringify({ key: { ...made.key, threshold: Number(made.key.threshold) }, fingerprint: made.fingerprint });
    yield { name: "ceremony.json", found: said === JSON.stringify({ key, fingerprint }) ? [] : [said] };
    for (const { attack, before, message } of refused.map((line) => JSON.parse(line))) {
        const board = begun(terms);
        before.map(numbered).forEach((one) => board.take(one));
        const found = refusal(() => board.check(numbered(message)));
        yield { name: `refused-messages.jsonl, ${attack}`, found: found === "" ? ["taken"] : [] };
    }
}

/** A question of a vector, its numbers as the record has them. */
function asked(question) {
    const numbers = Object.entries(question.encoding).map(([name, content]) => [
        name,
        typeof content === "number" ? BigInt(content) : content,
    ]);
    return { ...question, encoding: Object.fromEntries(numbers) };
}

function* ballots(good, refused) {
    for (const [number, line] of good.entries()) {
        const { question, member, text, statement } = JSON.parse(line);
        const found = readBallot(asked(question), text, unbase64(member, 32));
        const right = found.fault === undefined && base64(found.statement) === statement;
        yield { name: `ballots.jsonl, ${number}`, found: right ? [] : [found.fault ?? base64(found.statement)] };
    }
    for (const { attack, reason, place, question, member, text } of refused.map((line) => JSON.parse(line))) {
        const { fault, claim } = readBallot(asked(question), text, unbase64(member, 32));
        const right = fault === reason && claim === place;
        yield { name: `refused-ballots.jsonl, ${attack}`, found: right ? [] : [`${fault} ${claim}`] };
    }
}

function* opening(file, refused) {
    const { key } = JSON.parse(file("secret", "ceremony.json"));
    const vector = JSON.parse(file("secret", "opening.json"));
    const question = asked(vector.question);
    const read = vector.ballots.map(({ member, text }) => readBallot(question, text, unbase64(member, 32)).ciphertexts);
    const own = { question, basis: vector.basis, ballots: read.length, sums: sumsOf(question.encoding, read) };
    const sums = JSON.stringify(own.sums.map(({ a, b }) => [base64(a.toBytes()), base64(b.toBytes())]));
    yield { name: "opening.json, sums", found: sums === JSON.stringify(vector.sums) ? [] : [sums] };
    const digest = hex(transcript("pingyi secret opening/1", ...openingParts(own)));
    yield { name: "opening.json, digest", found: digest === vector.digest ? [] : [digest] };
    const parts = vector.parts.map(({ index, text }) => [index, readPart(own, key.shares, index, text)]);
    const bad = parts.filter(([, part]) => part === null).map(([index]) => String(index));
    yield { name: "opening.json, parts", found: bad };
    const { totals, abstentions } = openTotals(own, key.threshold, new Map(parts));
    const all = JSON.stringify([totals.map(Number), Number(abstentions)]);
    const said = JSON.stringify([vector.totals, vector.abstentions]);
    yield { name: "opening.json, totals", found: all === said ? [] : [all] };
    for (const { attack, part } of refused.map((line) => JSON.parse(line))) {
        const known = Number.isInteger(part.index) && part.index >= 1 && part.index <= key.shares.length;
        const taken = known && readPart(own, key.shares, part.index, part.text) !== null;
        yield { name: `refused-parts.jsonl, ${attack}`, found: taken ? ["taken"] : [] };
    }
}
