/** One step of a flow, as it went. */
export interface Step {
  readonly title: string;
  /** What was looked at and found right, in a few words each. */
  readonly checked: readonly string[];
  readonly milliseconds: number;
  readonly passed: boolean;
}

/** Says that something was looked at and found right. */
export type Checked = (what: string) => void;

/** Keeps and tells the steps of one run. */
export class Steps {
  readonly done: Step[] = [];
  readonly #hear: (step: Step) => void;

  constructor(hear: (step: Step) => void = () => undefined) {
    this.#hear = hear;
  }

  /** Runs one step; what it throws is told as a failed step and thrown on. */
  async step<T>(title: string, work: (checked: Checked) => Promise<T>): Promise<T> {
    const began = performance.now();
    const checked: string[] = [];
    const end = (passed: boolean): void => {
      const step = { title, checked, milliseconds: Math.round(performance.now() - began), passed };
      this.done.push(step);
      this.#hear(step);
    };
    try {
      const result = await work((what) => checked.push(what));
      end(true);
      return result;
    } catch (error) {
      end(false);
      throw error;
    }
  }
}
