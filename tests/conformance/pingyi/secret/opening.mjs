// The opening of a secret round: SPEC, "Opening".

import { base64, hex, need, Refused, sha256, unbase64, utf8 } from "../bytes.mjs";
import { ORDER, Point, subgroupPoint } from "../signatures.mjs";
import { combined, questionParts } from "./ballots.mjs";
import { BASE, holdsOneOf, pairs, times, total } from "./proofs.mjs";
import { opened, possible } from "./questions.mjs";

/** The sums of valid ballots (each a list of ciphertexts) for each opened thing: [{a, b, bound}]. */
export function sumsOf(encoding, ballots) {
    const bits = ballots[0].map((_, bit) => ({
        a: total(ballots.map((ballot) => ballot[bit].a)),
        b: total(ballots.map((ballot) => ballot[bit].b)),
    }));
    return opened(encoding, BigInt(ballots.length)).map(({ factors, bound }) => ({ ...combined(bits, factors), bound }));
}

/** An opening {question, basis, ballots: number, sums}: what its parts are held to. */
export const openingParts = ({ question, basis, ballots, sums }) => [
    ...questionParts(question),
    basis,
    ballots,
    ...sums.flatMap(({ a, b }) => [a, b]),
];

const seen = new Map();

/** The decryptions D_p of a scrutineer's part (text), or null where anything of it is bad. */
export function readPart(opening, shares, index, text) {
    const parts = openingParts(opening);
    const named = parts.map((part) => (part instanceof Point ? base64(part.toBytes()) : String(part)));
    const name = hex(sha256(utf8(JSON.stringify([named, shares[index - 1], index, text]))));
    if (!seen.has(name)) seen.set(name, readAnew(opening, parts, shares, index, text));
    return seen.get(name);
}

function readAnew({ sums }, parts, shares, index, text) {
    try {
        const bytes = unbase64(text, 96 * sums.length);
        const share = Point.fromBytes(unbase64(shares[index - 1], 32));
        return sums.map(({ a }, place) => {
            const encoded = bytes.subarray(96 * place, 96 * place + 32);
            const decryption = subgroupPoint(encoded);
            const proof = pairs(bytes.subarray(96 * place + 32, 96 * place + 96));
            need(decryption !== null && proof !== null, "no point, or no scalar");
            const statement = ["pingyi secret opening/1", ...parts, index, place, share, decryption];
            need(holdsOneOf([0n], { a: share, b: decryption }, a, proof, statement), "a proof that is not good");
            return decryption;
        });
    } catch (refused) {
        if (refused instanceof Refused) return null;
        throw refused;
    }
}

/** The totals to which good parts (a Map of index and decryptions) open, with the key's threshold; null where none. */
export function openTotals({ question, ballots, sums }, threshold, good) {
    const indices = [...good.keys()].sort((one, other) => one - other).slice(0, threshold);
    const weights = indices.map((index) => [index, lagrange(index, indices)]);
    const totals = sums.map(({ b, bound }, place) => {
        const shared = total(weights.map(([index, weight]) => times(good.get(index)[place], weight)));
        return logarithm(b.subtract(shared), bound);
    });
    if (totals.includes(null)) return null;
    const { encoding } = question;
    const abstentions = encoding.abstention ? totals.at(-1) : 0n;
    const others = encoding.abstention ? totals.slice(0, -1) : totals;
    return possible(encoding, BigInt(ballots), others, abstentions) ? { totals: others, abstentions } : null;
}

/** The factor of one share at 0: the product of i / (i - j) over the other indices i. */
function lagrange(own, indices) {
    const others = indices.filter((index) => index !== own);
    const above = others.reduce((product, index) => product * BigInt(index), 1n);
    const below = others.reduce((product, index) => product * BigInt(index - own), 1n);
    return (above * Point.Fn.inv(((below % ORDER) + ORDER) % ORDER)) % ORDER;
}

/** The number m from 0 to a bound with mG = point, or null. */
function logarithm(point, bound) {
    let [next, number] = [Point.ZERO, 0n];
    while (!next.equals(point)) {
        if (number === bound) return null;
        next = next.add(BASE);
        number += 1n;
    }
    return number;
}
