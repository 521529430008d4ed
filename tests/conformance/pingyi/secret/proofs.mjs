// Transcripts and proofs in the group: SPEC, "Secret ballots", up to "Encodings".

import { sha512 } from "@noble/hashes/sha2.js";
import { bigEndian, fromLittleEndian, join, utf8 } from "../bytes.mjs";
import { ORDER, Point } from "../signatures.mjs";

export const BASE = Point.BASE;

/** A multiple of a point by a number modulo the order; the number may be 0. */
export const times = (point, number) => point.multiplyUnsafe(((number % ORDER) + ORDER) % ORDER);

export const total = (points) => points.reduce((one, other) => one.add(other), Point.ZERO);

const bytesOf = (part) => (part instanceof Point ? part.toBytes() : part instanceof Uint8Array ? part : utf8(String(part)));

/** T: the hash of a tag and parts, which are texts, numbers, bytes or points. */
export function transcript(tag, ...parts) {
    const all = [tag, "edwards25519", ...parts].map(bytesOf);
    return sha512(join(...all.flatMap((part) => [bigEndian(part.length, 8), part])));
}

/** H: the same as a scalar. */
const challenge = (...parts) => fromLittleEndian(transcript(...parts)) % ORDER;

/** The scalar of 32 bytes, or null. */
export function scalar(bytes) {
    const number = fromLittleEndian(bytes);
    return number < ORDER ? number : null;
}

/** The scalars of a proof of so many pairs, or null where one is none. */
export function pairs(bytes) {
    const scalars = Array.from({ length: bytes.length / 32 }, (_, place) => scalar(bytes.subarray(32 * place, 32 * place + 32)));
    if (scalars.includes(null)) return null;
    return Array.from({ length: scalars.length / 2 }, (_, place) => [scalars[2 * place], scalars[2 * place + 1]]);
}

/** Whether a proof shows that the ciphertext {a, b} under a key holds one of the values. */
export function holdsOneOf(values, { a, b }, key, proof, statement) {
    const commitments = proof.flatMap(([c, s], place) => [
        times(BASE, s).subtract(times(a, c)),
        times(key, s).subtract(times(b.subtract(times(BASE, values[place])), c)),
    ]);
    const sum = proof.reduce((all, [c]) => all + c, 0n) % ORDER;
    return sum === challenge(...statement, ...commitments);
}

/** Whether a proof shows knowledge of x with X = xG. */
export function knows(point, [[c, s]], statement) {
    return c === challenge(...statement, times(BASE, s).subtract(times(point, c)));
}
