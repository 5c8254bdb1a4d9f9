/** Shorter values would be found by chance inside sound. */
const shortestSecret = 8;
const shapes = /((?:signature|userSig|accesstoken|txSecret|appkey)(?:=|%3D))[^&\s"'\\]+/gi;

/** Makes a function that takes the given secrets, and what looks like one in an address, out of a text. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = new Set<string>();
  for (const secret of secrets.filter((value) => value.length >= shortestSecret)) {
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]) {
      forms.add(form);
      // As it stands inside a frame's JSON.
      forms.add(JSON.stringify(form).slice(1, -1));
    }
  }
  return (text) => {
    let clean = text;
    for (const form of forms) if (clean.includes(form)) clean = clean.replaceAll(form, '***');
    return clean.replace(shapes, '$1***');
  };
}
