// Texts of a definition and of reasons: which characters, how long.

import { need } from "./bytes.mjs";

const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const SEPARATOR = /[;；,，、:：]/u;

export const allDiffer = (texts) => new Set(texts).size === texts.length;

/** Whether every character of a text is shown, these others aside. */
export const isShown = (text, besides = "") =>
    ![...text].some((character) => HIDDEN.test(character) && !besides.includes(character));

/** Throw Refused unless a text is shown and has at most so many code points. */
export function shown(text, greatest, what, besides = "") {
    need(isShown(text, besides) && [...text].length <= greatest, `${what}: ${JSON.stringify(text)}`);
}

/** The same of a text that is not only white space; a name of a band or grade holds no separators either. */
export function required(text, greatest, what, besides = "", name = false) {
    shown(text, greatest, what, besides);
    need(text.trim() !== "" && !(name && SEPARATOR.test(text)), `${what}: ${JSON.stringify(text)}`);
}

/** Throw Refused unless a text is plain: a reason. */
export const plainText = (text) => required(text, 200, "the reason");

/** Whether a text can be the label of when a command was issued. */
export const isShownLabel = (text) => /^[\u0020-\u007e]{0,40}$/.test(text);
