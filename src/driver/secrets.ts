/** Takes secrets out of a text that came from outside, and bounds its length to 300 characters. */
export function scrub(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret === '') continue;
    for (const form of [secret, encodeURIComponent(secret)]) clean = clean.replaceAll(form, '***');
  }
  clean = clean.replace(/(signature|userSig|accesstoken)=[^&\s"']*/gi, '$1=***');
  return clean.length > 300 ? `${clean.slice(0, 297)}...` : clean;
}
