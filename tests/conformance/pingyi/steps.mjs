// The ten steps: SPEC, "Verification". Each says what it finds.

import { need, Refused, same, text, utf8 } from "./bytes.mjs";
import { described, openArchive } from "./bundle.mjs";
import { isName, readCheckpoint } from "./checkpoints.mjs";
import { indented, read } from "./json.mjs";
import * as kinds from "./kinds.mjs";
import { Log } from "./merkle.mjs";
import { checkPins } from "./pins.mjs";
import { Recount } from "./recount.mjs";
import { checkRoot, Replay } from "./replay.mjs";
import { resultsOf } from "./results.mjs";
import { isSigningKey } from "./signatures.mjs";
import { readWitnesses } from "./witnesses.mjs";

const MOST_LEAVES = 2000000;
const LONGEST_LEAF = 67108864;
const FORMAT = "pingyi-record/2";
export const STEPS = 10;

/** Verify an archive against pins {key, checkpoint, receipt}, each a text or null; null where it is no record. */
export function verify(bytes, pins) {
    const opened = openArchive(bytes);
    if (opened === null) return null;
    const verification = new Verification(opened, pins);
    return verification.isOther ? null : verification;
}

class Verification {
    findings = [];
    results = null;
    witnesses = null;
    manifest = null;
    log = null;
    replay = null;
    entries = [];
    key = null;
    heads = [];

    constructor({ files, faults }, pins) {
        this.files = files;
        faults.forEach((fault) => this.find(1, fault));
        if (files !== null) this.follow(pins);
    }

    follow(pins) {
        this.try(2, () => this.readManifest());
        this.try(3, () => this.readLeaves());
        this.try(4, () => this.readKeys());
        if (this.key !== null) this.try(5, () => this.readHeads());
        this.replay = new Replay(this.log);
        this.recount = new Recount();
        this.entries.forEach((entry, place) => this.followLeaf(entry, place));
        this.checkAttendance();
        this.recount.faults.forEach((fault) => this.find(7, fault));
        this.try(8, () => this.checkResults());
        if (this.key !== null) this.try(9, () => readWitnesses(this));
        this.try(10, () => checkPins(this, pins));
    }

    /** Whether the record says that it is one of another version. */
    get isOther() {
        return this.manifest !== null && this.manifest.format !== FORMAT;
    }

    get isValid() {
        return this.findings.length === 0;
    }

    find(step, fault) {
        this.findings.push({ step, fault });
    }

    /** Do a part of a step; what is refused is found, and so is what cannot be worked out at all. */
    try(step, part, where = "") {
        try {
            part();
        } catch (fault) {
            this.find(step, where + (fault instanceof Refused ? fault.message : `cannot be worked out: ${fault.message}`));
        }
    }

    readManifest() {
        const source = text(this.files["manifest.json"]);
        this.manifest = read(kinds.manifest, compact(source));
        need(indented(kinds.manifest, this.manifest) === source, "the manifest is not in its one form");
        const files = indented(kinds.manifest, { ...this.manifest, files: described(this.files) });
        need(files === source, "the manifest does not describe the files");
    }

    readLeaves() {
        const bytes = this.files["leaves.jsonl"];
        const leaves = split(bytes);
        this.log = new Log(leaves.slice(0, MOST_LEAVES));
        this.leaves = leaves;
        leaves.forEach((leaf, place) => {
            this.entries.push(null);
            this.try(3, () => {
                need(leaf.length <= LONGEST_LEAF, `leaf ${place} is too long`);
                const entry = read(kinds.entry, text(leaf));
                this.entries[place] = entry;
                need(entry.index === BigInt(place), `the leaf at place ${place} says that it is ${entry.index}`);
            });
        });
        need(leaves.length <= MOST_LEAVES, "too many leaves");
        need(bytes.length === 0 || bytes.at(-1) === 10, "the last leaf does not end with a newline");
    }

    readKeys() {
        const created = this.entries[0]?.event;
        need(created?.type === "meeting-created/1", "leaf 0 creates no meeting");
        this.origin = created.origin;
        need(isSigningKey(created.log_key), "the log's key is not good");
        need(isName(created.origin), "the log's origin is no name");
        this.key = created.log_key;
        if (this.manifest === null) return;
        for (const field of ["meeting", "origin", "log_key"]) {
            this.try(4, () => need(this.manifest[field] === created[field], `the manifest's ${field} is another one`));
        }
        need(this.manifest.size === BigInt(this.leaves.length), "the manifest's size is another one");
    }

    readHeads() {
        const source = text(this.files["checkpoints.txt"]);
        const notes = source.match(/[^\n]*\n[^\n]*\n[^\n]*\n[^\n]*\n[^\n]*\n/gu) ?? [];
        need(notes.join("") === source && notes.length > 0, "the checkpoints are not in their form");
        let before = 0n;
        for (const note of notes) {
            this.try(5, () => {
                const head = readCheckpoint(note, this.origin, this.key);
                this.heads.push({ ...head, note });
                need(head.size > before, `the head of ${head.size} leaves does not stand in its order`);
                before = head.size;
                need(same(head.root, this.log.root(head.size)), `the head of ${head.size} leaves has another root`);
            });
        }
        need(before === BigInt(this.leaves.length), "the last head does not cover all leaves");
        need(text(this.files["checkpoint.txt"]) === notes.at(-1), "checkpoint.txt is not the last checkpoint");
    }

    followLeaf(entry, place) {
        if (entry === null) {
            this.replay.skip();
            return this.find(6, `leaf ${place} cannot be followed`);
        }
        let follows = false;
        this.try(6, () => {
            this.replay.take(entry);
            follows = true;
        }, `leaf ${place}: `);
        this.try(7, () => this.recount.take(entry, follows), `leaf ${place}: `);
        const { event } = entry;
        const rooted = ["continuation-declared/1", "opening-begun/1", "cosigning-overridden/1"].includes(event.type);
        if (rooted) this.try(6, () => checkRoot(this.log, event.size, event.root));
        return undefined;
    }

    checkAttendance() {
        const { state } = this.replay;
        const sorted = (people) => JSON.stringify([...people].sort());
        for (const group of ["present", "left", "excused"]) {
            const [said, counted] = [sorted(state[group]), sorted(this.recount[group])];
            if (said !== counted) this.find(7, `${group} at the end: ${said}; counted again ${counted}`);
        }
    }

    checkResults() {
        const { state } = this.replay;
        need(state.definition !== null, "the record has no definition");
        this.results = indented(kinds.results, resultsOf(state, this.log));
        const definition = indented(kinds.definition, state.definition);
        this.try(8, () => need(same(this.files["definition.json"], utf8(definition)), "definition.json is another one"));
        need(same(this.files["results.json"], utf8(this.results)), "results.json is not what the record gives");
    }

    /** Throw Refused unless a head is that of the first leaves of this record. */
    checkHead({ size, root }) {
        need(size <= BigInt(this.leaves.length), `a head of ${size} leaves, which the record does not have`);
        need(same(root, this.log.root(size)), "a head that is not of this record");
    }
}

/** The leaves of a file: its lines. */
function split(bytes) {
    const leaves = [];
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
        leaves.push(bytes.subarray(start, end));
        start = end + 1;
    }
    if (start < bytes.length) leaves.push(bytes.subarray(start));
    return leaves;
}

/** An indented JSON text without white space between its tokens. */
function compact(source) {
    return source.replace(/("(?:[^"\\\n]|\\[^\n])*")|\s+/g, (_, string) => string ?? "");
}
