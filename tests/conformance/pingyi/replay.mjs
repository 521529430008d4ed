// Whether a leaf follows from those before it: SPEC, "A leaf", "Admission".

import { need, same, unbase64 } from "./bytes.mjs";
import { apply } from "./effects.mjs";
import { read, write } from "./json.mjs";
import * as kinds from "./kinds.mjs";
import { RULES } from "./rules.mjs";
import { restart, timedClose } from "./rules_round.mjs";
import { beginning, check } from "./rules_secret.mjs";
import { isSigned, isSigningKey, keyId } from "./signatures.mjs";
import { State } from "./state.mjs";
import { isShownLabel } from "./texts.mjs";

const ROLES = {
    member: ["check-in/1", "cast/2", "cast-secret/1", "hand-in-receipt/1"],
    chair: [
        "countersign-code/1",
        "open-check-in/1",
        "close-check-in/1",
        "open-round/2",
        "extend-round/1",
        "pause-round/1",
        "resume-round/1",
        "close-round/1",
        "announce-round/1",
        "void-round/1",
        "take-back-void/1",
        "announce-composite/1",
        "close-meeting/1",
        "declare-continuation/1",
        "begin-ceremony/1",
    ],
    clerk: [
        "create-meeting/1",
        "load-definition/4",
        "issue-code/1",
        "withdraw-code/1",
        "revoke-device/1",
        "check-in-by-hand/1",
        "check-out/1",
        "excuse/1",
        "open-check-in/1",
        "close-check-in/1",
        "move-seat/1",
        "recuse/1",
        "lift-recusal/1",
        "add-item/3",
        "reorder-agenda/1",
        "withdraw-item/1",
        "import-evidence/1",
        "enter-result/1",
        "begin-ceremony/1",
    ],
    scrutineer: [
        "confirm-round/1",
        "countersign-void/1",
        "countersign-continuation/1",
        "commit-to-key/1",
        "reveal-key/1",
        "deal-shares/1",
        "confirm-key/1",
        "dispute-share/1",
        "override-cosigning/1",
        "open-part/1",
    ],
    hall: [],
};
const DURING_CONTINUATION = ["countersign-continuation/1", "issue-code/1", "countersign-code/1", "enrol/2"];

/** Follows leaf after leaf; `state` is what those that follow have made. */
export class Replay {
    constructor(log) {
        this.log = log;
        this.state = new State();
        this.index = 0n;
        this.clock = 0n;
    }

    /** Take the next leaf; Refused where it does not follow, which changes nothing but place and clock. */
    take(entry) {
        const { envelope, event, at } = entry;
        const leaf = { index: this.index, at, before: this.clock, envelope, log: this.log };
        this.index += 1n;
        this.clock = at;
        need(entry.index === leaf.index, "the index is not the leaf's place");
        need(at >= leaf.before, "the clock runs backwards");
        if (envelope === null) this.followAlone(event, leaf);
        else this.followCommand(envelope, event, leaf);
        apply(this.state, event, leaf);
    }

    /** Pass over a leaf that cannot be read. */
    skip() {
        this.index += 1n;
    }

    followAlone(event, leaf) {
        need(this.state.definition !== null, "no definition has been loaded");
        const expected = ALONE[event.type]?.(this.state, event, leaf) ?? [];
        const text = write(kinds.event, event);
        need(expected.some((one) => one !== null && write(kinds.event, one) === text), "nothing leads to this event");
    }

    followCommand(envelope, event, leaf) {
        const command = read(kinds.command, envelope.payload);
        checkLabels(command);
        checkSigner(this.state, envelope, event, command);
        checkAdmission(this.state, command);
        const expected = RULES[command.body.type](this.state, command, leaf);
        need(write(kinds.event, expected) === write(kinds.event, event), "the event is not what its command leads to");
    }
}

const ALONE = {
    "round-closed/1": (state, event, leaf) => [timedClose(state, leaf, leaf.at), restart(state, leaf)],
    "round-paused/1": (state, event, leaf) => [restart(state, leaf)],
    "ballots-checked/1": (state, event, leaf) => [check(state, leaf)],
    "opening-begun/1": (state, event, leaf) => [beginning(state, event, leaf)],
};

function checkLabels({ id, issued }) {
    need(/^[0-9a-f]{32}$/.test(id), "the id of a command");
    need(isShownLabel(issued), "when a command was issued");
}

function checkSigner(state, envelope, event, { person, role, body }) {
    const first = event.type === "meeting-created/1" ? "create-meeting/1" : "enrol/2";
    if (event.type === "meeting-created/1" || event.type === "device-enrolled/2") {
        const key = event.signing_key;
        need(isSigningKey(key) && keyId(key) === envelope.key, "the key of a new device");
        need(body.type === first && body.signing_key === key, "another key than the command's");
        return need(isSigned(envelope, key), "the signature is not good");
    }
    const device = state.devices.get(envelope.key);
    need(device !== undefined && !device.revoked, "the key is no enrolled device's");
    need(isSigned(envelope, device.signing), "the signature is not good");
    need(device.person === person && device.role === role, "the device is somebody else's");
    need(body.type !== "create-meeting/1" && body.type !== "enrol/2", "a new device under an old key");
}

function checkAdmission(state, { meeting, id, person, role, body }) {
    need(body.type === "enrol/2" || ROLES[role].includes(body.type), `${role} may not send ${body.type}`);
    if (body.type === "create-meeting/1") return;
    need(meeting === state.meeting, "a command of another meeting");
    need(!state.accepted.has(id), "a command was accepted before");
    need(!state.closed, "the meeting is closed");
    need(!state.waiting() || DURING_CONTINUATION.includes(body.type), "a continuation waits");
    if (state.definition === null) return need(body.type === "load-definition/4", "no definition has been loaded");
    need(state.mayAct(person, role), `${person} may not act as ${role}`);
}

/** Throw Refused unless the root in base64 is that of the first `size` leaves. */
export function checkRoot(log, size, root) {
    need(same(unbase64(root, 32), log.root(size)), "the root is not that of the first leaves");
}
