// Exact numbers: decimals as texts, fractions of two BigInts, and the rounding of figures.

const DECIMAL = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:E([+-])([0-9]+))?$/;
const LARGEST_EXPONENT = 1000n;

/** Parts of a decimal, or null: sign, coefficient and exponent. */
function parts(text) {
    const found = DECIMAL.exec(text);
    if (found === null) return null;
    const [, sign, whole, behind = "", direction, power = "0"] = found;
    const exponent = (direction === "-" ? -1n : 1n) * BigInt(power) - BigInt(behind.length);
    return { sign, coefficient: BigInt(whole + behind), exponent };
}

/** Whether a text is a number as to-scientific-string writes it. */
export function isDecimal(text) {
    const found = parts(text);
    if (found === null) return false;
    const { sign, coefficient, exponent } = found;
    const digits = coefficient.toString();
    const adjusted = exponent + BigInt(digits.length - 1);
    if (exponent <= 0n && adjusted >= -6n) return text === sign + placed(digits, Number(-exponent));
    const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
    return text === `${sign}${mantissa}E${adjusted < 0n ? "-" : "+"}${adjusted < 0n ? -adjusted : adjusted}`;
}

function placed(digits, behind) {
    if (behind === 0) return digits;
    const padded = digits.padStart(behind + 1, "0");
    return `${padded.slice(0, -behind)}.${padded.slice(-behind)}`;
}

const magnitude = (number) => (number < 0n ? -number : number);

function divisor(one, other) {
    let [a, b] = [magnitude(one), magnitude(other)];
    while (b !== 0n) [a, b] = [b, a % b];
    return a;
}

/** A fraction in lowest terms; its denominator is above 0. */
export class Fraction {
    constructor(numerator, denominator = 1n) {
        const common = divisor(numerator, denominator) * (denominator < 0n ? -1n : 1n);
        this.numerator = numerator / common;
        this.denominator = denominator / common;
    }

    plus(other) {
        return new Fraction(
            this.numerator * other.denominator + other.numerator * this.denominator,
            this.denominator * other.denominator,
        );
    }

    minus(other) {
        return this.plus(new Fraction(-other.numerator, other.denominator));
    }

    times(other) {
        return new Fraction(this.numerator * other.numerator, this.denominator * other.denominator);
    }

    over(other) {
        return new Fraction(this.numerator * other.denominator, this.denominator * other.numerator);
    }

    /** Below 0, 0 or above 0, as this is less than, equal to or greater than the other. */
    against(other) {
        const difference = this.numerator * other.denominator - other.numerator * this.denominator;
        return difference < 0n ? -1 : difference > 0n ? 1 : 0;
    }

    toString() {
        return `${this.numerator}/${this.denominator}`;
    }
}

export const ZERO = new Fraction(0n);
export const HUNDRED = new Fraction(100n);
export const whole = (number) => new Fraction(BigInt(number));
export const sum = (fractions) => fractions.reduce((total, one) => total.plus(one), ZERO);

/** The value of a decimal, or null where its exponent is beyond what any rule lets through. */
export function value(text) {
    const { sign, coefficient, exponent } = parts(text);
    const signed = sign === "-" ? -coefficient : coefficient;
    if (coefficient === 0n) return ZERO;
    if (magnitude(exponent) > LARGEST_EXPONENT) return null;
    return exponent < 0n ? new Fraction(signed, 10n ** -exponent) : new Fraction(signed * 10n ** exponent);
}

/** Whether a decimal is plain: at most 1000000 in absolute value and a multiple of 0.000001. */
export function isPlain(text) {
    const number = value(text);
    return (
        number !== null &&
        magnitude(number.numerator) <= 1000000n * number.denominator &&
        1000000n % number.denominator === 0n
    );
}

/** A fraction whose denominator divides a power of ten, without exponent and trailing zeros. */
export function exactDecimal(fraction) {
    let behind = 0;
    while (10n ** BigInt(behind) % fraction.denominator !== 0n) behind += 1;
    return rounded(fraction, behind);
}

/** Rounded half away from zero, with exactly so many decimals. */
export function rounded(fraction, decimals) {
    const scaled = magnitude(fraction.numerator) * 10n ** BigInt(decimals);
    return signed(fraction.numerator < 0n, (2n * scaled + fraction.denominator) / (2n * fraction.denominator), decimals);
}

/** The square root of a fraction from 0 up, rounded likewise. */
export function roundedRoot(fraction, decimals) {
    const scaled = (4n * fraction.numerator * 100n ** BigInt(decimals)) / fraction.denominator;
    return signed(false, (root(scaled) + 1n) / 2n, decimals);
}

function signed(negative, units, decimals) {
    return (negative && units !== 0n ? "-" : "") + placed(units.toString(), Number(decimals));
}

function root(square) {
    if (square < 2n) return square;
    let guess = 1n << BigInt(Math.ceil(square.toString(2).length / 2));
    for (;;) {
        const next = (guess + square / guess) / 2n;
        if (next >= guess) return guess;
        guess = next;
    }
}
