// Bytes and their texts: hexadecimal, base64, Z85, base32 of Crockford, each in its one form.

import { sha256 as digest } from "@noble/hashes/sha2.js";

const Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** What is not in its one form, or breaks a rule: with a reason for people. */
export class Refused extends Error {}

/** Throw Refused with the reason unless the condition holds. */
export function need(condition, reason) {
    if (!condition) throw new Refused(reason);
}

export const utf8 = (text) => new Uint8Array(Buffer.from(text, "utf8"));
export const hex = (bytes) => Buffer.from(bytes).toString("hex");
export const base64 = (bytes) => Buffer.from(bytes).toString("base64");
export const join = (...parts) => new Uint8Array(Buffer.concat(parts));
export const sha256 = (...parts) => digest(join(...parts));
export const same = (one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)) === 0;

/** The text of UTF-8 bytes; a byte order mark stays in it. */
export function text(bytes) {
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
        throw new Refused("not UTF-8");
    }
}

/** The bytes of base64 in its one form, of this length where one is given. */
export function unbase64(coded, length = null) {
    const bytes = new Uint8Array(Buffer.from(coded, "base64"));
    need(base64(bytes) === coded, "not base64 in its one form");
    need(length === null || bytes.length === length, `not base64 of ${length} bytes`);
    return bytes;
}

/** The 32 bytes of 40 characters of Z85. */
export function unz85(coded) {
    need(coded.length === 40, "not 40 characters of Z85");
    const bytes = Buffer.alloc(32);
    for (let word = 0; word < 8; word += 1) {
        let value = 0;
        for (const character of coded.slice(5 * word, 5 * word + 5)) {
            const digit = Z85.indexOf(character);
            need(digit >= 0, "not Z85");
            value = value * 85 + digit;
        }
        need(value < 2 ** 32, "not Z85");
        bytes.writeUInt32BE(value, 4 * word);
    }
    return new Uint8Array(bytes);
}

/** The first bits (a multiple of 20) of the bytes in base32 of Crockford, in groups of four characters. */
export function shortCode(bytes, bits) {
    const value = BigInt(`0x${hex(bytes)}`) >> BigInt(8 * bytes.length - bits);
    const characters = [];
    for (let place = bits - 5; place >= 0; place -= 5) characters.push(CROCKFORD[Number((value >> BigInt(place)) & 31n)]);
    return characters.join("").match(/.{4}/g).join("-");
}

/** The bytes of a number, most significant first. */
export function bigEndian(number, length) {
    return new Uint8Array(Buffer.from(BigInt(number).toString(16).padStart(2 * length, "0"), "hex"));
}

export const fromBigEndian = (bytes) => BigInt(`0x${hex(bytes)}`);
export const fromLittleEndian = (bytes) => fromBigEndian(Uint8Array.from(bytes).reverse());

/** Order of texts by code points, as a comparing function. */
export function byCodePoints(one, other) {
    return Buffer.compare(Buffer.from(one, "utf8"), Buffer.from(other, "utf8"));
}
