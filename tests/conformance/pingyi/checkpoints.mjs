// Heads of the log and who signed them: SPEC, "Checkpoints".

import { base64, bigEndian, fromBigEndian, join, need, same, sha256, shortCode, unbase64, utf8 } from "./bytes.mjs";
import { isGood } from "./signatures.mjs";

const NAME =
    /^[^+\u0000-\u0020\u007f-\u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ud800-\udfff\ufeff]+$/u;
const BODY = /^([^\n]*)\n(0|[1-9][0-9]*)\n([A-Za-z0-9+/]{43}=)\n$/u;
const LARGEST = 2n ** 63n - 1n;
const SERVER = 1;
const WITNESS = 4;

/** Whether a text can be an origin or a key name. */
export const isName = (text) => NAME.test(text);

/** A signed head: its body and what the body says. */
function readBody(body) {
    const found = BODY.exec(body);
    need(found !== null, "a checkpoint that has another form");
    const [, origin, size, root] = found;
    need(isName(origin), "a checkpoint whose origin cannot be a name");
    need(BigInt(size) <= LARGEST, "a checkpoint of too great a size");
    return { body, origin, size: BigInt(size), root: unbase64(root, 32) };
}

/** The note body of a head. */
export const noteBody = (origin, size, root) => `${origin}\n${size}\n${base64(root)}\n`;

/** The short code of a head. */
export const fingerprint = (body) => shortCode(sha256(utf8(body)), 80);

/** The bytes behind the key id of a signature line by this key. */
function signatureLine(line, name, key, type, length) {
    const found = /^\u2014 ([^ \n]+) ([^ \n]+)\n$/u.exec(line);
    need(found !== null, "a signature line of another form");
    need(found[1] === name, `a signature under the name ${found[1]} instead of ${name}`);
    const coded = unbase64(found[2], length + 4);
    const id = sha256(utf8(`${name}\n`), Uint8Array.of(type), key).subarray(0, 4);
    need(same(coded.subarray(0, 4), id), "a signature by another key");
    return coded.subarray(4);
}

/** The head of a signed checkpoint that is good under the log's origin and key (base64); Refused otherwise. */
export function readCheckpoint(note, origin, key) {
    const end = note.indexOf("\n\n");
    need(end >= 0, "a checkpoint without a signature");
    const head = readBody(note.slice(0, end + 1));
    need(head.origin === origin, `a checkpoint of another log, ${head.origin}`);
    const publicKey = unbase64(key, 32);
    const signature = signatureLine(note.slice(end + 2), origin, publicKey, SERVER, 64);
    need(isGood(publicKey, utf8(head.body), signature), "a checkpoint whose signature is not good");
    return head;
}

/** The name under which a device cosigns. */
export const witnessName = (origin, id) => `${origin}/${id}`;

/** The key name that a cosignature line says. */
export function namedIn(line) {
    const found = /^\u2014 ([^ \n]+) /u.exec(line);
    need(found !== null, "a cosignature line of another form");
    return found[1];
}

/** Throw Refused unless the line, with its newline, is the good cosignature of a note body by this key. */
export function checkCosignature(line, body, name, key) {
    const publicKey = unbase64(key, 32);
    const coded = signatureLine(line, name, publicKey, WITNESS, 72);
    const time = fromBigEndian(coded.subarray(0, 8));
    need(time <= LARGEST, "a cosignature of too great a time");
    const message = utf8(`cosignature/v1\ntime ${time}\n${body}`);
    need(isGood(publicKey, message, coded.subarray(8)), "a cosignature that is not good");
    need(same(coded.subarray(0, 8), bigEndian(time, 8)), "a cosignature of another time");
}

/** The short code of a log's key. */
export const keyCode = (key) => shortCode(sha256(unbase64(key, 32)), 80);
