// The log: SPEC, "Log" and "Tracking codes".

import { join, need, same, sha256 } from "./bytes.mjs";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
const EMPTY = sha256();

export const leafHash = (bytes) => sha256(LEAF, bytes);
const nodeHash = (left, right) => sha256(NODE, join(left, right));

/** A log that grows: it keeps the roots of whole subtrees, and the root at every size that it had. */
export class Log {
    constructor(leaves = []) {
        this.leaves = [];
        this.subtrees = [];
        this.roots = [EMPTY];
        leaves.forEach((leaf) => this.add(leaf));
    }

    add(bytes) {
        let hash = leafHash(bytes);
        this.leaves.push(hash);
        for (let size = this.leaves.length; size % 2 === 0; size /= 2) hash = nodeHash(this.subtrees.pop(), hash);
        this.subtrees.push(hash);
        this.roots.push(this.subtrees.reduceRight((right, left) => nodeHash(left, right)));
    }

    /** The root of the first `size` leaves. */
    root(size) {
        const root = this.roots[Number(size)];
        need(root !== undefined, `the log has no ${size} leaves`);
        return root;
    }
}

/** Whether the proof shows that the hash is that of leaf `position` under the root of `size` leaves. */
export function included(hash, position, size, proof, root) {
    if (!(0n <= position && position < size) || [hash, root, ...proof].some((one) => one.length !== 32)) return false;
    let [place, last, node, used] = [position, size - 1n, hash, 0];
    while (last > 0n) {
        if (place % 2n === 1n || place < last) {
            if (used === proof.length) return false;
            node = place % 2n === 1n ? nodeHash(proof[used], node) : nodeHash(node, proof[used]);
            used += 1;
        }
        place /= 2n;
        last /= 2n;
    }
    return used === proof.length && same(node, root);
}
