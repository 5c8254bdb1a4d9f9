/**
 * What the lips must do for a sound, as phonetics says it. This table is the
 * judge's own; it is not the one that the mouth is made from.
 */
export interface Sound {
  readonly silent: boolean;
  /** p b m: the lips meet. */
  readonly bilabial: boolean;
  /** f v: the lower lip meets the upper teeth. */
  readonly labiodental: boolean;
  readonly sibilant: boolean;
  readonly vowel: boolean;
  /** Vowel that opens wide, or close vowel, for test 4; neither for those between. */
  readonly height: 'open' | 'close' | undefined;
  /** A vowel that begins with rounded lips. */
  readonly rounded: boolean;
  /** A vowel or glide with spread lips. */
  readonly spread: boolean;
  /** A consonant or r-vowel that rounds the lips a little or a lot; vowels that round at any time, too. */
  readonly roundish: boolean;
}

const nothing: Sound = {
  silent: false,
  bilabial: false,
  labiodental: false,
  sibilant: false,
  vowel: false,
  height: undefined,
  rounded: false,
  spread: false,
  roundish: false,
};

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}

interface Inventory {
  readonly bilabials: ReadonlySet<string>;
  readonly labiodentals: ReadonlySet<string>;
  readonly sibilants: ReadonlySet<string>;
  readonly vowels: ReadonlySet<string>;
  readonly open: ReadonlySet<string>;
  readonly close: ReadonlySet<string>;
  readonly rounded: ReadonlySet<string>;
  readonly spread: ReadonlySet<string>;
  readonly roundish: ReadonlySet<string>;
}

const arpabet: Inventory = {
  bilabials: words('p b m em'),
  labiodentals: words('f v'),
  sibilants: words('s z sh zh ch jh'),
  vowels: words('aa ae ah ao aw ax axr ay eh er ey ih ix iy ow oy uh uw ux'),
  open: words('aa ae ah ay aw'),
  close: words('iy ih uw uh'),
  rounded: words('uw uh ow ao oy'),
  spread: words('iy ih ey eh y'),
  roundish: words('w sh zh ch jh r er axr aw uw uh ow ao oy'),
};

const arpabetNames = words(
  'aa ae ah ao aw ax axr ay b ch d dh dx eh el em en er ey f g hh hv ih ix iy jh k l m n ng nx ow oy p r s sh t th uh uw ux v w y z zh',
);

const pinyin: Inventory = {
  bilabials: words('b p m'),
  labiodentals: words('f'),
  sibilants: words('z c s zh ch sh j q x'),
  vowels: words(
    'a ai an ang ao e ei en eng er i ii iii ia ian iang iao ie in ing iong iou iu o ong ou u ua uai uan uang uei ui ' +
      'uen un ueng uo v van ve vn',
  ),
  open: words('a ai ao an ang'),
  close: words('i u v ii iii'),
  rounded: words('o ong ou u ua uai uan uang uei ui uen un ueng uo v van ve vn iong'),
  spread: words('i ii iii e ei'),
  roundish: words(
    'zh ch sh r er ao iao iou iu o ong ou u ua uai uan uang uei ui uen un ueng uo v van ve vn iong',
  ),
};

const ipaVowel = /[iɪɨᵻyʏeɛøœæaɐɑɒʌəɘɜɝɚɤɵoɔuʊɯ]/u;

/** Whether sounds are spelled in ARPAbet: its vowels have two letters, which nobody else's have. */
export function isArpabet(symbols: readonly string[]): boolean {
  return symbols.some((symbol) => symbol.length > 1 && arpabet.vowels.has(symbol.toLowerCase()));
}

/**
 * Reads a symbol as the wire brings it: ARPAbet, pinyin with a tone, or IPA. Unknown ones are a sound that nothing
 * is asked of.
 *
 * @param amongArpabet there `y` is the glide of yes, not the vowel that IPA writes so. Default false.
 */
export function soundOf(symbol: string, amongArpabet = false): Sound {
  if (/^(?:sil0?|sp|pau|_|\[sil\])?$/i.test(symbol)) return { ...nothing, silent: true };
  if (/^[a-zü]+[1-5]$/.test(symbol)) return fromInventory(pinyin, symbol.slice(0, -1).replaceAll('ü', 'v'));
  const lower = symbol.toLowerCase();
  // One letter is read alike in both, save for IPA's vowels.
  if (arpabetNames.has(lower) && (amongArpabet || lower.length > 1 || !ipaVowel.test(lower)))
    return fromInventory(arpabet, lower);
  return fromIpa(symbol);
}

function fromInventory(set: Inventory, name: string): Sound {
  return {
    silent: false,
    bilabial: set.bilabials.has(name),
    labiodental: set.labiodentals.has(name),
    sibilant: set.sibilants.has(name),
    vowel: set.vowels.has(name),
    height: set.open.has(name) ? 'open' : set.close.has(name) ? 'close' : undefined,
    rounded: set.rounded.has(name),
    spread: set.spread.has(name),
    roundish: set.roundish.has(name),
  };
}

/** IPA as espeak writes it: `oʊ`, `tʃ`, `ts.`, `iː`; `o-` is an o with spread lips, ɤ. */
function fromIpa(symbol: string): Sound {
  const letters = symbol
    .normalize('NFD')
    .replace(/[\p{M}ːˑˈˌ.h[\d]/gu, '')
    .replace('o-', 'ɤ');
  const vowel = ipaVowel.test(letters);
  const first = letters[0] ?? '';
  // Espeak writes the vowel of `zi` and `zhi` with a mark behind the i.
  const single = vowel && Array.from(letters).length === 1;
  return {
    silent: false,
    bilabial: !vowel && /^[pbmɓʙɸβ]$/u.test(letters),
    labiodental: !vowel && /^[fvɱʋ]$/u.test(letters),
    sibilant: !vowel && /[szʃʒɕʑʂʐ]/u.test(letters),
    vowel,
    height: /^[aɑæʌɐ](?:[ɪʊiu]?)$/u.test(letters)
      ? 'open'
      : single && /[iɪuʊy]/u.test(letters)
        ? 'close'
        : undefined,
    rounded: vowel && /^[uʊoɔɒyʏøœwɥ]/u.test(letters),
    spread: /^(?:[iɪj]|e|ɛ|eɪ|ei)$/u.test(letters),
    roundish: /[wɥʃʒʂʐɹɻɚɝɜuʊoɔɒyʏøœ]/u.test(letters) || (!vowel && first === 'r') || /\.$/.test(symbol),
  };
}
