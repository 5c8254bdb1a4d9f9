import { Random } from '../reference/random.js';

/** Numbers in [0, 1), the same for the same seed. */
export function seededRandom(seed: number): () => number {
  const random = new Random(seed);
  return () => random.next();
}

const subjects = [
  'The visitor',
  'Dr. Smith',
  'My neighbour',
  'A robot',
  "Anna's brother",
  'Nobody',
  'The board',
  'It',
  'Everyone here',
  'Mr. O’Neil',
];
const verbs = [
  'opened',
  'bought',
  'will find',
  'measured',
  'pumped up',
  'did not like',
  'photographed',
  'sold',
  'verified',
  'queued for',
];
const objects = [
  'the museum',
  'five blue balloons',
  'a map of Peru',
  'some very thin wafers',
  'the 3.14 metre pipe',
  'that e-mail',
  'an über-café',
  'the web page',
  '1,024 samples',
  'a pair of “magic” shoes',
];
const tails = [
  '',
  ' before 9:30',
  ' in 2026',
  ' for $12.50',
  ' — twice',
  ', by the way',
  ' with 50% off',
  ' near Berlin',
  ', really',
  ' (so they say)',
];
const ends = ['.', '!', '?', '...', '.', ' 🙂.'];

/** One English sentence from a small grammar. */
export function sentence(random: () => number): string {
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? '';
  return `${pick(subjects)} ${pick(verbs)} ${pick(objects)}${pick(tails)}${pick(ends)}`;
}
