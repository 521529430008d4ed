// Whether an encrypted ballot is valid: SPEC, "Ballot".

import { hex, Refused, sha256, unbase64, utf8 } from "../bytes.mjs";
import { subgroupPoint } from "../signatures.mjs";
import { holdsOneOf, pairs, times, total, transcript, BASE } from "./proofs.mjs";
import { ballotLength, bits, claims, nameOf } from "./questions.mjs";

/** The parts of a question that go into hashes; `key` is base64. */
export const questionParts = ({ meeting, item, round, line, target, encoding, key }) => [
    BASE,
    unbase64(key, 32),
    meeting,
    item,
    round,
    line,
    target,
    nameOf(encoding),
];

const seen = new Map();

/** The ciphertexts of a ballot by a member's public key (bytes), or what is wrong: {ciphertexts} or {fault, claim}. */
export function readBallot(question, text, member) {
    const name = hex(sha256(utf8(JSON.stringify([questionParts(question).slice(1).map(String), text])), member));
    if (!seen.has(name)) seen.set(name, readAnew(question, text, member));
    return seen.get(name);
}

const fault = (key, claim = 0) => ({ fault: `secret.${key}`, claim });

function readAnew(question, text, member) {
    let bytes;
    try {
        bytes = unbase64(text);
    } catch (refused) {
        if (refused instanceof Refused) return fault("text");
        throw refused;
    }
    const { encoding } = question;
    if (bytes.length !== ballotLength(encoding)) return fault("ballot_length");
    const key = subgroupPoint(unbase64(question.key, 32));
    const points = Array.from({ length: 2 * bits(encoding) }, (_, place) =>
        subgroupPoint(bytes.subarray(32 * place, 32 * place + 32)),
    );
    if (key === null || points.includes(null)) return fault("point");
    const ciphertexts = Array.from({ length: bits(encoding) }, (_, bit) => ({ a: points[2 * bit], b: points[2 * bit + 1] }));
    const proofs = pairs(bytes.subarray(32 * points.length));
    if (proofs === null) return fault("scalar");
    const statement = ["pingyi secret ballot/1", ...questionParts(question), member, ...points];
    for (const [number, { factors, values }] of claims(encoding).entries()) {
        const proof = proofs.splice(0, values.length);
        const claimed = combined(ciphertexts, factors);
        if (!holdsOneOf(values, claimed, key, proof, [...statement, number])) return fault("ballot_proof", number + 1);
    }
    return { ciphertexts, statement: transcript(...statement) };
}

/** The sum of ciphertexts, each times its factor. */
export function combined(ciphertexts, factors) {
    const part = (name) =>
        total(factors.map(([bit, factor]) => (factor === 1n ? ciphertexts[bit][name] : times(ciphertexts[bit][name], factor))));
    return { a: part("a"), b: part("b") };
}
