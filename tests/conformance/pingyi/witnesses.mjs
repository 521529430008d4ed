// Who saw which head: SPEC, "Bundle" (cosignatures.txt) and "Verification", step 9.

import { byCodePoints, need, text } from "./bytes.mjs";
import { checkCosignature, namedIn, witnessName } from "./checkpoints.mjs";

/** Check the cosignatures of a verification, and note in its `witnesses` which devices cosigned which head. */
export function readWitnesses(verification) {
    const source = text(verification.files["cosignatures.txt"]);
    const devices = devicesOf(verification);
    verification.witnesses = [];
    if (source === "") return;
    const blocks = source.split(/(?<=\n)\n(?=[^\u2014])/u);
    let before = 0n;
    for (const block of blocks) {
        const found = /^([^\n]*\n[^\n]*\n[^\n]*\n\n[^\n]*\n)((?:[^\n]+\n)+)$/u.exec(block);
        need(found !== null, "the cosignatures are not in their form");
        const head = verification.heads.find(({ note }) => note === found[1]);
        need(head !== undefined, "a cosigned head that is none of the checkpoints");
        need(head.size > before, "the cosigned heads do not rise");
        before = head.size;
        verification.try(9, () => verification.witnesses.push({ head, devices: cosigned(verification, head, found[2], devices) }));
    }
}

/** All devices that were enrolled in a record: a Map of names under which they cosign. */
const devicesOf = ({ replay, origin }) =>
    new Map([...replay.state.devices].map(([id, device]) => [witnessName(origin, id), device]));

function cosigned({ origin }, head, lines, devices) {
    const names = [];
    for (const line of lines.match(/[^\n]+\n/gu)) {
        const name = namedIn(line);
        const device = devices.get(name);
        need(device !== undefined, `a cosignature by ${name}, which is no device of this record`);
        need(names.length === 0 || byCodePoints(names.at(-1), name) < 0, "cosignatures that do not rise by name");
        checkCosignature(line, head.body, name, device.signing);
        names.push(name);
    }
    need(head.origin === origin, "a head of another log");
    return names.map((name) => devices.get(name));
}

/** How many of those present for each close, and at the end, cosigned a later head: facts, no faults. */
export function witnessFacts({ witnesses, replay, leaves }) {
    const { state } = replay;
    const seen = (present, least) => {
        const people = (witnesses ?? [])
            .filter(({ head }) => head.size > least)
            .flatMap(({ devices }) => devices.filter(({ role }) => role === "member").map(({ person }) => person));
        return new Set(people.filter((person) => present.has(person))).size;
    };
    const closes = state
        .counted()
        .filter(({ last }) => last !== null)
        .map((round) => ({
            item: round.item,
            round: round.number,
            cosigned: seen(round.present, round.closedAt ?? round.last),
            present: round.present.size,
        }));
    const final = (witnesses ?? []).find(({ head }) => head.size === BigInt(leaves.length));
    const end = { cosigned: seen(state.present, BigInt(leaves.length) - 1n), present: state.present.size };
    return { closes, end, terminals: final?.devices.length ?? 0 };
}
