// What is held against a record: SPEC, "Verification", step 10.

import { need, unbase64, utf8 } from "./bytes.mjs";
import { fingerprint, keyCode, readCheckpoint } from "./checkpoints.mjs";
import { read } from "./json.mjs";
import * as kinds from "./kinds.mjs";
import { included, leafHash } from "./merkle.mjs";

const LETTERS = { O: "0", I: "1", L: "1" };

/** A short code as somebody typed it, in its one form. */
function typed(code) {
    const plain = code.normalize("NFKC").replace(/[\s\-._\u2010-\u2015\u2212]/gu, "");
    return plain.toUpperCase().replace(/[OIL]/g, (letter) => LETTERS[letter]);
}

const isCode = (one, code) => typed(one) === typed(code);

/** Hold pins {key, checkpoint, receipt} against a verification. */
export function checkPins(verification, { key, checkpoint, receipt }) {
    if (key !== null) verification.try(10, () => checkKey(verification, key));
    if (checkpoint !== null) verification.try(10, () => checkCheckpoint(verification, checkpoint));
    if (receipt !== null) verification.try(10, () => checkReceipt(verification, receipt));
}

function checkKey(verification, key) {
    need(verification.key !== null, "the record has no key");
    need(key === verification.key || isCode(key, keyCode(verification.key)), "the log's key is another one");
}

function checkCheckpoint(verification, checkpoint) {
    need(verification.key !== null, "the record has no key");
    if (checkpoint.includes("\n")) {
        verification.checkHead(readCheckpoint(checkpoint, verification.origin, verification.key));
        return;
    }
    const known = verification.heads.some(({ body }) => isCode(checkpoint, fingerprint(body)));
    need(known, `no head of this record has the fingerprint ${checkpoint}`);
}

function checkReceipt(verification, source) {
    need(verification.key !== null, "the record has no key");
    const { index, leaf, proof, checkpoint } = read(kinds.receipt, source.trimEnd());
    const head = readCheckpoint(checkpoint, verification.origin, verification.key);
    verification.checkHead(head);
    need(0n <= index && index < head.size, "a receipt of a leaf behind its head");
    const own = verification.leaves[Number(index)];
    need(Buffer.compare(own, Buffer.from(utf8(leaf))) === 0, `leaf ${index} is another one than the receipt's`);
    const hashes = proof.map((hash) => unbase64(hash, 32));
    need(included(leafHash(own), index, head.size, hashes, head.root), "the proof of the receipt is not good");
}
