#!/usr/bin/env node
// Verify one record: node verify.mjs RECORD.zip [--key KEY] [--checkpoint FINGERPRINT] [--receipt FILE]
// Exit code 0: valid; 1: not valid; 2: no record, or another command line.

import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { report } from "./pingyi/report.mjs";
import { verify } from "./pingyi/steps.mjs";

const USAGE = `Usage: node verify.mjs RECORD.zip [--key KEY] [--checkpoint FINGERPRINT] [--receipt FILE]

  Check a record offline, as protocol/SPEC.md says. Exit code 0: valid; 1: not valid; 2: no record.

  --key KEY                 the key of the record, in base64 or its short code
  --checkpoint FINGERPRINT  the fingerprint of a head, or a file with a signed one
  --receipt FILE            a receipt that a terminal kept`;
const OPTIONS = { key: { type: "string" }, checkpoint: { type: "string" }, receipt: { type: "string" } };

function main() {
    let bytes;
    let pins;
    try {
        const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
        if (positionals.length !== 1) throw new Error(USAGE);
        bytes = readFileSync(positionals[0]);
        pins = pinsOf(values);
    } catch (fault) {
        console.error(fault.message);
        return 2;
    }
    const verification = verify(bytes, pins);
    if (verification === null) {
        console.error("no record of this version");
        return 2;
    }
    console.log(report(verification));
    return verification.isValid ? 0 : 1;
}

function pinsOf({ key = null, checkpoint = null, receipt = null }) {
    const isFile = checkpoint !== null && existsSync(checkpoint);
    return {
        key,
        checkpoint: isFile ? readFileSync(checkpoint, "utf8") : checkpoint,
        receipt: receipt === null ? null : readFileSync(receipt, "utf8"),
    };
}

process.exitCode = main();
