// The ceremonies of a meeting, one after the other: SPEC, "Key ceremony" and "Secret rounds".

import { xsalsa20poly1305, hsalsa } from "@noble/ciphers/salsa.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { base64, need, same, shortCode, unbase64, utf8 } from "../bytes.mjs";
import { isGood, isSigningKey, isTransportPoint, subgroupPoint } from "../signatures.mjs";
import { allDiffer } from "../texts.mjs";
import { BASE, knows, pairs, scalar, times, total, transcript } from "./proofs.mjs";

const STEPS = ["commit-to-key/1", "reveal-key/1", "deal-shares/1", "confirm-key/1"];
const SIGMA = new Uint32Array(utf8("expand 32-byte k").buffer);

/** Throw Refused unless these can be the terms of a ceremony. */
export function checkTerms({ threshold, scrutineers }) {
    const count = BigInt(scrutineers.length);
    need(2n <= threshold && threshold <= count && count <= 32n, "2 <= threshold <= scrutineers <= 32");
    need(allDiffer(scrutineers.map(({ person }) => person)), "a scrutineer stands twice");
    need(allDiffer(scrutineers.map(({ key }) => key)), "a key stands twice");
    need(scrutineers.every(({ key }) => isSigningKey(key)), "a signing key that is not good");
}

/** One ceremony: its terms and the messages on its board, by kind and index. */
export class Ceremony {
    constructor(terms) {
        this.terms = terms;
        this.board = new Map(STEPS.map((step) => [step, new Map()]));
        this.failed = false;
        const { meeting, attempt, threshold, scrutineers } = terms;
        this.parts = [meeting, attempt, threshold, ...scrutineers.flatMap(({ person, key }) => [person, key])];
        this.indices = scrutineers.map((_, place) => BigInt(place + 1));
    }

    /** The step that waits for messages, or null when it is done or failed. */
    get step() {
        if (this.failed) return null;
        return STEPS.find((step) => this.board.get(step).size < this.indices.length) ?? null;
    }

    /** The indices of whom a message is awaited. */
    awaited() {
        return this.step === null ? [] : this.indices.filter((index) => !this.board.get(this.step).has(index));
    }

    /** The person of an index, or undefined. */
    personOf(index) {
        return this.terms.scrutineers[Number(index) - 1]?.person;
    }

    /** Put a message that was checked on the board. */
    take(message) {
        if (message.type === "dispute-share/1") this.failed = true;
        else this.board.get(message.type).set(message.index, message);
    }

    /** Throw Refused unless the ceremony takes the message. */
    check(message) {
        const { type, index } = message;
        const expected = type === "dispute-share/1" ? "confirm-key/1" : type;
        need(this.step === expected && this.awaited().includes(index), "a message that is not awaited");
        const content = CONTENT[type](message, this);
        const late = expected === "confirm-key/1";
        const signed = transcript("pingyi key message/1", ...this.parts, type, index, late ? this.digest() : "", ...content);
        const key = unbase64(this.terms.scrutineers[Number(index) - 1].key, 32);
        need(isGood(key, signed, unbase64(message.signature, 64)), "the signature of a message is not good");
        CHECKS[type]?.(message, this, content);
    }

    /** D: the hash of the terms and all messages of the first three kinds. */
    digest() {
        const messages = STEPS.slice(0, 3).flatMap((step) =>
            this.indices.map((index) => {
                const message = this.board.get(step).get(index);
                const content = CONTENT[step](message, this);
                return transcript("pingyi key message/1", ...this.parts, step, index, "", ...content);
            }),
        );
        return transcript("pingyi key transcript/1", ...this.parts, ...messages);
    }

    pointsOf(index) {
        return this.board.get("reveal-key/1").get(index).points.map((point) => subgroupPoint(unbase64(point, 32)));
    }

    /** The key that a whole ceremony makes, and its fingerprint. */
    key() {
        const points = this.indices.map((index) => this.pointsOf(index));
        const key = total(points.map(([first]) => first));
        const shares = this.indices.map((index) => total(points.map((own) => evaluated(own, index))));
        need(![key, ...shares].some((point) => point.is0()), "a key that is the identity");
        const transcribed = this.digest();
        const { threshold } = this.terms;
        const code = transcript("pingyi election key/1", transcribed, key, threshold, ...shares);
        return {
            key: {
                key: base64(key.toBytes()),
                threshold,
                shares: shares.map((share) => base64(share.toBytes())),
                transcript: base64(transcribed),
            },
            fingerprint: shortCode(code, 80),
        };
    }
}

/** points_0 + j points_1 + ...: the public point of f(j). */
function evaluated(points, index) {
    return total(points.map((point, power) => times(point, index ** BigInt(power))));
}

/** The parts of a message's content, decoded. */
const CONTENT = {
    "commit-to-key/1": ({ digest }) => [unbase64(digest, 64)],
    "reveal-key/1": ({ box, points, proof }) => [
        unbase64(box, 32),
        ...points.map((point) => unbase64(point, 32)),
        unbase64(proof, 64),
    ],
    "deal-shares/1"({ index, shares }, { indices }) {
        need(shares.length === indices.length, "a share for each scrutineer");
        return shares.map((share, place) => unbase64(share, BigInt(place + 1) === index ? 0 : 48));
    },
    "confirm-key/1": () => [],
    "dispute-share/1": ({ dealer, secret }) => [String(dealer), unbase64(secret, 32)],
};

const CHECKS = {
    "reveal-key/1"({ index, proof }, ceremony, content) {
        const [box, ...rest] = content;
        const points = rest.slice(0, -1).map((bytes) => subgroupPoint(bytes));
        need(BigInt(points.length) === ceremony.terms.threshold && !points.includes(null), "the points of a polynomial");
        need(isTransportPoint(box), "a box key of low order, or not canonical");
        const committed = transcript("pingyi key commitment/1", ...ceremony.parts, index, ...content);
        const { digest } = ceremony.board.get("commit-to-key/1").get(index);
        need(same(committed, unbase64(digest, 64)), "another commitment than before");
        const pair = pairs(unbase64(proof, 64));
        const statement = ["pingyi key possession/1", ...ceremony.parts, index, box, ...points];
        need(pair !== null && knows(points[0], pair, statement), "a proof that is not good");
    },
    "dispute-share/1"({ index, dealer, secret }, ceremony) {
        need(dealer !== index && ceremony.indices.includes(dealer), "the dealer is another scrutineer");
        const { box } = ceremony.board.get("reveal-key/1").get(index);
        const own = unbase64(secret, 32);
        need(same(x25519.getPublicKey(own), unbase64(box, 32)), "another secret key than the box's");
        need(!isShareGood(ceremony, dealer, index, own), "the share is good");
    },
};

/** Whether the share of a dealer for an index opens and fits what the dealer revealed. */
function isShareGood(ceremony, dealer, index, secret) {
    const sealed = unbase64(ceremony.board.get("deal-shares/1").get(dealer).shares[Number(index) - 1], 48);
    const box = unbase64(ceremony.board.get("reveal-key/1").get(dealer).box, 32);
    const nonce = transcript("pingyi key share/1", ...ceremony.parts, dealer, index).subarray(0, 24);
    const shared = new Uint32Array(8);
    const agreed = new Uint32Array(Uint8Array.from(x25519.getSharedSecret(secret, box)).buffer);
    hsalsa(SIGMA, agreed, new Uint32Array(4), shared);
    let share;
    try {
        share = scalar(xsalsa20poly1305(new Uint8Array(shared.buffer), nonce).decrypt(sealed));
    } catch {
        return false;
    }
    return share !== null && times(BASE, share).equals(evaluated(ceremony.pointsOf(dealer), index));
}

/** All ceremonies of a meeting: how many began, the newest, and the key that stands. */
export class Ceremonies {
    count = 0n;
    current = null;
    made = null;
    basis = null;

    begin(state, { attempt, threshold, scrutineers }) {
        this.count = attempt;
        this.current = new Ceremony({ meeting: state.origin, attempt, threshold, scrutineers });
    }

    complete(message) {
        this.current.take(message);
        const holders = new Map(this.current.terms.scrutineers.map(({ person }, place) => [person, place + 1]));
        this.made = { ...this.current.key(), holders };
    }

    /** A definition was loaded: another threshold or other scrutineers end ceremony and key. */
    redefined(state) {
        const scrutineers = state.scrutineers().map(({ number }) => number);
        const basis = JSON.stringify([String(state.definition.meeting.threshold), scrutineers]);
        if (basis !== this.basis) Object.assign(this, { current: null, made: null, basis });
    }

    /** Whether the newest ceremony is neither done nor failed. */
    get waits() {
        return this.current !== null && this.current.step !== null;
    }
}
