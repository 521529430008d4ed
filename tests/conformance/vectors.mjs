// Check the vectors in one process, a line of JSON for each: node vectors.mjs records|texts FOLDER

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { verify } from "./pingyi/steps.mjs";
import { checkTexts } from "./vectors_texts.mjs";

const [kind, folder] = process.argv.slice(2);
const file = (...names) => readFileSync(join(folder, ...names));
const lines = (...names) => file(...names).toString("utf8").trimEnd().split("\n");
const say = (found) => console.log(JSON.stringify(found));

/** Say which steps find something in a record, and the results that were worked out. */
function checkRecord(name, { checkpoint, receipt }) {
    const pin = checkpoint ? "checkpoint" : receipt ? "receipt" : "";
    const pins = {
        key: null,
        checkpoint: checkpoint || null,
        receipt: receipt ? file(receipt).toString("utf8") : null,
    };
    const { findings, results } = verify(file(...name.split("/")), pins);
    say({ name, pin, fails: [...new Set(findings.map(({ step }) => step))], findings: findings.map(({ fault }) => fault), results });
}

if (kind === "records") {
    checkRecord("record.zip", { receipt: "receipt.json" });
    checkRecord("secret/record.zip", {});
    checkRecord("secret/code-taken-after-the-trial.zip", {});
    for (const line of lines("tampered.jsonl").map((text) => JSON.parse(text))) {
        checkRecord(`tampered/${line.file}`, {});
        if (line.checkpoint) checkRecord(`tampered/${line.file}`, { checkpoint: line.checkpoint });
        if (line.receipt) checkRecord(`tampered/${line.file}`, { receipt: line.receipt });
    }
} else {
    for (const found of checkTexts(file, lines)) say(found);
}
