// The recount of a secret round: SPEC, "Verification", step 7.

import { base64, Refused, join, unbase64 } from "../bytes.mjs";
import { noteBody } from "../checkpoints.mjs";
import { write } from "../json.mjs";
import * as kinds from "../kinds.mjs";
import { checkedBallots, linesOf, openingsOf, questionsOf } from "../rules_secret.mjs";

/** What an announced secret round opened to, {lines, valid, invalid}; null where that cannot be counted. */
export function recountSecret(count, item, round, name) {
    const { checked, begun, unsealed, parts, ...key } = round.secret;
    if (!checked || !begun || !unsealed || !key.key) {
        count.fault(`${name}: announced and not checked and opened`);
        return null;
    }
    try {
        return recounted(count, item, round, { checked, begun, unsealed, parts, ...key }, name);
    } catch (refused) {
        if (!(refused instanceof Refused)) throw refused;
        count.fault(`${name}: ${refused.message}`);
        return null;
    }
}

function recounted(count, item, round, { checked, begun, unsealed, parts, key, holders }, name) {
    const [first, last] = round.window;
    const sealed = new Map();
    for (const one of round.sealed.filter(({ leaf }) => leaf >= first && leaf <= last)) {
        sealed.set(one.person, [...(sealed.get(one.person) ?? []), one]);
    }
    const asked = questionsOf(count, item, { ...round, number: Number(round.number) }, key.key);
    const { valid, invalid } = checkedBallots(asked, sealed);
    const text = (event) => write(kinds.event, event);
    count.compare(`${name}: ballots that do not hold`, text(checked), text({ ...checked, invalid }));
    if (BigInt(valid.size) < item.rules.least_ballots) {
        count.fault(`${name}: opened with ${valid.size} valid ballots`);
        return null;
    }
    const openings = openingsOf(asked, noteBody(count.origin, begun.size, unbase64(begun.root, 32)), valid);
    const sums = openings.map((opening) => base64(join(...opening.sums.flatMap(({ a, b }) => [a.toBytes(), b.toBytes()]))));
    count.compare(`${name}: sums`, text(begun), text({ ...begun, sums }));
    const lines = linesOf(openings, { key, holders }, new Map(parts.map((part) => [part.person, part.parts])));
    count.compare(`${name}: totals`, text(unsealed), text({ ...unsealed, lines }));
    return { lines, valid: valid.size, invalid: sealed.size - valid.size };
}
