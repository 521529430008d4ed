// JSON of the record: a kind says which fields stand where, so that every value has one text.

import { need, Refused } from "./bytes.mjs";
import { isDecimal } from "./numbers.mjs";

const ESCAPES = { '"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r" };
const MARKED = /["\\\u0000-\u001f]/g;

export const text = { read: (source) => source.string(), write: quoted };
export const bool = { read: (source) => source.word("true") || !source.need("false"), write: String };
export const int = { read: (source) => source.integer(), write: String };
export const dec = {
    read(source) {
        const number = source.string();
        need(isDecimal(number), `${number} is no decimal`);
        return number;
    },
    write: quoted,
};

/** One of some texts. */
export function oneOf(...texts) {
    return {
        read(source) {
            const found = source.string();
            need(texts.includes(found), `${found} is none of ${texts.join(", ")}`);
            return found;
        },
        write: quoted,
    };
}

/** A value of the kind, or null. */
export function maybe(kind) {
    return {
        read: (source) => (source.word("null") ? null : kind.read(source)),
        write: (value, layout, depth) => (value === null ? "null" : kind.write(value, layout, depth)),
    };
}

/** An array of values of the kind. */
export function list(kind) {
    return {
        read(source) {
            source.need("[");
            const values = [];
            if (source.word("]")) return values;
            do values.push(kind.read(source));
            while (source.word(","));
            source.need("]");
            return values;
        },
        write: (values, layout, depth) =>
            layout.wrap("[", values.map((value) => kind.write(value, layout, depth + 1)), "]", depth),
    };
}

/** An object with exactly these fields in this order. */
export function object(fields) {
    const named = Object.entries(fields);
    return {
        fields,
        read: (source) => readFields(source, {}, named, "{"),
        write: (value, layout, depth) => writeFields(value, named, layout, depth),
    };
}

/** An object that begins with its tag, the field `type`: {tag: fields behind it}. */
export function tagged(kinds) {
    const withTag = new Map(Object.entries(kinds).map(([tag, fields]) => [tag, Object.entries({ type: text, ...fields })]));
    return {
        tags: [...withTag.keys()],
        read(source) {
            source.need('{"type":');
            const type = source.string();
            need(withTag.has(type), `${type} is an unknown tag`);
            return readFields(source, { type }, withTag.get(type).slice(1), ",");
        },
        write(value, layout, depth) {
            need(withTag.has(value.type), `${value.type} is an unknown tag`);
            return writeFields(value, withTag.get(value.type), layout, depth);
        },
    };
}

function readFields(source, value, named, opening) {
    let before = opening;
    for (const [name, kind] of named) {
        source.need(`${before}"${name}":`);
        value[name] = kind.read(source);
        before = ",";
    }
    source.need("}");
    return value;
}

function writeFields(value, named, layout, depth) {
    const pairs = named.map(([name, kind]) => {
        if (value[name] === undefined) throw new TypeError(`the field ${name} is missing`);
        return `"${name}":${layout.space}${kind.write(value[name], layout, depth + 1)}`;
    });
    return layout.wrap("{", pairs, "}", depth);
}

function quoted(value) {
    const escape = (character) => ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    return `"${value.replace(MARKED, escape)}"`;
}

const COMPACT = { space: "", wrap: (open, parts, close) => open + parts.join(",") + close };
const INDENTED = {
    space: " ",
    wrap(open, parts, close, depth) {
        if (parts.length === 0) return open + close;
        const indent = "  ".repeat(depth);
        return `${open}\n${parts.map((part) => `${indent}  ${part}`).join(",\n")}\n${indent}${close}`;
    },
};

/** The one text of a value. */
export const write = (kind, value) => kind.write(value, COMPACT, 0);

/** The text for the eyes of a value, with its last newline. */
export const indented = (kind, value) => `${kind.write(value, INDENTED, 0)}\n`;

/** The value of a text that is in its one form; Refused where it is not. */
export function read(kind, source) {
    const reader = new Source(source);
    const value = kind.read(reader);
    need(reader.place === source.length, "something stands behind the end");
    return value;
}

class Source {
    constructor(characters) {
        this.characters = characters;
        this.place = 0;
    }

    word(expected) {
        if (!this.characters.startsWith(expected, this.place)) return false;
        this.place += expected.length;
        return true;
    }

    need(expected) {
        if (!this.word(expected)) throw new Refused(`${expected} is not at character ${this.place}`);
        return true;
    }

    integer() {
        const digits = /-?(?:0|[1-9][0-9]*)/y;
        digits.lastIndex = this.place;
        const found = digits.exec(this.characters);
        need(found !== null && found[0] !== "-0", `no integer at character ${this.place}`);
        this.place += found[0].length;
        return BigInt(found[0]);
    }

    string() {
        this.need('"');
        const start = this.place;
        const { characters } = this;
        while (characters[this.place] !== '"') {
            need(this.place < characters.length, "a string does not end");
            this.place += characters[this.place] === "\\" ? 2 : 1;
        }
        const inside = characters.slice(start, this.place);
        this.place += 1;
        let value;
        try {
            value = JSON.parse(`"${inside}"`);
        } catch {
            throw new Refused("a string that is no JSON");
        }
        need(value.isWellFormed?.() ?? !/\p{Cs}/u.test(value), "a lone surrogate");
        need(quoted(value) === `"${inside}"`, "a string in another spelling");
        return value;
    }
}
