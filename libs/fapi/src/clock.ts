/** The time, as an argument: tests freeze it, nothing below the shell asks the machine. */
export interface Clock {
  now(): Date;
}

/** Unpredictable values, as an argument. */
export interface Random {
  /** @param bits how many bits of randomness the base64url text must carry at least */
  token(bits: number): string;
}

/** Whole seconds since the epoch, as JWT dates are written. RFC7519-2 (NumericDate). */
export const epochSeconds = (date: Date): number => Math.floor(date.getTime() / 1000);

/** @param amount seconds to add */
export const secondsAfter = (date: Date, amount: number): Date => new Date(date.getTime() + amount * 1000);
