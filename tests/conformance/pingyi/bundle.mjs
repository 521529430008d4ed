// The archive of a record: SPEC, "Bundle".

import { inflateRawSync } from "node:zlib";
import { hex, need, same, sha256, utf8 } from "./bytes.mjs";

export const NAMES = [
    "leaves.jsonl",
    "checkpoints.txt",
    "cosignatures.txt",
    "checkpoint.txt",
    "definition.json",
    "results.json",
    "manifest.json",
];
const LARGEST_ARCHIVE = 2147483647;
const LARGEST_FILE = 268435456;
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
    return rest;
});

function crc32(bytes) {
    let rest = -1;
    for (const byte of bytes) rest = CRC_TABLE[(rest ^ byte) & 255] ^ (rest >>> 8);
    return (rest ^ -1) >>> 0;
}

/** The fields that both headers of a file share, from the date on. */
function common(name, content) {
    const bytes = Buffer.alloc(18);
    bytes.writeUInt16LE(0x21, 0);
    bytes.writeUInt32LE(crc32(content), 2);
    bytes.writeUInt32LE(content.length, 6);
    bytes.writeUInt32LE(content.length, 10);
    bytes.writeUInt16LE(name.length, 14);
    return bytes;
}

/** The one archive that holds these files: [[name, content]]. */
function archive(files) {
    const [parts, directory] = [[], []];
    let offset = 0;
    for (const [name, content] of files) {
        const shared = common(name, content);
        const local = [Buffer.from("504b03040a00000000000000", "hex"), shared, utf8(name), content];
        const place = Buffer.alloc(4);
        place.writeUInt32LE(offset);
        directory.push(
            Buffer.from("504b010214030a00000000000000", "hex"),
            shared,
            Buffer.from("0000000000000000a481", "hex"),
            place,
            utf8(name),
        );
        parts.push(...local);
        offset += local.reduce((length, part) => length + part.length, 0);
    }
    const end = Buffer.from("504b0506000000000700070000000000000000000000", "hex");
    end.writeUInt32LE(directory.reduce((length, part) => length + part.length, 0), 12);
    end.writeUInt32LE(offset, 16);
    return Buffer.concat([...parts, ...directory, end]);
}

/** The files that a zip reader finds: a Map of name and content, or null where it is no zip with all seven. */
function found(bytes) {
    try {
        const end = bytes.lastIndexOf(Buffer.from("504b0506", "hex"));
        need(end >= 0 && bytes.readUInt32LE(end) === END, "no zip");
        const files = new Map();
        let place = bytes.readUInt32LE(end + 16);
        for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
            need(bytes.readUInt32LE(place) === CENTRAL, "no directory");
            const lengths = [28, 30, 32].map((offset) => bytes.readUInt16LE(place + offset));
            const name = bytes.toString("utf8", place + 46, place + 46 + lengths[0]);
            files.set(name, contentAt(bytes, place));
            place += 46 + lengths[0] + lengths[1] + lengths[2];
        }
        return NAMES.every((name) => files.has(name)) ? files : null;
    } catch {
        return null;
    }
}

function contentAt(bytes, directory) {
    const start = bytes.readUInt32LE(directory + 42);
    need(bytes.readUInt32LE(start) === LOCAL, "no file");
    const content = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28);
    const stored = bytes.subarray(content, content + bytes.readUInt32LE(directory + 20));
    return bytes.readUInt16LE(directory + 10) === 0 ? stored : inflateRawSync(stored, { maxOutputLength: 2 ** 31 });
}

/** Whether an archive begins as that of a record does. */
const begins = (bytes) =>
    bytes.length > 42 && bytes.readUInt32LE(0) === LOCAL && bytes.toString("latin1", 30, 42) === NAMES[0];

/** The files of an archive, null where they are not found, and what is wrong with its form; null where it is no record. */
export function openArchive(bytes) {
    const files = found(bytes);
    if (files === null) return begins(bytes) ? { files, faults: ["the files of the archive cannot be found"] } : null;
    const faults = [];
    if (bytes.length > LARGEST_ARCHIVE) faults.push("the archive is too large");
    for (const [name, content] of files) {
        if (name !== "leaves.jsonl" && content.length > LARGEST_FILE) faults.push(`${name} is too large`);
    }
    const ordered = NAMES.map((name) => [name, files.get(name)]);
    if (files.size !== NAMES.length || !same(archive(ordered), bytes)) faults.push("the archive is not in its one form");
    return { files: Object.fromEntries(ordered), faults };
}

/** What the manifest has to say of the files. */
export const described = (files) =>
    NAMES.slice(0, -1).map((name) => ({ name, bytes: BigInt(files[name].length), sha256: hex(sha256(files[name])) }));
