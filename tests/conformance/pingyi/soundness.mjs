// Whether a definition is sound: SPEC, "Definition". The rules of its items are in soundness_items.mjs.

import { isIPv4, isIPv6 } from "node:net";
import { need, utf8 } from "./bytes.mjs";
import { checkBands, checkItem, between } from "./soundness_items.mjs";
import { HUNDRED, isPlain, sum, value, ZERO } from "./numbers.mjs";
import { allDiffer, isShown, required, shown } from "./texts.mjs";

const SEAT = /^[0-9]{1,3}-[0-9]{1,3}$/;
const DATE = /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/;
const LABEL = /^(?:[A-Za-z0-9_]|[A-Za-z0-9_][A-Za-z0-9_-]{0,61}[A-Za-z0-9_])$/;

/** Whether a text is a seat of the hall. */
export const isSeat = (text) => SEAT.test(text);

/** A seat with which others are compared: `3-7` is `3-07`. */
export const seatPlace = (seat) => (isSeat(seat) ? seat.split("-").map(Number).join("-") : seat);

/** Throw Refused unless a definition is sound. */
export function checkSound(definition) {
    checkFacts(definition);
    checkRoster(definition.roster);
    checkTargets(definition.targets);
    checkAgenda(definition);
    checkProblems(definition);
    checkComponents(definition);
    const { decimals, bands, again_below: againBelow } = definition.composite;
    need(between(0n, decimals, 4n), "decimals of the composite");
    checkBands(bands, "0", "100");
    need(againBelow === null || percentage(againBelow), "again_below");
}

const percentage = (number) =>
    isPlain(number) && value(number).against(ZERO) >= 0 && value(number).against(HUNDRED) <= 0;

function checkFacts({ meeting, roster }) {
    required(meeting.name, 120, "the meeting's name");
    required(meeting.session, 120, "the session");
    shown(meeting.programme, 120, "the programme");
    shown(meeting.batch, 60, "the batch");
    shown(meeting.follows, 64, "what the meeting follows");
    need(DATE.test(meeting.date), "the date");
    const { numerator, denominator, strict } = meeting.quorum;
    need(0n < numerator && (strict ? numerator < denominator : numerator <= denominator), "the quorum");
    need(meeting.check_in_minutes === null || between(1n, meeting.check_in_minutes, 1440n), "check_in_minutes");
    need(between(2n, meeting.threshold, 32n), "the threshold");
    need(between(1n, meeting.port, 65532n), "the port");
    need(meeting.addresses.length >= 1 && meeting.addresses.length <= 8, "from one to eight addresses");
    const longest = Math.max(0, ...roster.map((person) => utf8(person.number).length));
    const room = meeting.addresses.reduce((total, address) => total + addressLength(address), 0);
    need(room <= 202 - longest, "the addresses are too long together");
}

function addressLength(address) {
    if (isIPv4(address)) return 5;
    if (isIPv6(address) && !address.includes("%")) return 17;
    const labels = address.split(".");
    need(labels.every((label) => LABEL.test(label)) && !/^[0-9]+$/.test(labels.at(-1)), `the address ${address}`);
    return address.length + 2;
}

function checkRoster(roster) {
    for (const person of roster) {
        required(person.number, 20, "a number");
        required(person.name, 60, "a person's name");
        shown(person.group, 40, "a group");
        need(utf8(person.number).length <= 64, "a number that is too long");
        need(person.seat === "" || isSeat(person.seat), `the seat ${person.seat}`);
        need(!person.roles.includes("hall") && allDiffer(person.roles), `the roles of ${person.number}`);
        need(!person.entitled || person.roles.includes("member"), `${person.number} is entitled and no member`);
        need(!person.chief || person.roles.includes("scrutineer"), `${person.number} is chief and no scrutineer`);
    }
    need(allDiffer(roster.map((person) => person.number)), "a number stands twice on the roster");
    need(allDiffer(roster.map((person) => seatPlace(person.seat)).filter(Boolean)), "two sit on one seat");
    need(roster.filter((person) => person.roles.includes("chair")).length <= 1, "two chairs");
    need(roster.filter((person) => person.chief).length <= 1, "two chief scrutineers");
    need(roster.some((person) => person.entitled), "nobody is entitled");
}

function checkTargets(targets) {
    need(targets.length > 0, "no targets");
    for (const target of targets) {
        required(target.name, 100, "a target's name");
        shown(target.short_name, 30, "a target's short name");
    }
    need(allDiffer(targets.map((target) => target.id).filter(Boolean)), "a target's id stands twice");
    need(allDiffer(targets.map((target) => target.name).filter(Boolean)), "a target's name stands twice");
}

function checkAgenda(definition) {
    const { agenda, components } = definition;
    need(agenda.length > 0, "no items");
    need(allDiffer(agenda.map((item) => item.id)), "an item's id stands twice");
    agenda.forEach((item) => checkItem(item, definition));
    if (components.length === 0) return;
    const scoring = agenda.filter((item) => item.rules.type === "score");
    need(allDiffer(scoring.flatMap((item) => item.targets)), "a target stands in two items with score rules");
    for (const { rules } of scoring) {
        const percent = value(rules.lowest).against(ZERO) === 0 && value(rules.highest).against(HUNDRED) === 0;
        need(percent, "scores that are not from 0 to 100 beside components");
    }
}

function checkProblems({ problems, targets }) {
    const known = new Set(targets.map((target) => target.id));
    for (const problem of problems) {
        need(known.has(problem.target), "a problem of an unknown target");
        required(problem.title, 300, "a problem's title");
        shown(problem.goal, 2000, "a goal", "\n");
        shown(problem.measures, 2000, "measures", "\n");
        need(problem.deadline === "" || DATE.test(problem.deadline), "a deadline");
        shown(problem.responsible, 60, "who is responsible");
        shown(problem.report, 4000, "a report", "\n");
    }
    need(allDiffer(problems.map(({ target, title }) => JSON.stringify([target, title]))), "a problem stands twice");
}

function checkComponents({ components }) {
    if (components.length === 0) return;
    checkWeighted(components);
    for (const component of components) {
        const simple = component.rule.type === "scores";
        if (component.parts.length > 0) {
            checkWeighted(component.parts);
            need(simple, "a component with parts has a rule of its own");
            component.parts.forEach((part) => checkEvidenceRule(part.rule));
        }
        need(!component.committee || (simple && component.parts.length === 0), "the committee's own component");
        checkEvidenceRule(component.rule);
    }
    need(components.filter((component) => component.committee).length === 1, "one component is the committee's own");
}

function checkWeighted(named) {
    for (const { id, name, weight } of named) {
        need(id !== "", "an empty id");
        required(name, 60, "a component's name");
        need(percentage(weight) && value(weight).against(ZERO) > 0, "a weight");
    }
    need(allDiffer(named.map((one) => one.id)) && allDiffer(named.map((one) => one.name)), "a component stands twice");
    need(sum(named.map((one) => value(one.weight))).against(HUNDRED) === 0, "weights that are not 100 together");
}

function checkEvidenceRule(rule) {
    if (rule.type === "hotline") {
        need(percentage(rule.satisfied) && percentage(rule.not_repeated), "weights of a hotline");
        const both = value(rule.satisfied).plus(value(rule.not_repeated));
        need(both.against(HUNDRED) === 0, "weights of a hotline that are not 100 together");
    }
    if (rule.type === "survey") {
        need(rule.grades.length >= 1 && rule.grades.length <= 10, "from one to ten grades");
        need(allDiffer(rule.grades.map((grade) => grade.name)), "a grade stands twice");
        for (const grade of rule.grades) {
            need(isShown(grade.name) && percentage(grade.value), "a grade");
            required(grade.name, 20, "a grade's name", "", true);
        }
    }
}
