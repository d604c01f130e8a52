/** A setting as the user knows it: what was logged for the HParams tab has its own name. */
export const settingName = (name: string) => name.replace(/^hparams\./, "");
