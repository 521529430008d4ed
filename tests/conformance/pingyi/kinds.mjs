// The kinds of SPEC, "Signed envelopes", "Commands", "Entries" and "Definition": which fields stand where.

import { bool, dec, int, list, maybe, object, oneOf, tagged, text } from "./json.mjs";
import {
    choiceFigures,
    compositeLine,
    groupFigures,
    option,
    roundFigures,
    selectionFigures,
    targetFigures,
} from "./kinds_figures.mjs";

export * from "./kinds_figures.mjs";

export const role = oneOf("member", "chair", "clerk", "scrutineer", "hall");

const answer = tagged({
    score: { target: text, criterion: text, score: maybe(dec) },
    choice: { target: text, option },
});
export const count = object({ answer, count: int });
export const counts = list(count);

const material = tagged({
    scores: { score: dec },
    hotline: { handled: int, satisfied: int, repeated: int },
    survey: { counts: list(int) },
    votes: { votes: int, voters: int },
});
export const evidenceLine = object({ target: text, material });

// --- the definition

const passing = object({
    numerator: int,
    denominator: int,
    base: oneOf("all_members", "present", "cast", "for_and_against"),
    strict: bool,
});
const band = object({ name: text, least: dec });
const commonRules = {
    secrecy: oneOf("open", "secret"),
    press: oneOf("first", "last"),
    display: oneOf("live", "on_close", "on_announcement"),
    running: oneOf("nobody", "chair", "all"),
    seconds: maybe(int),
    timer_closes: bool,
    abstention: bool,
    confirmed: bool,
    least_group: maybe(int),
    opens: oneOf("sum", "distribution"),
    least_ballots: int,
};
const rules = tagged({
    score: {
        ...commonRules,
        lowest: dec,
        highest: dec,
        step: dec,
        measure: oneOf("mean", "trimmed_mean", "median"),
        dropped: int,
        least_scores: int,
        decimals: int,
        bands: list(band),
        pass_mark: maybe(dec),
        question: maybe(passing),
    },
    motion: { ...commonRules, passing },
    rating: { ...commonRules, passing },
    selection: { ...commonRules, winners: int, most: int, least: int, passing: maybe(passing) },
});
const target = object({ id: text, name: text, short_name: text });
const item = object({
    id: text,
    title: text,
    targets: list(text),
    rules,
    criteria: list(object({ target: text, id: text, name: text, weight: dec })),
});
const problem = object({
    target: text,
    title: text,
    goal: text,
    measures: text,
    deadline: text,
    responsible: text,
    report: text,
});
const evidenceRule = tagged({
    scores: {},
    hotline: { satisfied: dec, not_repeated: dec },
    survey: { grades: list(object({ name: text, value: dec })) },
    votes: { of: oneOf("voters", "most") },
});
export const components = list(
    object({
        id: text,
        name: text,
        weight: dec,
        committee: bool,
        rule: evidenceRule,
        parts: list(object({ id: text, name: text, weight: dec, rule: evidenceRule })),
    }),
);
export const targets = list(target);
const facts = object({
    name: text,
    session: text,
    date: text,
    language: oneOf("zh", "en"),
    quorum: object({ numerator: int, denominator: int, strict: bool }),
    addresses: list(text),
    port: int,
    recused_leave: bool,
    check_in_minutes: maybe(int),
    late_ballots: bool,
    simulated: bool,
    programme: text,
    batch: text,
    follows: text,
    threshold: int,
});
const person = object({
    number: text,
    name: text,
    seat: text,
    group: text,
    roles: list(role),
    entitled: bool,
    chief: bool,
});
export const definition = object({
    meeting: facts,
    roster: list(person),
    targets,
    agenda: list(item),
    problems: list(problem),
    components,
    composite: object({ decimals: int, bands: list(band), again_below: maybe(dec) }),
});

// --- commands

const round = { item: text, round: int };
const member = { person: text, role };
const excused = { person: text, reason: text };
const recusal = { person: text, item: text, reason: text };
const addition = { item, targets, problems: list(problem) };
const evidence = { component: text, part: text, file: text, sha256: text, lines: list(evidenceLine) };
const created = { origin: text, log_key: text, server_key: text, signing_key: text, transport_key: text };
const enrolment = { code: text, signing_key: text, transport_key: text, pinned: bool };
const ceremony = { attempt: int, threshold: int, scrutineers: list(object({ person: text, key: text })) };
const keyMessages = {
    "commit-to-key/1": { index: int, digest: text, signature: text },
    "reveal-key/1": { index: int, box: text, points: list(text), proof: text, signature: text },
    "deal-shares/1": { index: int, shares: list(text), signature: text },
    "confirm-key/1": { index: int, signature: text },
    "dispute-share/1": { index: int, dealer: int, secret: text, signature: text },
};
const continuation = { size: int, root: text, reason: text };
const head = { size: int, root: text };
export const keptReceipt = object({ index: int, leaf: text, proof: list(text), checkpoint: text });

export const body = tagged({
    "create-meeting/1": created,
    "load-definition/4": { definition },
    "issue-code/1": { ...member, secret_hash: text },
    "countersign-code/1": { ...member, secret_hash: text },
    "withdraw-code/1": member,
    "enrol/2": enrolment,
    "revoke-device/1": { ...member, reason: text },
    "check-in/1": {},
    "check-in-by-hand/1": excused,
    "check-out/1": excused,
    "excuse/1": excused,
    "open-check-in/1": {},
    "close-check-in/1": {},
    "move-seat/1": { person: text, seat: text },
    "recuse/1": recusal,
    "lift-recusal/1": recusal,
    "add-item/3": addition,
    "reorder-agenda/1": { order: list(text) },
    "withdraw-item/1": { item: text, reason: text },
    "import-evidence/1": evidence,
    "open-round/2": { ...round, among: list(text) },
    "extend-round/1": { ...round, seconds: int },
    "pause-round/1": round,
    "resume-round/1": round,
    "close-round/1": round,
    "announce-round/1": round,
    "confirm-round/1": { ...round, present: int, received: int, recused: int, invalid: int, counts },
    "enter-result/1": { ...round, reason: text, received: int, invalid: int, counts, among: list(text) },
    "void-round/1": { ...round, reason: text },
    "countersign-void/1": { ...round, reason: text },
    "take-back-void/1": round,
    "announce-composite/1": {},
    "close-meeting/1": {},
    "cast/2": { ...round, answers: list(answer) },
    "declare-continuation/1": continuation,
    "countersign-continuation/1": continuation,
    "hand-in-receipt/1": { receipt: keptReceipt },
    "begin-ceremony/1": ceremony,
    ...keyMessages,
    "cast-secret/1": { ...round, sealed: list(text) },
    "override-cosigning/1": { ...round, ...head, reason: text },
    "open-part/1": { ...round, parts: list(text) },
});
export const command = object({ meeting: text, id: text, person: text, role, issued: text, body });

// --- entries

export const envelope = object({ payload: text, key: text, signature: text });
const keyMessage = tagged(keyMessages);
const electionKey = object({ key: text, threshold: int, shares: list(text), transcript: text });
const stood = { candidates: list(text), places: int };
export const event = tagged({
    "meeting-created/1": { meeting: text, ...created },
    "definition-loaded/4": { definition },
    "code-issued/2": { ...member, secret_hash: text, waits: bool },
    "code-countersigned/1": member,
    "code-withdrawn/1": member,
    "device-enrolled/2": { ...member, ...enrolment },
    "device-revoked/1": { ...member, reason: text },
    "checked-in/1": excused,
    "checked-out/1": excused,
    "excused/1": excused,
    "check-in-opened/1": { seconds: int },
    "check-in-closed/1": {},
    "seat-moved/1": { person: text, seat: text },
    "recused/1": recusal,
    "recusal-lifted/1": recusal,
    "item-added/3": addition,
    "agenda-reordered/1": { order: list(text) },
    "item-withdrawn/1": { item: text, reason: text },
    "evidence-imported/1": evidence,
    "round-opened/2": { ...round, seconds: maybe(int), ...stood },
    "round-extended/1": { ...round, seconds: int },
    "round-paused/1": { ...round, remaining: maybe(int) },
    "round-resumed/1": round,
    "ballot-cast/2": { person: text, ...round, ballot: text, answers: list(answer) },
    "round-closed/1": { ...round, first: int, last: int, present: int, received: int, recused: int },
    "round-confirmed/1": { ...round, person: text },
    "result-entered/1": { ...round, reason: text, received: int, invalid: int, counts, ...stood },
    "result-announced/2": { figures: roundFigures },
    "meeting-closed/1": { person: text },
    "continuation-declared/1": { person: text, ...continuation },
    "continuation-countersigned/1": { person: text, ...head },
    "receipt-handed-in/1": { person: text, command: text, index: int },
    "void-proposed/1": { ...round, reason: text, person: text },
    "void-taken-back/1": round,
    "round-voided/2": { ...round, reason: text, person: text },
    "composite-announced/1": { lines: list(compositeLine) },
    "ceremony-begun/1": { ...ceremony, missing: list(text) },
    "key-message-taken/1": { person: text, attempt: int, message: keyMessage },
    "election-key-made/1": { person: text, attempt: int, message: keyMessage, key: electionKey, fingerprint: text },
    "ceremony-failed/1": { person: text, attempt: int, message: keyMessage, at_fault: text },
    "secret-ballot-cast/1": { person: text, ...round, ballot: text, sealed: list(text) },
    "ballots-checked/1": { ...round, invalid: list(object({ person: text, ballot: text, fault: text })) },
    "opening-begun/1": { ...round, ...head, cosignatures: list(text), sums: list(text) },
    "cosigning-overridden/1": { ...round, ...head, reason: text, person: text },
    "opening-part-taken/1": { person: text, ...round, parts: list(text), good: bool },
    "round-unsealed/1": {
        person: text,
        ...round,
        parts: list(text),
        lines: list(object({ totals: list(int), abstentions: int })),
    },
});
export const entry = object({ index: int, at: int, time: text, envelope: maybe(envelope), event });

// --- results, bundle, receipts

const signer = object({ number: text, name: text });
export const evidenceFile = object({
    component: text,
    part: text,
    file: text,
    sha256: text,
    leaf: int,
    lines: list(evidenceLine),
});
const secretRound = object({
    opens: text,
    least_ballots: int,
    key: text,
    threshold: int,
    holders: list(signer),
    checked: bool,
    invalid: list(object({ number: text, name: text, fault: text })),
    head: maybe(object(head)),
    cosigned: int,
    overridden: maybe(object({ number: text, name: text, ...head, reason: text })),
    parts: list(signer),
    bad: list(signer),
    unsealed: bool,
});
const roundResult = object({
    item: text,
    title: text,
    kind: text,
    round: int,
    phase: text,
    first: int,
    last: maybe(int),
    measure: maybe(text),
    secrecy: text,
    present: int,
    received: int,
    invalid: int,
    reason: text,
    manual: text,
    confirmed: maybe(signer),
    voided_by: maybe(signer),
    recused: list(object({ number: text, name: text, reason: text, present: bool })),
    secret: maybe(secretRound),
    targets: list(object({ name: text, figures: targetFigures, rank: maybe(int) })),
    choices: list(object({ name: text, figures: choiceFigures })),
    selection: maybe(object({ names: list(text), figures: selectionFigures })),
    groups: list(groupFigures),
});
export const results = object({
    format: text,
    meeting: text,
    name: text,
    session: text,
    date: text,
    simulated: bool,
    origin: text,
    size: int,
    fingerprint: text,
    due: int,
    present: int,
    attendance: list(
        object({ number: text, name: text, group: text, seat: text, attendance: text, reason: text }),
    ),
    agenda: list(object({ item: text, title: text, kind: text, phase: text, reason: text })),
    rounds: list(roundResult),
    composite: list(compositeLine),
    composite_announced: bool,
    evidence: list(evidenceFile),
});
export const manifest = object({
    format: text,
    meeting: text,
    origin: text,
    log_key: text,
    size: int,
    files: list(object({ name: text, bytes: int, sha256: text })),
});
export const receipt = tagged({
    "receipt/1": {
        command: text,
        index: int,
        leaf: text,
        proof: list(text),
        checkpoint: text,
        consistency: list(text),
    },
});
