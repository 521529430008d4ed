// Keys and signatures: SPEC, "Checkpoints" (a signature is good) and "Signed envelopes".

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { fromLittleEndian, hex, join, Refused, same, sha256, unbase64, unz85, utf8 } from "./bytes.mjs";

export const Point = ed25519.Point;
export const ORDER = Point.Fn.ORDER;
const FIELD = 2n ** 255n - 19n;
const PAYLOAD_TYPE = "application/vnd.pingyi.command+json";
const LOW_ORDER = new Set([
    0n,
    1n,
    325606250916557431795983626356110631294008115727848805560023387167927233504n,
    39382357235489614581723060781553021112529911719440698176882885853963445705823n,
    FIELD - 1n,
]);

/** A function that remembers what it said to each text. */
function remembered(work) {
    const said = new Map();
    return (key, ...rest) => {
        if (!said.has(key)) said.set(key, work(key, ...rest));
        return said.get(key);
    };
}

/** The point of a canonical encoding, or null. */
export function decoded(bytes) {
    try {
        return Point.fromBytes(bytes, false);
    } catch {
        return null;
    }
}

/** The point of 32 bytes from outside: canonical, of the subgroup of prime order, not the identity; or null. */
export function subgroupPoint(bytes) {
    if (bytes.length !== 32) return null;
    const point = decoded(bytes);
    return point === null || point.is0() || !point.isTorsionFree() ? null : point;
}

const goodSigningKey = remembered((key) => {
    try {
        return subgroupPoint(unbase64(key, 32)) !== null;
    } catch (fault) {
        if (fault instanceof Refused) return false;
        throw fault;
    }
});

/** Whether a text is a good signing key. */
export const isSigningKey = (key) => goodSigningKey(key);

/** Whether 32 bytes are a canonical point of Curve25519 that is not of low order. */
export function isTransportPoint(bytes) {
    const place = fromLittleEndian(bytes);
    return place < FIELD && !LOW_ORDER.has(place);
}

/** Whether a text is a good transport key. */
export function isTransportKey(key) {
    try {
        return isTransportPoint(unz85(key));
    } catch (fault) {
        if (fault instanceof Refused) return false;
        throw fault;
    }
}

const checked = remembered((key, publicKey, message, signature) => {
    const [first, second] = [decoded(publicKey), decoded(signature.subarray(0, 32))];
    if (first === null || second === null || first.isSmallOrder() || second.isSmallOrder()) return false;
    const response = fromLittleEndian(signature.subarray(32));
    if (response >= ORDER) return false;
    const challenge = fromLittleEndian(sha512(join(signature.subarray(0, 32), publicKey, message))) % ORDER;
    const point = Point.BASE.multiplyUnsafe(response).subtract(first.multiplyUnsafe(challenge));
    return same(point.toBytes(), signature.subarray(0, 32));
});

/** Whether libsodium would take the signature: strict, without multiplication by the cofactor. */
export function isGood(publicKey, message, signature) {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    return checked(hex(sha256(publicKey, signature, message)), publicKey, message, signature);
}

/** The key id of a signing key in base64. */
export const keyId = (key) => hex(sha256(unbase64(key, 32)).subarray(0, 8));

/** Whether an envelope's signature is good under a signing key in base64. */
export function isSigned(envelope, key) {
    const payload = utf8(envelope.payload);
    const message = join(utf8(`DSSEv1 35 ${PAYLOAD_TYPE} ${payload.length} `), payload);
    try {
        return isGood(unbase64(key, 32), message, unbase64(envelope.signature, 64));
    } catch (fault) {
        if (fault instanceof Refused) return false;
        throw fault;
    }
}
